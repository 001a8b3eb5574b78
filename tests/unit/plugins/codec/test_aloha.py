# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ALOHA's language: every statement, every place of an error, and no other exception for any text."""

from __future__ import annotations

import contextlib
import time

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.aloha import AlohaError, parse
from hypothesis import given
from hypothesis import strategies as st

SEED_FLOW = """\
    flow nfs director nfs
    match iface eth0 dst 192.168.10.50
"""
SEED_DIRECTOR = """\
    director nfs
    balance roundrobin
    mode gateway
    check interval 10 port 2049 timeout 2
    option tcpcheck
    server nfs-01 192.168.10.100:2049 weight 10 check
    server nfs-02 192.168.10.101:2049 sorry
"""
SEED_SYSCTLS = """\
    sysctl expire_nodest_conn=1
    sysctl expire_quiescent_template=1
"""
SEED = {
    "directors": [
        {
            "name": "nfs",
            "balance": "roundrobin",
            "mode": "gateway",
            "check": {"type": "tcp", "interval": 10, "port": 2049, "timeout": 2},
            "servers": [
                {"name": "nfs-01", "address": "192.168.10.100", "port": 2049, "weight": 10, "check": True},
                {"name": "nfs-02", "address": "192.168.10.101", "port": 2049, "sorry": True},
            ],
        }
    ],
    "flows": [
        {
            "name": "nfs",
            "policy": "director",
            "director": "nfs",
            "rules": [{"action": "match", "iface": "eth0", "dst": "192.168.10.50"}],
        }
    ],
    "sysctls": {"expire_nodest_conn": 1, "expire_quiescent_template": 1},
}


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_seeds_texts_in_any_order(order, line_end):
    texts = (SEED_FLOW, SEED_DIRECTOR, SEED_SYSCTLS)
    text = "\ufeff" + "".join(texts[place] for place in order).replace("\n", line_end)
    assert parse(text) == SEED
    assert parse(text.replace("    ", "")) == SEED
    assert parse(text.replace("    ", "\t\u00a0")) == SEED


def director(*lines):
    return parse("\n".join(["director x", *lines]))["directors"][0]


def flow(*lines, head="flow x"):
    return parse("\n".join([head, *lines]))["flows"][0]


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ("director x", {}),
        ("director x 10.0.0.1", {"address": "10.0.0.1"}),
        ("director x 10.0.0.1:80", {"address": "10.0.0.1", "port": 80}),
        ("director x 10.0.0.1:0 udp", {"address": "10.0.0.1", "port": 0, "protocol": "udp"}),
        ("director x 10.0.0.1:80 TCP # web", {"address": "10.0.0.1", "port": 80, "protocol": "tcp"}),
        ("director x [2001:DB8::1]:80 UDP", {"address": "2001:db8::1", "port": 80, "protocol": "udp"}),
        ("director x 2001:db8::1", {"address": "2001:db8::1"}),
        ("director x [2001:db8::1]", {"address": "2001:db8::1"}),
    ],
)
def test_heads_of_directors(head, found):
    assert parse(head)["directors"] == [{"name": "x", **found}]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("balance leastconn", {"balance": "leastconn"}),
        ("balance leastconn localitybased", {"balance": "leastconn-localitybased"}),
        ("balance leastconn localitybased replication", {"balance": "leastconn-localitybased-replication"}),
        ("balance srcdst", {"balance": "srcdst"}),
        ("balance maglev", {"balance": "maglev"}),
        ("mode tunnel", {"mode": "tunnel"}),
        ("check interval 5s timeout 500ms", {"check": {"interval": 5, "timeout": 0.5}}),
        ("check interval 2m timeout 1h", {"check": {"interval": 120, "timeout": 3600}}),
        ("check interval 0.25 timeout 1.0", {"check": {"interval": 0.25, "timeout": 1}}),
        ("check inhibit rise 2 fall 3", {"check": {"inhibit": True, "rise": 2, "fall": 3}}),
        ("check source 10.0.0.9 port 80", {"check": {"source": "10.0.0.9", "port": 80}}),
        ("option tcpcheck", {"check": {"type": "tcp"}}),
        ("option icmpcheck interval 4s timeout 1s", {"check": {"type": "icmp", "interval": 4, "timeout": 1}}),
        ("option arpcheck iface eth0.7", {"check": {"type": "arp", "iface": "eth0.7"}}),
        (
            'option httpcheck uri "/a?b=c" statuscode 204 vhost example.org',
            {"check": {"type": "http", "uri": "/a?b=c", "statuscode": 204, "vhost": "example.org"}},
        ),
        ("option persistence", {"persistence": {}}),
        (
            "option persistence timeout 5m netmask 255.255.255.0",
            {"persistence": {"timeout": 300, "netmask": "255.255.255.0"}},
        ),
        ("server a 10.0.0.1", {"servers": [{"name": "a", "address": "10.0.0.1"}]}),
        ("server a 10.0.0.1:0", {"servers": [{"name": "a", "address": "10.0.0.1"}]}),
        (
            "server a.b_c-d [::1]:80 check weight 0",
            {"servers": [{"name": "a.b_c-d", "address": "::1", "port": 80, "check": True, "weight": 0}]},
        ),
    ],
)
def test_lines_of_directors(line, found):
    assert director(line) == {"name": "x", **found}


