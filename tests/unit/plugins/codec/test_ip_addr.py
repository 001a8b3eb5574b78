# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `ip -j addr show` of several versions prints."""

from __future__ import annotations

import json

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.ip_addr import parse, put_command, remove_command
from ansible_collections.linuxha.lvs.plugins.module_utils._errors import LvsError
from ansible_collections.linuxha.lvs.plugins.module_utils._model.vip import Held

# iproute2 6.1, shortened; the empty object is what 5.x prints for a link that is left out.
TEXT = """[{},{"ifindex":1,"ifname":"lo","flags":["LOOPBACK","UP","LOWER_UP"],"addr_info":[
{"family":"inet","local":"192.168.10.50","prefixlen":32,"scope":"host","label":"lo",
 "valid_life_time":4294967295,"preferred_life_time":4294967295},
{"family":"inet6","local":"2001:DB8::50","prefixlen":128,"scope":"global","nodad":true,"deprecated":true,
 "valid_life_time":4294967295,"preferred_life_time":0}]},
{"ifname":"eth0","addr_info":[{"family":"inet","local":"10.0.0.1","prefixlen":24,"scope":"global","broadcast":"x"},
{"family":"mpls","local":"x"}]},{"ifname":"down0"}]"""


def test_parse():
    assert parse(TEXT) == (
        Held("lo", "192.168.10.50", 32, "host"),
        Held("lo", "2001:db8::50", 128, "global", fallback=True),
        Held("eth0", "10.0.0.1", 24, "global"),
    )
    assert parse("") == parse("[]") == ()


@pytest.mark.parametrize("text", ["{", "7", '["x"]', '[{"ifname":"lo","addr_info":[{"family":"inet","local":"x"}]}]'])
def test_anything_else_is_a_sentence(text):
    with pytest.raises(LvsError, match="Cannot read what ip -j addr show printed"):
        parse(text)


def test_commands():
    v4, v6 = parse(json.dumps(json.loads(TEXT)))[:2]
    assert put_command(v4) == "addr replace 192.168.10.50/32 dev lo scope host"
    assert put_command(v6) == "addr replace 2001:db8::50/128 dev lo nodad preferred_lft 0"
    assert remove_command(v6) == "addr del 2001:db8::50/128 dev lo"
