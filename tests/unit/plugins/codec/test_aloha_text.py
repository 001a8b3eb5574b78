# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What from_aloha can give, to_aloha writes so that it is read again; what ALOHA cannot say is refused by name."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.aloha import parse
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.aloha_text import write
from ansible_collections.linuxha.lvs.plugins.module_utils._errors import InputError
from ansible_collections.linuxha.lvs.plugins.module_utils._model.director import read_directors
from ansible_collections.linuxha.lvs.plugins.module_utils._model.flow import read_flows
from ansible_collections.linuxha.lvs.tests.unit.fakes.directors import SEED, directors
from hypothesis import given, settings
from hypothesis import strategies as st

names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True)
flow_names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,26}", fullmatch=True)
addresses = st.ip_addresses().map(str)
networks = addresses | st.sampled_from(["10.0.0.0/8", "2001:db8::/32", "0.0.0.0/0", "192.168.10.0/25"])
ports = st.integers(1, 65535)
port_ranges = st.tuples(ports, ports).map(
    lambda pair: "%d:%d" % tuple(sorted(pair)) if pair[0] != pair[1] else str(pair[0])
)
times = st.integers(1, 365 * 86400) | st.integers(1, 10**9).map(lambda us: us / 10**6).map(
    lambda seconds: int(seconds) if seconds == int(seconds) else seconds
)
texts = st.from_regex(r"[!#-&(-\[\]-_a-~]{1,30}", fullmatch=True)
TIMERS = {"timeout": times, "interval": times, "source": addresses, "port": ports}
RULES = {
    "iface": st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,14}", fullmatch=True),
    "proto": st.sampled_from(["tcp", "udp", "icmp"]),
    "src": networks,
    "dst": networks,
    "srcport": port_ranges,
    "dstport": port_ranges,
    "icmptype": st.integers(0, 255).map(str) | st.just("echo-request"),
}


def some(draw: st.DrawFn, strategies: dict[str, st.SearchStrategy[t.Any]]) -> dict[str, t.Any]:
    """Some of the keys, each with a value."""
    return {key: draw(strategy) for key, strategy in strategies.items() if draw(st.booleans())}


@st.composite
def aloha_checks(draw: st.DrawFn) -> dict[str, t.Any]:
    counts = st.integers(1, 1000)
    check = some(draw, {**TIMERS, "rise": counts, "fall": counts, "inhibit": st.just(True)})
    kind = draw(st.sampled_from([None, "tcp", "icmp", "arp", "http"]))
    if kind:
        check["type"] = kind
    if kind == "arp":
        check.update(some(draw, {"iface": RULES["iface"]}))
    if kind == "http":
        check.update(some(draw, {"uri": texts, "statuscode": st.integers(100, 599), "vhost": texts}))
    return check


@st.composite
def aloha_servers(draw: st.DrawFn, name: str, sorry: bool) -> dict[str, t.Any]:
    server = {"name": name, "address": draw(addresses), **some(draw, {"port": ports, "weight": st.integers(0, 256)})}
    if sorry:
        server["sorry"] = True
    elif draw(st.booleans()):
        server["check"] = True
    return server


@st.composite
def aloha_directors(draw: st.DrawFn, name: str) -> dict[str, t.Any]:
    localities = ["leastconn", "leastconn-localitybased", "leastconn-localitybased-replication"]
    balances = [*localities, "roundrobin", "source", "srcdst", "dest", "shortestexpected", "neverqueue", "maglev"]
    director: dict[str, t.Any] = {"name": name}
    if draw(st.booleans()):
        director["address"] = draw(addresses)
        director.update(some(draw, {"port": st.integers(0, 65535), "protocol": st.sampled_from(["tcp", "udp"])}))
    director.update(
        some(
            draw,
            {
                "balance": st.sampled_from(balances),
                "mode": st.sampled_from(["gateway", "nat", "tunnel"]),
                "check": aloha_checks(),
                "persistence": st.fixed_dictionaries(
                    {}, optional={"timeout": times, "netmask": st.sampled_from(["255.255.255.0", "64", "32"])}
                ),
            },
        )
    )
    labels = draw(st.lists(names, max_size=4, unique=True))
    sorry = draw(st.integers(0, 6))
    if labels:
        director["servers"] = [draw(aloha_servers(label, index == sorry)) for index, label in enumerate(labels)]
    return director


