# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""What is not yet as a step wants it, by what the directors say after it."""

from __future__ import annotations

import typing as t

from .plan import Step
from .request import Known, masters, really_serving, serves, serving, who_serves


def missing(now: Known, step: Step, addresses: t.Collection[str] = ()) -> list[str]:
    """One sentence for each thing that is not so yet; empty when the step is done.

    :param addresses: those on the interfaces of a director that goes out.
    """
    silent = ["%s does not answer any more" % host for host in step["known"] if host not in now]
    if silent:
        return silent
    if step["do"] == "director_out":
        left = sorted(set(step["vips"]) & set(addresses))
        return [*("%s still has %s" % (step["director"], vip) for vip in left), *_director_out(now, step)]
    return list(LOOKS[step["do"]](now, step))


def _hold(now: Known, step: Step) -> t.Iterator[str]:
    for host in step["known"]:
        record = now[host]["records"].get("%s:%s" % (step["pool"], step["server"])) or {}
        if not (record.get("held") and record.get("person")):
            yield "%s does not hold %s out of director %s" % (host, step["server"], step["pool"])
    for host in step["active"]:
        if serves(now[host], step["pool"], step["address"]):
            yield "%s still serves director %s on %s" % (step["server"], step["pool"], host)
    if not really_serving(now[step["master"]], step["pool"]):
        yield "nobody serves director %s on %s" % (step["pool"], step["master"])


def _release(now: Known, step: Step) -> t.Iterator[str]:
    for host in step["active"]:
        if not serves(now[host], step["pool"], step["address"]):
            yield "%s does not serve director %s on %s" % (step["server"], step["pool"], host)


def _standby_out(now: Known, step: Step) -> t.Iterator[str]:
    for host in step["active"]:
        if serves(now[host], step["pool"], step["address"]):
            yield "%s serves director %s on %s" % (step["server"], step["pool"], host)


def _standby_back(now: Known, step: Step) -> t.Iterator[str]:
    for host in step["active"]:
        if step["server"] not in now[host]["pools"].get(step["pool"], {}).get("able", []):
            yield "%s does not pass its checks in director %s on %s" % (step["server"], step["pool"], host)


def _director_out(now: Known, step: Step) -> t.Iterator[str]:
    found = masters(now)
    if len(found) != 1 or found == [step["director"]]:
        yield "of %s %s the virtual addresses" % (
            ", ".join(step["known"]),
            "%s have" % " and ".join(found) if len(found) > 1 else "%s still has" % found[0] if found else "none has",
        )
    for host in step["active"]:
        for pool, before in step["serving"].items():
            if serving(now[host], pool) != before:
                yield "in director %s, %s on %s, other than before" % (pool, who_serves(now[host], pool), host)


def _director_back(now: Known, step: Step) -> t.Iterator[str]:
    host = step["director"]
    if not step["active"]:
        # One that nobody could ask may have them.
        if not now[host]["master"] and not step["silent"]:
            yield "%s does not have the virtual addresses" % host
        for pool in sorted(now[host]["pools"]):
            if not serving(now[host], pool):
                yield "nobody serves director %s on %s" % (pool, host)
        return
    other = now[step["master"]]
    for pool in sorted(other["pools"]):
        if serving(now[host], pool) != serving(other, pool):
            yield "in director %s, %s on %s, but %s on %s" % (
                pool,
                who_serves(now[host], pool),
                host,
                who_serves(other, pool),
                step["master"],
            )
    if now[host]["records"] != other["records"]:
        yield "%s and %s do not know the same of the servers that are held out" % (host, step["master"])


LOOKS: dict[str, t.Callable[[Known, Step], t.Iterable[str]]] = {
    "hold": _hold,
    "release": _release,
    "stays": lambda _now, _step: (),
    "standby_out": _standby_out,
    "standby_back": _standby_back,
    "director_back": _director_back,
}
