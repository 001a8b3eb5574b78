# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each playbook of examples/parts, run twice, and what a client has of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "lab"))

from lvsmodule.host import TOP, Node, wait_until
from lvsmodule.play import play_file

PARTS = ("server", "balancer", "client", "modules")
PAGE = "python3 -c 'import urllib.request as u; print(u.urlopen(\"http://192.168.10.60/\", timeout=3).read().decode())'"
SERVE = "mkdir -p /run/page && echo served by nfs-02 >/run/page/index.html && systemd-run --quiet --unit test-page "
SERVE += "python3 -m http.server --directory /run/page 80"


def play(part: str) -> str:
    """Runs one to its end, and returns its recap."""
    done = play_file(TOP / "examples/parts" / (part + ".yml"), inventory="examples/parts/inventory.yml")
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr
    return done.stdout.partition("PLAY RECAP")[2]


@pytest.fixture(name="client", scope="module")
def _client() -> Node:
    """A host on the LAN with everything built, to which the services are none of its own."""
    Node("nfs-02").run(SERVE)
    for part in PARTS:
        assert "changed=0 " not in play(part)
    return Node("web1")


def test_the_roles_make_a_service(client: Node) -> None:
    assert client.run("findmnt --noheadings --output SOURCE /mnt/nfs").strip() == "192.168.10.50:/srv/nfs"
    client.run("timeout 60 sh -c 'echo from-a-client >/mnt/nfs/file && sync /mnt/nfs/file'")
    assert Node("nfs-01").run("cat /srv/nfs/file").strip() == "from-a-client"


def test_the_modules_make_one_without_any_role(client: Node) -> None:
    def answers() -> bool:
        return client.ask(PAGE).stdout.decode().strip() == "served by nfs-02"

    wait_until("the page comes from the server behind the director", answers, 30)
    Node("nfs-02").run("systemctl stop test-page")
    wait_until("the director has taken the dead server out", lambda: not any(Node("lb1").pool().values()), 30)
    Node("nfs-02").run(SERVE)
    wait_until("the page is there again", answers, 30)


@pytest.mark.parametrize("part", PARTS)
def test_a_second_run_changes_nothing(client: Node, part: str) -> None:
    assert client.name
    lines = [line for line in play(part).splitlines() if "changed=" in line]
    assert lines
    assert all("changed=0 " in line for line in lines), lines
