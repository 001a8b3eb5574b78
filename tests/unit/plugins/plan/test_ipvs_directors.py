# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What comes out of the kernel's table can go in again, and what cannot is told."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.ipvsadm import parse_saved, with_tunnels
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.keepalived import render
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.proc_ip_vs import parse_services
from ansible_collections.linuxha.lvs.plugins.module_utils._errors import LvsError
from ansible_collections.linuxha.lvs.plugins.module_utils._model.director import Director
from ansible_collections.linuxha.lvs.plugins.module_utils._plan.ipvs_directors import directors_of
from ansible_collections.linuxha.lvs.tests.unit.fakes import fake_ipvsadm
from ansible_collections.linuxha.lvs.tests.unit.fakes.directors import SEED, directors
from ansible_collections.linuxha.lvs.tests.unit.fakes.fake_keepalived import HEADER, table_of
from hypothesis import given
from hypothesis import strategies as st


@given(directors())
def test_a_table_that_others_made_comes_out_as_directors_that_make_the_same_table(director: Director) -> None:
    plain = {**director.to_options(), "check": None, "failback": None}
    plain["servers"] = [{**server, "check": False, "sorry": False} for server in plain["servers"]]
    plain["persistence"] = plain.get("persistence") and {"netmask": _whole(director), **plain["persistence"]}
    made = Director.from_options(plain, "directors[0]")
    table, saved = table_of([render(made)]), fake_ipvsadm.save([made])
    services = with_tunnels(parse_services(table), parse_saved(saved))
    found, left_out = directors_of(services, parse_saved(saved), [])
    assert left_out == []
    again = [Director.from_options(one.to_options(), "directors[0]") for one in found]
    assert table_of(render(one) for one in again) == table
    assert parse_saved(fake_ipvsadm.save(again)) == parse_saved(saved)


def _whole(director: Director) -> str:
    return "128" if director.ip_version == 6 else "255.255.255.255"


@given(st.lists(directors(), max_size=3, unique_by=lambda one: (one.name, one.address, one.port, one.protocol)))
def test_directors_of_the_collection_come_out_as_they_were_declared(made: list[Director]) -> None:
    keys = [(one.address, one.port, one.protocol, one.fwmark) for one in made]
    if len(set(keys)) < len(keys):
        return
    down = {server.address for one in made for server in one.servers[:1]}
    found, left_out = directors_of(parse_services(table_of(map(render, made), down)), {}, made)
    assert sorted(found, key=lambda one: one.name) == sorted(made, key=lambda one: one.name)
    assert left_out == []


def test_names_that_are_taken_are_left_to_their_owners() -> None:
    owned = Director.from_options({**SEED, "name": "fwmark-5"}, "directors[0]")
    services = parse_services(table_of([render(owned)]) + "FWM  00000005 wrr\n  -> 0A000001:0000 Route 1 0 0\n")
    found, left_out = directors_of(services, {}, [owned])
    assert [one.name for one in found] == ["fwmark-5", "fwmark-5-kernel"]
    assert left_out == []


SERVER = "  -> 0A000001:0050      Route   1      0          0         \n"
LEFT_OUT = {
    "TCP  0A000009:0050 rr \n" + SERVER: "its scheduler is rr, for which balance has no word; roundrobin does the same",
    "TCP  0A000009:0050 twos \n" + SERVER: "its scheduler is twos, for which balance has no word.",
    "UDP  0A000009:0050 wrr ops \n" + SERVER: "one-packet scheduling",
    "SCTP  0A000009:0050 wrr \n" + SERVER: "its protocol is sctp; a director's is tcp or udp",
    "TCP  0A000009:0050 wrr \n": "it has no server now",
    "TCP  0A000009:0050 wrr persistent 75000 FFFFFFFF\n" + SERVER: "only ipvsadm (the package ipvsadm) can say",
    "TCP  0A000009:0050 wrr \n" + SERVER.replace("Route", "Tunnel"): "can say of what type",
    "TCP  0A000009:0050 wrr \n" + SERVER.replace("Route", "Local"): 'reached by "Local", for which mode has no word',
    "TCP  0A000009:0050 wrr \n" + SERVER + SERVER.replace("01:", "02:").replace("Route", "Masq"): "by Masq and Route",
    "TCP  0A000009:0050 wrr \n" + SERVER.replace(":0050", ":0051"): "port 81 of its servers means nothing without NAT",
    "TCP  0A000009:0050 wrr \n" + SERVER.replace(" 1  ", " 999  "): "ipvs_director would refuse it: ",
    "TCP  0A000009:0050 wrr \n" + SERVER.replace(" 1  ", " 0  "): "weight is 0, and nobody else has a weight",
    "TCP  0A000001:0050 wrr \n" + SERVER: "which is the address of the director itself",
    "FWM  00000005 wrr \n%sFWM  00000005 wrr \n%s" % (SERVER.replace("50 ", "00 "), SERVER): "one for IPv4 and one",
}


