# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters as templates call them."""

from __future__ import annotations

import contextlib
import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.filter import failback_pools as pools
from ansible_collections.linuxha.lvs.plugins.filter import from_aloha, off_link, problems, query, vips
from ansible_collections.linuxha.lvs.tests.unit.fakes.directors import SEED
from hypothesis import given
from hypothesis import strategies as st

FILTERS = {}
for plugin in (pools, from_aloha, off_link, problems, query, vips):
    FILTERS.update(plugin.FilterModule().filters())


def test_each_filter_is_offered_by_its_file():
    assert sorted(FILTERS) == ["failback_pools", "from_aloha", "off_link", "problems", "query", "vips"]


def test_from_aloha_reads_or_says_where():
    assert FILTERS["from_aloha"]("sysctl a=1") == {"directors": [], "flows": [], "sysctls": {"a": 1}}
    with pytest.raises(AnsibleFilterError, match='^line 1, column 1: expected director, .* but "what" stands there'):
        FILTERS["from_aloha"]("what")
    with pytest.raises(AnsibleFilterError, match="expected a text, not list"):
        FILTERS["from_aloha"]([])


@pytest.mark.parametrize(
    ("addresses", "networks", "off"),
    [
        (["10.0.0.1", "10.0.1.1"], ["10.0.0.0/24"], ["10.0.1.1"]),
        (["10.0.0.1/32", "10.0.1.1/24"], ["10.0.0.7/24"], ["10.0.1.1/24"]),
        (["10.0.0.1", "::1", "2001:db8::1"], ["10.0.0.0/8", "2001:db8::/64"], ["::1"]),
        (["10.0.0.1"], [], ["10.0.0.1"]),
        ([], ["10.0.0.0/8"], []),
        (["10.0.0.1"], ["10.0.0.1"], []),
    ],
)
def test_off_link(addresses, networks, off):
    assert FILTERS["off_link"](addresses, networks) == off


@pytest.mark.parametrize(
    ("addresses", "networks", "sentence"),
    [
        (["10.0.0.256"], ["10.0.0.0/8"], "addresses holds '10.0.0.256'"),
        (["10.1"], ["10.0.0.0/8"], "addresses holds '10.1'"),
        ([167772161], ["10.0.0.0/8"], "addresses holds 167772161"),
        (["10.0.0.1"], ["10.0.0.0/33"], "networks holds '10.0.0.0/33'"),
        (["10.0.0.1"], "10.0.0.0/8", "networks must be a list, not '10.0.0.0/8'"),
        (None, [], "addresses must be a list, not None"),
    ],
)
def test_off_link_says_what_is_wrong(addresses, networks, sentence):
    with pytest.raises(AnsibleFilterError) as caught:
        FILTERS["off_link"](addresses, networks)
    assert sentence in str(caught.value)


FLOW = {"name": "f", "policy": "director", "director": "d"}


@pytest.mark.parametrize(
    ("directors", "flows", "found"),
    [
        ([], [{**FLOW, "rules": [{"dst": "192.168.10.50"}]}], ["192.168.10.50"]),
        ([], [{**FLOW, "rules": [{"action": "match", "dst": "10.0.0.1/32"}, {"dst": "10.0.0.1"}]}], ["10.0.0.1"]),
        ([], [{**FLOW, "rules": [{"action": "ignore", "dst": "10.0.0.1"}]}], []),
        ([], [{**FLOW, "rules": [{"dst": "10.0.0.1", "not": ["dst"]}]}], []),
        ([], [{**FLOW, "rules": [{"dst": "10.0.0.0/24"}, {"iface": "eth0"}]}], []),
        ([], [{**FLOW, "policy": "deny", "rules": [{"dst": "10.0.0.1"}]}], []),
        ([], [{**FLOW, "state": "absent", "rules": [{"dst": "10.0.0.1"}]}], []),
        ([{"name": "d", "address": "2001:DB8::1"}, {"name": "e"}], [], ["2001:db8::1"]),
        ([{"name": "d", "address": "10.0.0.1", "state": "absent"}], [], []),
    ],
)
def test_vips(directors, flows, found):
    assert FILTERS["vips"](directors, flows) == found


