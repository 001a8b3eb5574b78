# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong input, through main() and all: one sentence that names entry, key and value, and nothing is touched."""

from __future__ import annotations

import json

import pytest
from ansible_collections.linuxha.lvs.tests.unit.fakes.flow_play import flow_host, flow_play

host = pytest.fixture(flow_host)
play = pytest.fixture(flow_play)

RULE = {"iface": "eth0", "dst": "192.168.10.50", "proto": "tcp", "dstport": "2049"}
GOOD = {"name": "nfs", "policy": "director", "director": "nfs", "rules": [RULE]}
# Every way to leave a quoted or unquoted word of nft's language, a line, or a shell's argument.
BREAKOUTS = [
    'a"b', "a'b", "a b", "a\tb", "a\nb", "a\rb", "a{b", "a}b", "a#b", "a;b", "a$b", "$(id)", "`id`", "a|b", "a&b",
    "a>b", "a\\b", "a/b", "..", "*", "@a", "a,b", "a\x00b", "a\x1bb", "a\u2028b", "\u0430",
]  # fmt: skip


def flow(**changes):
    return [{**GOOD, **changes}]


def rule(**changes):
    return flow(rules=[{key: value for key, value in {**RULE, **changes}.items() if value is not None}])


# What is wrong, the entries, and what of entry, key and value the sentence must hold.
WRONG = {
    "unknown word": (flow(colour="red"), ['flow "nfs"', 'colour is "red"', "there is no option colour"]),
    "no name": ([{"policy": "deny", "rules": [RULE]}], ["flows[0]", "name is missing"]),
    "name of 28 characters": (flow(name="x" * 28), ["flows[0]", "x" * 28, "1 to 27 letters"]),
    "name with a dot": (flow(name="a.b"), ["flows[0]", 'name is "a.b"']),
    "duplicate": ([*flow(), *flow()], ["flows[1]", 'name is "nfs"', "which flows[0] has already"]),
    "duplicate that goes": ([*flow(), {"name": "nfs", "state": "absent"}], ["flows[1]", 'name is "nfs"']),
    "state": (flow(state="gone"), ['flow "nfs"', 'state is "gone"', "present, absent"]),
    "policy": (flow(policy="allow"), ['flow "nfs"', 'policy is "allow"', "permit, deny, director, skip, table"]),
    "direction": (flow(direction="up"), ['flow "nfs"', 'direction is "up"', "in, out"]),
    "outflow to a director": (flow(direction="out"), ['flow "nfs"', 'policy is "director"', "direction is out"]),
    "director left out": (flow(director=None), ['flow "nfs"', "director is missing"]),
    "director of another policy": (flow(policy="deny"), ['director is "nfs"', "for policy director only"]),
    "mark of another policy": (flow(policy="deny", director=None, fwmark=5), ["fwmark is 5", "policy director only"]),
    "mark 0": (flow(fwmark=0), ["fwmark is 0"]),
    "mark too high": (flow(fwmark=2**32), ["fwmark is 4294967296"]),
    "two marks for one director": (
        [*flow(fwmark=5), {**GOOD, "name": "b"}],
        ['flow "b"', "901928820", 'flow "nfs" has mark 5'],
    ),
    "one mark for two directors": (
        [*flow(fwmark=5), {**GOOD, "name": "b", "director": "b", "fwmark": 5}],
        ['director "b"', "fwmark is 5", 'director "nfs"'],
    ),
    "table left out": (flow(policy="table", director=None), ['flow "nfs"', "table is missing"]),
    "table of another policy": (flow(table=100), ["table is 100", "for policy table only"]),
    "table 0": (flow(policy="table", director=None, table=0), ["table is 0"]),
    "table of the kernel": (flow(policy="table", director=None, table=254), ["table is 254", "the kernel's own table"]),
    "table in words": (flow(policy="table", director=None, table="wan"), ['table is "wan"', "whole number"]),
    "no rules": (flow(rules=[]), ['flow "nfs"', "rules has no match"]),
    "only ignore": (flow(rules=[{"action": "ignore", **RULE}]), ["rules has no match"]),
    "rule's unknown word": (rule(color="red"), ['flow "nfs": rules[0]', 'color is "red"', "no option color"]),
    "action": (rule(action="accept"), ['flow "nfs": rules[0]', 'action is "accept"', "match, ignore"]),
    "proto": (rule(proto="sctp"), ['proto is "sctp"', "tcp, udp, icmp"]),
    "port 0": (rule(dstport=0), ["dstport is", "0", "1 to 65535"]),
    "port 65536": (rule(dstport="65536"), ['dstport is "65536"', "1 to 65535"]),
    "ports the wrong way round": (rule(dstport="2000:1000"), ['dstport is "2000:1000"']),
    "ports with a dash": (rule(srcport="1000-2000"), ['srcport is "1000-2000"', '"1000:2000"']),
    "ports of icmp": (rule(proto="icmp"), ['dstport is "2049"', "icmp, which has no ports"]),
    "ports of what is not tcp": (rule(**{"not": ["proto"]}), ['dstport is "2049"', "proto is negated"]),
    "icmp type of tcp": (rule(dstport=None, icmptype="8"), ['icmptype is "8"', "proto is not icmp"]),
    "icmp type and port": (rule(proto=None, icmptype="8"), ['dstport is "2049"', "ICMP has no ports"]),
    "icmp type 256": (rule(proto="icmp", dstport=None, icmptype="256"), ['icmptype is "256"']),
    "icmp type of no name": (rule(proto="icmp", dstport=None, icmptype="hello"), ['icmptype is "hello"']),
    "not of what is not there": (rule(**{"not": ["src"]}), ["not is ['src']", "no src to negate"]),
    "not of what cannot be": (rule(**{"not": ["action"]}), ["not is ['action']", "list of keys"]),
    "mask 33": (rule(dst="192.168.10.0/33"), ['dst is "192.168.10.0/33"']),
    "mask 129": (rule(dst="fd00::/129"), ['dst is "fd00::/129"']),
    "mask with holes": (rule(src="10.0.0.0/255.0.255.0"), ['src is "10.0.0.0/255.0.255.0"']),
    "address that is a name": (rule(dst="nfs.example.com"), ['dst is "nfs.example.com"']),
    "address of three numbers": (rule(dst="192.168.10"), ['dst is "192.168.10"']),
    "two families": (rule(src="fd00::1"), ['dst is "192.168.10.50"', "src is IPv6"]),
    "interface of 16 characters": (rule(iface="x" * 16), ["x" * 16, "1 to 15 letters"]),
    "interface with a star": (rule(iface="eth*"), ['iface is "eth*"', "name of one interface"]),
    "a word where an entry belongs": (["nfs"], ["flows[0]", 'not "nfs"']),
    "a word where a rule belongs": (flow(rules=["all"]), ['flow "nfs": rules[0]', 'not "all"']),
    "nothing where an entry belongs": ([None], ["flows[0]", "not None"]),
}  # fmt: skip


def assert_untouched_by(host, play, entries):
    host.frozen = True
    before = host.snapshot()
    for check in (True, False):
        result = play(*json.loads(json.dumps(entries)), check=check)
        assert result.get("failed"), result
    assert host.snapshot() == before
    assert host.commands == []
    assert result["msg"].isprintable()
    assert "Traceback" not in json.dumps(result)
    return result["msg"]


@pytest.mark.parametrize("what", WRONG)
def test_wrong_input_gets_a_sentence(host, play, what):
    entries, words = WRONG[what]
    message = assert_untouched_by(host, play, entries)
    for word in words:
        assert word in message


@pytest.mark.parametrize("text", BREAKOUTS, ids=ascii)
@pytest.mark.parametrize(
    "place", ["name", "director", "iface", "src", "dst", "srcport", "dstport", "icmptype", "proto"]
)
def test_nothing_that_a_user_writes_leaves_its_place(host, play, place, text):
    entries = flow(**{place: text}) if place in ("name", "director") else rule(**{place: text})
    assert_untouched_by(host, play, entries)


def test_the_good_one_is_good(play):
    """Else every refusal above could be for another reason."""
    assert play(*flow())["changed"]
