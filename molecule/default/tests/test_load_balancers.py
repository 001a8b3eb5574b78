# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directors: keepalived, the IPVS table, the flow's mark and the sysctls, as the running kernel has them."""

from __future__ import annotations

import json
import typing as t

import pytest

DIRECTORS = ("lb1", "lb2")


@pytest.mark.parametrize("node", DIRECTORS)
def test_services_run_and_start_at_boot(nodes: dict[str, t.Any], node: str) -> None:
    for unit in ("keepalived", "linuxha-lvs-flows", "linuxha-lvs-tickle", "linuxha-lvs-sync"):
        service = nodes[node].service(unit)
        assert service.is_running, unit
        assert service.is_enabled, unit


@pytest.mark.parametrize("node", DIRECTORS)
def test_connections_are_told_and_heard(nodes: dict[str, t.Any], node: str) -> None:
    """By both halves at all times: a keepalived that stops a half which has not run yet waits for ever."""
    told = nodes[node].check_output("ipvsadm --list --daemon")
    assert sorted(line.split(",")[0] for line in told.splitlines()) == [
        "backup sync daemon (mcast=eth0",
        "master sync daemon (mcast=eth0",
    ]
    assert "lvs_sync_daemon" not in nodes[node].file("/etc/keepalived/keepalived.conf").content_string


def table_of(host: t.Any) -> dict[int, list[list[str]]]:
    """The kernel's table: mark to the words of its servers' lines."""
    table: dict[int, list[list[str]]] = {}
    for line in host.file("/proc/net/ip_vs").content_string.splitlines()[3:]:
        words = line.split()
        if words[0] == "FWM":
            table[int(words[1], 16)] = []
        else:
            table[list(table)[-1]].append(words[1:4])
    return table


@pytest.mark.parametrize("node", DIRECTORS)
def test_active_server_alone_is_in_the_pool_and_both_are_watched(nodes: dict[str, t.Any], node: str) -> None:
    table = table_of(nodes[node])
    assert sorted(mark >> 31 for mark in table) == [0, 1], table
    for mark, servers in table.items():
        watched = [["C0A80A64:0000", "Route", "1"], ["C0A80A65:0000", "Route", "1"]]
        assert sorted(servers) == (watched if mark >> 31 else [["C0A80A64:0000", "Route", "10"]]), table


@pytest.mark.parametrize("node", DIRECTORS)
def test_flow_marks_with_the_mark_that_the_director_serves(nodes: dict[str, t.Any], node: str) -> None:
    marks = [mark for mark in table_of(nodes[node]) if not mark >> 31]
    rules = json.loads(nodes[node].check_output("nft -j list table inet lvs_flows"))
    wanted = [
        statement["mangle"]["value"]
        for item in rules["nftables"]
        for statement in item.get("rule", {}).get("expr", [])
        if "mangle" in statement and statement["mangle"]["key"] == {"meta": {"key": "mark"}}
    ]
    assert len(marks) == 1
    assert marks == wanted


@pytest.mark.parametrize("node", DIRECTORS)
@pytest.mark.parametrize("key", ["expire_nodest_conn", "expire_quiescent_template"])
def test_sysctls_of_the_note_hold(nodes: dict[str, t.Any], node: str, key: str) -> None:
    assert nodes[node].file("/proc/sys/net/ipv4/vs/" + key).content_string.strip() == "1"


def test_one_director_holds_the_vip(master: str) -> None:
    assert master in DIRECTORS
