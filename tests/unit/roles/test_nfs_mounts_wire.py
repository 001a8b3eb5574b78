# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The silence of a server on which nothing is mounted, on a real wire, with nft and kernels' TCP."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import pytest
from ansible.template import Templar, trust_as_template
from ansible_collections.linuxha.lvs.tests.unit.docs.guides import TOP

ROLE = TOP / "roles" / "nfs_server"
CHECK = TOP / "plugins" / "module_utils" / "_programs" / "server_check.py"
VIP, OWN = "10.78.0.50", "10.78.0.2"
VIP6, OWN6 = "fd00:78::50", "fd00:78::2"
# Takes a connection, and then knows nothing of it (TCP_REPAIR ends it without a word), as the other server of a pair.
SERVER = (
    """
import socket
listening = socket.create_server(("%s", 2049))
print("listens", flush=True)
one = listening.accept()[0]
one.recv(9)
one.setsockopt(socket.IPPROTO_TCP, 19, 1)
one.close()
print("knows nothing", flush=True)
listening.accept()[0].recv(9)
print("served", flush=True)
input()
"""
    % VIP
)
CLIENT = """
import socket
one = socket.create_connection(("%s", 2049))
one.sendall(b"first")
print("sent", flush=True)
input()
one.sendall(b"second")
print("sent", flush=True)
try:
    one.recv(9)
except ConnectionResetError:
    socket.create_connection(("%s", 2049)).sendall(b"second")
    print("connected anew", flush=True)
input()
""" % (VIP, VIP)
# Asks as an NFS client does: again, when the connection is reset.
LATE = """
import socket
print("asks", flush=True)
for attempt in range(3):
    try:
        with socket.create_connection(("%s", 2049)) as one:
            one.sendall(b"first")
            print(one.recv(9).decode(), flush=True)
            break
    except ConnectionError:
        pass
input()
"""
LISTENER = """
import socket
where = ("%s", 2049)
listening = socket.create_server(where, family=socket.AF_INET6 if ":" in where[0] else socket.AF_INET)
print("listens", flush=True)
while True:
    one = listening.accept()[0]
    if one.recv(9):
        one.sendall(b"served")
"""
TELL = "import sys; sys.path.insert(0, sys.argv[1]); import nfs_mounts; s = nfs_mounts.Silence(sys.argv[2]); %s"


def inside(name: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["ip", "netns", "exec", name, *words], capture_output=True, text=True, check=False)


@pytest.fixture(name="ends")
def _ends() -> t.Iterator[tuple[str, str]]:
    """The names of a client's and a server's stack; the server has the VIP on lo."""
    names = ("lvs-c-%d" % os.getpid(), "lvs-m-%d" % os.getpid())
    link = ["eth0", "type", "veth", "peer", "name", "eth0", "netns", names[1]]
    try:
        for name in names:
            subprocess.run(["ip", "netns", "add", name], check=True)
            subprocess.run(["ip", "-n", name, "link", "set", "lo", "up"], check=True)
        subprocess.run(["ip", "-n", names[0], "link", "add", *link], check=True)
        for name, address in zip(names, ("10.78.0.1", OWN)):
            subprocess.run(["ip", "-n", name, "address", "add", address + "/24", "dev", "eth0"], check=True)
            subprocess.run(["ip", "-n", name, "link", "set", "eth0", "up"], check=True)
        for name, address in zip(names, ("fd00:78::1", OWN6)):
            subprocess.run(["ip", "-n", name, "address", "add", address + "/64", "dev", "eth0", "nodad"], check=True)
        for vip in (VIP, VIP6):
            subprocess.run(["ip", "-n", names[1], "address", "add", vip, "dev", "lo"], check=True)
        # No host answers for an address of another interface, other than with IPv4.
        subprocess.run(["ip", "-n", names[0], "route", "add", VIP6, "via", OWN6], check=True)
        yield names
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "delete", name], check=False)


@pytest.fixture(name="rules")
def _rules(tmp_path: Path) -> Path:
    """What the role writes for nft."""
    text = (ROLE / "templates" / "mounts.nft.j2").read_text(encoding="utf-8")
    ports = {"nfsd": 2049, "mountd": 20048, "lockd_tcp": 32803, "lockd_udp": 32769}
    templar = Templar(variables={"__nfs_server_addresses": [VIP, VIP6], "__nfs_server_ports": ports})
    path = tmp_path / "rules.nft"
    path.write_text(templar.template(trust_as_template(text)), encoding="utf-8")
    return path


class Program:
    """A program in a stack, which says what it has done, a line each."""

    def __init__(self, stack: str, code: str) -> None:
        argv = ["ip", "netns", "exec", stack, sys.executable, "-c", code]
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def says(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def go_on(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()


def mounts(code: str, stack: str, rules: Path) -> None:
    """What the program does with its table in a stack."""
    done = inside(stack, sys.executable, "-B", "-c", TELL % code, str(ROLE / "files"), str(rules))
    assert done.returncode == 0, done.stderr


pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("nft"), reason="network namespaces need root, and nft"
)


def test_who_came_while_nothing_was_mounted_goes_on_as_soon_as_it_is(ends: tuple[str, str], rules: Path) -> None:
    server, client = Program(ends[1], SERVER), None
    try:
        assert server.says() == "listens"
        client = Program(ends[0], CLIENT)
        assert (client.says(), server.says()) == ("sent", "knows nothing")
        mounts("s.keep(['/srv/nfs'])", ends[1], rules)
        client.go_on()
        assert client.says() == "sent"
        # By itself it would send again after 6.2 seconds and not before.
        time.sleep(3.6)
        checked = inside(
            ends[0], sys.executable, str(CHECK), "vip", "address=" + OWN, "vip=" + VIP, "port=2049", "timeout=2"
        )
        assert checked.returncode == 0, checked.stdout
        # One knocked: the client, and not who checked.
        assert inside(ends[1], "nft", "list", "table", "inet", "linuxha_nfs_mounts").stdout.count("expires") == 1
        begun = time.monotonic()
        mounts("s._silent = True; s.keep([])", ends[1], rules)
        assert (client.says(), server.says()) == ("connected anew", "served")
        assert time.monotonic() - begun < 2
        assert "linuxha" not in inside(ends[1], "nft", "list", "tables").stdout
    finally:
        for one in filter(None, (server, client)):
            one.process.kill()
            one.process.communicate()


@pytest.mark.parametrize("vip", [VIP, VIP6])
def test_who_asked_for_a_connection_meanwhile_has_one_as_soon_as_it_is(
    vip: str, ends: tuple[str, str], rules: Path
) -> None:
    server, client = Program(ends[1], LISTENER % vip), None
    try:
        assert server.says() == "listens"
        mounts("s.keep(['/srv/nfs'])", ends[1], rules)
        client = Program(ends[0], LATE % vip)
        assert client.says() == "asks"
        # By itself it asks again after 7 seconds, and then after 11 (15 before Linux 6.5). A wrong answer has it ask at
        # once the first time alone.
        time.sleep(7.6)
        begun = time.monotonic()
        mounts("s._silent = True; s.keep([])", ends[1], rules)
        assert client.says() == "served"
        assert time.monotonic() - begun < 2
    finally:
        for one in filter(None, (server, client)):
            one.process.kill()
            one.process.communicate()
