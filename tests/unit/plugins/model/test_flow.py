# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flows as options: one spelling, and a sentence for each wrong one."""

from __future__ import annotations

import contextlib

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._errors import InputError
from ansible_collections.linuxha.lvs.plugins.module_utils._model.flow import Flow, read_flows
from ansible_collections.linuxha.lvs.plugins.module_utils._model.mark import mark_of
from ansible_collections.linuxha.lvs.tests.unit.fakes.flows import flow_lists, flows
from hypothesis import given, settings
from hypothesis import strategies as st


@settings(max_examples=50)
@given(flows())
def test_options_go_in_and_out(options):
    flow = Flow.from_options(options, "flows[0]")
    assert Flow.from_options(flow.to_options(), "flows[0]") == flow


@settings(max_examples=30)
@given(flow_lists())
def test_absent_and_present_are_told_apart(entries):
    for entry in entries[::2]:
        entry["state"] = "absent"
    wanted = read_flows(entries)
    assert [flow.name for flow in wanted.present] == [entry["name"] for entry in entries[1::2]]
    assert list(wanted.absent) == [entry["name"] for entry in entries[::2]]


def rule(**options):
    return {"name": "x", "policy": "permit", "rules": [options]}


@pytest.mark.parametrize(
    ("given_options", "key", "value"),
    [
        ({"dst": "10.1.2.3/8"}, "dst", "10.0.0.0/8"),
        ({"dst": "10.0.0.0/255.0.0.0"}, "dst", "10.0.0.0/8"),
        ({"dst": "10.0.0.1/32"}, "dst", "10.0.0.1"),
        ({"src": "2001:DB8:0::1"}, "src", "2001:db8::1"),
        ({"dstport": 2049}, "dstport", "2049"),
        ({"dstport": "2049:2049"}, "dstport", "2049"),
        ({"dstport": "080:0443"}, "dstport", "80:443"),
        ({"icmptype": "8"}, "icmptype", "echo-request"),
        ({"icmptype": "ping"}, "icmptype", "echo-request"),
        ({"icmptype": "128", "dst": "::1"}, "icmptype", "echo-request"),
        ({"icmptype": "8"}, "proto", "icmp"),
        ({"icmptype": "77"}, "icmptype", "77"),
        ({"iface": "eth0", "not": ["iface"]}, "not", ["iface"]),
    ],
)
def test_one_spelling(given_options, key, value):
    flow = Flow.from_options(rule(**given_options), "flows[0]")
    assert flow.to_options()["rules"][0][key] == value


def test_a_mark_is_the_directors():
    flow = {"name": "x", "policy": "director", "director": "nfs", "rules": [{}]}
    assert Flow.from_options(flow, "flows[0]").mark == mark_of("nfs")
    assert Flow.from_options({**flow, "fwmark": 3}, "flows[0]").mark == 3
    assert Flow.from_options({**flow, "fwmark": mark_of("nfs")}, "flows[0]").fwmark is None


