# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""Findings about who is held out, and about directors that do not agree on it."""

from __future__ import annotations

import typing as t

from .._status.words import unheard
from .finding import Finding
from .links import Document, Hosts, addresses_of

Records = t.Mapping[str, Document]


def agreement_findings(hosts: Hosts) -> t.Iterator[Finding]:
    """What the directors' services of agreement say, held against each other."""
    # A server that cannot be reached is known by the name it has in the director.
    owner = {name: name for name in hosts}
    owner |= {address: host for host, document in hosts.items() for address in addresses_of(document)}
    answers = {host: _answer(document) for host, document in hosts.items()}
    told = {host: answer["records"] for host, answer in answers.items() if answer.get("records") is not None}
    for host, answer in answers.items():
        if answer.get("isolated"):
            found = "it sees neither a server nor another director, and does not take the virtual addresses"
            yield Finding(host, "isolated", found, "sees them")
        if answer.get("silent"):
            yield Finding(host, "failback", "its service runs and does not answer: %s" % answer["silent"], "answers")
        yield from _unheard(host, answer, told)
        if answer.get("trouble"):
            found = "the disk does not take what was decided: %s" % answer["trouble"]
            yield Finding(host, "failback", found, "written")
    newest = _newest(told)
    for host, records in told.items():
        behind = sorted(key for key, record in newest.items() if records.get(key) != record)
        if behind:
            found = "it does not know what was decided last on %s" % ", ".join(behind)
            yield Finding(host, "failback", found, "knows what the others know")
    for key, record in newest.items():
        director, _colon, server = key.partition(":")
        if record["held"] and (record["person"] or _by_hand(answers.values(), director)):
            found = 'server "%s" is held out of director "%s" by %s: %s' % (
                server,
                director,
                record["by"],
                record["why"],
            )
            place = owner.get(_address(answers.values(), director, server)) or owner.get(server) or str(record["by"])
            yield Finding(place, "held", found, "in the pool")


def _unheard(host: str, answer: Document, told: t.Collection[str]) -> t.Iterator[Finding]:
    """Directors that are there, and of which this one hears nothing."""
    for peer, seconds in (answer.get("peers") or {}).items():
        found = unheard("it", peer, seconds) if peer in told else ""
        if found:
            yield Finding(host, "failback", found, "hears it twice a second")


def _answer(document: Document) -> Document:
    return t.cast("Document", (document.get("load_balancer") or {}).get("agreement") or {})


def _newest(told: t.Mapping[str, Records]) -> dict[str, Document]:
    """Key to the record that counts, by the same order in which the service takes one over."""
    newest: dict[str, Document] = {}
    for records in told.values():
        for key, record in records.items():
            if key not in newest or _rank(record) > _rank(newest[key]):
                newest[key] = record
    return newest


def _rank(record: Document) -> tuple[t.Any, ...]:
    return tuple(record[part] for part in ("generation", "held", "by", "since", "why", "person"))


def _by_hand(answers: t.Iterable[Document], director: str) -> bool:
    pools = [answer["pools"][director] for answer in answers if director in answer.get("pools", {})]
    return any(pool["failback"] == "manual" for pool in pools)


def _address(answers: t.Iterable[Document], director: str, server: str) -> str:
    for answer in answers:
        for name, pool in answer.get("pools", {}).items():
            if name == director and server in pool["servers"]:
                return str(pool["servers"][server])
    return ""
