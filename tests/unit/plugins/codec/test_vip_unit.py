# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit: what it lists is read back, and its steps stand in the order that keeps the host silent."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.vip_unit import VipUnit, parse, render
from ansible_collections.linuxha.lvs.plugins.module_utils._errors import InputError
from ansible_collections.linuxha.lvs.plugins.module_utils._model.vip import Vip, parse_vips
from ansible_collections.linuxha.lvs.plugins.module_utils._plan.arp import suppression
from hypothesis import given
from hypothesis import strategies as st


def _render(unit):
    return render(unit, suppression(unit.interface))


def _vip(text):
    try:
        return Vip.parse(text, "x")
    except InputError:
        return None


vips = st.sets(st.ip_addresses().map(str).map(_vip).filter(bool), max_size=5).map(
    lambda found: tuple(sorted(found, key=Vip.order))
)
units = st.builds(VipUnit, vips, st.sampled_from(["all", "eth0", "eth0.100", "br-lan"]))


@given(units)
def test_parse_reads_what_render_writes(unit):
    assert parse(_render(unit)) == unit


@given(st.text())
def test_parse_never_fails(text):
    parse(text)


@pytest.mark.parametrize("interface", ["all", "eth0"])
@pytest.mark.parametrize("refused", [True, False])
def test_no_address_follows_a_setting_that_the_kernel_refuses(interface, refused):
    text = _render(VipUnit((), interface)).replace("/proc/sys/net", "/nowhere/net" if refused else "/dev/null #")
    command = re.search(r"^ExecStart=/bin/sh -ec '(.*)'$", text, re.MULTILINE)[1]
    done = subprocess.run(["/bin/sh", "-ec", command], stderr=subprocess.DEVNULL, check=False)
    assert (done.returncode != 0) == refused


def test_a_line_that_names_no_vip_is_not_ours():
    assert parse("ExecStart=/usr/sbin/ip addr replace 10.0.0.0/8 dev lo scope host\n").vips == ()


def test_settings_then_addresses_and_no_setting_is_undone_on_stop():
    text = _render(VipUnit(parse_vips(["192.168.10.50", "2001:db8::50"])))
    assert [line for line in text.splitlines() if line.startswith("Exec")] == [
        "ExecStart=/bin/sh -ec 'echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore; "
        "echo 2 >/proc/sys/net/ipv4/conf/all/arp_announce'",
        "ExecStart=/usr/sbin/ip addr replace 192.168.10.50/32 dev lo scope host",
        "ExecStart=/usr/sbin/ip addr replace 2001:db8::50/128 dev lo nodad preferred_lft 0",
        "ExecStop=-/usr/sbin/ip addr del 192.168.10.50/32 dev lo",
        "ExecStop=-/usr/sbin/ip addr del 2001:db8::50/128 dev lo",
    ]
    for line in ("DefaultDependencies=no", "Before=network-pre.target nfs-server.service shutdown.target"):
        assert line in text.splitlines()


def test_one_interface_is_waited_for_and_the_network_that_may_make_it_is_not_held_up():
    lines = _render(VipUnit((), "br-lan")).splitlines()
    assert r"After=sys-subsystem-net-devices-br\x2dlan.device" in lines
    assert "Before=nfs-server.service shutdown.target" in lines
    assert not [line for line in lines if "network-pre.target" in line]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
@pytest.mark.parametrize("interface", ["all", "br-lan"])
def test_systemd_accepts_it(tmp_path, interface):
    path = tmp_path / "linuxha-lvs-vips.service"
    path.write_text(_render(VipUnit(parse_vips(["192.168.10.50", "2001:db8::50"]), interface)))
    done = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True, check=False)
    # Units of the machine may have flaws of their own; ours is named by its path.
    assert not [line for line in done.stderr.splitlines() if "linuxha" in line]
