# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wrong input, through main() and all: one sentence that names entry, key and value, and nothing is touched."""

from __future__ import annotations

import copy
import typing as t

import pytest
from ansible_collections.linuxha.lvs.tests.unit.fakes.director_play import DirectorPlay, director_play

play = pytest.fixture(director_play)

CHECK = {"type": "tcp", "interval": 10, "timeout": 2, "port": 2049}
FIRST = {"name": "nfs-01", "address": "192.168.10.100", "check": True}
SECOND = {"name": "nfs-02", "address": "192.168.10.101", "sorry": True}
GOOD: dict[str, t.Any] = {"name": "nfs", "mode": "gateway", "check": CHECK, "servers": [FIRST, SECOND]}
VIP: dict[str, t.Any] = {**GOOD, "address": "192.168.10.50", "port": 2049}
# Takes the key out.
GONE = object()
# Every way to leave a quoted or unquoted word of keepalived's language, a line, or a shell's argument.
BREAKOUTS = [
    'a"b', "a'b", "a b", "a\tb", "a\nb", "a\rb", "a{b", "a}b", "a#b", "a!b", "a;b", "a$b", "$(id)", "`id`", "a|b",
    "a&b", "a>b", "a\\b", "a/b", "..", "~", "@a", "a\x00b", "a\x1bb", "a\u2028b", "\u0430", "",
]  # fmt: skip


def having(entry: dict[str, t.Any] | None = None, **changes: t.Any) -> list[t.Any]:
    return [{key: value for key, value in {**(entry or GOOD), **changes}.items() if value is not GONE}]


def check(**changes: t.Any) -> list[t.Any]:
    return having(check={key: value for key, value in {**CHECK, **changes}.items() if value is not GONE})


def server(**changes: t.Any) -> list[t.Any]:
    return having(servers=[{key: value for key, value in {**FIRST, **changes}.items() if value is not GONE}, SECOND])


def second(**changes: t.Any) -> list[t.Any]:
    return having(servers=[FIRST, {**SECOND, **changes}])


