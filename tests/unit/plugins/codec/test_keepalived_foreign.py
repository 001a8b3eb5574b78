# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What others have written for keepalived, read as keepalived 2.2.7 reads it (alloc_vs, alloc_vsg_entry, read_line)."""

from __future__ import annotations

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.keepalived_foreign import (
    expanded,
    includes_in,
    services_of,
)


def keys(text: str) -> list[str]:
    return [str(key) for key in services_of({"file": text})["file"]]


def group(entries: str, inner: str = "protocol TCP") -> str:
    return "virtual_server_group web {\n%s\n}\nvirtual_server group web {\n%s\n}\n" % (entries, inner)


def test_services_of_a_foreign_file_are_found_also_in_groups() -> None:
    text = """
        global_defs {
            router_id lb1
        }
        virtual_server_group web {
            10.0.0.1 80
            10.0.0.2-4 80   ! a range
            fwmark 16
        }
        virtual_server group web {
            protocol TCP
        }
        @lb1 virtual_server 10.0.0.3 53 {
            protocol UDP
        }
        virtual_server fwmark 17
        {
            lvs_sched "rr"
        }
    """
    assert keys(text) == [
        "tcp 10.0.0.1:80", "tcp 10.0.0.2:80", "tcp 10.0.0.3:80", "tcp 10.0.0.4:80", "fwmark 16", "udp 10.0.0.3:53",
        "fwmark 17",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("virtual_server 10.0.0.1 80 {\n}", ["udp 10.0.0.1:80"]),
        ("virtual_server 10.0.0.1 80 {\nprotocol tcp\n}", ["tcp 10.0.0.1:80"]),
        ("virtual_server 10.0.0.1 080 {\nprotocol TCP\n}", ["tcp 10.0.0.1:80"]),
        ("virtual_server 10.0.0.1 {\nprotocol TCP\n}", ["tcp 10.0.0.1:0"]),
        ("virtual_server FD00:0:0::9 80 {\nprotocol TCP\n}", ["tcp [fd00::9]:80"]),
        ("virtual_server fwmark 0901928820 {\n}", ["fwmark 901928820"]),
        ("virtual_server fwmark 010 {\n}", ["fwmark 10"]),
        # keepalived takes no other base.
        ("virtual_server fwmark 0x10 {\n}", []),
        ("virtual_server www.example.com 80 {\n}", []),
        ("virtual_server 10.0.0.1 http {\n}", []),
        ("$VIP=10.0.0.9 # the web\nvirtual_server $VIP 80 {\nprotocol TCP\n}", ["tcp 10.0.0.9:80"]),
        ("$A=10.0.0\n$PORT=80\nvirtual_server ${A}.9 ${PORT} {\nprotocol TCP\n}", ["tcp 10.0.0.9:80"]),
        ("$NET=10.0.0\n$VIP=${NET}.9\nvirtual_server $VIP 80 {\n}", ["udp 10.0.0.9:80"]),
        ("virtual_server $NOBODY 80 {\n}", []),
        (group("10.0.0.1 53", "protocol UDP"), ["udp 10.0.0.1:53"]),
        (group("10.0.0.1 53", ""), ["udp 10.0.0.1:53"]),
        (group("10.0.0.5-7 80"), ["tcp 10.0.0.5:80", "tcp 10.0.0.6:80", "tcp 10.0.0.7:80"]),
        (group("10.0.0.255-10.0.1.0 80"), ["tcp 10.0.0.255:80", "tcp 10.0.1.0:80"]),
        (group("fd00::9-a 80"), ["tcp [fd00::9]:80", "tcp [fd00::a]:80"]),
        (group("10.0.0.8/31 80"), ["tcp 10.0.0.8:80", "tcp 10.0.0.9:80"]),
        (group("10.0.0.9/31 80\n10.0.0.7-5 80\n10.0.0.1-256 80\n10.0.0.1-fd00::1 80\nx 80"), []),
        (group("fwmark 7 inet6"), ["fwmark 7"]),
        ("virtual_server_group web {\n10.0.0.1 80\n}\n", []),
        ("virtual_server group web {\n}\n", []),
        ("virtual_server {\n", []),
    ],
)  # fmt: skip
def test_services_are_read_as_keepalived_reads_them(text: str, wanted: list[str]) -> None:
    assert keys(text) == wanted


def test_a_range_that_no_host_would_survive_ends_somewhere() -> None:
    assert len(keys(group("10.0.0.0/8 80"))) == 65536


def test_groups_and_definitions_of_one_file_hold_in_another() -> None:
    texts = {
        "main": "$VIP=10.0.0.9\n$VIP6=fd00::9\ninclude web\n",
        "web": "virtual_server group web {\nprotocol TCP\n}\nvirtual_server $VIP6 80 {\nprotocol TCP\n}\n",
        "groups": "virtual_server_group web {\n$VIP 80\n}\n",
    }
    assert {path: [str(key) for key in found] for path, found in services_of(texts).items()} == {
        "main": [],
        "web": ["tcp 10.0.0.9:80", "tcp [fd00::9]:80"],
        "groups": [],
    }


def test_what_nobody_defined_stays_as_it_is() -> None:
    text = "virtual_server $VIP 80 {\n  real_server ${A B} 80\n}\nx y$\n"
    assert expanded({"a": text}) == {"a": text}


def test_a_definition_of_itself_comes_to_an_end() -> None:
    assert expanded({"a": "$A=$A $A\nx $A\n"})["a"]


def test_includes_are_found_in_all_their_forms() -> None:
    text = 'include conf.d/*.conf\nincludew "/etc/x.conf" # why\n'
    text += "global_defs {\n include inner.conf\n include_check rw\n}\n"
    text += "include {mail,web}.conf\n@lb1 includea /etc/{a,{b,c}}/*.conf ! all\n"
    assert includes_in(text) == [
        "conf.d/*.conf", "/etc/x.conf", "inner.conf", "mail.conf", "web.conf", "/etc/a/*.conf", "/etc/b/*.conf",
        "/etc/c/*.conf",
    ]  # fmt: skip