@pytest.mark.parametrize("table", LEFT_OUT)
def test_what_no_director_can_say_is_told(table: str) -> None:
    sentence = LEFT_OUT[table].replace("one for IPv4 and one", "a service for IPv4 and one for IPv6")
    _found, left_out = directors_of(parse_services(HEADER + table), {}, [])
    assert len(left_out) == 1
    assert sentence in left_out[0]
    assert left_out[0].startswith(("tcp 10.0.0.", "udp 10.0.0.9:80: ", "sctp 10.0.0.9:80: ", "fwmark 5: "))
    assert left_out[0].endswith(".")


def test_flags_of_a_scheduler_are_not_lost_without_a_word() -> None:
    services = parse_services(HEADER + "UDP  0A620006:0050 sh \n" + SERVER)
    assert services[0].needs_ipvsadm
    _found, left_out = directors_of(services, parse_saved(SAVED), [])
    assert left_out == ["udp 10.98.0.6:80: its scheduler has the flags sh-port, which no director sets."]


def test_a_persistence_engine_is_not_lost_without_a_word() -> None:
    services = parse_services(HEADER + "UDP  0A620006:0050 wrr persistent 75000 FFFFFFFF\n" + SERVER)
    saved = parse_saved("-A -u 10.98.0.6:80 -s wrr -p 300 pe sip\n")
    _found, left_out = directors_of(services, saved, [])
    assert left_out == ["udp 10.98.0.6:80: it has the persistence engine sip, which no director has."]


# From a kernel 6.1 with ipvsadm 1.31.
SAVED = """\
-A -f -1245554828 -s wrr
-a -f -1245554828 -r 192.168.10.101:0 -g -w 1
-A -f 4712 -6 -s wrr
-a -f 4712 -6 -r [fd99::1]:0 -i -w 1 --tun-type gre --tun-csum
-A -t 10.98.0.3:0 -s wrr -p 60 -M 255.255.255.0
-a -t 10.98.0.3:0 -r 10.99.0.1:0 -m -w 1
-A -t [fd98::3]:80 -s wrr -p 300 -M 64
-a -t [fd98::3]:80 -r [fd99::1]:80 -m -w 1
-A -t 10.98.0.5:80 -s wrr
-a -t 10.98.0.5:80 -r 10.99.0.1:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum
-A -u 10.98.0.6:80 -s sh -b sh-port
-a -u 10.98.0.6:80 -r 10.99.0.1:80 -i -w 1
"""


def test_what_ipvsadm_says_is_read() -> None:
    found: dict[str, t.Any] = {
        "%s/%d" % key: (
            saved.persistence and saved.persistence.to_options(),
            saved.scheduler_flags,
            [tunnel.to_options() for tunnel in saved.tunnels.values()],
        )
        for key, saved in parse_saved(SAVED).items()
    }
    assert found == {
        "fwmark 3049412468/4": (None, "", []),
        "fwmark 4712/6": (None, "", [{"type": "gre", "checksum": "csum"}]),
        "tcp 10.98.0.3:0/4": ({"timeout": 60, "netmask": "255.255.255.0"}, "", []),
        "tcp [fd98::3]:80/6": ({"timeout": 300, "netmask": "64"}, "", []),
        "tcp 10.98.0.5:80/4": (None, "", [{"type": "gue", "port": 6080, "checksum": "none"}]),
        "udp 10.98.0.6:80/4": (None, "sh-port", [{"type": "ipip", "checksum": "none"}]),
    }


@pytest.mark.parametrize(
    "line", ["-A", "-A -x 1", "-A -t nonsense -s rr", "-a -t 10.0.0.1:80 -r 10.0.0.2:80 -i", "-A -f"]
)
def test_what_ipvsadm_never_said_is_an_error_that_quotes_it(line: str) -> None:
    with pytest.raises(LvsError, match="Cannot read what ipvsadm --save said: the line '%s'" % line):
        parse_saved(line)