# What is wrong, the entries, and what of entry, key and value the sentence must hold.
WRONG: dict[str, tuple[list[t.Any], list[str]]] = {
    "unknown word": (having(colour="red"), ['director "nfs"', 'colour is "red"', "there is no option colour"]),
    "no name": (having(name=GONE), ["directors[0]", "name is missing"]),
    "name of 65 characters": (having(name="x" * 65), ["directors[0]", "x" * 65, "1 to 64 letters"]),
    "name that is a number": (having(name=["nfs"]), ["directors[0]", "name"]),
    "duplicate": ([GOOD, GOOD], ["directors[1]", 'name is "nfs"', "which directors[0] has already"]),
    "duplicate that goes": ([GOOD, {"name": "nfs", "state": "absent"}], ["directors[1]", 'name is "nfs"']),
    "state": (having(state="gone"), ['director "nfs"', 'state is "gone"', "present, absent"]),
    "server on one link only": (server(address="fe80::1"), ['server "nfs-01": address is "fe80::1"', "link-local"]),
    "server in two spellings": (server(address="::ffff:10.0.0.1"), ['address is "::ffff:10.0.0.1"', "IPv4-mapped"]),
    "no server for new clients": (
        server(weight=0),
        ['director "nfs"', 'server "nfs-01": weight is 0', "nobody else has a weight", "state: absent"],
    ),
    "no server for new clients, without a standby": (
        having(servers=[{**FIRST, "weight": 0}, {"name": "b", "address": "10.0.0.2", "weight": 0}]),
        ['director "nfs"', 'server "nfs-01": weight is 0'],
    ),
    "mode": (having(mode="dr"), ['director "nfs"', 'mode is "dr"', "gateway, nat, tunnel"]),
    "balance": (having(balance="rr"), ['director "nfs"', 'balance is "rr"', "must be one of"]),
    "balance of no kernel": (having(balance="srcdst"), ['balance is "srcdst"', "has no scheduler"]),
    "protocol": (having(VIP, protocol="sctp"), ['protocol is "sctp"', "tcp, udp"]),
    "protocol without address": (having(protocol="udp"), ['protocol is "udp"', "it has no address"]),
    "port without address": (having(port=80), ["port is 80", "it has no address"]),
    "port 65536": (having(VIP, port=65536), ["port is 65536", "0 to 65535"]),
    "port -1": (having(VIP, port=-1), ["port is -1", "0 to 65535"]),
    "port in words": (having(VIP, port="nfs"), ['port is "nfs"', "whole number"]),
    "port 0 without persistence": (having(VIP, port=0), ['address is "192.168.10.50"', "only do with persistence"]),
    "address that is a name": (having(VIP, address="example.com"), ['address is "example.com"', "an IPv4 or IPv6"]),
    "address with a mask": (having(VIP, address="192.168.10.50/24"), ['address is "192.168.10.50/24"']),
    "address with zeros in front": (having(VIP, address="192.168.010.50"), ['address is "192.168.010.50"']),
    "address of everybody": (having(VIP, address="::"), ['address is "::"']),
    "address of many": (having(VIP, address="224.0.0.18"), ['address is "224.0.0.18"']),
    "address with a scope": (having(VIP, address="fe80::1%eth0"), ['address is "fe80::1%eth0"']),
    "IPv6 address, IPv4 servers": (having(VIP, address="fd00::1"), ['address is "fd00::1"', "servers are IPv4"]),
    "the address of another director": ([VIP, {**VIP, "name": "b"}], ['director "b"', "192.168.10.50", '"nfs" has']),
    "fwmark 0": (having(fwmark=0), ["fwmark is 0", "1 to"]),
    "fwmark too high": (having(fwmark=2**32), ["fwmark is 4294967296"]),
    "fwmark and address": (having(VIP, fwmark=5), ["fwmark is 5", "it has an address"]),
    "a mark that meets another's": ([GOOD, {**GOOD, "name": "b", "fwmark": 901928820}], ['"b"', "901928820", '"nfs"']),
    "no servers": (having(servers=[]), ['director "nfs"', "servers is []", "one server or more"]),
    "servers left out": (having(servers=GONE), ['director "nfs"', "servers"]),
    "only a sorry server": (having(servers=[SECOND]), ['server "nfs-02" is a sorry server', "not sorry"]),
    "two sorry servers": (
        having(servers=[FIRST, SECOND, {**SECOND, "name": "c", "address": "192.168.10.103"}]),
        ['servers "nfs-02" and "c" are both sorry servers'],
    ),
    "sorry with check": (second(check=True), ['server "nfs-02"', "check is True", "it is the sorry server"]),
    "sorry that never serves": (second(weight=0), ['server "nfs-02"', "weight is 0", "never serve"]),
    "sorry server that is a real server": (second(address="192.168.10.100"), ['"nfs-02"', '"192.168.10.100"']),
    "sorry server with a port of the same host": (
        having(mode="nat", servers=[FIRST, {**SECOND, "address": "192.168.10.100", "port": 2050}]),
        ['server "nfs-02"', 'address is "192.168.10.100"', "must be another host"],
    ),
    "server without a name": (server(name=GONE), ["servers[0]", "name is missing"]),
    "server without an address": (server(address=GONE), ['server "nfs-01"', "address is missing"]),
    "server's unknown word": (server(wieght=3), ['server "nfs-01"', "wieght is 3", "there is no option wieght"]),
    "server twice": (second(name="nfs-01"), ['director "nfs"', '"nfs-01"', "there twice"]),
    "server's address twice": (
        having(servers=[FIRST, {"name": "b", "address": "192.168.10.100"}]),
        ['server "b"', 'address is "192.168.10.100"', '"nfs-01" has already'],
    ),
    "server that is the director": (having(VIP, address="192.168.10.100"), ['server "nfs-01"', "director itself"]),
    "IPv4 in an IPv6 director": (second(address="fd00::1"), ['"fd00::1"', "all IPv4 or all IPv6"]),
    "weight 257": (server(weight=257), ['server "nfs-01"', "weight is 257", "0 to 256"]),
    "weight -1": (server(weight=-1), ['server "nfs-01"', "weight is -1", "0 to 256"]),
    "weight 1.5": (server(weight=1.5), ['server "nfs-01"', "weight is 1.5", "whole number"]),
    "server's port 65536": (server(port=65536), ['server "nfs-01"', "port is 65536", "0 to 65535"]),
    "check without a kind": (check(type=GONE), ['director "nfs"', "check"]),
    "check of an unknown kind": (check(type="ping"), ['director "nfs"', "check.type is", "ping", "one or more of"]),
    "check twice": (check(type=["tcp", "tcp"]), ["check.type", "names a check twice"]),
    "http and https": (check(type=["http", "https"]), ["check.type", "same port"]),
    "server checked without a check": (having(check=GONE), ['server "nfs-01"', "check is True", "how to check it"]),
    "check's unknown word": (check(intervall=3), ["check.intervall is 3", "there is no option intervall"]),
    "interval 0": (check(interval=0), ["check.interval is 0"]),
    "interval below zero": (check(interval=-1), ["check.interval is -1"]),
    "interval without end": (check(interval=1e9), ["check.interval is 1000000000.0"]),
    "interval in words": (check(interval="soon"), ['check.interval is "soon"']),
    "interval that is no number": (check(interval="nan"), ["check.interval is"]),
    "timeout 0": (check(timeout=0), ["check.timeout is 0"]),
    "timeout longer than interval": (check(timeout=11), ["check.timeout is 11", "interval"]),
    "check's port 0": (check(port=0), ["check.port is 0", "1 to 65535"]),
    "check's port 65536": (check(port=65536), ["check.port is 65536", "1 to 65535"]),
    "no port to check": (check(port=GONE), ['server "nfs-01"', "port", "which port to check"]),
    "port of a ping": (check(type="icmp"), ["check.port is 2049", "which only a check of type"]),
    "uri of a handshake": (check(uri="/"), ['check.uri is "/"', "http or https"]),
    "uri without a slash": (check(type="http", uri="a"), ['check.uri is "a"']),
    "uri that breaks out": (check(type="http", uri='/"}'), ["check.uri is"]),
    "uri of two lines": (check(type="http", uri="/a\n}\n"), ["check.uri is"]),
    "vhost that breaks out": (check(type="http", vhost='a" b'), ["check.vhost is"]),
    "status 99": (check(type="http", statuscode=99), ["check.statuscode is 99"]),
    "status 600": (check(type="http", statuscode=600), ["check.statuscode is 600"]),
    "rise 2": (check(rise=2), ["check.rise is 2", "must be 1"]),
    "fall 0": (check(fall=0), ["check.fall is 0"]),
    "source of another family": (check(source="fd00::1"), ["source is no IPv4 address"]),
    "source that is a name": (check(source="lb1"), ['check.source is "lb1"']),
    "interface that breaks out": (check(type="arp", iface="eth0;id", port=GONE), ['check.iface is "eth0;id"']),
    "arp for IPv6": (
        having(check={"type": "arp"}, servers=[{**FIRST, "address": "fd00::1"}, {**SECOND, "address": "fd00::2"}]),
        ["arp is for IPv4"],
    ),
    "vip without a VIP": (check(type="vip"), ["which VIP to ask for"]),
    "vip behind NAT": (having(VIP, mode="nat", check={**CHECK, "type": "vip"}), ["only in mode gateway"]),
    "vip of a handshake": (check(vip="192.168.10.50"), ['check.vip is "192.168.10.50"', "type vip"]),
    "tunnel without mode tunnel": (having(tunnel={"type": "ipip"}), ["tunnel", 'for mode "tunnel" only']),
    "tunnel's kind": (having(mode="tunnel", tunnel={"type": "vxlan"}), ['tunnel.type is "vxlan"', "ipip, gue, gre"]),
    "gue without a port": (having(mode="tunnel", tunnel={"type": "gue"}), ["tunnel.port is missing"]),
    "gre with a port": (having(mode="tunnel", tunnel={"type": "gre", "port": 1}), ["tunnel.port is 1", "type gue"]),
    "persistence without end": (having(persistence={"timeout": 2678401}), ["persistence.timeout is 2678401"]),
    "persistence 0": (having(persistence={"timeout": 0}), ["persistence.timeout is 0"]),
    "mask 33": (having(persistence={"netmask": "33"}), ['persistence.netmask is "33"', "255.255.255.0"]),
    "mask with holes": (having(persistence={"netmask": "255.0.255.0"}), ['persistence.netmask is "255.0.255.0"']),
    "mask 129": (
        having(persistence={"netmask": "129"}, check=GONE, servers=[{"name": "a", "address": "fd00::1"}]),
        ['persistence.netmask is "129"', "1 to 128"],
    ),
    "a list where a word belongs": (having(mode=["gateway"]), ['director "nfs"', "mode is ['gateway']"]),
    "a word where a list belongs": (having(servers="nfs-01"), ['director "nfs"', "servers"]),
    "a word where an entry belongs": (["nfs"], ["directors[0]", 'not "nfs"']),
    "a word where a server belongs": (having(servers=["nfs-01"]), ['director "nfs"', "servers[0]", 'not "nfs-01"']),
    "nothing where an entry belongs": ([None], ["directors[0]", "not None"]),
}  # fmt: skip


