# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the NFS roles write for given variables, rendered in one run; nft itself judges its part."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.linuxha.lvs.tests.unit.fakes.once import once
from ansible_collections.linuxha.lvs.tests.unit.roles.nfs_hosts import EXPORT, HOSTS

COLLECTION = Path(__file__).resolve().parents[3]
ROLES = COLLECTION / "roles"
PLAY = """
- hosts: all
  gather_facts: false
  vars_files:
    - %(roles)s/nfs_server/defaults/main.yml
    - %(roles)s/nfs_server/vars/main.yml
    - %(roles)s/nfs_server/vars/verify.yml
    - %(roles)s/nfs_server/vars/doctor.yml
    - %(roles)s/nfs_client/defaults/main.yml
    - given.yml
  tasks:
    - ansible.builtin.set_fact:
        discovered_interpreter_python: "{{ discovered }}"
        cacheable: true
      when: discovered is defined
    # By localhost, since not every host of these has a Python that can be run.
    - delegate_to: localhost
      ansible.builtin.copy:
        dest: "{{ playbook_dir }}/{{ inventory_hostname }}.json"
        mode: "0600"
        content: "{{ texts | to_json }}"
      vars:
        __nfs_server_started:
          stdout_lines: >-
            {{ (recorded | default(__nfs_server_conf_text)).splitlines()
               | map('regex_replace', '^', '/run/linuxha-lvs-nfs/zz-linuxha-lvs.conf:') }}
        __nfs_server_conf_text: "{{ lookup('template', '%(roles)s/nfs_server/templates/nfs.conf.j2') }}"
        __nfs_server_sockets: "{{ sockets | default([]) }}"
        __nfs_server_clients: {stdout_lines: [/var/lib/nfs/sm/web1]}
        __nfs_server_statd: /var/lib/nfs
        __nfs_server_rquotad_unit: quotarpc.service
        __nfs_server_rquotad_conf: /etc/default/quota
        __nfs_server_nfsd: []
        mount_unit: "%(roles)s/nfs_client/templates/mount.j2"
        texts:
          conf: "{{ lookup('template', '%(roles)s/nfs_server/templates/nfs.conf.j2') }}"
          sysctl: "{{ lookup('template', '%(roles)s/nfs_server/templates/sysctl.conf.j2') }}"
          exports: "{{ lookup('template', '%(roles)s/nfs_server/templates/exports.j2') }}"
          dropin: "{{ lookup('template', '%(roles)s/nfs_server/templates/nfs-server.conf.j2') }}"
          nft: "{{ lookup('template', '%(roles)s/nfs_server/templates/firewall.nft.j2') }}"
          waits: "{{ lookup('template', '%(roles)s/nfs_server/templates/mounts.nft.j2') }}"
          waits_unit: "{{ lookup('template', '%(roles)s/nfs_server/templates/mounts.service.j2') }}"
          waits_for: "{{ __nfs_server_mount_points if __nfs_server_waits else [] }}"
          quiet: "{{ lookup('template', '%(roles)s/nfs_server/templates/quiet.nft.j2') }}"
          mount: "{{ lookup('template', mount_unit) if __nfs_client_mount is defined else '' }}"
          unexported: "{{ __nfs_server_unexported if __nfs_server_etab is defined else [] }}"
          rivals: "{{ __nfs_server_rivals if __nfs_server_etab is defined else [] }}"
          tell: %(tell)s
          restart: "{{ (%(restart)s) if sockets is defined else false }}"
          stop: "{{ (%(stop)s) if sockets is defined else false }}"
          held: "{{ __nfs_server_fault_checks | selectattr('key', 'equalto', 'open') | map(attribute='say') | first }}"
          faults: "{{ __nfs_server_fault_checks if faulty is defined else [] }}"
          doctor_says: "{{ __nfs_server_doctor_faults if faulty is defined else [] }}"
          rquotad: "{{ __nfs_server_quota }}"
          mount_argv: "{{ __nfs_server_mount_argv }}"
          unmounted: "{{ __nfs_server_unmounted }}"
          folders: "{{ __nfs_server_differences | map(attribute='what') | list }}"
          shut: "{{ __nfs_server_shut if sockets is defined else [] }}"
          quota: "{{ __nfs_server_rquotad_options if __nfs_server_settings is defined else '' }}"
"""


