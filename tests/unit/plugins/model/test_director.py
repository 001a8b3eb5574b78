# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import typing as t

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._errors import InputError
from ansible_collections.linuxha.lvs.plugins.module_utils._model.director import Director, Server, read_directors
from ansible_collections.linuxha.lvs.plugins.module_utils._model.mark import mark_of
from ansible_collections.linuxha.lvs.tests.unit.fakes.directors import SEED, directors, refusal
from hypothesis import given
from hypothesis import strategies as st


def changed(path: str, value: t.Any) -> dict[str, t.Any]:
    """The seed's director with one value changed: `servers.0.weight`."""
    options: dict[str, t.Any] = copy.deepcopy(SEED)
    *parents, last = path.split(".")
    place: t.Any = options
    for key in parents:
        place = place[int(key)] if isinstance(place, list) else place[key]
    place[last] = value
    return options


@given(directors())
def test_options_make_the_director_that_made_them(director: Director) -> None:
    assert Director.from_options(director.to_options(), "e") == director


def test_the_seed_gets_alohas_defaults() -> None:
    director = Director.from_options({"name": "nfs", "servers": [{"name": "a", "address": "10.0.0.1"}]}, "e")
    assert (director.balance, director.mode, director.fwmark) == ("roundrobin", "nat", mark_of("nfs"))
    assert director.servers == (Server(name="a", address="10.0.0.1", weight=1),)
    seed = Director.from_options(changed("check", {"type": "tcp"}), "e")
    assert seed.check is not None
    assert (seed.check.interval, seed.check.timeout, seed.check.fall) == (10.0, 5.0, 1)


def test_an_address_brings_tcp_and_no_mark() -> None:
    director = Director.from_options({**SEED, "address": "192.168.10.50", "port": 2049}, "e")
    assert (director.protocol, director.fwmark) == ("tcp", None)


def test_none_is_the_same_as_absent() -> None:
    full = {**dict.fromkeys(Director.KEYS), **SEED}
    assert Director.from_options(full, "e") == Director.from_options(SEED, "e")