def test_vips_takes_what_from_aloha_gives():
    both = FILTERS["from_aloha"](
        "director a 10.0.0.1:80 TCP\nflow b director b\nmatch dst 10.0.0.2\nmatch dst 10.0.0.1\ndirector b"
    )
    assert FILTERS["vips"](both["directors"], both["flows"]) == ["10.0.0.2", "10.0.0.1"]
    assert FILTERS["vips"](both["directors"]) == ["10.0.0.1"]


@pytest.mark.parametrize(
    ("directors", "flows"),
    [
        ("nfs", []),
        ([1], []),
        (None, []),
        ([{"name": "d", "address": 5}], []),
        ([], [{**FLOW, "rules": [{"dst": "x"}]}]),
    ],
)
def test_vips_says_what_is_wrong(directors, flows):
    with pytest.raises(AnsibleFilterError):
        FILTERS["vips"](directors, flows)


class Tagged(str):
    """A string of a type of its own, as Ansible's templates give it."""


def test_query():
    servers = [{"name": Tagged("nfs-01"), "weight": 1}, {"name": Tagged("nfs-02"), "sorry": True}]
    document = {Tagged("servers"): tuple(servers), "up": True}
    assert FILTERS["query"](document, "servers[?!sorry].name") == ["nfs-01"]
    assert FILTERS["query"](document, Tagged("servers[?starts_with(name, 'nfs-02')] | length(@)")) == 1
    assert FILTERS["query"](document, "up") is True
    assert FILTERS["query"](document, "nothing") is None


@pytest.mark.parametrize("expression", ["servers[", "length(up)", "nofunction(up)", "", 5, None])
def test_query_says_what_is_wrong(expression):
    with pytest.raises(AnsibleFilterError) as caught:
        FILTERS["query"]({"up": True}, expression)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=20))
def test_no_expression_raises_anything_else(expression):
    with contextlib.suppress(AnsibleFilterError):
        FILTERS["query"]({"a": [1, {"b": "c"}]}, expression)


@pytest.mark.parametrize(
    ("plugin", "flag", "name"), [(off_link, "HAS_NETADDR", "netaddr"), (query, "HAS_JMESPATH", "jmespath")]
)
def test_a_library_that_is_missing_is_named(monkeypatch, plugin, flag, name):
    monkeypatch.setattr(plugin, flag, False)
    with pytest.raises(AnsibleFilterError, match="needs the Python library %s on the controller" % name):
        next(iter(plugin.FilterModule().filters().values()))([], [])


