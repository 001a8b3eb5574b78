# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole of nfs_arp_suppress against a host of its own."""

from __future__ import annotations

import pytest
from ansible_collections.linuxha.lvs.tests.unit.fakes.host_play import arp_host, player, refuses_link, run_arp

UNIT = "linuxha-lvs-vips.service"
UNIT_FILE = "/etc/systemd/system/" + UNIT
CONF = "/etc/sysctl.d/90-linuxha-lvs-arp.conf"
BOTH = ["192.168.10.50", "2001:DB8:0::50"]
PLACED = ["192.168.10.50/32", "2001:db8::50/128"]


host = pytest.fixture(arp_host)


@pytest.fixture
def play(host, capsys):
    return player(run_arp, capsys)


def arp(host, name="all"):
    return [host.proc.read("net/ipv4/conf/%s/%s" % (name, key)) for key in ("arp_ignore", "arp_announce")]


def test_first_run(host, play):
    done = play(BOTH)
    assert done["changed"]
    assert done["vips"] == ["192.168.10.50", "2001:db8::50"]
    assert arp(host) == ["1", "2"]
    assert host.on_lo() == PLACED
    assert host.enabled == host.active == {UNIT}
    assert host.files.read(CONF).splitlines()[1:] == [
        "net.ipv4.conf.all.arp_announce = 2",
        "net.ipv4.conf.all.arp_ignore = 1",
    ]
    assert done["actions"] == [
        "sysctl net/ipv4/conf/all/arp_ignore=1",
        "sysctl net/ipv4/conf/all/arp_announce=2",
        "ip addr replace 192.168.10.50/32 dev lo scope host",
        "ip addr replace 2001:db8::50/128 dev lo nodad preferred_lft 0",
    ]
    # The settings were in force before ip was called at all.
    assert [line for line in host.commands if line.startswith("ip -batch")] == ["ip -batch -"]


def test_a_hundred_cost_one_process_and_the_hundredth_can_go_alone(host, play):
    hundred = ["10.0.0.%d" % number for number in range(1, 51)] + ["2001:db8::%d" % number for number in range(1, 51)]
    assert len(play(hundred)["vips"]) == len(host.on_lo()) == 100
    called = [line for line in host.commands if line.startswith("ip ")]
    assert called == ["ip -j addr show", "ip -batch -", "ip -j addr show"]
    assert len(play(hundred[:-1])["actions"]) == 1
    assert len(host.on_lo()) == 99
    host.freeze()
    assert not play(list(reversed(hundred[:-1])))["changed"]


def test_check_mode_predicts_the_first_run(host, play):
    before = host.snapshot()
    host.freeze()
    predicted = play(BOTH, check=True)
    assert host.snapshot() == before
    host.frozen = host.proc.frozen = host.files.frozen = False
    real = play(BOTH)
    assert predicted == real


@pytest.mark.parametrize("check", [True, False])
def test_second_run_touches_nothing(host, play, check):
    play(BOTH)
    host.freeze()
    done = play(["2001:db8::50/128", "192.168.10.50"], check=check)
    assert not done["changed"]
    assert done["diff"] == []


@pytest.mark.parametrize("breaking", ["arp", "address", "enabled", "active", "unit", "conf"])
def test_drift_is_seen_and_mended(host, play, breaking):
    play(BOTH)
    good = host.snapshot()
    if breaking == "arp":
        host.proc.set("net/ipv4/conf/all/arp_ignore", "0")
    elif breaking == "address":
        host.addresses = [one for one in host.addresses if one["local"] != "192.168.10.50"]
    elif breaking in ("enabled", "active"):
        getattr(host, breaking).clear()
    else:
        path = UNIT_FILE if breaking == "unit" else CONF
        host.files.put(path, host.files.read(path) + "# touched\n")
    assert play(BOTH, check=True)["changed"]
    assert play(BOTH)["changed"]
    assert host.snapshot() == good
    assert not play(BOTH)["changed"]


def test_wide_or_in_the_wrong_scope_is_put_right(host, play):
    host.add("lo", "192.168.10.50", 24)
    host.add("lo", "192.168.10.51", 32)
    host.add("lo", "2001:db8::50", 128)
    play([*BOTH, "192.168.10.51"])
    assert host.on_lo() == ["192.168.10.50/32", "192.168.10.51/32", "2001:db8::50/128"]
    mine = {one["local"]: one for one in host.addresses}
    assert mine["192.168.10.51"]["scope"] == "host"
    assert mine["2001:db8::50"]["preferred_life_time"] == 0


def test_what_the_kernel_removes_with_a_wide_address_stays(host, play):
    for address in ("192.168.10.50", "192.168.10.51", "192.168.10.99"):
        host.add("lo", address, 24)
    predicted = play(["192.168.10.50", "192.168.10.51"], check=True)
    done = play(["192.168.10.50", "192.168.10.51"])
    assert done == predicted
    assert host.on_lo() == ["192.168.10.50/32", "192.168.10.51/32", "192.168.10.99/24"]
    host.freeze()
    assert not play(["192.168.10.50", "192.168.10.51"])["changed"]