@st.composite
def aloha_flows(draw: st.DrawFn, name: str) -> dict[str, t.Any]:
    flow: dict[str, t.Any] = {"name": name}
    if draw(st.booleans()):
        flow["direction"] = "out"
    policy = draw(st.sampled_from([None, "permit", "deny", "skip", "table", "director"]))
    if policy == "director" and "direction" in flow:
        policy = "deny"
    if policy:
        flow["policy"] = policy
    if policy in ("table", "director"):
        flow[policy] = draw(st.integers(1, 0xFFFFFFFF)) if policy == "table" else draw(names)
    rules = []
    for _rule in range(draw(st.integers(0, 3))):
        rule = {"action": draw(st.sampled_from(["match", "ignore"])), **some(draw, RULES)}
        negated = [key for key in RULES if key in rule and draw(st.booleans())]
        rules.append({**rule, "not": negated} if negated else rule)
    return {**flow, "rules": rules} if rules else flow


@st.composite
def parsed(draw: st.DrawFn) -> dict[str, t.Any]:
    """All that from_aloha can give."""
    director_names = draw(st.lists(names, max_size=3, unique=True))
    keys = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)
    values = st.integers(-(10**6), 10**6) | st.from_regex(r"[a-z][a-z0-9_.,:/ -]{0,9}[a-z0-9]", fullmatch=True)
    return {
        "directors": [draw(aloha_directors(name)) for name in director_names],
        "flows": [draw(aloha_flows(name)) for name in draw(st.lists(flow_names, max_size=3, unique=True))],
        "sysctls": draw(st.dictionaries(keys, values, max_size=4)),
    }


@settings(deadline=None, max_examples=200)
@given(parsed())
def test_what_is_written_is_read_again(wanted: dict[str, t.Any]) -> None:
    assert parse(write(wanted)) == wanted


@st.composite
def rule_texts(draw: st.DrawFn) -> str:
    """A flow's rule with its conditions in any order."""
    words = []
    for key, value in draw(st.permutations(list(some(draw, RULES).items()))):
        words += ["not"] * draw(st.booleans()) + [key, value]
    return "flow f deny\n match %s\n" % " ".join(words)


@given(rule_texts())
def test_conditions_in_any_order_come_out_in_one(text: str) -> None:
    read = parse(text)
    assert parse(write(read)) == read


# What no filter's input should be, and once was: not to be encoded, not to be printed.
ODD = ["\ud800", 10**5000, -(10**5000)]
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from([1, -1]).map(lambda sign: sign * 10**5000)
    | st.sampled_from(["\ud800", "tcp", "a b", "a  b", "1 # x", "d", "nfs"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["name", "servers", "check", "type", "address", "port", "rules", "not", "policy", "director", "persistence",
             "balance", "interval", "iface", "direction", "weight", "sorry", "fwmark", "state", "uri", "timeout"]
        )
        | st.text(max_size=4)
        | st.just("\ud800"),
        inner,
        max_size=4,
    ),
    max_leaves=20,
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(st.sampled_from(["directors", "flows", "sysctls"]), anything) | anything)
def test_any_value_whatever_is_written_so_that_it_can_be_read_or_refused_in_a_sentence(wanted: t.Any) -> None:
    text, sentence = written_or_refused(wanted)
    text.encode("utf-8")
    parse(text)
    assert sentence.isprintable()


@given(st.dictionaries(st.sampled_from(["a", "b"]), anything, max_size=2))
def test_no_sysctl_is_lost_or_becomes_another(settings: dict[str, t.Any]) -> None:
    text, sentence = written_or_refused({"sysctls": settings})
    if not sentence:
        read = parse(text)["sysctls"]
        assert read.keys() == settings.keys()
        for key, value in settings.items():
            number = isinstance(value, bool) or str(value).isdecimal()
            assert read[key] == (int(value) if number else value)


