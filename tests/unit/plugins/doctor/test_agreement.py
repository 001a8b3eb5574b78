# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the doctor concludes from what the directors have agreed on."""

from __future__ import annotations

import pytest
from ansible_collections.linuxha.lvs.plugins.plugin_utils._doctor.report import diagnose
from ansible_collections.linuxha.lvs.tests.unit.fakes.examined import healthy
from ansible_collections.linuxha.lvs.tests.unit.plugins.doctor.test_findings import pairs


def agreements(hosts, **changes):
    for lb in ("lb1", "lb2"):
        hosts[lb]["load_balancer"]["agreement"]["records"]["nfs:nfs-01"].update(changes)


def test_a_server_that_waits_for_a_person_is_told_and_not_also_as_missing():
    hosts = healthy()
    agreements(hosts, held=True, why="it left the pool")
    for lb in ("lb1", "lb2"):
        hosts[lb]["load_balancer"]["services"][0]["servers"] = [{"address": "192.168.10.101", "weight": 1}]
    (finding,) = diagnose(hosts)
    assert (finding["host"], finding["kind"]) == ("nfs-01", "held")
    assert finding["found"] == 'server "nfs-01" is held out of director "nfs" by lb1: it left the pool'


@pytest.mark.parametrize(("person", "kinds"), [(False, []), (True, ["held"])])
def test_where_servers_come_back_by_themselves_only_a_person_holds_one_out(person, kinds):
    hosts = healthy()
    agreements(hosts, held=True, person=person)
    for lb in ("lb1", "lb2"):
        hosts[lb]["load_balancer"]["agreement"]["pools"]["nfs"]["failback"] = "auto"
    assert [finding["kind"] for finding in diagnose(hosts)] == kinds


def test_a_director_that_is_behind_is_told():
    hosts = healthy()
    hosts["lb1"]["load_balancer"]["agreement"]["records"]["nfs:nfs-01"]["generation"] = 2
    (finding,) = diagnose(hosts)
    assert (finding["host"], finding["kind"]) == ("lb2", "failback")
    assert finding["found"] == "it does not know what was decided last on nfs:nfs-01"
    hosts["lb2"]["load_balancer"]["agreement"]["records"] = {}
    assert pairs(hosts) == [("lb2", "failback")]


def test_an_agreement_that_does_not_run_or_cannot_write_is_told():
    hosts = healthy()
    hosts["lb1"]["load_balancer"]["units"][1]["active"] = "failed"
    hosts["lb1"]["load_balancer"]["agreement"] = {}
    hosts["lb2"]["load_balancer"]["agreement"]["trouble"] = "No space left on device"
    assert pairs(hosts) == [("lb1", "failback"), ("lb2", "failback")]


def test_a_director_that_sees_nobody_is_told():
    hosts = healthy()
    hosts["lb2"]["load_balancer"]["agreement"]["isolated"] = False
    assert pairs(hosts) == []
    hosts["lb2"]["load_balancer"]["agreement"]["isolated"] = True
    assert pairs(hosts) == [("lb2", "isolated")]


@pytest.mark.parametrize(("seconds", "words"), [(None, "never heard lb2"), (41.7, "not heard lb2 for 41 s")])
def test_a_director_that_does_not_hear_another_one(seconds, words):
    hosts = healthy()
    hosts["lb1"]["load_balancer"]["agreement"]["peers"] = {"lb2": seconds}
    (finding,) = diagnose(hosts)
    assert (finding["host"], finding["kind"], finding["found"]) == ("lb1", "failback", "it has " + words)
    # Of one that says nothing itself, that is told.
    hosts["lb2"]["load_balancer"]["agreement"] = {"silent": "timed out"}
    (finding,) = diagnose(hosts)
    assert (finding["host"], finding["found"]) == ("lb2", "its service runs and does not answer: timed out")
