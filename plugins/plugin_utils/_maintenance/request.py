# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""What is asked for, and what the directors say, as the rest of this folder reads it."""

from __future__ import annotations

import typing as t

from .._spelled import spelled

Says = t.Mapping[str, t.Any]
# Director host to what its service linuxha-lvs-failback says; those that do not answer are left out.
Known = t.Mapping[str, Says]


class Request(t.NamedTuple):
    """What shall be taken out or put back, and what the directors' service does not know."""

    host: str
    action: str
    # Where Ansible reaches the host; empty when it is not in the inventory.
    address: str
    # All hosts of the group, and those of them that are in maintenance.
    directors: list[str]
    marked: list[str]
    # The unit keepalived.service of a director that shall go out, whether it would stay out, and its virtual addresses.
    stays: bool
    vips: list[str]
    preempt: bool

    @property
    def director(self) -> bool:
        return self.host in self.directors

    def active(self, known: Known) -> list[str]:
        """The directors that answer and lead packets, or would."""
        return [host for host in known if host not in self.marked]


class Place(t.NamedTuple):
    """A server's place in one director."""

    pool: str
    server: str
    address: str
    standby: bool

    @property
    def key(self) -> str:
        return "%s:%s" % (self.pool, self.server)


def masters(known: Known) -> list[str]:
    return [host for host, says in known.items() if says["master"]]


def places(says: Says, request: Request) -> list[Place]:
    """Where the server is, by its name or by its address."""
    wanted = {spelled(word) for word in (request.host, request.address) if word}
    return [
        Place(pool, name, address, part == "standby")
        for pool, there in sorted(says["pools"].items())
        for part in ("servers", "standby")
        for name, address in sorted(there[part].items())
        if name == request.host or address in wanted
    ]


def held_by_person(says: Says, place: Place) -> bool:
    record = says["records"].get(place.key) or {}
    return bool(record.get("held") and record.get("person"))


def is_held(says: Says, place: Place) -> bool:
    return bool((says["records"].get(place.key) or {}).get("held"))


def serves(says: Says, pool: str, address: str) -> bool:
    return address in serving(says, pool)


def serving(says: Says, pool: str) -> list[str]:
    """The addresses to which the director leads packets; none when keepalived does not run there."""
    return t.cast("list[str]", says["pools"].get(pool, {}).get("serving", []))


def really_serving(says: Says, pool: str) -> list[str]:
    """Those of them that can: a sorry server is among them dead or alive."""
    there = says["pools"].get(pool, {})
    dead = {address for name, address in there.get("standby", {}).items() if name not in there.get("able", ())}
    return [address for address in serving(says, pool) if address not in dead]


def who_serves(says: Says, pool: str) -> str:
    """Who serves, by name, as a clause."""
    there = says["pools"].get(pool, {})
    by_address = {address: name for part in ("servers", "standby") for name, address in there.get(part, {}).items()}
    found = sorted(by_address.get(one, one) for one in serving(says, pool))
    return "%s %s" % (" and ".join(found) or "nobody", "serve" if found[1:] else "serves")