def test_numbers_have_their_own_types():
    check = director("check interval 10 timeout 2.5")["check"]
    assert (type(check["interval"]), type(check["timeout"])) == (int, float)


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ("flow x", {}),
        ("flow x permit", {"policy": "permit"}),
        ("flow x deny # no", {"policy": "deny"}),
        ("flow x skip", {"policy": "skip"}),
        ("flow x table 10", {"policy": "table", "table": 10}),
        ("flow x director a.b", {"policy": "director", "director": "a.b"}),
        ("outflow x permit", {"direction": "out", "policy": "permit"}),
    ],
)
def test_heads_of_flows(head, found):
    assert parse(head)["flows"] == [{"name": "x", **found}]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("match", {"action": "match"}),
        ("ignore proto UDP", {"action": "ignore", "proto": "udp"}),
        ("match src 10.1.2.3/255.0.0.0", {"action": "match", "src": "10.0.0.0/8"}),
        ("match dst 10.0.0.1/32", {"action": "match", "dst": "10.0.0.1"}),
        ("match srcport 1000:2000", {"action": "match", "srcport": "1000:2000"}),
        ("match icmptype 8", {"action": "match", "icmptype": "8"}),
        ("match icmptype echo-request", {"action": "match", "icmptype": "echo-request"}),
        (
            "match not iface eth0 not dstport 22",
            {"action": "match", "iface": "eth0", "dstport": "22", "not": ["iface", "dstport"]},
        ),
    ],
)
def test_rules(line, found):
    assert flow(line) == {"name": "x", "rules": [found]}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("sysctl a=1", {"a": 1}),
        ("sysctl a = -1 # why", {"a": -1}),
        ("sysctl a= 1", {"a": 1}),
        ('sysctl a="1"', {"a": 1}),
        ('sysctl "a=1"', {"a": 1}),
        ("sysctl net.ipv4.vs.sync_threshold = 3 50", {"sync_threshold": "3 50"}),
    ],
)
def test_sysctls(line, found):
    assert parse(line)["sysctls"] == found


