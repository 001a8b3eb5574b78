# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions on a wire between network stacks of this machine's own: a director, and two that say they have the VIP."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import threading
import typing as t
from pathlib import Path

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._system import link_probe

VIP = {4: "10.78.0.50", 6: "fd78::50"}
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


@pytest.fixture(scope="module", name="wire")
def _wire() -> t.Iterator[list[str]]:
    names = ["lvs-p%d-%d" % (number, os.getpid()) for number in range(3)]
    try:
        for name in names:
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        ip("-n", names[0], "link", "add", "br0", "type", "bridge", "stp_state", "0", "forward_delay", "0")
        ip("-n", names[0], "link", "set", "br0", "up")
        ip("-n", names[0], "address", "add", "10.78.0.1/24", "dev", "br0")
        ip("-n", names[0], "address", "add", "fd78::1/64", "dev", "br0", "nodad")
        for number, name in enumerate(names[1:], 2):
            ip("-n", names[0], "link", "add", "v%d" % number, "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("-n", names[0], "link", "set", "v%d" % number, "master", "br0", "up")
            ip("-n", name, "link", "set", "eth0", "address", "02:00:00:00:00:0%d" % number, "up")
            for version, own in ((4, "10.78.0.%d/24"), (6, "fd78::%d/64")):
                ip("-n", name, "address", "add", own % number, "dev", "eth0", *(["nodad"] if version == 6 else []))
                vip = VIP[version] + ("/128" if version == 6 else "/32")
                ip("-n", name, "address", "add", vip, "dev", "eth0", *(["nodad"] if version == 6 else []))
        yield names
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "delete", name], check=False)


def ask(namespace: str, code: str) -> t.Any:
    """The value of a Python expression about the module, worked out in the namespace."""
    text = "import json; from %s import *; print(json.dumps(%s))" % (link_probe.__name__, code)
    argv = ["ip", "netns", "exec", namespace, sys.executable, "-c", text]
    # ansible-test has a way of its own to find collections, which is not handed on.
    path = os.pathsep.join([str(Path(link_probe.__file__).parents[6]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(argv, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@ROOT
@pytest.mark.parametrize("version", [4, 6])
def test_all_holders_of_an_address_are_found(wire: list[str], version: int) -> None:
    found = ask(wire[0], "holders('%s', 1)" % VIP[version])
    assert found == [["02:00:00:00:00:02", "02:00:00:00:00:03"], ""]


@ROOT
@pytest.mark.parametrize("version", [4, 6])
def test_a_holder_finds_the_others(wire: list[str], version: int) -> None:
    assert ask(wire[1], "holders('%s', 1)" % VIP[version]) == [["02:00:00:00:00:03"], ""]


@ROOT
def test_nobody_has_it_or_nobody_can_be_asked(wire: list[str]) -> None:
    assert ask(wire[0], "holders('10.78.0.99', 0.3)") == [[], ""]
    macs, error = ask(wire[0], "holders('172.31.0.1', 0.3)")
    assert (macs, bool(error)) == ([], True)


@ROOT
def test_clocks_of_one_machine_agree(wire: list[str]) -> None:
    assert abs(ask(wire[0], "clock_offset('10.78.0.2', 1)")) < 0.1
    assert ask(wire[0], "clock_offset('10.78.0.99', 0.3)") is None


@pytest.mark.parametrize(
    ("difference", "shortest"), [(5, 5), (-5, -5), (86_399_000, -1000), (-86_399_000, 1000), (0, 0)]
)
def test_a_clock_across_midnight(difference: int, shortest: int) -> None:
    assert link_probe._shortest(difference) == shortest


class Program(threading.Thread):
    """An RPC program over UDP or TCP that answers one NULL call."""

    def __init__(self, kind: socket.SocketKind) -> None:
        super().__init__(daemon=True)
        self._socket = socket.socket(socket.AF_INET, kind)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        if kind == socket.SOCK_STREAM:
            self._socket.listen()
        self.start()

    def run(self) -> None:
        if self._socket.type == socket.SOCK_DGRAM:
            call, sender = self._socket.recvfrom(400)
            self._socket.sendto(call[:4] + struct.pack(">5I", 1, 0, 0, 0, 0), sender)
        else:
            connection, _sender = self._socket.accept()
            call = connection.recv(400)
            connection.sendall(struct.pack(">I", 0x80000018) + call[4:8] + struct.pack(">5I", 1, 0, 0, 0, 0))


@pytest.mark.parametrize(("kind", "protocol"), [(socket.SOCK_DGRAM, "udp"), (socket.SOCK_STREAM, "tcp")])
def test_an_rpc_program_answers_or_not(kind: socket.SocketKind, protocol: str) -> None:
    target = {"address": "127.0.0.1", "program": 100005, "version": 3, "protocol": protocol}
    assert link_probe.rpc_silence({**target, "port": Program(kind).port}, 2) == ""
    with socket.socket(socket.AF_INET, kind) as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    assert "refused" in link_probe.rpc_silence({**target, "port": port}, 2)


def test_a_program_that_takes_the_call_and_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as hung:
        target = {"address": "127.0.0.1", "program": 100003, "version": 3, "protocol": "tcp"}
        said = link_probe.rpc_silence({**target, "port": hung.getsockname()[1]}, 0.3)
    assert said == "it took the connection, but did not answer the NULL call"


def test_a_lost_datagram_is_sent_again() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as program:
        program.bind(("127.0.0.1", 0))

        def answer_the_second() -> None:
            program.recv(400)
            call, sender = program.recvfrom(400)
            program.sendto(call[:4] + struct.pack(">5I", 1, 0, 0, 0, 0), sender)

        threading.Thread(target=answer_the_second, daemon=True).start()
        target = {"address": "127.0.0.1", "program": 100005, "version": 3, "protocol": "udp"}
        assert link_probe.rpc_silence({**target, "port": program.getsockname()[1]}, 0.5) == ""