def task(path: str, name: str) -> dict[str, t.Any]:
    """A task of the role nfs_server."""
    tasks = yaml.safe_load((ROLES / "nfs_server" / "tasks" / path).read_text(encoding="utf-8"))
    return t.cast("dict[str, t.Any]", next(task for task in tasks if task["name"] == name))


def condition(path: str, name: str) -> str:
    return " and ".join("(%s)" % part for part in task(path, name)["when"])


@pytest.fixture(scope="module", name="texts")
def _texts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, t.Any]]:
    return once(tmp_path_factory, "texts", _run)


def _run(folder: Path) -> dict[str, dict[str, t.Any]]:
    (folder / "ansible_collections" / "linuxha").mkdir(parents=True)
    (folder / "ansible_collections" / "linuxha" / "lvs").symlink_to(COLLECTION)
    everywhere = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    standard: dict[str, t.Any] = {}
    for role in ("nfs_server", "nfs_client"):
        standard |= yaml.safe_load((ROLES / role / "defaults" / "main.yml").read_text(encoding="utf-8"))
    # As "vars_files", since the roles' defaults come that way here and would win over an inventory.
    chosen: dict[str, t.Any] = {key: "{{ given['%s'] | default(standard['%s']) }}" % (key, key) for key in standard}
    (folder / "given.yml").write_text(json.dumps({**chosen, "standard": standard}), encoding="utf-8")
    hosts = {name: {"given": {"nfs_server_exports": [EXPORT], **given}, **given} for name, given in HOSTS.items()}
    inventory = {"all": {"hosts": hosts, "vars": everywhere}}
    (folder / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
    tell = task("restart.yml", "Restart | Have the clients of version 3 take their locks back")
    outdated = task("service.yml", "Service | See whether it runs with other files than those")
    parts = {
        "roles": ROLES,
        "tell": json.dumps(tell["ansible.builtin.command"]["argv"]),
        "restart": outdated["ansible.builtin.set_fact"]["__nfs_server_restarts"].strip("{} "),
        "stop": condition("service.yml", "Service | Stop what serves version 3 only"),
    }
    (folder / "play.yml").write_text(PLAY % parts, encoding="utf-8")
    argv = [sys.executable, "-m", "ansible.cli.playbook", "-i", "inventory.json", "play.yml"]
    changes = {"ANSIBLE_COLLECTIONS_PATH": str(folder), "ANSIBLE_NOCOLOR": "1"}
    done = subprocess.run(argv, cwd=folder, env={**os.environ, **changes}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return {name: json.loads((folder / (name + ".json")).read_text(encoding="utf-8")) for name in HOSTS}


def versions(conf: str) -> dict[str, str]:
    return dict(line.split("=") for line in conf.splitlines() if line.startswith("vers"))


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ("plain", {"vers2": "n", "vers3": "y", "vers4": "y", "vers4.0": "y", "vers4.1": "y", "vers4.2": "y"}),
        ("four", {"vers2": "n", "vers3": "n", "vers4": "y", "vers4.0": "n", "vers4.1": "y", "vers4.2": "y"}),
        ("three", {"vers2": "n", "vers3": "y", "vers4": "n", "vers4.0": "n", "vers4.1": "n", "vers4.2": "n"}),
        ("numbers", {"vers2": "n", "vers3": "y", "vers4": "y", "vers4.0": "n", "vers4.1": "y", "vers4.2": "n"}),
        (
            "number_among_words",
            {"vers2": "n", "vers3": "y", "vers4": "y", "vers4.0": "n", "vers4.1": "n", "vers4.2": "y"},
        ),
        ("one_number", {"vers2": "n", "vers3": "n", "vers4": "y", "vers4.0": "n", "vers4.1": "n", "vers4.2": "y"}),
    ],
)
def test_versions(texts: dict[str, dict[str, t.Any]], host: str, wanted: dict[str, str]) -> None:
    assert versions(texts[host]["conf"]) == wanted


@pytest.mark.parametrize(
    ("host", "scope"),
    [
        ("plain", ""),
        ("pair", "nfs-192.168.10.50"),
        ("six", "nfs-2001-db8--50"),
        ("named", "office"),
        ("numbered", "2024"),
    ],
)
def test_scope_comes_from_the_first_address(texts: dict[str, dict[str, t.Any]], host: str, scope: str) -> None:
    assert ("\nscope=%s\n" % scope in texts[host]["conf"]) == bool(scope)
    assert ("\nExecStart=/bin/sh /etc/linuxha-lvs/nfsd-start %s\n" % scope) in texts[host]["dropin"]


