# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Directors as hypothesis makes them, and the seed's own."""

from __future__ import annotations

import typing as t

from ansible_collections.linuxha.lvs.plugins.module_utils._errors import InputError
from ansible_collections.linuxha.lvs.plugins.module_utils._model.director import BALANCES, FAILBACKS, MODES, Director
from hypothesis import strategies as st

SEED: dict[str, t.Any] = {
    "name": "nfs",
    "balance": "roundrobin",
    "mode": "gateway",
    "check": {"type": "tcp", "interval": 10, "port": 2049, "timeout": 2},
    "servers": [
        {"name": "nfs-01", "address": "192.168.10.100", "port": 2049, "weight": 10, "check": True},
        {"name": "nfs-02", "address": "192.168.10.101", "port": 2049, "sorry": True},
    ],
}

names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True)
ports = st.none() | st.integers(1, 65535)
times = st.floats(0.001, 4294, allow_nan=False)


def _addresses(version: int) -> st.SearchStrategy[str]:
    prefix = "10.1.%d.%d" if version == 4 else "2001:db8::%x:%x"
    return st.tuples(st.integers(1, 250), st.integers(1, 250)).map(lambda pair: prefix % pair)


_KINDS = {
    4: [
        ("tcp",),
        ("http",),
        ("https",),
        ("icmp",),
        ("arp",),
        ("nfs",),
        ("vip",),
        ("nfs", "vip"),
        ("icmp", "https", "vip"),
    ],
    6: [("tcp",), ("http",), ("https",), ("icmp",), ("nfs",), ("vip",), ("vip", "nfs", "icmp")],
}


@st.composite
def checks(draw: st.DrawFn, version: int, mode: str) -> dict[str, t.Any]:
    kinds = [kinds for kinds in _KINDS[version] if mode == "gateway" or "vip" not in kinds]
    types = draw(st.sampled_from(kinds))
    interval = draw(times)
    values: dict[str, t.Any] = {
        "type": list(types) if len(types) > 1 else types[0],
        "interval": interval,
        "timeout": draw(st.none() | st.floats(0.001, interval)),
        "source": draw(st.none() | _addresses(version)),
        "fall": draw(st.integers(1, 9)),
        "inhibit": draw(st.booleans()),
        "sorry": draw(st.booleans()),
    }
    if not set(types) <= {"icmp", "arp"}:
        values["port"] = draw(st.integers(1, 65535))
    if {"http", "https"} & set(types):
        values["uri"] = draw(st.none() | st.from_regex(r"/[A-Za-z0-9/._?&=%+:,;*-]{0,20}", fullmatch=True))
        values["statuscode"] = draw(st.none() | st.integers(100, 599))
        values["vhost"] = draw(st.none() | st.just("www.example.com:8080"))
    if "vip" in types:
        values["vip"] = draw(_addresses(version))
    values["retry_interval"] = draw(st.none() | times)
    if {"nfs", "vip", "arp"} & set(types):
        slow = draw(times)
        trio = {"interval": slow, "timeout": draw(st.none() | st.floats(0.001, slow)), "fall": draw(st.integers(1, 9))}
        values["program"] = draw(st.none() | st.just(trio))
    if {"vip", "arp"} & set(types):
        values["iface"] = draw(st.none() | st.just("bond0.100"))
    return values


tunnels = st.none() | st.sampled_from(
    [
        {"type": "ipip"},
        {"type": "gue", "port": 6080},
        {"type": "gue", "port": 6080, "checksum": "remcsum"},
        {"type": "gre"},
        {"type": "gre", "checksum": "csum"},
    ]
)


@st.composite
def directors(draw: st.DrawFn, version: int | None = None) -> Director:
    version = version or draw(st.sampled_from([4, 6]))
    mode = draw(st.sampled_from(MODES))
    check = draw(st.none() | checks(version, mode))
    addresses = draw(st.lists(_addresses(version), min_size=1, max_size=4, unique=True))
    labels = draw(st.lists(names, min_size=len(addresses), max_size=len(addresses), unique=True))
    sorry = draw(st.integers(1, 4))
    servers = [
        {
            "name": label,
            "address": address,
            "port": draw(ports),
            # Some server that is not sorry must have a weight, and a sorry one must too.
            "weight": draw(st.integers(0 if index not in (0, sorry) else 1, 256)),
            "sorry": index == sorry,
            "check": check is not None and index != sorry and draw(st.booleans()),
        }
        for index, (label, address) in enumerate(zip(labels, addresses))
    ]
    options: dict[str, t.Any] = {
        "name": draw(names),
        "balance": draw(st.sampled_from([balance for balance in BALANCES if balance != "srcdst"])),
        "mode": mode,
        "tunnel": draw(tunnels) if mode == "tunnel" else None,
        "check": check,
        "servers": servers,
    }
    # A hold needs a server that can fail: one that is checked and has a weight.
    if any(server["check"] and server["weight"] for server in servers) and not (check or {}).get("inhibit"):
        options["failback"] = draw(st.sampled_from(FAILBACKS))
    masks = ["255.255.255.0", "255.255.255.255"] if version == 4 else ["64", "128"]
    if draw(st.booleans()):
        options["persistence"] = {
            "timeout": draw(st.integers(1, 100000)),
            "netmask": draw(st.none() | st.sampled_from(masks)),
        }
    if draw(st.booleans()):
        options.update(
            address="10.2.0.1" if version == 4 else "2001:db8:1::1",
            port=draw(st.integers(1, 65535)),
            protocol=draw(st.sampled_from(["tcp", "udp"])),
        )
    elif draw(st.booleans()):
        options["fwmark"] = draw(st.integers(1, 0xFFFFFFFF))
    return Director.from_options(options, "directors[0]")


def refusal(action: t.Callable[[], object]) -> str:
    """The sentence with which the action is refused."""
    try:
        action()
    except InputError as error:
        return str(error)
    raise AssertionError("was not refused")