def test_a_wide_address_that_goes_takes_nothing_with_it(host, play):
    for address in ("192.168.10.50", "192.168.10.51", "192.168.10.99"):
        host.add("lo", address, 24)
    play(["192.168.10.50", "192.168.10.51"], state="absent")
    assert host.on_lo() == ["192.168.10.99/24"]


def test_a_setting_of_somebody_else_in_our_file_is_left_to_the_kernel(host, play):
    play(BOTH)
    host.files.put(CONF, host.files.read(CONF) + "net.ipv4.ip_forward = 1\n")
    host.proc.set("net/ipv4/ip_forward", "1")
    done = play(BOTH)
    assert (done["files"], done["actions"]) == ([CONF], [])
    assert host.proc.read("net/ipv4/ip_forward") == "1"


def test_prune_removes_what_the_unit_lists_and_nothing_else(host, play):
    host.add("lo", "10.9.9.9", 32)
    play(BOTH)
    done = play(["192.168.10.60"], prune=False)
    assert done["vips"] == ["192.168.10.50", "192.168.10.60", "2001:db8::50"]
    done = play(["192.168.10.60"])
    assert done["vips"] == ["192.168.10.60"]
    assert host.on_lo() == ["10.9.9.9/32", "192.168.10.60/32"]
    assert arp(host) == ["1", "2"]


def test_absent_one_by_one_then_everything_is_as_before(host, play):
    fresh = host.snapshot()
    play(BOTH)
    host.commands.clear()
    play(["2001:db8::50"], state="absent")
    assert host.on_lo() == ["192.168.10.50/32"]
    assert arp(host) == ["1", "2"]
    done = play([], state="absent")
    assert done["actions"][0] == "ip addr del 192.168.10.50/32 dev lo"
    assert host.snapshot() == fresh
    host.freeze()
    assert not play([], state="absent")["changed"]
    assert not play(BOTH, state="absent")["changed"]


def test_another_interface(host, play):
    play(BOTH)
    done = play(BOTH, interface="eth0")
    assert arp(host, "eth0") == ["1", "2"]
    assert arp(host) == ["0", "0"]
    assert done["actions"][-1] == "sysctl net/ipv4/conf/all/arp_announce=0"
    host.freeze()
    assert not play(BOTH, interface="eth0")["changed"]


def test_bad_input_stops_before_anything(host, play):
    host.add("eth0", "192.168.10.77", 24)
    host.freeze()
    assert "has no effect" in play(BOTH, interface="lo")["msg"]
    assert 'interface is "eth7", but this host has no such interface' in play(BOTH, interface="eth7")["msg"]
    assert "already sits on eth0" in play(["192.168.10.77"])["msg"]
    assert "must have no length but /32" in play(["192.168.10.50/24"])["msg"]
    assert "vips is empty" in play([])["msg"]
    assert "stands there twice" in play(["2001:db8::1", "2001:db8:0::1"])["msg"]


@pytest.mark.parametrize("broken", ["refuse", "deaf", "ip", "full", "enable", "start"])
def test_a_failure_puts_everything_back(host, play, broken):
    host.add("lo", "192.168.10.51", 24)
    host.add("lo", "192.168.10.52", 32)
    host.add("lo", "2001:db8::51", 128)
    before = host.snapshot()
    if broken in ("refuse", "deaf"):
        getattr(host.proc, broken).add("net/ipv4/conf/all/arp_announce")
    elif broken == "ip":
        host.fail["^addr replace 2001"] = "Permission denied"
    elif broken == "full":
        host.files.full.add(UNIT_FILE)
    else:
        host.fail["systemctl %s" % broken] = "Access denied"
    done = play([*BOTH, "192.168.10.51", "192.168.10.52", "2001:db8::51"])
    assert done["failed"]
    assert done["msg"].endswith("The old state is back; nothing has changed.")
    if broken == "ip":
        assert "ip addr replace 2001:db8::50/128 dev lo nodad preferred_lft 0 said: " in done["msg"]
    assert host.snapshot() == before


def test_a_failure_on_a_configured_host_puts_everything_back(host, play):
    play(BOTH)
    before = host.snapshot()
    host.fail["systemctl disable"] = "Access denied"
    assert play([], state="absent")["failed"]
    host.fail.clear()
    assert host.snapshot() == before


def test_where_systemd_does_not_run(host, play):
    (host.root / "run/systemd/system").rmdir()
    play(BOTH)
    assert host.on_lo() == PLACED
    assert (host.enabled, host.active) == ({UNIT}, set())
    host.freeze()
    assert not play(BOTH)["changed"]


@pytest.mark.parametrize("check", [False, True])
def test_a_link_in_a_files_place_is_refused(host, play, check):
    refuses_link(host, lambda: play(BOTH, check), CONF)
