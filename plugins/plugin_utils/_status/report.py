# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""How the service stands: one document, from what every director's host says."""

from __future__ import annotations

import typing as t

from .answers import Says, read_answers
from .disagreements import disagreements
from .words import moment

Document = dict[str, t.Any]


def build(results: t.Mapping[str, t.Any], now: float) -> Document:
    """How the service stands.

    :param results: director's host to the result of the task that asked it.
    """
    known, silent = read_answers(results)
    masters = [host for host, says in known.items() if says["master"]]
    # Clients go by the master's table alone. Without exactly one of them any view is better than none.
    view = next(iter([*masters, *known]), None)
    return {
        "asked_at": moment(now),
        "masters": masters,
        "view": view,
        "hosts": [
            {"name": host, "answers": host in known, "master": host in masters, "silence": silent.get(host)}
            for host in [*known, *silent]
        ],
        "directors": _directors(known[view], now) if view else [],
        "disagreements": disagreements(known),
    }


def _directors(says: Says, now: float) -> list[Document]:
    return [
        {"name": name, "failback": pool["failback"], "servers": _servers(name, pool, says["records"], now)}
        for name, pool in says["pools"].items()
    ]


def _servers(director: str, pool: Says, records: Says, now: float) -> list[Document]:
    own = {name: records.get("%s:%s" % (director, name)) for name in pool["servers"]}
    held = {name: record for name, record in own.items() if record and record["held"]}
    took_over = max((record["since"] for record in held.values()), default=None)
    rows = []
    for name, address in pool["servers"].items():
        serves, record = address in pool["serving"], own[name]
        # A server that serves while it is held out has a record that does not say since when it serves.
        since = record["since"] if record and serves != record["held"] else None
        row = _server(name, address, "primary", pool)
        rows.append({**row, **_time(since, now), "held": _hold(held.get(name))})
    for name, address in pool["standby"].items():
        row = _server(name, address, "standby", pool)
        rows.append({**row, **_time(took_over if row["serving"] else None, now)})
    named = {row["address"] for row in rows}
    strangers = [address for address in pool["serving"] if address not in named]
    return rows + [{**_server(address, address, "unknown", pool), "able": None} for address in strangers]


def _server(name: str, address: str, role: str, pool: Says) -> Document:
    return {
        "name": name,
        "address": address,
        "role": role,
        "serving": address in pool["serving"],
        "able": name in pool["able"],
        "connections": pool["connections"].get(address),
        "since": None,
        "seconds": None,
        "held": None,
    }


def _time(since: float | None, now: float) -> Document:
    begun = moment(since)
    # Never below nothing: the controller's clock may be behind.
    return {"since": begun, "seconds": None if since is None or begun is None else max(0, int(now - since))}


def _hold(record: Says | None) -> Document | None:
    return {key: record[key] for key in ("by", "person", "why")} if record else None
