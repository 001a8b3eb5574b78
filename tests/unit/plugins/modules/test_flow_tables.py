# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flows to routing tables: the kernel's rules follow the flows, and nobody else's rule is touched."""

from __future__ import annotations

import copy
import os

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._model.mark import table_mark
from ansible_collections.linuxha.lvs.plugins.module_utils._plan.flows import RULES_PATHS, UNIT
from ansible_collections.linuxha.lvs.tests.unit.fakes.flow_play import flow_host, flow_play

host = pytest.fixture(flow_host)
play = pytest.fixture(flow_play)

TABLE = {"name": "second", "policy": "table", "table": 100, "direction": "out", "rules": [{"proto": "tcp"}]}
FOUR = {**TABLE, "rules": [{"src": "10.0.0.0/8"}]}
OTHER = {"name": "deny", "policy": "deny", "rules": [{"src": "10.0.0.0/8"}]}
IPV4 = "ipv4 pref 10000 fwmark 0x38a12878 lookup 100 protocol 2"
IPV6 = IPV4.replace("ipv4", "ipv6")
FOREIGN = [
    {"priority": 10000, "src": "all", "fwmark": "0x7", "table": "100", "protocol": "0"},
    {"priority": 9, "src": "10.0.0.0", "srclen": 8, "fwmark": "0x38a12878", "table": "100", "protocol": "2"},
    {"priority": 32764, "src": "all", "fwmark": "0x38a12878", "table": "99", "protocol": "0"},
]


def own(host):
    return ["ipv%d" % version for version in host.ip_rules for rule in host.ip_rules[version] if rule_is_own(rule)]


def rule_is_own(rule):
    return rule == {"priority": 10000, "src": "all", "fwmark": "0x38a12878", "table": "100", "protocol": "2"}


def test_first_run_and_second(host, play):
    done = play(TABLE)
    assert done["changed"]
    assert done["ip_rules"] == {"before": [], "after": [IPV4, IPV6]}
    assert own(host) == ["ipv4", "ipv6"]
    assert [entry["after"] for entry in done["diff"] if entry["after_header"] == "routing rules (kernel)"] == [
        "%s\n%s\n" % (IPV4, IPV6)
    ]
    # A mark without a rule would let packets slip to the ordinary tables.
    assert host.commands.index("ip -4 -batch -") < host.commands.index("nft -f -")
    host.frozen = True
    before = host.snapshot()
    again = play(TABLE)
    assert (again["changed"], again["diff"]) == (False, [])
    assert again["ip_rules"] == {"before": [IPV4, IPV6], "after": [IPV4, IPV6]}
    assert host.snapshot() == before


def test_check_mode_predicts(host, play):
    host.frozen = True
    before = host.snapshot()
    predicted = play(TABLE, check=True)
    assert host.snapshot() == before
    host.frozen = False
    assert play(TABLE) == predicted
    host.frozen = True
    before = host.snapshot()
    predicted = play({"name": "second", "state": "absent"}, OTHER, check=True)
    assert predicted["ip_rules"] == {"before": [IPV4, IPV6], "after": []}
    assert host.snapshot() == before
    host.frozen = False
    assert play({"name": "second", "state": "absent"}, OTHER) == predicted
    assert own(host) == []


@pytest.mark.parametrize("flows", [(TABLE,), (TABLE, OTHER), (OTHER,)])
def test_rules_of_others_stay(host, play, flows):
    for rules in host.ip_rules.values():
        rules.extend(copy.deepcopy(FOREIGN))
    before = copy.deepcopy(host.ip_rules)
    play(*flows)
    play(prune=True)
    assert host.ip_rules == before


def test_the_rule_goes_when_the_last_flow_to_its_table_goes(host, play):
    play(TABLE, {**TABLE, "name": "third"})
    assert play({"name": "second", "state": "absent"})["ip_rules"]["after"] == [IPV4, IPV6]
    assert play({**FOUR, "name": "third"})["ip_rules"]["after"] == [IPV4]
    assert not os.path.exists(host.root + RULES_PATHS[6])
    # The flow's mark goes first.
    host.commands.clear()
    play({**OTHER, "name": "third"}, OTHER)
    assert own(host) == []
    assert host.commands.index("nft -f -") < host.commands.index("ip -4 -batch -")


