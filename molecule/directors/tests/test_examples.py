# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example of a module's or filter's documentation runs as it stands: in check mode, and for real."""

from __future__ import annotations

import ast
import os
import subprocess
import typing as t
from pathlib import Path

import pytest
import yaml

from lvsmodule.host import TOP, Node
from lvsmodule.play import play_file

# lb1 belongs to the collection alone; the rest runs there.
HOSTS = {"nfs_arp_suppress": "nfs-02", "text_files": "nfs-02"}
# Stops the play on purpose, so it runs apart.
STOPS = "problems"
# What the examples leave and site.yml does not take away; it puts back what they have changed.
CLEAN = {
    "lb1": [
        {"linuxha.lvs.ipvs_director": {"directors": [], "prune": True}},
        {"linuxha.lvs.ipvs_flow": {"flows": [], "prune": True}},
    ],
    "lb2": [{"linuxha.lvs.ipvs_director": {"directors": [{"name": "web", "state": "absent"}]}}],
    "nfs-02": [
        {
            "linuxha.lvs.text_files": {
                "files": [
                    {"path": path, "state": "absent"}
                    for path in ("/etc/nfs.conf.d/ports.conf", "/etc/exports.d/content.exports")
                ]
            }
        }
    ],
}
PLACE = ("-i", str(TOP / "molecule/inventory/directors.yml"))
INVENTORY = "examples/infrastructure/inventory"
PLUGINS = sorted(path for kind in ("modules", "filter") for path in Path(TOP, "plugins", kind).glob("*.py"))


def examples(path: Path) -> list[dict[str, t.Any]]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "EXAMPLES":
            return t.cast("list[dict[str, t.Any]]", yaml.safe_load(ast.literal_eval(node.value)))
    return []


def registered(module: str, name: str) -> dict[str, t.Any]:
    """The module's first example, its result kept under the name that another example uses."""
    return {**examples(Path(TOP, "plugins/modules", module + ".py"))[0], "register": name}


def play(path: Path, before: list[dict[str, t.Any]]) -> dict[str, t.Any]:
    host = HOSTS.get(path.stem, "lb1")
    return {"name": path.stem, "hosts": host, "gather_facts": False, "tasks": [*before, *examples(path)]}


def run(plays: list[dict[str, t.Any]], folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    book = folder / "examples.yml"
    book.write_text(yaml.safe_dump(plays), encoding="utf-8")
    return play_file(book, *options, *PLACE, inventory=INVENTORY)


def all_plays() -> list[dict[str, t.Any]]:
    kept = {"to_aloha": [registered("ipvs_director", "written"), registered("ipvs_flow", "led")]}
    return [play(path, kept.get(path.stem, [])) for path in PLUGINS if path.stem != STOPS]


def no_trouble(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stdout + done.stderr
    # What the example "Use a key where the kernel has it" is about.
    assert [line for line in done.stderr.splitlines() if "est_nice" not in line] == []


def state(lb1: Node) -> str:
    files = "/etc/keepalived/*.conf /etc/keepalived/conf.d/* /etc/linuxha-lvs/*"
    # Not all tables: a table that was made anew comes after the others.
    return lb1.run("sha256sum %s; nft list table inet lvs_flows; nft list tables | sort" % files)


@pytest.mark.parametrize("path", PLUGINS, ids=lambda path: path.stem)
def test_each_plugin_has_examples(path: Path) -> None:
    assert examples(path)


# What a run really does says more, and all of them take a minute.
@pytest.mark.skipif(not os.environ.get("LVS_TEST_FULL"), reason="with scripts/test --full")
def test_the_examples_run_in_check_mode(lb1: Node, tmp_path: Path) -> None:
    before = state(lb1)
    no_trouble(run(all_plays(), tmp_path, "--check", "--diff"))
    assert state(lb1) == before


def test_the_examples_do_it(lb1: Node, tmp_path: Path) -> None:
    before = state(lb1)
    try:
        no_trouble(run(all_plays(), tmp_path))
        kernel = lb1.run("ipvsadm -Sn; nft list ruleset")
        # What the last example of each has left; nobody answers at the servers of the first one.
        assert "10.0.0.9:443" in kernel
        assert "192.168.10.50" in kernel
    finally:
        plays = [{"hosts": host, "gather_facts": False, "tasks": tasks} for host, tasks in CLEAN.items()]
        tidied = run(plays, tmp_path)
        restored = play_file(TOP / "playbooks/site.yml", *PLACE, inventory=INVENTORY)
    assert tidied.returncode == 0, tidied.stdout + tidied.stderr
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert state(lb1) == before


def test_the_example_that_stops_says_why(tmp_path: Path) -> None:
    done = run([play(path, []) for path in PLUGINS if path.stem == STOPS], tmp_path, "--check")
    assert done.returncode == 2
    assert 'did you mean \\"expire_nodest_conn\\"?' in done.stdout + done.stderr
