# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.proc_ip_vs import parse_connections, parse_services
from ansible_collections.linuxha.lvs.plugins.module_utils._errors import LvsError
from ansible_collections.linuxha.lvs.plugins.module_utils._model.ipvs import Destination, Service, ServiceKey
from ansible_collections.linuxha.lvs.tests.unit.fakes.ip_vs_table import SERVICES, TEXT, Server

CONNECTIONS = """\
Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData
TCP C0A80A14 032B C0A80A32 0801 C0A80A64 0801 ESTABLISHED     899
IP  C0A80A14 0000 00000001 0000 C0A80A64 0000 NONE            290
UDP 2001:0db8:0000:0000:0000:0000:0000:0009 C001 2001:0db8:0000:0000:0000:0000:0000:0001 0035 \
2001:0db8:0000:0000:0000:0000:0000:0002 0035 UDP             100
"""


def test_services_of_every_kind_are_read() -> None:
    found = [
        (
            ("FWM", service.key.fwmark)
            if service.key.protocol == "fwmark"
            else (service.key.protocol.upper(), service.key.address, service.key.port),
            [Server(one.address, one.port, one.weight, one.active, one.inactive) for one in service.destinations],
        )
        for service in parse_services(TEXT)
    ]
    assert found == SERVICES


def test_how_a_service_chooses_is_read() -> None:
    web, dns, nfs, six, *_others = parse_services(TEXT)
    assert web.key == ServiceKey("tcp", "192.168.10.50", 80)
    assert (web.scheduler, web.flags, web.ticks, web.netmask) == ("wlc", ("persistent",), 75000, 0xFFFFFF00)
    assert [one.forward for one in web.destinations + dns.destinations] == ["Masq", "Masq", "Tunnel"]
    assert (dns.key, dns.scheduler, dns.flags) == (ServiceKey("udp", "192.168.10.50", 53), "rr", ("ops",))
    servers = (Destination("192.168.10.100", 0, "Route", 10, 1, 0), Destination("192.168.10.9", 0, "Local", 0, 0, 0))
    assert nfs == Service(ServiceKey("fwmark", fwmark=0x35C24F34), "wrr", servers)
    assert six.key == nfs.key


def test_connections_of_every_kind_are_read() -> None:
    tcp, template, udp = [connection.to_options() for connection in parse_connections(CONNECTIONS)]
    assert tcp == {
        "protocol": "tcp",
        "client": {"address": "192.168.10.20", "port": 811},
        "director": {"address": "192.168.10.50", "port": 2049},
        "server": {"address": "192.168.10.100", "port": 2049},
        "state": "ESTABLISHED",
        "expires": 899,
    }
    assert template["director"] == {"address": "0.0.0.1", "port": 0}
    assert udp["client"] == {"address": "2001:db8::9", "port": 49153}


def test_services_come_out_in_the_modules_words() -> None:
    assert [service.to_options() for service in parse_services(TEXT)][2] == {
        "fwmark": 901926708,
        "scheduler": "wrr",
        "balance": "roundrobin",
        "persistent": False,
        "servers": [
            {
                "address": "192.168.10.100",
                "port": 0,
                "mode": "gateway",
                "weight": 10,
                "active_connections": 1,
                "inactive_connections": 0,
            },
            {
                "address": "192.168.10.9",
                "port": 0,
                "mode": "local",
                "weight": 0,
                "active_connections": 0,
                "inactive_connections": 0,
            },
        ],
    }


@pytest.mark.parametrize(
    "line", ["TCP", "TCP  C0A80A32 wlc", "FWM  xyz wrr", "  -> C0A80A64:0050 Masq", "TCP C0A8:0050 rr"]
)
def test_a_line_of_an_unknown_form_is_quoted(line: str) -> None:
    with pytest.raises(LvsError, match="Cannot read /proc/net/ip_vs: the line") as caught:
        parse_services("FWM  00000001 rr\n" + line)
    assert repr(line) in str(caught.value)
    with pytest.raises(LvsError, match="/proc/net/ip_vs_conn"):
        parse_connections(line.replace("->", "TCP"))


def test_no_text_is_no_table() -> None:
    assert parse_services("") == []
    assert parse_connections("") == []
