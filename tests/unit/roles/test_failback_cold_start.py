# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The start after a loss of all power, with real connections on loopback."""

from __future__ import annotations

import socket
import time
import typing as t

import pytest
from ansible_collections.linuxha.lvs.tests.unit.roles.test_failback import KEY, PARTS
from ansible_collections.linuxha.lvs.tests.unit.roles.test_failback_service import TWO, Lab, waits


class Server:
    """A server's port, which takes connections or not."""

    def __init__(self) -> None:
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.place = self.socket.getsockname()


@pytest.fixture(name="server")
def _server() -> t.Iterator[Server]:
    server = Server()
    with server.socket:
        yield server


def started(lab: Lab, server: Server, held: bool = False) -> t.Any:
    """A director that has just booted, and knows from before that nfs-01 served, or was held out."""
    service = lab.start("lb1")
    (pool,) = service.agreement.pools
    pool.servers, pool.knock = {"nfs-01": ("127.0.0.1", 0)}, {"nfs-01": server.place[1]}
    service.agreement.decide(KEY, held, "so")
    return service


def seconds_of(service: t.Any, limit: float) -> float:
    begun = time.monotonic()
    PARTS.cold_start.wait_for_last(service, limit)
    return time.monotonic() - begun


def test_who_served_last_is_waited_for(lab: Lab, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    service = started(lab, server)
    assert 1 <= seconds_of(service, 1) < 5
    said = capsys.readouterr().out
    assert "nobody serves yet; up to 1 s for what served last: nfs-01" in said
    assert "no answer in 1 s from nfs-01; keepalived starts without" in said
    server.socket.listen()
    assert seconds_of(service, 20) < 5
    assert capsys.readouterr().out == ""


def test_a_server_that_comes_up_ends_the_wait(lab: Lab, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    service = started(lab, server)
    monkeypatch.setattr(service, "tell", server.socket.listen)
    assert seconds_of(service, 20) < 5


def test_many_dead_servers_take_no_longer_and_others_are_heard(lab: Lab, server: Server) -> None:
    service = started(lab, server)
    (pool,) = service.agreement.pools
    # Nobody answers at addresses for documentation.
    pool.servers = {"nfs-%d" % number: ("192.0.2.%d" % number, 0) for number in range(1, 60)}
    pool.knock = dict.fromkeys(pool.servers, 2049)
    service.agreement._pool_of = {pool.key(name): pool for name in pool.servers}
    for name in pool.servers:
        service.agreement.decide(pool.key(name), False, "so")
    other = lab.start("lb2")
    other.tell()
    assert 1 <= seconds_of(service, 1) < 3
    assert "lb2" in service.link.heard


def test_nobody_waits_for_a_server_that_is_held_out(lab: Lab, server: Server) -> None:
    assert seconds_of(started(lab, server, held=True), 20) < 5


def test_nobody_waits_when_somebody_serves(lab: Lab, server: Server) -> None:
    service = started(lab, server)
    lab.pool("lb1", TWO)
    assert seconds_of(service, 20) < 5


@pytest.mark.parametrize("serves", [True, False])
def test_a_director_that_serves_ends_the_wait(lab: Lab, server: Server, serves: bool) -> None:
    service, other = started(lab, server), lab.start("lb2")
    if serves:
        lab.pool("lb2", TWO)
    other.tell()
    assert waits(service.link)
    assert (seconds_of(service, 1) < 0.9) == serves


def test_more_servers_than_a_process_may_have_files(lab: Lab, server: Server) -> None:
    """select(2) takes no file descriptor above 1023."""
    link = lab.start("lb1").link
    server.socket.listen()
    # Nobody listens at the others.
    places = {("127.0.%d.%d" % (high, low), server.place[1]) for high in range(1, 6) for low in range(1, 255)}
    assert PARTS.knock.answering({*places, server.place}, link, lambda: None).get(server.place)
