# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that keepalived runs: NFS against servers that behave badly, VIP and ARP between two network stacks."""

from __future__ import annotations

import array
import os
import socket
import struct
import subprocess
import sys
import threading
import time

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._programs import server_check

PROGRAM = server_check.__file__
VIP = {4: "10.77.0.50", 6: "fd77::50"}
SERVER = {4: "10.77.0.2", 6: "fd77::2"}


def run(*words, prefix=()):
    return subprocess.run(
        [*prefix, "/usr/bin/python3", "-IS", PROGRAM, *words], capture_output=True, text=True, check=False, timeout=20
    )


def record(*numbers):
    body = struct.pack(">%dI" % len(numbers), *numbers)
    return struct.pack(">I", 0x80000000 | len(body)) + body


# What a server makes of the call: its transaction id in, bytes out; None keeps it silent, b"" hangs up.
ANSWERS = {
    "success": lambda xid: record(xid, 1, 0, 0, 0, 0),
    "success with a verifier": lambda xid: record(xid, 1, 0, 1, 8, 1, 2, 0),
    "only version 4": lambda xid: record(xid, 1, 0, 0, 0, 2, 4, 4),
    "no NFS": lambda xid: record(xid, 1, 0, 0, 0, 1),
    "denied": lambda xid: record(xid, 1, 1, 0, 0, 0),
    "another call's reply": lambda xid: record(xid ^ 1, 1, 0, 0, 0, 0),
    "too short": lambda xid: record(xid, 1),
    "no RPC": lambda _xid: b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "hangs": lambda _xid: None,
    "hangs up": lambda _xid: b"",
}
GOOD = ("success", "success with a verifier", "only version 4")


class Server:
    """One call, one answer."""

    def __init__(self, answer):
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.call = b""
        self.done = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        connection, _address = self._listener.accept()
        with connection:
            self.call = connection.recv(100)
            reply = self._answer(int.from_bytes(self.call[4:8], "big"))
            if reply is None:
                self.done.wait(10)
            else:
                connection.sendall(reply)


@pytest.mark.parametrize("kind", ANSWERS)
def test_nfs_counts_only_a_reply_of_nfsd_itself(kind):
    server = Server(ANSWERS[kind])
    before = time.monotonic()
    result = run("nfs", "address=127.0.0.1", "port=%d" % server.port, "timeout=0.5")
    took = time.monotonic() - before
    server.done.set()
    assert result.returncode == (0 if kind in GOOD else 1), result.stdout + result.stderr
    assert bool(result.stdout) == (kind not in GOOD)
    assert result.stderr == ""
    assert took < 3
    # Program 100003, version 3, procedure 0, as RFC 5531 lays a call out.
    assert struct.unpack(">11I", server.call)[2:7] == (0, 2, 100003, 3, 0)


def test_nfs_says_why_when_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    result = run("nfs", "address=127.0.0.1", "port=%d" % port, "timeout=1")
    assert result.returncode == 1
    assert result.stdout.startswith("nfs 127.0.0.1: ")


@pytest.mark.parametrize(
    "words", [[], ["what"], ["nfs"], ["nfs", "address=127.0.0.1"], ["vip", "timeout=1"]]
)  # fmt: skip
def test_wrong_words_are_told(words):
    result = run(*words)
    assert (result.returncode, result.stdout[:6]) == (2, "usage:")


def ip(*words):
    subprocess.run(["ip", *words], check=True)


