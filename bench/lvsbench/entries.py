# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""Directors and flows by the hundred, and the template with which roles write the same directors."""

from __future__ import annotations

import typing as t

# One file with every virtual_server, as roles that wrap keepalived render it.
TEMPLATE = """\
global_defs {
    enable_script_security
}
{% for director in directors %}
virtual_server fwmark {{ director.fwmark }} {
    delay_loop {{ director.check.interval }}
    lvs_sched wrr
    lvs_method DR
{% for server in director.servers %}
    real_server {{ server.address }} {
        weight {{ server.weight }}
        TCP_CHECK {
            connect_port {{ director.check.port }}
            connect_timeout {{ director.check.timeout }}
        }
    }
{% endfor %}
}
{% endfor %}
"""


def directors(number: int) -> list[dict[str, t.Any]]:
    """Directors by mark, each with two servers of its own that are checked."""
    return [
        {
            "name": "director-%04d" % index,
            "fwmark": 1000 + index,
            "mode": "gateway",
            "check": {"type": "tcp", "interval": 60, "timeout": 2, "port": 2049},
            "servers": [
                {"name": "s%d" % server, "address": address(index, server), "weight": 10, "check": True}
                for server in (1, 2)
            ],
        }
        for index in range(number)
    ]


def flows(number: int) -> list[dict[str, t.Any]]:
    """One flow to each director, for a VIP of its own."""
    return [
        {
            "name": "flow-%04d" % index,
            "policy": "director",
            "director": "director-%04d" % index,
            "fwmark": 1000 + index,
            "rules": [{"dst": "10.200.%d.%d" % divmod(index, 250), "proto": "tcp", "dstport": "2049"}],
        }
        for index in range(number)
    ]


def address(director: int, server: int) -> str:
    """Addresses that the measured host has itself, so that all checks are answered."""
    high, low = divmod(director, 250)
    return "10.%d.%d.%d" % (200 + server, high, low + 1)