def nested(depth: int) -> t.Any:
    value: t.Any = "x"
    for _level in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("value", [nested(100000), *ODD], ids=["deep", "half a character", "long", "negative"])
@pytest.mark.parametrize("key", ["name", "fwmark", "check", "servers", "balance", "persistence"])
def test_what_cannot_be_shown_is_refused_in_a_sentence_all_the_same(key: str, value: t.Any) -> None:
    entry = {"name": "d", "servers": [{"name": "s", "address": "10.0.0.1"}], key: value}
    flow = {"name": "f", "policy": "director", "director": value, "fwmark": 7}
    for wanted in (value, [value], {"directors": [entry]}, {"flows": [flow]}, {"sysctls": {"a": value}}):
        with pytest.raises(InputError):
            write(wanted)
    if not isinstance(value, list):
        for part in ({value: 1}, {"sysctls": {value: 1}}, {"directors": [{value: 1}]}):
            with pytest.raises(InputError):
                write(part)


def written_or_refused(wanted: t.Any) -> tuple[str, str]:
    """The text, or the sentence that refuses it; any other exception is a failure."""
    try:
        return write(wanted), ""
    except InputError as error:
        return "", str(error)


@settings(deadline=None, max_examples=100)
@given(st.lists(directors(), max_size=3, unique_by=lambda director: director.name))
def test_what_the_module_returns_keeps_its_meaning_or_is_refused_by_name(made: list[t.Any]) -> None:
    text, sentence = written_or_refused({"directors": [director.to_options() for director in made]})
    if sentence:
        assert 'director "' in sentence or "directors[" in sentence
    else:
        assert list(read_directors(parse(text)["directors"]).present) == made


def test_the_seed_as_the_modules_return_it_is_the_seeds_text() -> None:
    flows = [
        {"name": "nfs", "policy": "director", "director": "nfs", "rules": [{"iface": "eth0", "dst": "192.168.10.50"}]}
    ]
    after = [director.to_options() for director in read_directors([SEED]).present]
    led = [flow.to_options() for flow in read_flows(flows).present]
    assert write({"directors": after, "flows": led, "sysctls": {"expire_nodest_conn": 1}}) == (
        "flow nfs director nfs\n"
        "  match iface eth0 dst 192.168.10.50\n"
        "\n"
        "director nfs\n"
        "  balance roundrobin\n"
        "  mode gateway\n"
        "  check interval 10 timeout 2 port 2049 rise 1 fall 1\n"
        "  option tcpcheck\n"
        "  server nfs-01 192.168.10.100:2049 weight 10 check\n"
        "  server nfs-02 192.168.10.101:2049 weight 1 sorry\n"
        "\n"
        "sysctl expire_nodest_conn=1\n"
    )


def test_a_flag_becomes_the_number_that_it_stands_for() -> None:
    assert write({"sysctls": {"a": False, "b": True}}) == "sysctl a=0\nsysctl b=1\n"


def test_blanks_within_a_value_are_kept() -> None:
    read = parse("sysctl a='x  y'\nsysctl b=3 50\n")
    assert read["sysctls"] == {"a": "x  y", "b": "3 50"}
    assert parse(write(read)) == read


@pytest.mark.parametrize(
    "rule",
    [
        {"action": "match", "src": "10.0.0.0/255.0.0.0", "dstport": 80, "proto": "TCP"},
        {"action": "match", "src": "2001:DB8::1/128", "srcport": "0080:80", "proto": "tcp"},
        {"action": "ignore", "not": ["src", "iface"], "src": "10.0.0.1", "iface": "eth0"},
        {"icmptype": 8},
    ],
)
def test_another_spelling_is_no_other_value(rule: dict[str, t.Any]) -> None:
    assert write({"flows": [{"name": "f", "policy": "deny", "rules": [rule]}]})