@pytest.fixture(scope="module", name="stacks")
def _stacks():
    """A director and a server on one wire; both have the VIP, as they have when the director is the master."""
    director, server = ("lvs-%s-%d" % (side, os.getpid()) for side in ("d", "s"))
    try:
        for name in (director, server):
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        ip("-n", director, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", server)
        for name, own in ((director, 1), (server, 2)):
            subprocess.run(
                ["ip", "netns", "exec", name, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore"], check=True
            )
            ip("-n", name, "address", "add", "10.77.0.%d/24" % own, "dev", "eth0")
            ip("-n", name, "address", "add", "fd77::%d/64" % own, "dev", "eth0", "nodad")
            ip("-n", name, "link", "set", "eth0", "up")
        ip("-n", director, "address", "add", VIP[4] + "/32", "dev", "eth0")
        # As keepalived adds it: never the source of the host's own packets.
        ip("-n", director, "address", "add", VIP[6] + "/128", "dev", "eth0", "preferred_lft", "0")
        time.sleep(2)
        yield director, server
    finally:
        for name in (director, server):
            subprocess.run(["ip", "netns", "delete", name], check=False)


@pytest.fixture(name="served")
def _served(stacks):
    """Something listens on the server, port 2049, on every address."""
    code = "import socket,time; s=socket.create_server(('::',2049),family=socket.AF_INET6,dualstack_ipv6=True); "
    process = subprocess.Popen(
        ["ip", "netns", "exec", stacks[1], sys.executable, "-c", code + "print(1,flush=True); time.sleep(60)"],
        stdout=subprocess.PIPE,
    )
    process.stdout.readline()
    yield stacks
    process.kill()
    process.wait()


def check(stacks, kind, version, *words):
    prefix = ("ip", "netns", "exec", stacks[0])
    return run(kind, "address=" + SERVER[version], "timeout=1", *words, prefix=prefix)


@pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")
@pytest.mark.parametrize("version", [4, 6])
def test_vip_tells_a_server_that_has_lost_its_vip(served, version):
    words = ("port=2049", "vip=" + VIP[version])
    vip = "%s/%d" % (VIP[version], {4: 32, 6: 128}[version])
    lost = check(served, "vip", version, *words)
    assert (lost.returncode, "does not answer for the VIP" in lost.stdout) == (1, True), lost
    ip("-n", served[1], "address", "add", vip, "dev", "lo")
    has = check(served, "vip", version, *words)
    assert has.returncode == 0, has
    both = check(served, "vip,nfs", version, *words)
    assert (both.returncode, "did not answer the NULL call" in both.stdout) == (1, True), both
    closed = check(served, "vip", version, "port=2050", "vip=" + VIP[version])
    assert (closed.returncode, "nothing listens" in closed.stdout) == (1, True), closed
    states = subprocess.run(
        ["ip", "netns", "exec", served[1], "ss", "-Htan"], capture_output=True, text=True, check=True
    )
    assert "SYN-RECV" not in states.stdout
    ip("-n", served[1], "address", "delete", vip, "dev", "lo")


@pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")
def test_arp_tells_whether_the_address_is_on_the_link(stacks):
    assert check(stacks, "arp", 4).returncode == 0
    assert check(stacks, "arp", 4, "iface=eth0", "source=10.77.0.1").returncode == 0
    ip("-n", stacks[1], "address", "delete", SERVER[4] + "/24", "dev", "eth0")
    silent = check(stacks, "arp", 4)
    ip("-n", stacks[1], "address", "add", SERVER[4] + "/24", "dev", "eth0")
    assert (silent.returncode, "nobody on its link" in silent.stdout) == (1, True), silent


@pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")
def test_a_server_on_no_link_is_told(stacks):
    result = run("arp", "address=172.31.0.1", "timeout=1", prefix=("ip", "netns", "exec", stacks[0]))
    assert result.returncode == 1
    assert "on its link" in result.stdout or "unreachable" in result.stdout


def _passes(conditions, frame):
    """Whether the kernel lets the frame through: a filter is the same for every kind of socket."""
    program = server_check.accept_if(*conditions)
    code = array.array("B", b"".join(struct.pack("HBBI", *step) for step in program))
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        option = struct.pack("HL", len(program), code.buffer_info()[0])
        theirs.setsockopt(socket.SOL_SOCKET, server_check.SO_ATTACH_FILTER, option)
        ours.send(frame)
        theirs.settimeout(0)
        try:
            return theirs.recv(200) == frame
        except BlockingIOError:
            return False


ETHERNET = bytes(12)
NEIGHBOUR = ((server_check.LDH, 12, 0x86DD), (server_check.LDB, 20, 58), (server_check.LDB, 54, 136))
PORT = ((server_check.LDH, 12, 0x0800), (server_check.LDB, 23, 6), (server_check.LDH_X, 16, 40000))


def _neighbour(kind, protocol=58):
    return ETHERNET + b"\x86\xdd" + bytes(6) + bytes([protocol]) + bytes(33) + bytes([kind]) + bytes(23)


def _tcp(port, options=0, kind=b"\x08\x00"):
    head = bytes([0x45 + options]) + bytes(8) + b"\x06" + bytes(10 + 4 * options)
    return ETHERNET + kind + head + struct.pack(">HH", 2049, port) + bytes(16)


@pytest.mark.parametrize(
    ("conditions", "frame", "expected"),
    [
        (NEIGHBOUR, _neighbour(136), True),
        # Who asks for an address does not have it.
        (NEIGHBOUR, _neighbour(135), False),
        (NEIGHBOUR, _neighbour(136, protocol=6), False),
        (PORT, _tcp(40000), True),
        (PORT, _tcp(40000, options=3), True),
        (PORT, _tcp(40001), False),
        (PORT, _tcp(40000, kind=b"\x08\x06"), False),
        (PORT, ETHERNET, False),
    ],
)
def test_the_kernel_lets_through_what_fits_every_condition(conditions, frame, expected):
    assert _passes(conditions, frame) is expected