SERVER = {"name": "nfs-01", "address": "192.168.10.100", "port": 2049}
DIRECTOR = {"name": "nfs", "mode": "gateway", "servers": [SERVER]}
FLOW = {"name": "nfs", "policy": "director", "director": "nfs", "rules": [{"dst": "192.168.10.50"}]}


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"sysctls": {"expire_nodest_con": 1}}, ['did you mean "expire_nodest_conn"?']),
        ({"directors": [{**DIRECTOR, "mode": "gatway"}]}, ['director "nfs": mode is "gatway", must be one of']),
        ({"directors": [{**DIRECTOR, "balance": "srcdst"}]}, ["no scheduler"]),
        ({"directors": [DIRECTOR, DIRECTOR]}, ["which directors[0] has already"]),
        ({"directors": [{"mode": "gateway"}]}, ["directors[0]: name is missing"]),
        (
            {"directors": [DIRECTOR], "flows": [{**FLOW, "policy": "table", "table": 3}]},
            ["is for policy director only"],
        ),
        ({"flows": [{"name": "r", "policy": "table", "table": 254, "rules": [{}]}]}, ["kernel's own table main"]),
        ({"directors": [DIRECTOR]}, []),
        ({"flows": [FLOW]}, []),
        ({"directors": [DIRECTOR], "flows": []}, ["it has no address, and no flow leads to it"]),
        ({"directors": [{**DIRECTOR, "fwmark": 5}], "flows": []}, []),
        ({"directors": [{**DIRECTOR, "address": "192.168.10.50", "port": 2049}], "flows": []}, []),
        (
            {"directors": [{**DIRECTOR, "address": "192.168.10.50", "port": 2049}], "flows": [FLOW]},
            ['flow "nfs": director is "nfs", but that director has the address 192.168.10.50'],
        ),
        (
            {"directors": [DIRECTOR], "flows": [{**FLOW, "director": "nsf"}]},
            ['director is "nsf", but there is no such director; did you mean "nfs"?', "no flow leads to it"],
        ),
        ({"directors": [], "flows": [FLOW]}, ["add that director, or correct the flow"]),
        (
            {"directors": [DIRECTOR], "flows": [{**FLOW, "rules": [{"dst": "2001:db8::1"}]}]},
            ["whose servers are IPv4, but the flow's rules match only IPv6"],
        ),
        ({"directors": [{**DIRECTOR, "fwmark": 5}], "flows": [FLOW]}, ["say fwmark: 5 in the flow too"]),
        ({"vips": ["192.168.10.50", "nope"]}, ["vips[1]"]),
        ({"exports": [{"path": "/srv", "fsid": 1, "clients": [{"host": "*"}]}]}, []),
        ({"exports": [{"path": "/srv", "fsid": 1, "clients": []}]}, ['export "/srv": clients is [], must name']),
        ({"sysctls": {"a": 1}, "vips": ["b"]}, ['"a" is not a key', "vips[0]"]),
        ({"directors": [{**DIRECTOR, "fwmark": 5}], "flows": [{**FLOW, "fwmark": 5}]}, []),
        ({"directors": [DIRECTOR], "flows": [FLOW], "sysctls": {"sloppy_tcp": 1}, "vips": ["192.168.10.50"]}, []),
        ({}, []),
    ],
)
def test_problems(wanted, says):
    found = FILTERS["problems"](wanted)
    assert len(found) == len(says), found
    assert all(part in sentence for part, sentence in zip(says, found))
    assert all(sentence.endswith((".", "?")) for sentence in found)


def test_problems_of_another_shape_are_errors_of_the_play():
    for wanted in ([], {"director": []}, {"directors": "nfs"}, {"sysctls": []}):
        with pytest.raises(AnsibleFilterError, match="expected a mapping|must be a"):
            FILTERS["problems"](wanted)


@given(
    st.dictionaries(st.sampled_from(["directors", "flows", "exports"]), st.lists(st.none() | st.text() | st.integers()))
)
def test_problems_never_ends_in_a_traceback(wanted):
    assert bool(FILTERS["problems"](wanted)) == any(wanted.values())


def test_failback_pools_tell_the_service_where_to_look_in_the_kernels_table() -> None:
    servers = [{**SEED["servers"][0], "check": True}, SEED["servers"][1]]
    timers = {"type": "tcp", "interval": 2, "timeout": 1}
    manual = {**SEED, "servers": servers, "check": timers, "failback": "manual"}
    addressed = {**manual, "name": "web", "address": "192.168.10.60", "port": 80}
    alone = {**manual, "name": "other", "failback": "auto", "servers": servers[:1]}
    auto = {**manual, "name": "auto", "failback": "auto", "check": {**timers, "type": "icmp"}}
    marked, second, third = FILTERS["failback_pools"]([manual, alone, addressed, auto])
    assert marked == {
        "name": "nfs",
        "failback": "manual",
        "service": ["FWM", 901928820],
        "watch": ["FWM", 3049412468],
        "servers": {"nfs-01": ["192.168.10.100", 0]},
        "unchecked": [],
        "sorry": [],
        "standby": {"nfs-02": ["192.168.10.101", 0]},
        "knock": {"nfs-01": 2049, "nfs-02": 2049},
        "patience": 7,
    }
    assert (second["service"], second["servers"]) == (["TCP", "192.168.10.60", 80], {"nfs-01": ["192.168.10.100", 80]})
    assert FILTERS["failback_pools"]([manual, {**alone, "fwmark": 77}], others=True) == [["FWM", 77]]
    assert (third["name"], third["failback"], third["knock"]) == ("auto", "auto", {})


@pytest.mark.parametrize("wrong", ["nfs", None, [{"name": "nfs"}]])
def test_failback_pools_refuse_what_is_no_list_of_directors(wrong: t.Any) -> None:
    with pytest.raises(AnsibleFilterError):
        FILTERS["failback_pools"](wrong)
