# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.keepalived import (
    owner_of,
    parse,
    render,
    seconds,
    service_keys,
)
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.keepalived_blocks import BlockError, Node, parse_blocks
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.keepalived_foreign import services_of
from ansible_collections.linuxha.lvs.plugins.module_utils._errors import InputError, LvsError
from ansible_collections.linuxha.lvs.plugins.module_utils._model.director import Director
from ansible_collections.linuxha.lvs.tests.unit.fakes.directors import SEED, directors
from hypothesis import given
from hypothesis import strategies as st

SEED_TEXT = """\
# Managed by linuxha.lvs.ipvs_director: director nfs
# What is changed here by hand is lost when the module runs again.
track_file hold:nfs:nfs-01 {
    file "/var/lib/linuxha-lvs/failback/nfs:nfs-01"
    weight 0
}
# check tcp port 2049 fall 1
virtual_server fwmark 901928820 {
    lvs_sched wrr
    lvs_method DR
    delay_loop 10
    connect_timeout 2
    delay_before_retry 10
    warmup 0
    # server nfs-01 port 2049
    real_server 192.168.10.100 {
        weight 10
        FILE_CHECK {
            track_file hold:nfs:nfs-01
            weight 0
        }
        TCP_CHECK {
            connect_port 2049
            retry 0
        }
    }
    # server nfs-02 port 2049 weight 1
    sorry_server 192.168.10.101
}
# keepalived does not check a sorry server. Here it is checked; no packet has this mark.
virtual_server fwmark 3049412468 {
    lvs_sched wrr
    lvs_method DR
    delay_loop 10
    connect_timeout 2
    delay_before_retry 10
    warmup 0
    alpha
    real_server 192.168.10.100 {
        weight 1
        TCP_CHECK {
            connect_port 2049
            retry 0
        }
    }
    real_server 192.168.10.101 {
        weight 1
        TCP_CHECK {
            connect_port 2049
            retry 0
        }
    }
}
"""


def service_of(options: dict[str, t.Any]) -> Node:
    """The director's own service; the one that watches its standby comes after it."""
    return services_in(options)[0]


def services_in(options: dict[str, t.Any]) -> list[Node]:
    """The director's services, without the files that are watched for it."""
    nodes = parse_blocks(render(Director.from_options(options, "e")))
    return [node for node in nodes if node.keyword == "virtual_server"]


def test_the_seed_becomes_this_text() -> None:
    assert render(Director.from_options(SEED, "e")) == SEED_TEXT


@given(directors())
def test_a_file_gives_back_the_director_it_was_made_from(director: Director) -> None:
    text = render(director)
    assert parse(text) == director
    assert owner_of(text) == director.name
    assert services_of({"file": text}) == {"file": service_keys(director)}


@given(directors())
def test_a_file_keeps_to_one_block_and_one_keyword_a_line(director: Director) -> None:
    text = render(director)
    kinds = ["track_file"] * len(director.held) + ["virtual_server"] * len(service_keys(director))
    assert [node.keyword for node in parse_blocks(text)] == kinds
    assert not parse_blocks(text)[len(director.held)].all("alpha")
    for line in text.splitlines():
        if not line.lstrip().startswith("#"):
            assert line.count("{") + line.count("}") <= 1
            assert line.endswith(("{", "}")) or "{" not in line


def test_a_marked_service_has_no_protocol_and_its_servers_no_port() -> None:
    service = service_of(SEED)
    assert service.value("protocol") is None
    assert [node.words for node in service.children or [] if "server" in node.keyword] == [
        ("real_server", "192.168.10.100"),
        ("sorry_server", "192.168.10.101"),
    ]


def test_gateway_mode_forwards_to_the_directors_port_and_checks_the_servers() -> None:
    options = {**SEED, "check": {"type": "tcp"}, "address": "192.168.10.50", "port": 80}
    service = service_of(options)
    (server,) = service.all("real_server")
    assert server.words == ("real_server", "192.168.10.100", "80")
    assert server.all("TCP_CHECK")[0].value("connect_port") == "2049"