WRONG = [
    ({"policy": "permit"}, "flows[0]: name is missing"),
    ({"name": ""}, "flows[0]: name is"),
    ({"name": "x" * 28}, "flows[0]: name is"),
    ({"name": "a b"}, "flows[0]: name is"),
    ({"name": "a\n"}, "flows[0]: name is"),
    ({"name": 'a"'}, "flows[0]: name is"),
    ({"name": "a;flush ruleset"}, "flows[0]: name is"),
    ({"name": "a}"}, "flows[0]: name is"),
    ({"name": "../a"}, "flows[0]: name is"),
    ({"name": "$(reboot)"}, "flows[0]: name is"),
    ({"name": "-a"}, "flows[0]: name is"),
    ({"name": 7}, "flows[0]: name is 7"),
    ("nfs", "flows[0]: must be a mapping"),
    ({"name": "x", "polici": "deny"}, 'polici is "deny", but there is no option polici'),
    ({"name": "x", "policy": "allow"}, 'flow "x": policy is "allow", must be one of'),
    ({"name": "x", "policy": "permit"}, 'flow "x": rules has no match'),
    ({"name": "x", "policy": "permit", "rules": [{"action": "ignore"}]}, 'flow "x": rules has no match'),
    ({"name": "x", "policy": "permit", "rules": "all"}, 'flow "x": rules is "all", must be a list'),
    ({"name": "x", "policy": "director", "rules": [{}]}, 'flow "x": director is missing'),
    ({"name": "x", "policy": "director", "director": 'n"', "rules": [{}]}, 'flow "x": director is "n""'),
    ({"name": "x", "policy": "deny", "director": "nfs", "rules": [{}]}, 'flow "x": director is "nfs", which is for'),
    ({"name": "x", "policy": "deny", "fwmark": 1, "rules": [{}]}, 'flow "x": fwmark is 1, which is for'),
    ({"name": "x", "policy": "deny", "table": 1, "rules": [{}]}, 'flow "x": table is 1, which is for'),
    ({"name": "x", "policy": "table", "rules": [{}]}, 'flow "x": table is missing'),
    ({"name": "x", "policy": "director", "director": "n", "fwmark": 0, "rules": [{}]}, 'flow "x": fwmark is 0'),
    ({"name": "x", "policy": "director", "director": "n", "fwmark": 1 << 32, "rules": [{}]}, 'flow "x": fwmark is'),
    (
        {"name": "x", "policy": "director", "director": "n", "direction": "out", "rules": [{}]},
        'flow "x": policy is "director", but direction is out',
    ),
    (rule(dst="10.0.0.1/33"), 'flow "x": rules[0]: dst is "10.0.0.1/33"'),
    (rule(dst="nfs"), 'flow "x": rules[0]: dst is "nfs"'),
    (rule(dst="fe80::1%eth0"), 'rules[0]: dst is "fe80::1%eth0"'),
    (rule(dst=3232238130), "rules[0]: dst is 3232238130"),
    (rule(src="10.0.0.1", dst="::1"), 'rules[0]: dst is "::1", but src is IPv4'),
    (rule(dstport=0), "rules[0]: dstport is 0"),
    (rule(dstport="65536"), 'rules[0]: dstport is "65536"'),
    (rule(dstport="20:10"), 'rules[0]: dstport is "20:10"'),
    (rule(dstport="1:2:3"), 'rules[0]: dstport is "1:2:3"'),
    (rule(dstport="nfs"), 'rules[0]: dstport is "nfs"'),
    (rule(dstport="2049\n"), "rules[0]: dstport is"),
    (rule(dstport=True), "rules[0]: dstport is True"),
    (rule(srcport="1", proto="icmp"), 'rules[0]: srcport is "1", but proto is icmp'),
    (rule(srcport="1", proto="tcp", **{"not": ["proto"]}), "but proto is negated, and only tcp and udp have ports"),
    (rule(srcport="1", icmptype="8"), "but the rule has an icmptype too"),
    (rule(icmptype="8", proto="tcp"), 'rules[0]: icmptype is "8", but proto is not icmp'),
    (rule(icmptype="256"), 'rules[0]: icmptype is "256"'),
    (rule(icmptype="packet-too-big"), 'rules[0]: icmptype is "packet-too-big"'),
    (rule(icmptype="8; flush ruleset"), "rules[0]: icmptype is"),
    (rule(iface="eth0 accept"), 'rules[0]: iface is "eth0 accept"'),
    (rule(iface='eth0"'), "rules[0]: iface is"),
    (rule(iface="eth*"), "rules[0]: iface is"),
    (rule(iface="a" * 16), "rules[0]: iface is"),
    (rule(proto="sctp"), 'rules[0]: proto is "sctp"'),
    (rule(action="drop"), 'rules[0]: action is "drop"'),
    (rule(**{"not": ["iface"]}), "but the rule has no iface to negate"),
    (rule(**{"not": ["action"]}), "must be a list of keys"),
    (rule(**{"not": "iface"}), "must be a list of keys"),
    (rule(port=5), "there is no option port"),
]


@pytest.mark.parametrize(("options", "sentence"), WRONG)
def test_wrong_options_get_a_sentence(options, sentence):
    with pytest.raises(InputError) as caught:
        read_flows([options])
    assert sentence in str(caught.value)


def test_a_name_occurs_once():
    with pytest.raises(InputError, match=r'flows\[1\]: name is "a", which flows\[0\] has already'):
        read_flows([{"name": "a"}, {"name": "a", "state": "absent"}])


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(Flow.KEYS), inner, max_size=4),
    max_leaves=8,
)


@given(json_like)
def test_whatever_comes_in_only_an_input_error_comes_out(options):
    with contextlib.suppress(InputError):
        read_flows([options])