def director(**changes: t.Any) -> dict[str, t.Any]:
    return {"directors": [{"name": "d", "servers": [{"name": "s", "address": "10.0.0.1"}], **changes}]}


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (director(fwmark=7), 'director "d": fwmark is 7, for which ALOHA has no word'),
        (director(state="absent"), 'director "d": state is "absent", for which ALOHA has no word'),
        (director(failback="manual"), 'director "d": failback is "manual", for which ALOHA has no word'),
        (director(tunnel={"type": "gre"}), "directors[0]: tunnel is {'type': 'gre'}, for which ALOHA has no word"),
        (director(check={"type": "nfs"}), 'director "d": check.type is "nfs", for which ALOHA has no word'),
        (director(check={"type": ["tcp", "icmp"]}), "check.type is ['tcp', 'icmp'], for which ALOHA has no word"),
        (
            director(check={"type": "tcp", "retry_interval": 1}),
            "check.retry_interval is 1, for which ALOHA has no word",
        ),
        (director(check={"type": "tcp", "vip": "10.0.0.1"}), 'check.vip is "10.0.0.1", for which ALOHA has no word'),
        (director(check={"type": "tcp", "uri": "/"}), 'director "d"'),
        (director(check={"type": "tcp", "sorry": False}), "check.sorry is False, for which ALOHA has no word"),
        (director(check={"type": "http", "uri": "a\nb"}), "check.uri is"),
        (director(name="a\nflow x deny"), "name is"),
        (director(name="a b"), "ALOHA's language cannot say it"),
        (director(name="a#b"), "ALOHA's language cannot say it"),
        (director(address="10.0.0.1 balance source"), "ALOHA's language cannot say it"),
        (director(port=80), 'director "d": port is 80, for which ALOHA has no word'),
        (director(balance="source\n mode nat"), "balance is"),
        (director(balance="roundrobin mode"), "ALOHA's language cannot say it"),
        (director(servers="s"), 'director "d": servers is "s", must be a list'),
        (director(servers=[{"name": "s"}]), 'director "d": server "s": address is missing'),
        (director(servers=[{"name": "s", "address": "10.0.0.1", "weight": 257}]), "the weight (0 to 256)"),
        (director(check={"interval": float("nan")}), "the interval"),
        ({"flows": [{"name": "f", "policy": "director", "director": "d", "fwmark": 9}]}, 'flow "f": fwmark is 9'),
        (
            {"flows": [{"name": "f", "rules": [{"not": ["src"]}]}]},
            "flow \"f\": rules[0]: not is ['src'], must be a list",
        ),
        ({"flows": [{"name": "f" * 28}]}, "ALOHA's language cannot say it"),
        ({"flows": [{"name": "f"}, {"name": "f"}]}, "Cannot write these entries into one ALOHA text"),
        ({"sysctls": {"a": "1\nsysctl b=2"}}, "sysctls"),
        ({"sysctls": {"a b": 1}}, "sysctls"),
        ({"sysctls": {"a": "1 # x"}}, "sysctls: ALOHA's language cannot say it"),
        ({"sysctls": {"a": None}}, "sysctls: a is None, for which ALOHA has no word"),
        ({"sysctls": {"a": " 1"}}, 'sysctls: a is " 1", for which ALOHA has no word'),
        ({"sysctls": {1: 1}}, "sysctls: 1 is 1, for which ALOHA has no word"),
        ({"sysctls": ""}, 'sysctls: must be a mapping, not ""'),
        (director(servers=[{"name": "s", "address": "10.0.0.1", "weight": False}]), "weight is False"),
        ({"sysctls": {"a": [1]}}, "sysctls"),
        ({"vips": []}, "the input: vips is [], for which ALOHA has no word"),
        ("director d", 'the input: must be a mapping, not "director d"'),
    ],
)
def test_what_aloha_cannot_say_is_refused_by_name(wanted: t.Any, sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        write(wanted)
    assert sentence in str(refused.value)