@pytest.mark.parametrize("change", [{"priority": 5}, {"protocol": "0"}])
def test_a_rule_that_somebody_moved_is_put_right(host, play, change):
    play(FOUR)
    (rule,) = [rule for rule in host.ip_rules[4] if rule_is_own(rule)]
    rule.update(change)
    assert play(FOUR)["changed"]
    assert len([rule for rule in host.ip_rules[4] if rule.get("fwmark") == "0x38a12878"]) == 1
    assert own(host) == ["ipv4"]


def test_rules_that_somebody_flushed_come_back(host, play):
    play(TABLE)
    host.ip_rules[4].clear()
    host.ip_rules[6].clear()
    done = play(TABLE)
    assert done["changed"]
    assert own(host) == ["ipv4", "ipv6"]


def test_the_unit_brings_the_rules_back(host, play):
    play(TABLE)
    for rules in host.ip_rules.values():
        rules.clear()
    host.table = None
    host.run(["/usr/bin/systemctl", "start", UNIT], None)
    assert own(host) == ["ipv4", "ipv6"]
    host.frozen = True
    assert not play(TABLE)["changed"]


@pytest.mark.parametrize("ipv6", ["never", "later"])
def test_a_host_without_ipv6_goes_without_the_rule(host, play, ipv6):
    if ipv6 == "later":
        play(TABLE)
    host.drop_ipv6()
    done = play(TABLE)
    assert done["ip_rules"]["after"] == [IPV4]
    host.run(["/usr/bin/systemctl", "start", UNIT], None)
    host.frozen = True
    assert not play(TABLE)["changed"]


def test_a_kernel_that_has_ipv6_but_no_rules_for_it(host, play):
    host.ip_rules.pop(6)
    assert play(TABLE)["ip_rules"]["after"] == [IPV4]


def test_without_ip_flows_to_tables_are_refused_and_others_work(host, play):
    host.tools.remove("ip")
    before = host.snapshot()
    failed = play(TABLE)
    assert failed["msg"] == (
        "Cannot add the routing rules for IPv4: there is no ip on this host; install the package iproute2. "
        "The old state is back; nothing has changed."
    )
    assert host.snapshot()[1:] == before[1:]
    assert play(OTHER)["changed"]


@pytest.mark.parametrize("command", ["ip -4 -batch -", "ip -6 -batch -"])
def test_a_rule_that_cannot_be_made_leaves_nothing_behind(host, play, command):
    play(OTHER)
    before = host.snapshot()
    host.fail[command] = "no, said the fake"
    failed = play(TABLE)
    assert "routing rules for IPv%s: %s" % (command[4], command) in failed["msg"]
    assert host.snapshot()[1:] == before[1:]
    host.fail.clear()
    assert play(TABLE)["changed"]
    assert own(host) == ["ipv4", "ipv6"]


def test_a_kernel_that_ignores_a_rule_is_found_out(host, play, monkeypatch):
    play(OTHER)
    before = host.snapshot()
    monkeypatch.setattr(host, "_ip_batch", lambda *_args, **_options: (0, "", ""))
    failed = play(FOUR)
    assert failed["msg"] == (
        "The kernel's routing rules are not what was asked for: they lack %s and have nothing instead. "
        "The old state is back; nothing has changed." % IPV4
    )
    assert host.snapshot()[1:] == before[1:]


def test_an_unreadable_list_of_rules_is_no_empty_one(host, play):
    host.fail["ip -4 -N -d -j rule show"] = "Cannot open netlink socket"
    failed = play(TABLE)
    assert failed["msg"].startswith("Cannot read the routing rules: ip -4 -N -d -j rule show ended with status 1")


def test_a_mark_that_meets_a_directors_names_both(host, play):
    host.frozen = True
    director = {"name": "nfs", "policy": "director", "director": "nfs", "fwmark": table_mark(100), "rules": [{}]}
    failed = play(director, {**TABLE, "direction": "in"})
    assert 'flow "second": table is 100, and the mark of that table is 950085752, which is also' in failed["msg"]
    assert 'director "nfs"' in failed["msg"]


def test_a_start_that_spoils_the_table_is_taken_back_whole(host, play, monkeypatch):
    """The unit was started before it was found out; it must not stay active."""
    spoiled = []

    def start(path):
        spoiled.append(path)
        host.table = None

    monkeypatch.setattr(host, "_start_unit", start)
    before = host.snapshot()
    failed = play(TABLE)
    assert spoiled
    assert failed["msg"].endswith("The old state is back; nothing has changed.")
    assert host.snapshot()[1:] == before[1:]
    assert host.enabled == host.active == set()
