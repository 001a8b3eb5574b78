# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the program by which directors agree reads of the kernel's table, and tells of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.linuxha.lvs.tests.unit.fakes.ip_vs_table import HEADER, SERVICES, TEXT, servers_of
from ansible_collections.linuxha.lvs.tests.unit.roles.test_failback import ONE, PARTS, SERVICE, TWO, WATCH, pool

read_table = PARTS.table.read_table


def test_a_table_of_every_kind_is_read() -> None:
    assert read_table(TEXT) == {
        service: {(one.address, one.port): one.active + one.inactive for one in servers_of(service) if one.weight}
        for service, _servers in SERVICES
    }


def test_a_table_without_services_is_empty() -> None:
    assert read_table(HEADER) == read_table("") == {}


def test_an_own_address_is_known_however_it_is_written() -> None:
    is_own = PARTS.kernel_table.is_own
    assert is_own("127.0.0.1")
    # Nobody has an address for documentation, and a name is none.
    assert not is_own("192.0.2.1")
    assert not is_own("2001:db8::1")
    assert not is_own("no:address")
    if not Path("/proc/net/if_inet6").exists():
        pytest.skip("this kernel has no IPv6")
    assert is_own("::1")
    assert is_own("0:0::0001")


def test_what_the_kernel_has_is_told_by_name() -> None:
    table = {SERVICE: {TWO: 3, ("192.168.10.9", 0): 0}, WATCH: {ONE: 0, TWO: 0, ("192.168.10.9", 0): 0}}
    assert pool().told(table) == {
        "failback": "manual",
        "servers": {"nfs-01": "192.168.10.100"},
        "standby": {"nfs-02": "192.168.10.101"},
        "serving": ["192.168.10.101", "192.168.10.9"],
        "connections": {"192.168.10.101": 3, "192.168.10.9": 0},
        "strangers": ["192.168.10.9"],
        "able": ["nfs-01", "nfs-02"],
    }
    assert (pool("auto").told({})["able"], pool("auto").told({})["failback"]) == ([], "auto")