def test_times(texts: dict[str, dict[str, t.Any]]) -> None:
    assert "\ngrace-time=90\nlease-time=90\n" in texts["plain"]["conf"]
    assert "\ngrace-time=20\nlease-time=15\n" in texts["quick"]["conf"]
    # lockd's own is 50 seconds, which less takes down and more leaves.
    assert "-fs.nfs.nlm_grace_period = 50\n" in texts["plain"]["sysctl"]
    assert "-fs.nfs.nlm_grace_period = 20\n" in texts["quick"]["sysctl"]


def test_numbers_that_came_as_words_are_written_as_numbers(texts: dict[str, dict[str, t.Any]]) -> None:
    assert "\nport=2049\nthreads=16\n" in texts["words"]["conf"]
    assert "\ngrace-time=100\nlease-time=20\n" in texts["words"]["conf"]
    assert "\nudp-port=32770\n" in texts["words"]["conf"]
    assert "ports = 662,875,2020,2049,8080,20048,32770,32803\n" in texts["words"]["sysctl"]
    assert "-fs.nfs.nlm_udpport = 32770\n" in texts["words"]["sysctl"]
    assert "-fs.nfs.nlm_grace_period = 50\n" in texts["words"]["sysctl"]
    assert texts["words"]["quota"] == "-p 875"


def test_an_export_begins_with_its_path(texts: dict[str, dict[str, t.Any]]) -> None:
    assert texts["plain"]["exports"].splitlines()[1] == "/srv/nfs 10.0.0.0/8(rw,sync,no_subtree_check,fsid=1)"


@pytest.mark.parametrize(
    ("host", "missing"),
    [("exported", 0), ("exported_to_others", 1), ("exported_to_root", 1), ("exported_by_name", 0)],
)
def test_what_is_exported_is_compared(texts: dict[str, dict[str, t.Any]], host: str, missing: int) -> None:
    assert len(texts[host]["unexported"]) == missing


@pytest.mark.parametrize(
    ("host", "rivals"),
    [
        ("exported", []),
        ("exported_twice", ["/opt (fsid=1, as /srv/nfs)"]),
        ("exported_beside_others", []),
        ("exported_by_hand", ["/opt (fsid=1, as /srv/nfs)"]),
    ],
)
def test_nobody_else_exports_with_our_fsid(texts: dict[str, dict[str, t.Any]], host: str, rivals: list[str]) -> None:
    assert texts[host]["rivals"] == rivals


def test_rquotad_keeps_its_other_options(texts: dict[str, dict[str, t.Any]]) -> None:
    assert texts["quota_with_options"]["quota"] == "-s -p 875"


def test_the_doctor_asks_for_rquotad_where_it_is_installed(texts: dict[str, dict[str, t.Any]]) -> None:
    assert texts["plain"]["rquotad"] == {}
    known = {"port": 875, "unit": "quotarpc.service", "active": "active", "conf": "/etc/default/quota"}
    assert texts["quota_written"]["rquotad"] == {**known, "written": True}
    assert texts["quota_not_written"]["rquotad"] == {**known, "written": False}


def test_the_doctor_judges_a_role_that_stopped_before_it_looked(texts: dict[str, dict[str, t.Any]]) -> None:
    assert texts["plain"]["folders"] == []


def test_the_doctor_judges_mount_points_as_mountd_does(texts: dict[str, dict[str, t.Any]]) -> None:
    points = ["/srv/a", "/srv/b", "/c"]
    argv = ["stat", "--format=%d %i %n", *points, *(point + "/.." for point in points)]
    assert texts["unmounted"]["mount_argv"] == argv
    assert texts["unmounted"]["unmounted"] == ["/srv/a", "/srv/b"]
    assert texts["mounted"]["unmounted"] == texts["plain"]["unmounted"] == []
    assert texts["unmounted"]["folders"] == ["/srv/c", "/srv/nfs"]


def test_clients_wait_for_what_only_one_server_mounts_unless_told_otherwise(
    texts: dict[str, dict[str, t.Any]],
) -> None:
    assert {host for host in texts if texts[host]["waits_for"]} == {"mounted"}
    assert texts["mounted"]["waits_for"] == ["/srv/a", "/srv/b", "/c"]
    assert "elements = { 192.168.10.50 }" in texts["mounted"]["waits"]
    assert "-IS /etc/linuxha-lvs/nfs-mounts /etc/linuxha-lvs/nfs-mounts.json" in texts["mounted"]["waits_unit"]


