# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flows as nft's text and back, and what a real nft makes of it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.nft import (
    NftError,
    Table,
    parse_file,
    parse_listing,
    render_file,
)
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.nft_flows import make_table, read_table
from ansible_collections.linuxha.lvs.plugins.module_utils._model.flow import read_flows
from ansible_collections.linuxha.lvs.tests.unit.fakes.flows import flow_lists
from hypothesis import given, settings

SEED = [
    {
        "name": "nfs",
        "policy": "director",
        "director": "nfs",
        "rules": [{"action": "match", "iface": "eth0", "dst": "192.168.10.50"}],
    }
]
SEED_TEXT = """\
# Managed by linuxha.lvs.ipvs_flow: changes are overwritten
add table inet lvs_flows
delete table inet lvs_flows
table inet lvs_flows {
    chain flow-nfs {
        iifname "eth0" ip daddr 192.168.10.50 notrack meta mark set 0x35c25774 accept
    }
    chain prerouting {
        type filter hook prerouting priority raw; policy accept;
        jump flow-nfs comment "director nfs"
    }
    chain orphans {
        type filter hook input priority 100; policy accept;
        meta mark { 0x35c25774 } meta l4proto 6 reject with tcp reset
    }
}
""".replace("    ", "\t")


def table_of(entries):
    return make_table(read_flows(entries).present)


def in_order(flows):
    """Incoming flows first: between the two directions there is no order."""
    return sorted(flows, key=lambda flow: flow.direction)


def has_real_nft():
    if os.getuid() != 0 or not shutil.which("nft") or not shutil.which("unshare"):
        return False
    probe = ["unshare", "-n", "nft", "-f", "-"]
    text = render_file(table_of(SEED))
    return subprocess.run(probe, input=text, text=True, capture_output=True, check=False).returncode == 0


def real_listing(texts):
    """What a real kernel, in a network namespace of its own, says after each of the texts."""
    script = 'while IFS= read -r -d "" text; do printf %s "$text" | nft -f - || exit 1; '
    script += 'nft -j list table inet lvs_flows; printf "\\0"; done'
    run = subprocess.run(
        ["unshare", "-n", "bash", "-c", script],
        input="".join(text + "\0" for text in texts),
        text=True,
        capture_output=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.split("\0")[:-1]


def test_the_seeds_flow_becomes_this_text():
    assert render_file(table_of(SEED)) == SEED_TEXT


@settings(max_examples=40)
@given(flow_lists())
def test_what_is_rendered_is_read_back(entries):
    table = table_of(entries)
    again = parse_file(render_file(table))
    assert again == table
    assert again.lines() == table.lines()


@settings(max_examples=40)
@given(flow_lists())
def test_a_table_holds_the_flows_it_was_made_of(entries):
    wanted = read_flows(entries).present
    assert list(read_table(make_table(wanted))) == in_order(wanted)


@pytest.mark.skipif(not has_real_nft(), reason="needs root, nft and a kernel with nf_tables")
def test_the_kernel_says_what_was_asked():
    batches = []

    @settings(max_examples=25, database=None)
    @given(flow_lists(max_size=6))
    def collect(entries):
        batches.append(read_flows(entries).present)

    collect()
    for wanted, listing in zip(batches, real_listing([render_file(make_table(flows)) for flows in batches])):
        table = parse_listing(listing)
        assert sorted(table.lines()) == sorted(make_table(wanted).lines())
        assert table == make_table(wanted)
        assert list(read_table(table)) == in_order(wanted)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace("accept\n\t}", "accept\n\t\tip saddr 10.0.0.1 counter drop\n\t}", 1),
        lambda text: text.replace("# Managed", "# managed"),
        lambda text: text.replace("chain orphans {", "chain orphans"),
        lambda text: text + "flush ruleset\n",
        lambda text: text[:-3],
        lambda text: text[:0],
        lambda text: text.replace("192.168.10.50", "192.168.10.50; flush ruleset"),
    ],
)
def test_a_file_of_somebody_else_is_refused(damage):
    with pytest.raises(NftError):
        parse_file(damage(SEED_TEXT))


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace('comment "director nfs"', 'comment "director other"'),
        lambda text: text.replace("192.168.10.50", "999.168.10.50"),
        lambda text: text.replace("jump flow-nfs", "jump flow-other"),
        lambda text: text.replace("priority 100", "priority 98"),
        lambda text: text.replace("reject with tcp reset", "accept"),
        lambda text: text.replace(' comment "director nfs"', ""),
    ],
)
def test_a_table_with_other_things_is_no_flows_or_other_flows(damage):
    table = parse_file(damage(SEED_TEXT))
    assert table != table_of(SEED)
    with contextlib.suppress(NftError):
        assert read_table(table) != read_flows(SEED).present


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", '{"nftables": 3}', '{"nftables": [{"rule": {}}]}', "no"])
def test_a_listing_that_is_none_is_refused(text):
    with pytest.raises(NftError):
        parse_listing(text)