def assert_untouched_by(play: DirectorPlay, entries: list[t.Any]) -> str:
    before = play.host.tree()
    for in_check_mode in (True, False):
        message = play.refused(*copy.deepcopy(entries), check=in_check_mode)
    assert play.host.tree() == before
    assert play.host.commands == []
    assert message.isprintable()
    return message


@pytest.mark.parametrize("what", WRONG)
def test_wrong_input_gets_a_sentence(play: DirectorPlay, what: str) -> None:
    entries, words = WRONG[what]
    message = assert_untouched_by(play, entries)
    for word in words:
        assert word in message


@pytest.mark.parametrize("text", BREAKOUTS, ids=ascii)
@pytest.mark.parametrize("place", ["director", "server", "address", "vhost", "iface", "netmask"])
def test_nothing_that_a_user_writes_leaves_its_place(play: DirectorPlay, place: str, text: str) -> None:
    if (place, text) in ALLOWED:
        return
    assert_untouched_by(
        play,
        {
            "director": having(name=text),
            "server": server(name=text),
            "address": server(address=text),
            "vhost": check(type="http", vhost=text),
            "iface": check(type="arp", iface=text, port=GONE),
            "netmask": having(persistence={"netmask": text}),
        }[place],
    )


# An empty text stands for an option that is not given.
ALLOWED = {("vhost", ""), ("iface", ""), ("netmask", "")}


def test_the_good_ones_are_good(play: DirectorPlay) -> None:
    """Else every refusal above could be for another reason."""
    play.done(GOOD, {**VIP, "name": "vip"})
