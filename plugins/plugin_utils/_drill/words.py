# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""Faults, marks, seconds and tables of a drill in words."""

from __future__ import annotations

import typing as t

PLANNED = ("maintenance", "planned", "switch")
_FAULTS = {
    "cut": "%s was cut off",
    "freeze": "%s was frozen",
    "kill": "%s was killed",
    "poweroff": "%s lost its power",
    "reboot": "%s was rebooted",
    "stop": "NFS was stopped on %s",
    "unplug": "%s was unplugged",
    **dict.fromkeys(PLANNED, "%s was taken out on order"),
}
# The marks of a report in the order in which they should come.
MARKS = {
    "fault": "fault",
    "detected": "detected",
    "switched": "switched",
    "first_write": "first write",
    "all_write": "all write",
    "healed": "healed",
}
_MEANT = {
    "fault": "when the fault was made",
    "detected": "when keepalived told that a check of the server failed",
    "switched": "when the kernel of the director with the VIP sent clients to the other server",
    "first_write": "when the first client wrote again",
    "all_write": "when every client wrote again",
    "healed": "when the fault was undone",
}


def what_was_done(fault: t.Mapping[str, t.Any]) -> str:
    """`nfs-01 of director nfs was cut off`."""
    host = fault["host"] + (" of director %s" % fault["director"] if fault["director"] else "")
    if fault["made"] is None:
        return "%s on %s" % (fault["kind"], host)
    return _FAULTS.get(fault["kind"], fault["kind"].replace("%", "%%") + " on %s") % host


def label(mark: str, kind: str) -> str:
    """The mark in a word or two."""
    return "switch ordered" if mark == "fault" and kind in PLANNED else MARKS[mark]


def meaning(mark: str, kind: str, role: str) -> str:
    """The mark in a clause."""
    if kind in PLANNED and mark in ("fault", "healed"):
        return {"fault": "when the switch was ordered", "healed": "when it was taken back"}[mark]
    if role == "director" and mark in ("detected", "switched"):
        return "when another director %s" % {"detected": "told that it takes over", "switched": "had the VIP"}[mark]
    return _MEANT[mark]


def length(seconds: float | None) -> str:
    """`4 ms`, `0.61 s`, `12.3 s`, `120 s`."""
    if seconds is None:
        return "-"
    if abs(seconds) < 0.0995:
        return "%.*f ms" % (0 if abs(seconds) >= 0.00095 or not seconds else 1, seconds * 1000)
    return "%.*f s" % (2 if abs(seconds) < 9.995 else 1 if abs(seconds) < 99.95 else 0, seconds)


def round_length(seconds: float) -> str:
    """`100 ms`, `1 s`: a power of ten."""
    return "%g s" % seconds if seconds > 0.9 else "%g ms" % (seconds * 1000)


def after(seconds: float | None) -> str:
    """`+0.61 s`: the moment as a person writes it beside a time line."""
    if seconds is None:
        return "not seen"
    places = 2 if abs(seconds) < 99.995 else 0
    # Adding nothing makes a plain zero of the one below nothing.
    return "%+.*f s" % (places, round(seconds, places) + 0.0)


def many(number: int, word: str) -> str:
    """`1 error`, `2 errors`."""
    return "%d %s%s" % (number, word, "" if number == 1 else "s")


def counts(summary: t.Mapping[str, t.Any]) -> str:
    """`2 clients, 4 mounts, 9536 operations`."""
    return ", ".join(many(summary[key], key[:-1]) for key in ("clients", "mounts", "operations"))


def errors_of(mount: t.Mapping[str, t.Any]) -> str:
    """`3 EIO, 1 ESTALE, 1 never ended`."""
    told = ["%d %s" % (number, name) for name, number in mount["errors"].items()]
    return ", ".join([*told, *(["%d never ended" % mount["unfinished"]] if mount["unfinished"] else [])])


def flat(table: t.Mapping[str, t.Any], before: str = "") -> dict[str, str]:
    """Settings by their full names: `check.interval` to `0.2`."""
    found: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict) and value:
            found.update(flat(value, "%s%s." % (before, key)))
        else:
            entries = value if isinstance(value, list) else [value]
            found[before + key] = ", ".join(str(entry) for entry in entries)
    return found


def alike(tables: t.Mapping[str, t.Mapping[str, t.Any]]) -> list[tuple[list[str], dict[str, str]]]:
    """Hosts with the same settings, and these; hosts without any are left out."""
    groups: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for host, table in tables.items():
        if table:
            groups.setdefault(tuple(flat(table).items()), []).append(host)
    return [(hosts, dict(table)) for table, hosts in groups.items()]
