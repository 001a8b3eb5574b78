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
    for unit in ("keepalived", "linuxha-lvs-flows"):
        service = nodes[node].service(unit)
        assert service.is_running, unit
        assert service.is_enabled, unit


@pytest.mark.parametrize("node", DIRECTORS)
def test_active_server_alone_is_in_the_pool(nodes: dict[str, t.Any], node: str) -> None:
    table = nodes[node].file("/proc/net/ip_vs").content_string
    servers = [line.split() for line in table.splitlines() if line.strip().startswith("->")][1:]
    assert [words[1:4] for words in servers] == [["C0A80A64:0000", "Route", "10"]], table


@pytest.mark.parametrize("node", DIRECTORS)
def test_flow_marks_with_the_mark_that_the_director_serves(nodes: dict[str, t.Any], node: str) -> None:
    table = nodes[node].file("/proc/net/ip_vs").content_string
    marks = [int(line.split()[1], 16) for line in table.splitlines() if line.startswith("FWM")]
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