def test_a_server_without_check_has_no_checker() -> None:
    options = {**SEED, "servers": [{"name": "a", "address": "10.0.0.1"}]}
    service = service_of(options)
    assert [node.keyword for node in service.all("real_server")[0].children or []] == ["weight"]


def test_fall_counts_checks_that_stand_one_interval_apart() -> None:
    options = {**SEED, "check": {"type": "tcp", "interval": 0.5, "fall": 3}}
    service = service_of(options)
    assert service.value("delay_before_retry") == "0.5"
    assert service.all("real_server")[0].all("TCP_CHECK")[0].value("retry") == "2"


def test_a_bad_check_can_be_made_again_at_once() -> None:
    service = service_of({**SEED, "check": {"type": "tcp", "interval": 0.2, "fall": 4, "retry_interval": 0.02}})
    assert (service.value("delay_loop"), service.value("delay_before_retry")) == ("0.2", "0.02")


def test_what_costs_a_process_can_be_made_less_often() -> None:
    check = {"type": ["tcp", "nfs"], "interval": 0.2, "timeout": 0.1, "fall": 4, "program": {"interval": 2, "fall": 3}}
    service = service_of({**SEED, "check": check})
    (server,) = service.all("real_server")
    (native,), (program,) = server.all("TCP_CHECK"), server.all("MISC_CHECK")
    assert (native.value("retry"), native.value("delay_loop"), service.value("delay_loop")) == ("3", None, "0.2")
    times = [program.value(word) for word in ("delay_loop", "delay_before_retry", "retry", "misc_timeout")]
    assert times == ["2", "2", "2", "4"]
    assert " timeout=1 " in (program.value("misc_path") or "")


def test_a_check_of_the_program_asks_for_what_keepalived_cannot() -> None:
    check = {"type": ["nfs", "vip"], "vip": "192.168.10.50", "interval": 0.5, "iface": "eth0"}
    service, watch = services_in({**SEED, "check": check})
    run = "/usr/bin/python3 -IS /usr/libexec/keepalived/linuxha-lvs-check "
    for server, address in (
        (service.all("real_server")[0], "192.168.10.100"),
        (watch.all("real_server")[0], "192.168.10.100"),
        (watch.all("real_server")[1], "192.168.10.101"),
    ):
        (both,) = server.all("MISC_CHECK")
        words = "nfs,vip address=%s timeout=0.25 port=2049 vip=192.168.10.50 iface=eth0" % address
        assert both.value("misc_path") == run + words
        # keepalived 2.2.7 ends its own test with a SIGTERM for any other user.
        assert both.value("user") == "root"


def test_without_a_check_or_a_standby_nothing_is_watched() -> None:
    for options in (
        {**SEED, "check": {"type": "tcp", "sorry": False}},
        {**SEED, "servers": SEED["servers"][:1]},
        {**SEED, "check": None, "servers": [{**SEED["servers"][0], "check": False}, SEED["servers"][1]]},
    ):
        assert len(services_in(options)) == 1
        assert not Director.from_options(options, "e").held


@pytest.mark.parametrize(
    ("tunnel", "words"),
    [
        (None, ("TUN",)),
        ({}, ("TUN", "type", "ipip")),
        ({"type": "gue", "port": 6080, "checksum": "remcsum"}, ("TUN", "type", "gue", "port", "6080", "remcsum")),
        ({"type": "gre", "checksum": "csum"}, ("TUN", "type", "gre", "csum")),
    ],
)
def test_a_tunnel_has_its_type(tunnel: dict[str, t.Any] | None, words: tuple[str, ...]) -> None:
    service = service_of({**SEED, "mode": "tunnel", "tunnel": tunnel})
    assert service.all("lvs_method")[0].words[1:] == words


@pytest.mark.parametrize(("value", "text"), [(10.0, "10"), (0.5, "0.5"), (0.000001, "0.000001"), (100.0, "100")])
def test_times_have_no_needless_zeros(value: float, text: str) -> None:
    assert seconds(value) == text


@given(st.text(alphabet='ab {}"\n#!@', max_size=60))
def test_any_text_has_blocks_or_says_which_line_is_wrong(text: str) -> None:
    try:
        parse_blocks(text)
    except BlockError as error:
        sentence = str(error)
    else:
        sentence = "line 0: nothing"
    assert sentence.startswith("line ")


