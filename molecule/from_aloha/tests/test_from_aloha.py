# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What docs/docsite/rst/from_aloha.rst says of the move, done as it says, while clients of the old director write."""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parents[3] / "lab"))
sys.path.insert(0, str(Path(__file__).parents[3] / "tests/unit/docs"))
sys.path.insert(0, str(Path(__file__).parent))

import old
from guides import blocks_of, commands

from lvsmeasure import nodes
from lvsmeasure.stream import Stream
from lvsmeasure.trial import probe_file
from lvsmodule.host import TOP, Node

PAGE = TOP / "docs/docsite/rst/from_aloha.rst"
SETUP = TOP / "docs/docsite/rst/first_setup.rst"
LAB = ("-i", str(TOP / "molecule/inventory/lab.yml"))
COMMANDS = [words for block in blocks_of(PAGE) if block.language == "console" for words in commands(block)]
# Seconds that a client may wait for ports that change, and for a VIP that nobody has while site.yml runs.
PATIENCE, MOVE = 60, 240


def yaml_of(path: Path, word: str) -> t.Any:
    """The first example of a page that has the word as a key."""
    found = (yaml.safe_load(block.text) for block in blocks_of(path) if block.language == "yaml")
    return next(one for one in found if word in one)


class Move:
    """The inventory, and the clients that write all the time."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.run = folder, secrets.token_hex(4)
        hosts = yaml_of(SETUP, "all")
        # The lab's other director plays the ALOHA.
        del hosts["all"]["children"]["load_balancers"]["hosts"][old.OLD]
        mounts = yaml_of(SETUP, "nfs_client_mounts")
        # Version 3: with version 4 a client takes both addresses for one server, and uses the one that it has.
        mounts["nfs_client_mounts"][0].update(server=old.SECOND, version="3")
        self.write("hosts", hosts)
        self.write("group_vars/nfs_clients", mounts)
        nodes.install_probe(old.CLIENT)
        self.streams = {
            version: Stream(old.CLIENT, "%s/%s" % (path, probe_file("v" + version)), self.run, 0.2)
            for version, path in old.MOUNTS.items()
        }

    def write(self, name: str, content: t.Any) -> None:
        path = self.folder / "inventory" / (name + ".yml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(content), encoding="utf-8")

    def serve(self, director: str, servers: list[str]) -> None:
        """The address that the directors have, and those that the servers have."""
        balancers = yaml_of(SETUP, "load_balancer_aloha")
        balancers["load_balancer_aloha"] = yaml_of(PAGE, "load_balancer_aloha")["load_balancer_aloha"].replace(
            old.VIP, director
        )
        self.write("group_vars/load_balancers", {**balancers, "load_balancer_group": ""})
        self.write("group_vars/nfs_servers", {**yaml_of(SETUP, "nfs_server_exports"), "nfs_server_vips": servers})

    def play(self, words: list[str], *options: str, status: int = 0) -> str:
        begun = time.monotonic()
        argv = [*words[:3], *LAB, *words[3:], *options]
        done = subprocess.run(argv, cwd=self.folder, capture_output=True, text=True, check=False, timeout=900)
        print("FIGURE %s: %.0f s" % (" ".join(words[3:]), time.monotonic() - begun))
        assert done.returncode == status, done.stdout + done.stderr
        return " ".join((done.stdout + done.stderr).split())

    def goes_on(self, since: float, patience: float = PATIENCE) -> None:
        """That clients of the old address write on, without an error."""
        for version, stream in self.streams.items():
            nodes.wait_until("version %s writes on" % version, stream.steady, patience)
            late = [write for write in stream.writes if write.end > since]
            longest = max(write.seconds for write in late)
            print("FIGURE longest wait of version %s: %.1f s" % (version, longest))
            assert longest < patience
            assert [write.error for write in late if write.error] == []


@pytest.fixture(scope="module", name="move")
def _move(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Move]:
    old.servers()
    old.director()
    old.client()
    move = Move(tmp_path_factory.mktemp("from_aloha"))
    try:
        for stream in move.streams.values():
            nodes.wait_until("clients write through the old director", stream.steady, 60)
        yield move
    finally:
        for stream in move.streams.values():
            stream.stop()


def test_the_page_has_these_commands() -> None:
    assert [" ".join(words[3:]) for words in COMMANDS] == [
        "linuxha.lvs.site --limit nfs-02 --check --diff",
        "linuxha.lvs.site --limit nfs-02",
        "linuxha.lvs.site --limit nfs-01",
        "linuxha.lvs.site",
        "linuxha.lvs.verify",
        "linuxha.lvs.drill -e drill_fault=switch -e drill_failback=true",
        "linuxha.lvs.status",
    ]


def test_servers_are_set_up_under_the_old_director(move: Move) -> None:
    begun = time.time()
    move.serve(old.SECOND, [old.VIP, old.SECOND])
    old.list_no_exports()
    for words in COMMANDS[:3]:
        move.play(words)
        move.goes_on(begun)


def test_directors_are_tried_on_a_second_address(move: Move) -> None:
    begun = time.time()
    move.play(COMMANDS[3])
    assert "All is well on" in move.play(COMMANDS[4])
    # The lab's servers share nothing, so what was written in between is on the other one alone.
    assert "are not on nfs-02, which serves now" in move.play(COMMANDS[5], "-e", "drill_confirm=yes", status=2)
    assert "nfs-01 primary serves" in move.play(COMMANDS[6])
    assert nodes.serving(old.NEW) == ["nfs-01"]
    move.goes_on(begun)


def test_the_address_moves_and_clients_go_on(move: Move) -> None:
    begun = time.time()
    old.give_up_the_vip()
    move.serve(old.VIP, [old.VIP, old.SECOND])
    move.play(COMMANDS[3])
    move.goes_on(begun, MOVE)


def test_the_second_address_goes_and_all_is_well(move: Move) -> None:
    begun = time.time()
    move.serve(old.VIP, [old.VIP])
    move.play(COMMANDS[3])
    assert "All is well on" in move.play(COMMANDS[4])
    move.goes_on(begun)
    for name in old.SERVERS:
        assert old.SECOND not in Node(name).run("ip -o address show dev lo")


def test_nothing_is_lost(move: Move) -> None:
    for version, stream in move.streams.items():
        stream.stop()
        acknowledged = {write.sequence for write in stream.writes if write.error is None}
        assert acknowledged <= nodes.stored("nfs-01", "/srv/nfs/" + probe_file("v" + version), move.run)
