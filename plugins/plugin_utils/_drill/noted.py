# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""What the programs of a drill have noted on the hosts, put together as the document of which the report is made."""

from __future__ import annotations

import json
import re
import typing as t

_LOG = re.compile(r"(\d+\.\d+) \S+ (.*)")


def operations(text: str, end: float) -> dict[str, list[t.Any]]:
    """The writes and the reads of a probe's log, each `[begun, seconds, error]`; what did not end is UNFINISHED.

    `damaged` are the numbers of the records that came back with other content, `behind` of those that a server did not
    have: no error of the client's, but a sign that it does not share the other server's data.

    :param end: when the probe was ended.
    """
    found: dict[str, dict[int, list[t.Any]]] = {"w": {}, "r": {}}
    records: dict[str, list[int]] = {"DAMAGED": [], "EMPTY": []}
    reads = 0
    for words in map(str.split, text.splitlines()):
        if len(words) != (4 if words[:1] == ["begin"] else 6):
            # The last one, cut off.
            continue
        kind, number, begun = words[1], int(words[2]), float(words[3])
        at = number if kind == "w" else reads
        if words[0] == "begin":
            found[kind][at] = [begun, round(max(0.0, end - begun), 4), "UNFINISHED"]
            continue
        error = "" if words[5] in ("-", "EMPTY") else words[5]
        found[kind][at] = [begun, float(words[4]), error]
        reads += kind == "r"
        records.get(words[5], []).append(number)
    return {
        "writes": list(found["w"].values()),
        "reads": list(found["r"].values()),
        "damaged": records["DAMAGED"],
        "behind": records["EMPTY"],
    }


def mount_of(
    mount: t.Mapping[str, t.Any], text: str, end: float, stored: t.Mapping[str, t.Iterable[int] | None]
) -> dict[str, t.Any]:
    """One mount of a client.

    `missing` are acknowledged records that no server has; it is left out where one of them could not be asked.
    `lacking` are those that one of them has not.

    :param mount: its `path`, `version`, `interval` and `run`.
    :param stored: server to the numbers of the records that its disk has, or None where nobody could look.
    """
    done = operations(text, end)
    good = {number for number, (_at, _took, error) in enumerate(done["writes"]) if not error}
    lacking = {server: sorted(good.difference(there)) for server, there in stored.items() if there is not None}
    whole = {"missing": sorted(good.intersection(*lacking.values()))} if lacking and len(lacking) == len(stored) else {}
    return {**mount, **done, **whole, "lacking": lacking}


def looks_of(text: str) -> list[dict[str, t.Any]]:
    """What a director's watcher has noted, one JSON line a change."""
    return [json.loads(line) for line in text.splitlines()]


def log_of(text: str) -> list[dict[str, t.Any]]:
    """The journal in the format short-unix; lines that begin otherwise are the journal's own."""
    found = filter(None, map(_LOG.fullmatch, text.splitlines()))
    return [{"at": float(line[1]), "line": line[2]} for line in found]
