# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pair of directors whose link can be cut, for the tests of what they make of it."""

from __future__ import annotations

import socket
import time
import typing as t
from contextlib import suppress

from ansible_collections.linuxha.lvs.tests.unit.fakes.ip_vs_table import HEADER
from ansible_collections.linuxha.lvs.tests.unit.roles.test_failback_service import ONE, TWO, Lab, calm

PLACE = "  -> %s:0000      Route   10     0          0\n"
POOL: dict[str, t.Any] = {
    "failback": "auto",
    "servers": {"one": ["192.168.10.100", 0]},
    "standby": {},
    "unchecked": [],
    "sorry": [],
    "knock": {},
    "patience": 7,
}


def write(lab: Lab, name: str = "lb1", **services: tuple[str, ...]) -> None:
    """The kernel's table of a director: the pool of the director nfs, those able to serve, and another service."""
    marks = {"pool": 1, "able": 4097, "other": 99}
    lines = ["FWM  %08X wrr\n%s" % (marks[key], "".join(map(PLACE.__mod__, one))) for key, one in services.items()]
    (lab.folder / ("%s.table" % name)).write_text(HEADER + "".join(lines))


def flag(lab: Lab) -> str:
    path = lab.folder / "linuxha-lvs-isolated"
    return path.read_text() if path.exists() else ""


def two_directors(lab: Lab) -> tuple[t.Any, t.Any]:
    """Two that have heard each other, and see both servers; nfs-02 stands by."""
    both = lab.start("lb1"), lab.start("lb2")
    for service in both:
        (one,) = service.agreement.pools
        one.standby = {"nfs-02": one.servers.pop("nfs-02")}
        service.tell()
    calm(*both)
    for name, service in zip(("lb1", "lb2"), both):
        write(lab, name, pool=(ONE,), able=(ONE, TWO))
        service.look()
        # A decision has its time of grace until the table shows it.
        service.look()
    calm(*both)
    assert not any(service.isolation.alone for service in both)
    return both


class Door:
    """A port that lets connections wait for ever, until it opens: its queue is full."""

    def __init__(self) -> None:
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(0)
        self.port = self.socket.getsockname()[1]
        self.waiting = [socket.socket() for _one in range(3)]
        for one in self.waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", self.port))

    def open(self) -> None:
        for one in self.waiting:
            one.close()
        self.socket.listen(9)
        self.socket.settimeout(0.05)
        # Nobody waits any more.
        with suppress(TimeoutError):
            while True:
                self.socket.accept()[0].close()

    def close(self) -> None:
        for one in (self.socket, *self.waiting):
            one.close()


def one_door() -> t.Iterator[Door]:
    one = Door()
    yield one
    one.close()


def silence(service: t.Any) -> None:
    service.link.heard = {peer: time.monotonic() - 2 for peer in service.link.heard}
