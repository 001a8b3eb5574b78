# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the doctor makes of examinations that are odd, or not whole: never a traceback, and never "all is well"."""

from __future__ import annotations

import copy
import json
import time
import typing as t

import pytest
from ansible_collections.linuxha.lvs.plugins.plugin_utils._doctor.report import as_text, diagnose
from ansible_collections.linuxha.lvs.plugins.plugin_utils._doctor.wire import questions
from ansible_collections.linuxha.lvs.tests.unit.fakes.examined import VIP, healthy, server
from ansible_collections.linuxha.lvs.tests.unit.fakes.odd import places
from hypothesis import given
from hypothesis import strategies as st

Hosts = dict[str, t.Any]
UNREACHABLE = {"unreachable": True, "msg": "Failed to connect to the host via ssh: timed out", "changed": False}
FAILED = {"failed": True, "msg": "Cannot read it.", "changed": False}
SKIPPED = {"skipped": True, "changed": False, "skip_reason": "Conditional result was False"}


def judged(hosts: Hosts) -> list[tuple[str, str]]:
    """Host and kind of each finding, after a look at whether each says all that a finding must."""
    for host in list(hosts)[:6]:
        json.dumps(questions(host, hosts))
    found = diagnose(hosts)
    json.dumps(found)
    text = as_text(found, hosts)
    assert bool(found) != text.startswith("All is well")
    for finding in found:
        for key in ("host", "kind", "found", "wanted", "why", "mend", "sentence"):
            assert isinstance(finding[key], str), finding
            assert finding[key].strip(), finding
        assert "HOST" not in finding["mend"], finding
    assert text.count("\n   is ") == text.count("\n   mend ") == len(found), text
    return [(finding["host"], finding["kind"]) for finding in found]


@given(st.data())
def test_whatever_is_missing_or_strange_makes_no_traceback(data: st.DataObject) -> None:
    # A fresh copy, in which no two examinations share an object.
    hosts = json.loads(json.dumps(healthy()))
    for _time in range(data.draw(st.integers(1, 4))):
        every = list(places(hosts))
        if not every:
            break
        container, key = every[data.draw(st.integers(0, len(every) - 1))]
        odd = data.draw(st.sampled_from([None, {}, [], "", 0, True, "text", FAILED, SKIPPED, UNREACHABLE, "gone"]))
        if odd == "gone":
            del container[key]
        else:
            container[key] = copy.deepcopy(odd)
    judged(hosts)


def test_nobody_was_looked_at():
    assert diagnose({}) == []
    assert as_text([], {}) == "No host was looked at."


@pytest.mark.parametrize("nothing", [None, {}, {"survey": None}, {"survey": UNREACHABLE}, {"survey": SKIPPED}])
def test_a_host_of_which_nothing_is_known(nothing):
    hosts = {**healthy(), "nfs-03": nothing}
    assert judged(hosts) == [("nfs-03", "unreachable")]


@pytest.mark.parametrize("role", ["load_balancer", "nfs_server", "nfs_client"])
@pytest.mark.parametrize("result", [UNREACHABLE, FAILED])
def test_a_host_that_fell_silent_in_the_midst_of_it_is_not_well(role, result):
    host = {"load_balancer": "lb2", "nfs_server": "nfs-02", "nfs_client": "web1"}[role]
    hosts = healthy()
    hosts[host][role]["arp" if role == "nfs_server" else "files" if role == "nfs_client" else "sysctl"] = result
    assert (host, "stopped") in judged(hosts)
    assert result["msg"] in diagnose(hosts)[0]["found"]


def test_a_director_that_could_not_ask_is_not_well():
    hosts = healthy()
    hosts["lb2"]["wire"] = UNREACHABLE
    assert judged(hosts) == [("lb2", "stopped")]


def test_what_was_not_run_is_no_fault():
    hosts = healthy()
    for part in ("sysctl", "flow", "conf", "director"):
        hosts["lb2"]["load_balancer"][part] = SKIPPED
    hosts["lb1"]["load_balancer"]["director"]["standbys"][0]["alive"] = None
    assert judged(hosts) == []


def test_a_sentence_that_is_none_is_told_as_it_is():
    hosts = {**healthy(), "web1": {"stopped": ["first line", {"second": 2}]}}
    assert ("web1", "stopped") in judged(hosts)


def test_hosts_without_vips_are_judged_alone():
    hosts = healthy()
    for document in hosts.values():
        document["vips"] = []
        document["wire"] = {}
    assert judged(hosts) == []
    assert all(not any(questions(host, hosts).values()) for host in hosts)


def test_one_director_alone():
    hosts = healthy()
    del hosts["lb2"]
    assert judged(hosts) == []
    hosts["lb1"]["survey"]["links"][1]["addresses"].remove(VIP + "/32")
    for document in hosts.values():
        document.get("wire", {}).get("holders", {}).clear()
    assert judged(hosts) == [("lb1", "holder")]


def test_ipv6_alone():
    text = json.dumps(healthy()).replace("192.168.10.", "fd00::").replace("/24", "/64").replace("/32", "/128")
    hosts = json.loads(text)
    assert judged(hosts) == []
    asked = questions("lb1", hosts)
    assert (asked["holders"], asked["clocks"]) == (["fd00::50"], [])
    assert asked["vips"] == [{"server": "fd00::%s" % n, "vip": "fd00::50", "port": 2049} for n in ("100", "101")]


def test_version_4_alone_needs_no_rpcbind():
    hosts = healthy()
    nfs4 = {"program": 100003, "version": 4, "protocol": "tcp", "port": 2049}
    for host in ("nfs-01", "nfs-02"):
        hosts[host]["survey"]["rpc"] = []
        hosts[host]["nfs_server"].update(rpc=[nfs4], rpcbind=False)
    assert judged(hosts) == []


def test_a_host_in_two_groups():
    hosts = healthy()
    hosts["lb1"]["nfs_client"] = hosts["web1"]["nfs_client"]
    hosts["lb1"]["groups"] = ["load_balancer", "nfs_client"]
    hosts["nfs-02"]["nfs_client"] = {**hosts["web1"]["nfs_client"], "packages": ["nfs-common"]}
    assert judged(hosts) == [("nfs-02", "packages")]
    hosts["lb2"]["nfs_server"] = {**server("nfs-02")["nfs_server"], "stopped": "Refused."}
    assert ("lb2", "stopped") in judged(hosts)


def test_hundreds_of_hosts_with_hundreds_of_findings_take_seconds():
    hosts = healthy()
    one = hosts.pop("web1")
    for number in range(400):
        client = json.loads(json.dumps(one))
        client["survey"]["links"][1].update(
            mac="02:01:00:00:%02x:%02x" % divmod(number, 256),
            addresses=["192.168.%d.%d/16" % (11 + number // 200, 1 + number % 200)],
        )
        client["nfs_client"]["units"][0]["active"] = "not mounted as asked for"
        hosts["web%d" % number] = client
    started = time.process_time()
    assert len(judged(hosts)) == 400
    assert time.process_time() - started < 20
