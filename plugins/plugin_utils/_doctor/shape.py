# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""Whether an examination is whole: a host that falls silent on the way must not be taken for one that is well."""

from __future__ import annotations

import typing as t
from ipaddress import ip_address, ip_interface

from .._shape import Shape, flaw


def _address(value: t.Any) -> object:
    return ip_address(str(value))


def _age(value: t.Any) -> None:
    """Seconds since something, None for never."""
    if value is not None and not isinstance(value, (int, float)):
        raise ValueError("%r is no number of seconds" % (value,))


def _interface(value: t.Any) -> object:
    return ip_interface(str(value))


_PART = {"differences?": [{"what": str, "found": str, "wanted": str, "boot": bool}]}
_UNIT = {"name": str, "active?": str, "enabled?": str}
_ROLE = {"stopped?": object, "packages?": [str], "faults?": [str], "units?": [_UNIT]}
_PROGRAM = {"program": int, "version": int, "protocol": str, "port": int}
_SERVER = {"name": str, "address": str}
_RECORD = {"held": bool, "generation": int, "by": str, "since": float, "why": str, "person": bool}
_HOST: Shape = {
    "groups?": [str],
    "vips?": [_address],
    "stopped?": object,
    "clocks?": {"*": float},
    "survey?": {
        "kernel": str,
        "links": [{"name": str, "mac": str, "mtu": int, "addresses": [_interface]}],
        "managers": {"*": [str]},
        "exports": [str],
        "rpc": [_PROGRAM],
    },
    "wire?": {
        "holders?": {"*": {"macs": [str]}},
        "rpc?": [{**_PROGRAM, "address": _address, "error": str}],
        "vips?": [{"server": _address, "vip": _address, "error": str}],
    },
    "load_balancer?": {
        **_ROLE,
        **dict.fromkeys(("sysctl?", "flow?", "conf?", "tickle?", "sync?"), _PART),
        "director?": {
            **_PART,
            "running?": bool,
            "directors?": {"after": [{"name": str, "servers?": [_SERVER]}]},
            "standbys?": [{"director": str, "server": str, "alive?": bool}],
        },
        "failback?": _PART,
        "agreement?": {
            **dict.fromkeys(("silent?", "trouble?"), str),
            "isolated?": bool,
            "peers?": {"*": _age},
            "records?": {"*": _RECORD},
            "pools?": {"*": {"failback": str, "servers": {"*": str}}},
        },
        "served?": {"*": [_address]},
        "services?": [{"servers": [{"address": str}]}],
    },
    "nfs_server?": {
        **_ROLE,
        **dict.fromkeys(("arp?", "files?"), _PART),
        "port?": int,
        "rpc?": [_PROGRAM],
        "rpcbind?": bool,
        "unexported?": [str],
        "mount_points?": [str],
        "unmounted?": [str],
        "mounted_on?": str,
        "quota?": {"port": int, "unit": str, "active": str, "conf": str, "written": bool},
    },
    "nfs_client?": {**_ROLE, "files?": _PART, "servers?": [str]},
}


class Examination(t.NamedTuple):
    """What of an examination can be judged, and in words what of it cannot."""

    document: dict[str, t.Any]
    flaws: list[str]


def examination(examined: t.Any) -> Examination:
    """The examination without the parts that are not whole.

    A host whose survey says that it could not be reached is one of which nothing is known.
    """
    document = _told(examined) if isinstance(examined, dict) else {}
    survey = document.get("survey")
    if isinstance(survey, dict) and survey.get("unreachable") is True:
        document = {key: document[key] for key in ("groups",) if key in document}
    flaws = {key: flaw(part, _HOST.get(key + "?", object), key) for key, part in document.items() if part != {}}
    whole = {key: part for key, part in document.items() if not flaws.get(key)}
    return Examination(whole, [words for words in flaws.values() if words])


def judgeable(hosts: t.Mapping[str, t.Any]) -> dict[str, dict[str, t.Any]]:
    """Host to what of its examination can be judged."""
    return {host: examination(examined).document for host, examined in hosts.items()}


def _told(value: t.Any) -> t.Any:
    """The value without keys that say nothing: None, and the results of tasks that were skipped.

    Of `peers` None says something: never.
    """
    if isinstance(value, dict):
        return {
            key: entry if key == "peers" else _told(entry)
            for key, entry in value.items()
            if entry is not None and not (isinstance(entry, dict) and entry.get("skipped") is True)
        }
    return [_told(entry) for entry in value] if isinstance(value, list) else value