@pytest.mark.parametrize("text", ["a {", "}", "{", "a { b {\n}"])
def test_braces_that_do_not_match_are_found(text: str) -> None:
    with pytest.raises(BlockError, match="line 1"):
        parse_blocks(text)


def test_a_file_that_somebody_has_broken_is_not_read_as_a_director() -> None:
    for text in ("", "virtual_server fwmark 1 {\n}\n", SEED_TEXT.replace("lvs_sched wrr", "lvs_sched x"),
                 SEED_TEXT.replace("# server nfs-01 port 2049\n", "")):  # fmt: skip
        with pytest.raises(LvsError):
            parse(text)


@pytest.mark.parametrize(("timeout", "limit"), [(0.4, "3"), (4291, "4294"), (4292, "4294"), (4294, "4294")])
def test_keepalived_can_read_the_limit_of_every_program(timeout: float, limit: str) -> None:
    check = {"type": "nfs", "interval": 4294, "timeout": timeout}
    (program,) = service_of({**SEED, "check": check}).all("real_server")[0].all("MISC_CHECK")
    assert program.value("misc_timeout") == limit


MANUAL = {**SEED, "check": {"type": "tcp"}, "failback": "manual"}


def test_a_server_that_comes_back_by_hand_has_two_checks_of_its_hold() -> None:
    track, service, watch = parse_blocks(render(Director.from_options(MANUAL, "e")))
    file = "/var/lib/linuxha-lvs/failback/nfs:nfs-01"
    assert (track.words, track.value("file"), track.value("weight")) == (("track_file", "hold:nfs:nfs-01"), file, "0")
    (server,) = service.all("real_server")
    (tracked,), (tested,) = server.all("FILE_CHECK"), server.all("MISC_CHECK")
    assert (tracked.value("track_file"), tracked.value("weight")) == ("hold:nfs:nfs-01", "0")
    assert tested.value("misc_path") == "/usr/bin/test ! -s " + file
    assert len(server.all("TCP_CHECK")) == 1
    # Beside the standby, and without its hold, so that one sees whether it could serve; dead until a check says else.
    assert [node.words[1] for node in watch.all("real_server")] == ["192.168.10.100", "192.168.10.101"]
    assert not [node for node in watch.all("real_server") if node.all("FILE_CHECK") or node.all("MISC_CHECK")]
    assert watch.all("alpha")
    assert not service.all("alpha")


def test_a_server_that_comes_back_by_itself_needs_no_program_for_its_hold() -> None:
    text = render(Director.from_options({**MANUAL, "failback": "auto"}, "e"))
    assert text == render(Director.from_options({**SEED, "check": {"type": "tcp"}}, "e"))
    (server,) = parse_blocks(text)[1].all("real_server")
    assert [node.keyword for node in server.children or []] == ["weight", "FILE_CHECK", "TCP_CHECK"]


@pytest.mark.parametrize("failback", ["auto", "manual"])
def test_a_server_without_weight_has_left_no_pool(failback: str) -> None:
    servers = [*SEED["servers"], {"name": "nfs-03", "address": "192.168.10.102", "check": True, "weight": 0}]
    director = Director.from_options({**SEED, "failback": failback, "servers": servers}, "e")
    assert [server.name for server in director.held] == ["nfs-01"]


def test_who_stays_in_the_pool_when_he_fails_is_not_held_out() -> None:
    director = Director.from_options({**SEED, "check": {**SEED["check"], "inhibit": True}}, "e")
    assert director.held == ()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"check": None, "servers": [{"name": "a", "address": "10.0.0.1"}]}, "but none of its servers has check: true"),
        ({"check": {"type": "tcp", "inhibit": True}}, "but check.inhibit keeps a server that failed in the pool"),
        ({"failback": "maybe"}, "must be one of auto, manual"),
    ],
)
def test_a_failback_that_cannot_be_is_refused(more: dict[str, t.Any], words: str) -> None:
    with pytest.raises(InputError, match=r'director "nfs": failback is "(manual|maybe)"') as refused:
        Director.from_options({**MANUAL, **more}, "e")
    assert words in str(refused.value)
