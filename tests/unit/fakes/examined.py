# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the roles' entry points "doctor" collect on five healthy hosts: the seed's lab."""

from __future__ import annotations

import typing as t

VIP = "192.168.10.50"
ADDRESSES = {"lb1": "11", "lb2": "12", "nfs-01": "100", "nfs-02": "101", "web1": "20"}
PROGRAMS = [
    {"program": program, "version": 3, "protocol": "tcp", "port": port}
    for program, port in ((100003, 2049), (100005, 20048), (100021, 32803))
]
RECORD = {"held": False, "generation": 1, "by": "lb1", "since": 1.5, "why": "it was the first", "person": False}
EXPORT = "/srv/nfs\t192.168.10.0/24(rw,sync,root_squash,fsid=1)"


def mac(host: str) -> str:
    return "02:00:c0:a8:0a:%02x" % int(ADDRESSES[host])


def survey(host: str, *more: str) -> dict[str, t.Any]:
    """`more` are further addresses of eth0."""
    own = ["192.168.10.%s/24" % ADDRESSES[host], *more]
    lo = ["127.0.0.1/8", *(["%s/32" % VIP] if host.startswith("nfs") else [])]
    return {
        "kernel": "6.1.0-50-amd64",
        "links": [
            {"name": "lo", "mac": "00:00:00:00:00:00", "mtu": 65536, "up": True, "addresses": lo},
            {"name": "eth0", "mac": mac(host), "mtu": 1500, "up": True, "addresses": own},
        ],
        "managers": {"systemd-networkd": ["eth0"]},
        "exports": [EXPORT] if host.startswith("nfs") else [],
        "rpc": PROGRAMS if host.startswith("nfs") else [],
        "nfsd_threads": 8,
    }


def unit(name: str) -> dict[str, str]:
    return {"name": name, "active": "active", "enabled": "enabled"}


def director(host: str, *more: str) -> dict[str, t.Any]:
    servers = [
        {"name": "nfs-01", "address": "192.168.10.100", "weight": 10, "check": True, "sorry": False},
        {"name": "nfs-02", "address": "192.168.10.101", "weight": 1, "check": False, "sorry": True},
    ]
    answers = [
        {**program, "address": "192.168.10." + ADDRESSES[server], "error": ""}
        for server in ("nfs-01", "nfs-02")
        for program in PROGRAMS
    ]
    vips = [
        {"server": "192.168.10." + ADDRESSES[s], "vip": VIP, "port": 2049, "error": ""} for s in ("nfs-01", "nfs-02")
    ]
    return {
        "survey": survey(host, *more),
        "vips": [VIP],
        "clocks": {"192.168.10." + number: 0.004 for name, number in ADDRESSES.items() if name != host},
        "wire": {"holders": {VIP: {"macs": [] if more else [mac("lb1")], "error": ""}}, "rpc": answers, "vips": vips},
        "load_balancer": {
            "stopped": "",
            "packages": [],
            "sysctl": {"differences": []},
            "flow": {"differences": []},
            "conf": {"differences": []},
            "director": {
                "differences": [],
                "running": True,
                "directors": {"after": [{"name": "nfs", "fwmark": 901928820, "servers": servers}]},
                "standbys": [{"director": "nfs", "server": "nfs-02", "alive": True}],
            },
            "services": [{"fwmark": 901928820, "servers": [{"address": "192.168.10.100", "weight": 10}]}],
            "units": [
                unit("keepalived.service"),
                unit("linuxha-lvs-failback.service"),
                unit("linuxha-lvs-tickle.service"),
                unit("linuxha-lvs-sync.service"),
            ],
            "failback": {"differences": []},
            "tickle": {"differences": []},
            "sync": {"differences": []},
            "agreement": {
                "name": host,
                "isolated": False,
                "trouble": "",
                "peers": {"lb2" if host == "lb1" else "lb1": 0.3},
                "pools": {"nfs": {"failback": "manual", "servers": {"nfs-01": "192.168.10.100"}}},
                "records": {"nfs:nfs-01": dict(RECORD)},
            },
        },
    }


def server(host: str) -> dict[str, t.Any]:
    return {
        "survey": survey(host),
        "vips": [VIP],
        "nfs_server": {
            "stopped": "",
            "packages": [],
            "arp": {"differences": []},
            "files": {"differences": []},
            "port": 2049,
            "rpc": PROGRAMS,
            "unexported": [],
            "units": [unit("nfs-server.service")],
        },
    }


def client(host: str) -> dict[str, t.Any]:
    answer = {"address": VIP, "port": 2049, "program": 100003, "version": 4, "protocol": "tcp", "error": ""}
    return {
        "survey": survey(host),
        "vips": [],
        "wire": {"holders": {VIP: {"macs": [mac("lb1")], "error": ""}}, "rpc": [answer], "vips": []},
        "groups": ["nfs_client"],
        "nfs_client": {
            "stopped": "",
            "packages": [],
            "files": {"differences": []},
            "units": [unit("/mnt/nfs-v3")],
            "servers": [VIP],
        },
    }


def healthy() -> dict[str, t.Any]:
    """All five, new each time."""
    return {
        "lb1": director("lb1", VIP + "/32"),
        "lb2": director("lb2"),
        "nfs-01": server("nfs-01"),
        "nfs-02": server("nfs-02"),
        "web1": client("web1"),
    }
