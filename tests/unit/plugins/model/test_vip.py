# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""VIPs: one spelling each, and refusals that say why."""

from __future__ import annotations

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._errors import InputError
from ansible_collections.linuxha.lvs.plugins.module_utils._model.vip import Vip, parse_interface, parse_vips, right
from hypothesis import given
from hypothesis import strategies as st

BAD = [
    ("192.168.10.50/24", r'vips\[0\]: address is "192.168.10.50/24", must have no length but /32'),
    ("2001:db8::50/64", "must have no length but /128"),
    ("2001:db8::50/32", "must have no length but /128"),
    ("192.168.10.50/", "must have no length but /32"),
    ("192.168.10.50/032", "must have no length but /32"),
    ("127.0.0.1", "loopback"),
    ("::1", "loopback"),
    ("0.0.0.0", "one host can have"),  # noqa: S104 - nothing is bound
    ("224.0.0.18", "one host can have"),
    ("ff02::1", "one host can have"),
    ("255.255.255.255", "one host can have"),
    ("fe80::1", "link-local"),
    ("::ffff:192.168.10.50", "IPv4-mapped"),
    ("2001:db8::1%eth0", "zone"),
    ("192.168.10", "IPv4 or IPv6 address"),
    ("192.168.010.50", "IPv4 or IPv6 address"),
    ("nfs", "IPv4 or IPv6 address"),
    ("", "IPv4 or IPv6 address"),
    ("192.168.10.50\nExecStart=/bin/sh", "IPv4 or IPv6 address"),
    (3232238130, "IPv4 or IPv6 address"),
]


@pytest.mark.parametrize(("value", "sentence"), BAD)
def test_refused(value, sentence):
    with pytest.raises(InputError, match=sentence):
        parse_vips([value])


def test_sorted_and_in_one_spelling():
    vips = parse_vips(["2001:DB8:0::50", "192.168.10.100", "192.168.10.50/32"])
    assert [vip.cidr for vip in vips] == ["192.168.10.50/32", "192.168.10.100/32", "2001:db8::50/128"]


def test_twice_in_two_spellings():
    with pytest.raises(InputError, match=r"vips\[2\]: .* stands there twice: see vips\[0\]"):
        parse_vips(["2001:db8::50", "192.168.10.50", "2001:DB8:0:0::50/128"])


@given(st.ip_addresses().map(str) | st.text())
def test_nothing_but_its_own_error_and_stable(text):
    try:
        vip = Vip.parse(text, "x")
    except InputError:
        return
    assert Vip.parse(vip.cidr, "x") == Vip.parse(vip.address, "x") == vip
    assert right(vip).serves(vip)


@pytest.mark.parametrize("name", ["all", "eth0", "eth0.100", "br-lan", "enp1s0f0"])
def test_interfaces(name):
    assert parse_interface(name) == name


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("lo", "has no effect"),
        ("default", "appear later"),
        ("", "must be all or"),
        ("eth0/../all", "must be all or"),
        ("eth0\n", "must be all or"),
        (".hidden", "must be all or"),
        ("sixteen-letters-", "must be all or"),
    ],
)
def test_interfaces_refused(name, sentence):
    with pytest.raises(InputError, match=sentence):
        parse_interface(name)