# Each: what is changed in the seed's director, and what the refusal must say.
REFUSALS: list[tuple[str, t.Any, str]] = [
    ("name", None, "directors[0]: name is missing"),
    ("name", "", 'directors[0]: name is "", must be 1 to 64'),
    ("name", "a" * 65, "must be 1 to 64"),
    ("name", "-a", 'name is "-a"'),
    ("name", "a b", 'name is "a b"'),
    ("name", 'a"b', "name is"),
    ("name", "a\nb", "name is"),
    ("name", "nfs\n", "name is"),
    ("name", "a{b", "name is"),
    ("name", "../nfs", 'name is "../nfs"'),
    ("name", "$(id)", 'name is "$(id)"'),
    ("name", 7, "name is 7"),
    ("colour", "red", 'director "nfs": colour is "red", but there is no option colour; the options are address, '),
    ("balance", "roundrobbin", 'director "nfs": balance is "roundrobbin", must be one of roundrobin, leastconn'),
    ("balance", "srcdst", 'balance is "srcdst", for which the Linux kernel has no scheduler'),
    ("mode", "gatway", 'mode is "gatway", must be one of gateway, nat, tunnel'),
    ("state", "here", 'state is "here", must be one of present, absent'),
    ("port", 2049, "port is 2049, but it has no address"),
    ("protocol", "udp", 'protocol is "udp", but it has no address'),
    ("address", "192.168.10", 'address is "192.168.10", must be an IPv4 or IPv6 address'),
    ("address", "192.168.10.50", 'address is "192.168.10.50", without a port'),
    ("address", "2001:db8::1", 'address is "2001:db8::1", but its servers are IPv4'),
    ("fwmark", 0, "fwmark is 0, must be a whole number from 1 to 4294967295"),
    ("fwmark", 4294967296, "fwmark is 4294967296"),
    ("fwmark", True, "fwmark is True"),
    ("check", "tcp", 'director "nfs": check: must be a mapping of options, not "tcp"'),
    ("check.kind", 1, 'director "nfs": check.kind is 1, but there is no option kind'),
    ("check.type", "ping", 'check.type is "ping", must be one or more of tcp, http, https, icmp, arp, nfs, vip'),
    ("check.type", ["tcp", "tcp"], "check.type is ['tcp', 'tcp'], but names a check twice"),
    ("check.type", ["http", "https"], "but both knock at the same port"),
    ("check.type", "icmp", "check.port is 2049, which only a check of type tcp or http or https or nfs or vip has"),
    ("check.interval", 0, "check.interval is 0, must be a number of seconds from 0.001 to 4294"),
    ("check.interval", "10s", 'check.interval is "10s"'),
    ("check.interval", float("nan"), "check.interval is nan"),
    ("check.interval", True, "check.interval is True"),
    ("check.interval", 10**400, "check.interval is 1000"),
    ("check.timeout", 10.5, "check.timeout is 10.5, must not be longer than check.interval, which is 10"),
    ("check.port", 0, "check.port is 0, must be a whole number from 1 to 65535"),
    ("check.port", 65536, "check.port is 65536"),
    ("check.source", "eth0", 'check.source is "eth0", must be an IPv4 or IPv6 address'),
    ("check.source", "2001:db8::9", "its source is no IPv4 address"),
    ("check.rise", 2, "check.rise is 2, but keepalived takes a server back after its first good check"),
    ("check.fall", 0, "check.fall is 0, must be a whole number from 1"),
    ("check.retry_interval", 0, "check.retry_interval is 0, must be a number of seconds from 0.001 to 4294"),
    ("check.program", {"interval": 2}, "which only a check of type arp or nfs or vip has"),
    ("check", {"type": "nfs", "program": {"timeout": 1}}, "check.program.interval is missing"),
    ("check", {"type": "nfs", "program": 2}, "check.program: must be a mapping of options, not 2"),
    ("check", {"type": "nfs", "program": {"interval": 2, "rise": 1}}, "but there is no option rise"),
    (
        "check",
        {"type": "nfs", "program": {"interval": 2, "timeout": 3}},
        "check.program.timeout is 3, must not be longer than check.program.interval, which is 2",
    ),
    ("check.iface", "eth0", 'check.iface is "eth0", which only a check of type arp or vip has'),
    ("check.uri", "/", 'check.uri is "/", which only a check of type http or https has'),
    ("check.statuscode", 200, "check.statuscode is 200, which only a check of type http or https has"),
    ("check", {"type": "http", "uri": "x"}, 'check.uri is "x", must start with /'),
    ("check", {"type": "http", "uri": "/ }"}, "check.uri"),
    ("check", {"type": "http", "uri": '/"'}, "check.uri"),
    ("check", {"type": "http", "uri": "/\n}"}, "check.uri"),
    ("check", {"type": "http", "vhost": "a b"}, "check.vhost"),
    ("check", {"type": "http", "vhost": "a#b"}, "check.vhost"),
    ("check", {"interval": 5}, "but the director says in no check.type how to check it"),
    ("check", None, 'server "nfs-01": check is True, but the director says in no check.type'),
    ("persistence", {"timeout": 0}, "persistence.timeout is 0"),
    ("persistence", {"netmask": "33"}, 'persistence.netmask is "33", must be a netmask'),
    ("persistence", {"netmask": "255.0.255.0"}, 'persistence.netmask is "255.0.255.0", must be a netmask'),
    ("persistence", {"netmask": "0.0.0.255"}, "persistence.netmask"),
    ("servers", None, "servers is None, must be a list of one server or more"),
    ("servers", [], "servers is [], must be a list"),
    ("servers", ["a"], 'director "nfs": servers[0]: must be a mapping of options, not "a"'),
    ("servers.0.name", "a b", 'director "nfs": servers[0]: name is "a b"'),
    ("servers.0.name", "nfs-02", 'servers is "nfs-02", which is there twice'),
    ("servers.0.address", None, 'director "nfs": server "nfs-01": address is missing'),
    ("servers.0.address", "300.1.1.1", 'server "nfs-01": address is "300.1.1.1", must be'),
    ("servers.0.address", "192.168.10.101", 'address is "192.168.10.101", which server "nfs-01" has already'),
    ("servers.0.address", "2001:db8::1", "they must be all IPv4 or all IPv6"),
    ("servers.0.address", "224.0.0.1", "one host can have"),
    ("servers.0.port", 65536, 'server "nfs-01": port is 65536, must be a whole number from 0 to 65535'),
    ("servers.0.weight", 257, 'server "nfs-01": weight is 257, must be a whole number from 0 to 256'),
    ("servers.0.weight", -1, "weight is -1"),
    ("servers.0.weight", "ten", 'weight is "ten"'),
    ("servers.0.check", "maybe", 'check is "maybe", must be true or false'),
    ("servers.0.sorry", True, 'server "nfs-01": check is True, but it is the sorry server'),
    ("servers.1.check", True, 'server "nfs-02": check is True, but it is the sorry server'),
    ("servers.1.weight", 0, 'server "nfs-02": weight is 0, but a sorry server with weight 0 would never serve'),
]


