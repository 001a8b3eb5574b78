# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""What the directors' hosts do not agree on."""

from __future__ import annotations

import typing as t

from .answers import Says
from .words import listed, moment, unheard

Known = t.Mapping[str, Says]


def disagreements(known: Known) -> list[str]:
    """One sentence each; empty when those that answer agree."""
    pools = list(dict.fromkeys(name for says in known.values() for name in says["pools"]))
    keys = list(dict.fromkeys(key for says in known.values() for key in says["records"]))
    found = [_masters(known)]
    for name in pools:
        found += [_set_up(known, name), _serving(known, name), _able(known, name)]
    found += [_records(known, key) for key in keys]
    found += [_overruled(host, says, key) for host, says in known.items() for key in says["records"]]
    found += [_unheard(host, peer, after) for host, says in known.items() for peer, after in says["peers"].items()]
    found += [
        "%s sees neither a server nor another director, and has given the VIPs up until it does." % host
        for host, says in known.items()
        if says["isolated"]
    ]
    found += [_strange(host, name, pool) for host, says in known.items() for name, pool in says["pools"].items()]
    found += [_forgetful(host, says["trouble"]) for host, says in known.items()]
    return [sentence for sentence in found if sentence]


def _strange(host: str, name: str, pool: t.Mapping[str, t.Any]) -> str:
    strangers = pool.get("strangers")
    return (
        "%s leads clients of %s to %s, which its service of agreement does not know, so nobody is held out there; "
        "linuxha.lvs.site makes them agree." % (host, name, listed(strangers))
        if strangers
        else ""
    )


def _forgetful(host: str, trouble: str) -> str:
    return trouble and "%s cannot write down all that was decided, and may forget it at its next boot: %s." % (
        host,
        trouble,
    )


def _masters(known: Known) -> str:
    masters = [host for host, says in known.items() if says["master"]]
    if len(masters) == 1 or not known:
        return ""
    if masters:
        return "%s have the VIP; only one may." % listed(masters)
    return "None of those that answer (%s) has the VIP." % ", ".join(known)


def _differ(values: t.Mapping[str, t.Any], words: t.Callable[[t.Any], str]) -> str:
    """Who says what, when not all say the same."""
    groups: list[tuple[t.Any, list[str]]] = []
    for host, value in values.items():
        hosts = next((hosts for other, hosts in groups if other == value), None)
        if hosts is None:
            groups.append((value, [host]))
        else:
            hosts.append(host)
    return "; ".join("on %s %s" % (listed(hosts), words(value)) for value, hosts in groups) if groups[1:] else ""


def _set_up(known: Known, name: str) -> str:
    pools = {host: says["pools"].get(name) for host, says in known.items()}
    lack = [host for host, pool in pools.items() if pool is None]
    if lack:
        return "%s: unknown on %s; linuxha.lvs.site makes all directors alike." % (name, listed(lack))
    keys = [key for key in ("failback", "servers", "standby") if _differ({h: p[key] for h, p in pools.items()}, str)]
    if not keys:
        return ""
    every = listed(list(known))
    return "%s: %s not the same on %s; linuxha.lvs.site makes all directors alike." % (name, listed(keys), every)


def _pools(known: Known, name: str) -> dict[str, Says]:
    return {host: says["pools"][name] for host, says in known.items() if name in says["pools"]}


def _serving(known: Known, name: str) -> str:
    values = {}
    for host, pool in _pools(known, name).items():
        names = {address: server for part in ("standby", "servers") for server, address in pool[part].items()}
        values[host] = sorted(names.get(address, address) for address in pool["serving"])
    found = _differ(values, lambda servers: listed(servers) or "nobody")
    return found and "%s: who serves, is %s." % (name, found)


def _able(known: Known, name: str) -> str:
    values = {host: sorted(pool["able"]) for host, pool in _pools(known, name).items()}
    found = _differ(values, lambda servers: listed(servers) or "nobody")
    return found and "%s: who passes the checks, is %s." % (name, found)


def _name(key: str) -> str:
    director, _colon, server = key.partition(":")
    return "%s of %s" % (server, director)


def _records(known: Known, key: str) -> str:
    # A host that lacks the director has been named for that.
    asked = {host: says for host, says in known.items() if key.partition(":")[0] in says["pools"]}
    found = _differ({host: says["records"].get(key) for host, says in asked.items()}, _record)
    return found and "%s: %s. The higher generation counts." % (_name(key), found)


def _record(record: Says | None) -> str:
    if not record:
        return "there is no record"
    words = "is held out" if record["held"] else "may serve"
    at = moment(record["since"]) or "an unknown time"
    return "it %s (generation %d, by %s at %s: %s)" % (words, record["generation"], record["by"], at, record["why"])


def _overruled(host: str, says: Says, key: str) -> str:
    director, _colon, server = key.partition(":")
    pool = says["pools"].get(director)
    if not pool or not says["records"][key]["held"] or pool["servers"].get(server) not in pool["serving"]:
        return ""
    return "%s: %s holds it out, and its kernel still sends clients there." % (_name(key), host)


def _unheard(host: str, peer: str, after: float | None) -> str:
    words = unheard(host, peer, after)
    return words and words + "."
