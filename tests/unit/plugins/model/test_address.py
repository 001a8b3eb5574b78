# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ipaddress
import typing as t

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._errors import InputError
from ansible_collections.linuxha.lvs.plugins.module_utils._model.address import (
    family,
    parse_address,
    parse_host,
    parse_network,
)
from hypothesis import given
from hypothesis import strategies as st


@given(st.ip_addresses())
def test_every_spelling_of_an_address_becomes_the_shortest(address: t.Any) -> None:
    assert parse_address(address.exploded, "e", "k") == str(address)
    assert family(str(address)) == address.version


@given(st.ip_addresses(), st.data())
def test_a_network_loses_its_host_bits_and_parses_to_itself(address: t.Any, data: st.DataObject) -> None:
    length = data.draw(st.integers(0, address.max_prefixlen))
    text = parse_network("%s/%d" % (address, length), "e", "k")
    assert ipaddress.ip_network(text) == ipaddress.ip_network("%s/%d" % (address, length), strict=False)
    assert parse_network(text, "e", "k") == text


def test_a_single_address_has_no_length() -> None:
    assert parse_network("192.168.10.50/32", "e", "k") == "192.168.10.50"
    assert parse_network("10.1.2.3/255.0.0.0", "e", "k") == "10.0.0.0/8"


@pytest.mark.parametrize(
    "value", ["", "1.2.3", "1.2.3.256", "host", "1.2.3.4\n", "1.2.3.4 ", 16909060, None, "::g", b"1234"]
)
def test_what_is_no_address_is_refused_with_entry_key_and_value(value: t.Any) -> None:
    with pytest.raises(InputError) as caught:
        parse_address(value, 'director "nfs"', "address")
    shown = '"%s"' % value.replace("\n", "\\n") if isinstance(value, str) else repr(value)
    assert str(caught.value) == 'director "nfs": address is %s, must be an IPv4 or IPv6 address' % shown


@pytest.mark.parametrize("parse", [parse_address, parse_network])
def test_an_interface_in_an_address_is_refused(parse: t.Callable[[str, str, str], str]) -> None:
    with pytest.raises(InputError, match="address"):
        parse("fe80::1%eth0", "e", "k")


@pytest.mark.parametrize("value", ["1.2.3.4/33", "::/129", "1.2.3.4/-1", "1.2.3.4/255.0.255.0", "1.2.3.4/", "/8"])
def test_what_is_no_network_is_refused(value: str) -> None:
    with pytest.raises(InputError, match="must be an IPv4 or IPv6 address, or a network"):
        parse_network(value, "e", "k")


@pytest.mark.parametrize("value", ["0.0.0.0", "::", "224.0.0.1", "ff02::1", "255.255.255.255"])  # noqa: S104 - nothing is bound
def test_an_address_that_no_host_can_have_is_refused(value: str) -> None:
    with pytest.raises(InputError, match="one host can have"):
        parse_host(value, "e", "k")


@pytest.mark.parametrize("value", ["fe80::1", "febf::1", "::ffff:10.0.0.1", "::ffff:a00:1"])
def test_an_address_that_ipvs_cannot_send_to_is_refused(value: str) -> None:
    with pytest.raises(InputError, match='address is "%s", must not be a link-local or IPv4-mapped address' % value):
        parse_host(value, 'director "nfs"', "address")


@pytest.mark.parametrize("value", ["169.254.1.1", "127.0.0.1", "::1", "fd00::1"])
def test_what_some_host_really_uses_is_not(value: str) -> None:
    assert parse_host(value, "e", "k") == value
