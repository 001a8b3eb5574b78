# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The datagrams by which directors agree on who is held out, on loopback."""

from __future__ import annotations

import hashlib
import hmac
import json
import types
import typing as t
import zlib

import pytest
from ansible_collections.linuxha.lvs.tests.unit.roles.test_failback import PARTS
from ansible_collections.linuxha.lvs.tests.unit.roles.test_failback_service import ADDRESSES, SECRET, Lab, waits

Record = PARTS.record.Record


def signed(body: bytes, secret: bytes = SECRET) -> bytes:
    return hmac.new(secret, body, hashlib.sha256).hexdigest().encode() + body


def message(value: t.Any, secret: bytes = SECRET) -> bytes:
    return signed(zlib.compress(json.dumps(value).encode()), secret)


STRANGE = {
    "empty": b"",
    "short": b"short",
    "zeros": b"\0" * 500,
    "no text": b"\xff\xfe" * 300,
    "nothing signed": signed(b""),
    "not compressed": signed(b"{}"),
    "no JSON": signed(zlib.compress(b"{")),
    "no UTF-8": signed(zlib.compress(b"\xff\xfe")),
    "half compressed": signed(zlib.compress(b"{}")[:-1]),
    "a list": message([1, 2]),
    "a word": message("from"),
    "null": message(None),
    "another secret": message({"ask": "status"}, b"of somebody else"),
    "cut": message({"ask": "status"})[:-1],
    "cut in the signature": message({"ask": "status"})[:40],
    "changed": b"g" + message({"ask": "status"})[1:],
    "longer": message({"ask": "status"}) + b"0",
}


@pytest.mark.parametrize("data", STRANGE.values(), ids=STRANGE)
def test_what_does_not_come_from_a_director_is_ignored(lab: Lab, data: bytes) -> None:
    link, other = lab.link(ADDRESSES["lb1"], lb2=ADDRESSES["lb2"]), lab.link(ADDRESSES["lb2"])
    place = link.socket.getsockname()
    other.socket.sendto(data, place)
    other.send({"ask": "status"}, place)
    heard: list[t.Any] = []
    while not heard and waits(link):
        heard += link.receive()
    assert heard == [({"ask": "status"}, other.socket.getsockname())]
    assert list(link.receive()) == []


def test_one_look_hears_all_that_waits(lab: Lab) -> None:
    link, sender = lab.link(ADDRESSES["lb1"], lb2=ADDRESSES["lb2"]), (ADDRESSES["lb2"], 1)
    waiting: list[t.Any] = [ConnectionRefusedError(), b"strange", message([]), message({"a": 1}), message({"b": 2})]

    def recvfrom(_room: int) -> tuple[bytes, t.Any]:
        one = waiting.pop(0) if waiting else BlockingIOError()
        if isinstance(one, OSError):
            raise one
        return one, sender

    real = link.socket
    link.socket = types.SimpleNamespace(recvfrom=recvfrom, close=real.close)
    assert list(link.receive()) == [({"a": 1}, sender), ({"b": 2}, sender)]


def test_many_records_are_told_in_small_messages(lab: Lab) -> None:
    records = {
        "director-%d:nfs-01" % number: Record(
            True, number + 1, "lb2", 1_800_000_000.123, "it left the pool " + "x" * 50
        )
        for number in range(40)
    }
    here = lab.link(ADDRESSES["lb1"], lab.port, lb2=ADDRESSES["lb2"])
    there = lab.link(ADDRESSES["lb2"], lb1=ADDRESSES["lb1"])
    there.tell({"from": "lb2"}, records)
    heard: list[dict[str, t.Any]] = []
    while sum(len(one["records"]) for one in heard) < len(records) and waits(here):
        heard += [value for value, _sender in here.receive()]
    assert max(len(json.dumps(one)) for one in heard) <= 1200
    assert 5 < len(heard) < 20
    assert {one["from"] for one in heard} == {"lb2"}
    together = {key: PARTS.record.read_record(value) for one in heard for key, value in one["records"].items()}
    assert together == records


def test_one_peer_alone_can_be_told(lab: Lab) -> None:
    here, second = lab.link(ADDRESSES["lb1"], lab.port), lab.link("127.0.0.13", lab.port)
    there = lab.link(ADDRESSES["lb2"], lb1=ADDRESSES["lb1"], lb3="127.0.0.13")
    there.tell({"from": "lb2"}, {}, only="lb3")
    assert waits(second)
    assert not waits(here, 0.05)


def test_what_cannot_be_sent_stops_nothing(lab: Lab) -> None:
    link = lab.link(ADDRESSES["lb1"], nobody="192.0.2.1", wrong="::1")
    link.tell({"from": "lb1"}, {})
    link.send({"ask": "status"}, ("255.255.255.255", 9))