@pytest.mark.parametrize(
    ("host", "python"),
    [
        ("python_path", sys.executable),
        ("python_auto", "/usr/bin/python3"),
        ("python_discovered", "/usr/bin/python3.11"),
    ],
)
def test_clients_are_told_by_a_python_that_can_be_run(
    texts: dict[str, dict[str, t.Any]], host: str, python: str
) -> None:
    assert texts[host]["tell"] == [python, "-", "/var/lib/nfs/state", "", "web1"]


@pytest.mark.parametrize(
    ("host", "restart", "stop"),
    [
        ("ports_right", False, False),
        # A new nfsd would shut no port of somebody else, and begin a grace period.
        ("ports_held", False, True),
        ("ports_shut", True, True),
        ("ports_with_another_conf", True, True),
    ],
)
def test_nfsd_restarts_only_when_that_can_help(
    texts: dict[str, dict[str, t.Any]], host: str, restart: bool, stop: bool
) -> None:
    assert (texts[host]["restart"], texts[host]["stop"]) == (restart, stop)


def test_the_refusal_says_who_holds_a_port(texts: dict[str, dict[str, t.Any]]) -> None:
    said = texts["ports_held"]["held"]
    assert "tcp 32803 (the kernel), udp 111 (rpcbind, systemd)" in said


def test_the_doctor_tells_each_fault_that_has_no_finding_of_its_own(texts: dict[str, dict[str, t.Any]]) -> None:
    faults = texts["all_is_wrong"]["faults"]
    assert all(fault["wrong"] for fault in faults)
    assert [fault["key"] for fault in faults] == ["shut", "open", "versions", "times", "exports", "rivals"]
    told = [fault["say"] for fault in faults if fault["key"] not in ("shut", "exports")]
    assert texts["all_is_wrong"]["doctor_says"] == told


def test_ports_are_named_in_the_same_order_each_time(texts: dict[str, dict[str, t.Any]]) -> None:
    held = "tcp 111, tcp 20048, tcp 32803, tcp 662, udp 111, udp 20048, udp 32769, udp 662"
    assert held in texts["ports_all_held"]["held"].replace(" (the kernel)", "")
    shut = ["tcp 111", "tcp 20048", "tcp 2049", "tcp 32803", "tcp 662", "udp 20048", "udp 32769", "udp 662"]
    assert texts["ports_all_shut"]["shut"] == shut


@pytest.mark.parametrize(
    ("host", "part"), [("walls", "nft"), ("walls_four", "nft"), ("walls", "quiet"), ("walls", "waits")]
)
def test_nft_takes_the_rules(texts: dict[str, dict[str, t.Any]], host: str, part: str, tmp_path: Path) -> None:
    path = tmp_path / "nfs.nft"
    path.write_text(texts[host][part], encoding="utf-8")
    # In namespaces of its own, so that it needs no root and meets nobody's tables.
    argv = ["unshare", "-Urn", shutil.which("nft") or "/usr/sbin/nft", "-c", "-f", str(path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_firewall_opens_the_ports_of_the_versions(texts: dict[str, dict[str, t.Any]]) -> None:
    assert "tcp dport { 111, 2049, 20048, 662, 32803, 875 } jump service" in texts["walls"]["nft"]
    assert "udp dport { 111, 20048, 662, 32769, 875 } jump service" in texts["walls"]["nft"]
    assert "ip6 daddr 2001:db8::50 jump address" in texts["walls"]["nft"]
    assert "tcp dport { 2049 } jump service" in texts["walls_four"]["nft"]
    assert ("udp" in texts["walls_four"]["nft"], "flush" in texts["walls"]["nft"]) == (False, False)
    assert "elements = { 2001:db8::50 timeout 15s }" in texts["walls"]["quiet"]


def test_mounts_over_ipv6_ask_for_tcp6(texts: dict[str, dict[str, t.Any]]) -> None:
    options = {
        host: next(line for line in texts[host]["mount"].splitlines() if line.startswith("Options="))
        for host in ("mount_three", "mount_four", "mount_six")
    }
    assert (
        options["mount_three"] == "Options=vers=3,hard,proto=tcp,mountproto=tcp,timeo=600,retrans=2,nofail,retry=10080"
    )
    assert options["mount_four"] == "Options=vers=4.2,hard,proto=tcp,timeo=600,retrans=2,nofail,retry=10080"
    assert "proto=tcp6,mountproto=tcp6" in options["mount_six"]