def test_what_somebody_added_to_the_kernels_table_is_seen():
    rule = '{"rule": {"chain": "orphans", "expr": [{"counter": {"packets": 0, "bytes": 0}}, {"accept": null}]}}'
    chain = '{"chain": {"name": "orphans", "type": "filter", "hook": "input", "prio": 100, "policy": "drop"}}'
    table = parse_listing('{"nftables": [{"set": {"name": "x"}}, %s, %s]}' % (chain, rule))
    assert table != Table([])
    assert [line for line in table.lines() if "?" in line]
    with pytest.raises(NftError):
        read_table(table)


@pytest.mark.parametrize(
    ("conditions", "text"),
    [
        ({"srcport": "5", "dstport": "6"}, "tcp sport != { 0-4, 6-65535 } tcp dport 6"),
        ({"srcport": "5", "dstport": "6", "not": ["srcport", "dstport"]}, "tcp sport { 0-4, 6-65535 } tcp dport != 6"),
        ({"srcport": "1", "dstport": "6"}, "tcp sport != { 0, 2-65535 } tcp dport 6"),
        ({"srcport": "65534", "dstport": "6"}, "tcp sport != { 0-65533, 65535 } tcp dport 6"),
        ({"srcport": "65535", "dstport": "6"}, "tcp sport != 0-65534 tcp dport 6"),
        ({"srcport": "5", "dstport": "6", "not": ["dstport"]}, "tcp sport 5 tcp dport != 6"),
        ({"srcport": "5:6", "dstport": "6"}, "tcp sport 5-6 tcp dport 6"),
    ],
)
def test_two_ports_are_never_merged(conditions, text):
    entries = [{"name": "x", "policy": "deny", "rules": [{"proto": "tcp", **conditions}]}]
    table = table_of(entries)
    assert str(table.chains["flow-x"].rules[0]) == text + " drop"
    assert read_table(table) == read_flows(entries).present


def test_an_explicit_mark_goes_there_and_back():
    entries = [{**SEED[0], "fwmark": 7}]
    table = table_of(entries)
    assert "meta mark set 0x00000007" in render_file(table)
    assert read_table(table)[0].fwmark == 7


def test_packets_for_a_routing_table_are_marked_and_stay_tracked():
    entries = [
        {"name": "in", "policy": "table", "table": 100, "rules": [{"src": "10.0.0.0/8"}]},
        {"name": "out", "policy": "table", "table": 4294967295, "direction": "out", "rules": [{"dst": "::/64"}]},
    ]
    table = table_of(entries)
    assert str(table.chains["flow-in"].rules[0]) == "ip saddr 10.0.0.0/8 meta mark set 0x38a12878 accept"
    assert table.chains["prerouting"].hook == "type filter hook prerouting priority raw; policy accept;"
    # Any other type would leave the packet on the way that it has.
    assert table.chains["output"].hook == "type route hook output priority raw; policy accept;"
    assert "orphans" not in table.chains
    assert list(read_table(table)) == list(read_flows(entries).present)


def test_a_mark_of_another_table_is_no_flow_to_this_one():
    table = table_of([{"name": "x", "policy": "table", "table": 100, "rules": [{}]}])
    text = render_file(table).replace('comment "table 100"', 'comment "table 101"')
    with pytest.raises(NftError):
        read_table(parse_file(text))