@pytest.mark.parametrize(("path", "value", "sentence"), REFUSALS)
def test_what_is_wrong_is_refused_with_entry_key_and_value(path: str, value: t.Any, sentence: str) -> None:
    assert sentence in refusal(lambda: Director.from_options(changed(path, value), "directors[0]"))


def test_two_sorry_servers_are_both_named() -> None:
    options: dict[str, t.Any] = dict(SEED)
    options["servers"] = [
        {"name": "s%d" % number, "address": "10.0.0.%d" % number, "sorry": number != 1} for number in (1, 2, 3)
    ]
    assert '"s2" and "s3" are both sorry servers' in refusal(lambda: Director.from_options(options, "e"))


def test_the_sorry_server_is_another_host_also_where_ports_differ() -> None:
    servers = [
        {"name": "a", "address": "10.0.0.1", "port": 80},
        {"name": "b", "address": "10.0.0.1", "port": 81, "sorry": True},
    ]
    sentence = refusal(lambda: Director.from_options({"name": "web", "servers": servers}, "e"))
    assert 'server "b": address is "10.0.0.1", which server "a" has already; the sorry server must be' in sentence


def test_a_director_needs_a_server_that_is_not_sorry() -> None:
    options = {"name": "nfs", "servers": [{"name": "a", "address": "10.0.0.1", "sorry": True}]}
    assert "but there is no other one" in refusal(lambda: Director.from_options(options, "e"))


def test_a_check_without_any_port_is_refused() -> None:
    options = {"name": "a", "check": {"type": "tcp"}, "servers": [{"name": "s", "address": "10.0.0.1", "check": True}]}
    assert 'server "s": port is None, but neither it nor check.port' in refusal(
        lambda: Director.from_options(options, "e")
    )


def test_one_name_twice_names_both_places() -> None:
    sentence = refusal(lambda: read_directors([SEED, SEED]))
    assert sentence == 'directors[1]: name is "nfs", which directors[0] has already'


def test_two_directors_on_one_mark_are_both_named() -> None:
    other = {**SEED, "name": "web", "fwmark": mark_of("nfs")}
    sentence = refusal(lambda: read_directors([SEED, other]))
    assert 'director "web"' in sentence
    assert 'director "nfs"' in sentence


def test_two_directors_on_one_address_are_both_named() -> None:
    one = {**SEED, "address": "192.168.10.50", "port": 2049}
    sentence = refusal(lambda: read_directors([one, {**one, "name": "other"}]))
    assert 'director "other": address is "192.168.10.50", which director "nfs" has already' in sentence
    assert len(read_directors([one, {**one, "name": "other", "protocol": "udp"}]).present) == 2


def test_absent_needs_only_a_name() -> None:
    wanted = read_directors([{"name": "old", "state": "absent"}, SEED])
    assert wanted.absent == ("old",)
    assert [director.name for director in wanted.present] == ["nfs"]


KEYS = sorted({*Director.KEYS, *Server.KEYS, "type", "x"})
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
NONSENSE = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=12,
)


PLACES: list[tuple[t.Any, ...]] = [(), ("servers",), ("servers", 0), ("check",)]


@given(st.dictionaries(st.sampled_from(KEYS), NONSENSE), st.sampled_from(PLACES))
def test_nonsense_anywhere_gives_a_sentence_and_no_traceback(nonsense: t.Any, place: tuple[t.Any, ...]) -> None:
    options = changed("state", "present")
    inner: t.Any = options
    for key in place[:-1]:
        inner = inner[key]
    if place:
        inner[place[-1]] = nonsense
    else:
        options.update(nonsense)
    try:
        sentence = "accepted %d" % len(read_directors([options]).present)
    except InputError as error:
        sentence = str(error)
    assert sentence
