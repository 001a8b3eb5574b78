# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What docs/docsite/rst/first_setup.rst says, done as it says, on hosts that have nothing yet."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "lab"))
sys.path.insert(0, str(Path(__file__).parents[3] / "tests/unit/docs"))

from guides import Block, blocks_of, commands

from lvsmeasure import nodes
from lvsmodule.host import TOP

PAGE = TOP / "docs/docsite/rst/first_setup.rst"
BLOCKS = blocks_of(PAGE)
# The first one makes the controller, which this is.
COMMANDS = [(block, words) for block in BLOCKS if block.language == "console" for words in commands(block)][4:]
# What a person types, or waits for; how a lab host is reached stands in no guide.
ANSWERS = {"linuxha.lvs.drill": ("-e", "drill_confirm=yes"), "linuxha.lvs.failback": ()}
LAB = ("-i", str(TOP / "molecule/inventory/lab.yml"))
SAID = {
    "linuxha.lvs.site": r"failed=0",
    "linuxha.lvs.verify": r"All is well on",
    "linuxha.lvs.status": r"has the VIP.* nfs-01 primary serves",
    "linuxha.lvs.drill": r"Not passed: .* not on nfs-02, which serves now",
    "linuxha.lvs.failback": r"nfs-01 serves again",
}
# Of the collection, on a host from which it has been taken off: files, addresses, tables of the kernel, units.
LEFT = """
find /etc /usr/libexec /var/lib /run -xdev -name '*linuxha*'
ls /etc/keepalived/keepalived.conf /etc/systemd/system/mnt-content.mount 2>/dev/null
ip -o address | grep 192.168.10.50
nft list tables 2>/dev/null | grep -E 'linuxha|lvs'
find /etc/systemd/system -maxdepth 1 -lname /dev/null -name 'rp*'
cat /proc/net/ip_vs 2>/dev/null | grep -E '^(FWM|TCP|UDP)'
systemctl --no-legend --plain list-units --all '*linuxha*'
true
"""
# The page says why.
FAILS = ("linuxha.lvs.drill",)


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The inventory: each block of YAML in the file that the page names before it."""
    folder = tmp_path_factory.mktemp("first_setup")
    names = list(dict.fromkeys(re.findall(r"``(inventory/\S+\.yml)``", PAGE.read_text(encoding="utf-8"))))
    texts = [block.text for block in BLOCKS if block.language == "yaml"]
    assert len(names) == len(texts)
    for name, text in zip(names, texts):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_the_page_has_these_commands() -> None:
    assert [words[3] for _block, words in COMMANDS] == [
        "linuxha.lvs.site",
        "linuxha.lvs.site",
        "linuxha.lvs.verify",
        "linuxha.lvs.status",
        "linuxha.lvs.drill",
        "linuxha.lvs.failback",
    ]


@pytest.mark.parametrize(("block", "words"), COMMANDS, ids=lambda value: value[3] if isinstance(value, list) else None)
def test_a_command_does_what_the_page_says(block: Block, words: list[str], folder: Path) -> None:
    begun = time.monotonic()
    argv = [*words[:3], *LAB, *words[3:], *ANSWERS.get(words[3], ())]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False, timeout=900)
    print("FIGURE %s: %.0f s" % (" ".join(words[3:]), time.monotonic() - begun))
    assert done.returncode == (2 if words[3] in FAILS else 0), "%s\n%s%s" % (block, done.stdout, done.stderr)
    said = " ".join((done.stdout + done.stderr).split())
    assert re.search(SAID[words[3]], said), said


def test_a_second_run_changes_nothing(folder: Path) -> None:
    done = run(folder, "site")
    assert set(re.findall(r"changed=(\d+)", done.stdout)) == {"0"}, done.stdout


def run(folder: Path, book: str, *options: str) -> subprocess.CompletedProcess[str]:
    argv = ["ansible-playbook", "-i", "inventory", *LAB, "linuxha.lvs." + book, *options]
    return subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False, timeout=900)


def test_a_yes_is_needed_to_take_it_off(folder: Path) -> None:
    done = run(folder, "remove")
    assert done.returncode == 2
    assert "Nothing was done" in " ".join((done.stdout + done.stderr).split())
    assert nodes.serving(nodes.master()) == ["nfs-01"]


def test_what_others_have_keepalived_do_is_not_taken_from_them(folder: Path) -> None:
    nodes.ssh("lb2", "sh", "-c", "echo 'vrrp_script other { script /bin/true }' >/etc/keepalived/conf.d/other.conf")
    done = run(folder, "remove", "-e", "remove_confirm=yes")
    nodes.ssh("lb2", "rm", "/etc/keepalived/conf.d/other.conf")
    assert done.returncode == 2
    assert "/etc/keepalived/conf.d/other.conf: not of this collection" in " ".join((done.stdout + done.stderr).split())
    assert nodes.serving(nodes.master()) == ["nfs-01"]
    nodes.ssh("web1", "findmnt", "/mnt/content")


def test_while_somebody_works_in_a_mount_nothing_is_taken_off(folder: Path) -> None:
    nodes.ssh("web1", "sh", "-c", "cd /mnt/content && (sleep 600 >/dev/null 2>&1 & echo $! >/run/works)")
    done = run(folder, "remove", "-e", "remove_confirm=yes")
    assert done.returncode != 0
    assert "web1 does not let go of a mount" in " ".join((done.stdout + done.stderr).split())
    nodes.ssh(
        "web1", "sh", "-c", "kill $(cat /run/works); findmnt /mnt/content; systemctl is-enabled mnt-content.mount"
    )
    done = run(folder, "verify")
    assert done.returncode == 0, done.stdout + done.stderr


def test_taken_off_nothing_of_it_is_left(folder: Path) -> None:
    # What is masked without version 3 has to run again.
    done = run(folder, "site", "--limit", "nfs_servers", "-e", '{"nfs_server_versions": ["4.1", "4.2"]}')
    assert done.returncode == 0, done.stdout + done.stderr
    assert "rpcbind" in nodes.ssh("nfs-01", "sh", "-c", LEFT)
    done = run(folder, "remove", "-e", "remove_confirm=yes")
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("lb1", "lb2", "nfs-01", "nfs-02", "web1"):
        assert nodes.ssh(name, "sh", "-c", LEFT) == "", name
    for name in ("nfs-01", "nfs-02"):
        assert nodes.ssh(name, "systemctl", "is-active", "nfs-server", "rpcbind.socket").split() == ["active", "active"]
    again = run(folder, "remove", "-e", "remove_confirm=yes")
    assert set(re.findall(r"changed=(\d+)", again.stdout)) == {"0"}, again.stdout


def test_it_can_be_built_again(folder: Path) -> None:
    for book in ("site", "verify"):
        done = run(folder, book)
        assert done.returncode == 0, done.stdout + done.stderr
