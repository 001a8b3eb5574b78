# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each thing that is broken is named, alone, and mended; that nothing of it is left shows in the next test."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))

from breaks import BREAKS, Break
from conftest import Doctor

from lvsmodule.host import TOP, Node
from lvsmodule.play import play

# With scripts/test --full all of them, else those that tell most: each takes a minute.
TOLD = [name for name, one in BREAKS.items() if one.always or os.environ.get("LVS_TEST_FULL")]


def expected(one: Break) -> list[tuple[str, str]]:
    pairs = [kind.rpartition(" ") for kind in one.kinds]
    return sorted((host or one.host, kind) for host, _blank, kind in pairs)


def site(*options: str) -> None:
    done = play("site", *options)
    assert done.returncode == 0, done.stdout + done.stderr


def exporting(more: tuple[dict[str, t.Any], ...]) -> list[str]:
    """The option with which a playbook exports further folders beside those of the inventory."""
    if not more:
        return []
    path = TOP / "examples/infrastructure/inventory/group_vars/nfs_servers.yml"
    ours = yaml.safe_load(path.read_text(encoding="utf-8"))["nfs_server_exports"]
    return ["-e", json.dumps({"nfs_server_exports": [*ours, *more]})]


def lab(words: list[str]) -> None:
    subprocess.run([str(TOP / "lab/lab"), *words], check=True, timeout=120)


def test_all_is_well_at_first(doctor: Doctor) -> None:
    started = time.monotonic()
    assert doctor.findings() == [], doctor.said
    print("verify.yml: %.0f s" % (time.monotonic() - started))


@pytest.mark.parametrize("name", TOLD)
def test_the_doctor_names_it_and_nothing_else(doctor: Doctor, hosts: dict[str, Node], name: str) -> None:
    one = BREAKS[name]
    exports = exporting(one.exports)
    if exports:
        site(*exports, "--limit", "nfs_servers")
    hosts[one.host].run(one.command)
    try:
        found = doctor.findings(*exports)
        assert [(finding["host"], finding["kind"]) for finding in found] == expected(one), doctor.said
        assert {finding["boot"] for finding in found} == {one.boot}, found
        for finding in found:
            assert all(finding[key] for key in ("found", "wanted", "why", "mend")), finding
    finally:
        if one.mend:
            hosts[one.host].run(one.mend)
        if exports or not one.mend:
            site("--limit", "nfs_servers" if exports else one.host)


def test_a_host_that_hangs_is_named_and_all_others_are_looked_at(doctor: Doctor, hosts: dict[str, Node]) -> None:
    lab(["fault", "nfs-02", "freeze"])
    try:
        hosts["lb2"].run("sysctl -w net.ipv4.vs.expire_nodest_conn=0")
        found = doctor.findings()
        named = [(finding["host"], finding["kind"]) for finding in found]
        assert named == [("lb2", "sysctl"), ("nfs-02", "unreachable")], doctor.said
    finally:
        lab(["fault", "nfs-02", "thaw"])
        hosts["lb2"].run("sysctl -w net.ipv4.vs.expire_nodest_conn=1")


def test_a_limit_narrows_the_look(doctor: Doctor, hosts: dict[str, Node]) -> None:
    hosts["nfs-01"].run("sysctl -w net.ipv4.conf.all.arp_announce=0")
    try:
        assert doctor.findings("--limit", "lb2") == [], doctor.said
        found = doctor.findings("--limit", "nfs-01")
        assert [(finding["host"], finding["kind"]) for finding in found] == [("nfs-01", "arp")], doctor.said
    finally:
        hosts["nfs-01"].run("sysctl -w net.ipv4.conf.all.arp_announce=2")


def test_site_refuses_hosts_that_do_not_fit_and_touches_nothing(hosts: dict[str, Node]) -> None:
    hosts["nfs-02"].run("ip link set eth0 mtu 1400; rm /etc/sysctl.d/90-linuxha-lvs-arp.conf")
    try:
        done = play("site")
        said = done.stdout + done.stderr
        assert done.returncode == 2, said
        assert "nfs-02 eth0 has the MTU 1400; it should be: 1500, as on the other hosts." in said
        assert not re.search(r"changed=[1-9]", said), said
        allowed = play("site", "--limit", "nfs_servers", "-e", '{"site_allow_misfits": ["mtu"]}')
        assert allowed.returncode == 0, allowed.stdout + allowed.stderr
    finally:
        hosts["nfs-02"].run("ip link set eth0 mtu 1500")


def test_all_is_well_again(doctor: Doctor) -> None:
    assert doctor.findings() == [], doctor.said