WRONG = [
    (
        "directr x",
        1,
        1,
        'expected director, flow, outflow or sysctl, but "directr" stands there; did you mean director?',
    ),
    ("\n\n  match", 3, 3, '"match" belongs to a flow, but here is no flow yet'),
    ("director x\n match", 2, 2, '"match" belongs to a flow, but here is a director'),
    ("sysctl a=1\nserver b 1.1.1.1", 2, 1, '"server" belongs to a director'),
    ("director", 1, 9, "expected the director's name (1 to 64 letters, digits, dots, dashes and underscores, "),
    ("director -x", 1, 10, '"-x" stands there'),
    ("director x 1.2.3", 1, 12, "expected the director's address"),
    ("director x 1.2.3.4:65536", 1, 12, "with a port from 0 to 65535"),
    ("director x 1.2.3.4:", 1, 12, "with a port from 0 to 65535"),
    ("director x 1.2.3.4 SCTP", 1, 20, 'expected TCP or UDP, but "SCTP" stands there'),
    ("director x 1.2.3.4 TCP TCP", 1, 24, 'expected the end of the line, but "TCP" stands there'),
    (
        "director x\n mode gatway",
        2,
        7,
        'expected gateway, nat or tunnel, but "gatway" stands there; did you mean gateway?',
    ),
    ("director x\n mode", 2, 6, "expected gateway, nat or tunnel, but the line ends there"),
    ("director x\n mode # comment", 2, 6, "but the line ends there"),
    ("director x\n mode nat\n mode nat", 3, 2, "mode is given twice"),
    ("director x\n balance leastconn replication", 2, 20, "expected localitybased"),
    ("director x\n check interval 0", 2, 17, "a time greater than 0"),
    ("director x\n check interval 5x", 2, 17, '"5x" stands there'),
    ("director x\n check interval 5\n check interval 5", 3, 8, "interval is given twice"),
    ("director x\n check port 0", 2, 13, "expected the port to check (1 to 65535)"),
    ("director x\n option tcpcheck\n option icmpcheck", 3, 9, "one director has one kind of check"),
    ("director x\n option persistence netmask 255.0.255.0", 2, 29, "expected a netmask"),
    ("director x\n server a", 2, 10, "expected the server's address"),
    ("director x\n server a 1.1.1.1 weight 257", 2, 26, "expected the weight (0 to 256)"),
    ("director x\n server a 1.1.1.1 sorry check", 2, 9, "a sorry server cannot be checked"),
    ("director x\n server a 1.1.1.1 sorry\n server b 1.1.1.2 sorry", 3, 9, 'but server "a" is sorry already'),
    ("director x\n server a 1.1.1.1\n server a 1.1.1.2", 3, 9, 'server "a" is already there, on line 2'),
    ("director x\ndirector x", 2, 10, 'director "x" is already there, on line 1'),
    ("flow x\noutflow x", 2, 9, 'flow "x" is already there, on line 1'),
    ("flow " + "x" * 28, 1, 6, "1 to 27 letters"),
    ("flow x allow", 1, 8, "expected permit, deny, director, skip or table"),
    ("flow x director", 1, 16, "expected the name of the director"),
    ("outflow x director d", 1, 11, "an outflow cannot lead to a director"),
    (
        "flow x\n match not",
        2,
        11,
        "srcport, dstport or icmptype, but the line ends there",
    ),
    ("flow x\n match not not iface a", 2, 12, "expected iface"),
    ("flow x\n match dst 1.1.1.1 dst 1.1.1.2", 2, 20, "dst is given twice in one rule"),
    ("flow x\n match dst 1.1.1.1/33", 2, 12, "expected the destination"),
    ("flow x\n match dstport 2000:1000", 2, 16, "a range low:high"),
    ("flow x\n match dstport 0", 2, 16, "a port from 1 to 65535"),
    ("flow x\n match icmptype 256", 2, 17, "a number from 0 to 255"),
    ("sysctl a", 1, 8, "expected key=value"),
    ("sysctl =1", 1, 8, "expected key=value"),
    ("sysctl a=1;b", 1, 8, "expected key=value"),
    ("sysctl a=1\nsysctl net.ipv4.vs.a=2", 2, 8, 'sysctl "a" is already there, on line 1'),
    ('director "x', 1, 10, "a quote opens here, but it is not closed on this line"),
    ('director x"', 1, 11, "a quote opens here"),
    ("director \x00\x1b[2J", 1, 10, '"\\x00\\x1b[2J" stands there'),
    ("director " + "y" * 500, 1, 10, "yyy..."),
    ("director x٣ 1.1.1.1", 1, 10, "expected the director's name"),
    ("director x 1.1.1.1:٣", 1, 12, "with a port"),
]


@pytest.mark.parametrize(("text", "line", "column", "sentence"), WRONG)
def test_errors_have_a_place_and_a_sentence(text, line, column, sentence):
    with pytest.raises(AlohaError) as caught:
        parse(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert sentence in str(caught.value)
    assert str(caught.value).startswith("line %d, column %d: " % (line, column))
    assert len(str(caught.value)) < 300
    assert str(caught.value).isprintable()


words = st.sampled_from(
    [
        *("director", "flow", "outflow", "sysctl", "balance", "mode", "check", "option", "server", "match", "ignore"),
        *("not", "iface", "proto", "src", "dst", "srcport", "dstport", "icmptype", "table", "skip", "permit", "deny"),
        *("leastconn", "localitybased", "replication", "gateway", "nat", "interval", "timeout", "source", "port"),
        *("rise", "inhibit", "persistence", "netmask", "tcpcheck", "httpcheck", "uri", "weight", "sorry", "x", "y"),
        *("10.0.0.1", "10.0.0.1:80", "[::1]:80", "::1", "10.0.0.0/8", "TCP", "udp", "eth0", "5", "5s", "500ms"),
        *("99999999999", "1e9", "a=1", "=", "#", '"', "'", '"x y"', "\u0663", "\ud800"),
    ]
)
soup = st.lists(st.lists(words, min_size=1, max_size=7).map(" ".join), max_size=12).map("\n".join)


@given(st.one_of(st.text(), soup, st.text(alphabet="dfs \n\"'#:=.[]1a%\r\t\x0b\u2028\ud800")))
def test_no_text_raises_anything_else(text):
    with contextlib.suppress(AlohaError):
        parse(text)


def test_ten_thousand_lines_take_no_time():
    block = SEED_DIRECTOR + SEED_FLOW
    text = "".join(block.replace(" nfs\n", " nfs%d\n" % n).replace("flow nfs ", "flow f%d " % n) for n in range(1112))
    assert len(text.splitlines()) > 10000
    start = time.process_time()
    assert len(parse(text)["directors"]) == 1112
    # The law says one second; this machine may be busy, but processor time is not.
    assert time.process_time() - start < 1
