# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What docs/docsite/rst/production.rst says of keepalived's SNMP, done as it says on both directors."""

from __future__ import annotations

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "lab"))
sys.path.insert(0, str(Path(__file__).parents[3] / "tests/unit/docs"))

from guides import blocks_of

from lvsmeasure import nodes
from lvsmodule.host import TOP, wait_until

PAGE = TOP / "docs/docsite/rst/production.rst"
MIB = "/usr/share/snmp/mibs/KEEPALIVED-MIB.txt"
ROOT = "1.3.6.1.4.1.9586.100.5"
SECTION = PAGE.read_text(encoding="utf-8").partition("With keepalived's SNMP\n")[2].partition("With Ansible")[0]
OBJECTS = [
    name for line in re.findall(r"^   \* - (.*)$", SECTION, re.MULTILINE) for name in re.findall(r"``(\w+)``", line)
]
# What a monitor has, and a program that writes down the notifications.
MONITOR = """
apt-get install -qq -y snmp snmptrapd >/dev/null
# It may be stopped already, or have no socket.
systemctl stop snmptrapd.socket snmptrapd 2>/dev/null || true
systemd-run --quiet --collect --unit=told -p StandardOutput=file:/run/told \\
  snmptrapd -f -On -Lo --disableAuthorization=yes udp:127.0.0.1:162
"""
# Whose values are looked at below; the last two are notifications.
VALUES, NOTIFICATIONS = OBJECTS[:-2], OBJECTS[-2:]


@pytest.fixture(scope="module", name="numbers")
def _numbers() -> dict[str, str]:
    """Each name of the MIB to its number: Debian has no names of what it builds on, so snmpwalk cannot tell them."""
    text = nodes.ssh("lb1", "cat", MIB)
    kinds = r"(?:OBJECT-TYPE|OBJECT IDENTIFIER|NOTIFICATION-TYPE)"
    found = {"keepalived": ROOT}
    for name, above, number in re.findall(r"(?m)^(\w+)\s+%s\b.*?::=\s*{\s*(\w+)\s+(\d+)\s*}" % kinds, text, re.DOTALL):
        if above in found:
            found[name] = "%s.%s" % (found[above], number)
    return found


@pytest.fixture(scope="module", name="walked", autouse=True)
def _walked() -> dict[str, dict[str, str]]:
    """What each director tells: number to value."""
    nodes.lab("packages", "snmp", "snmpd", "snmptrapd", "--nodes", *nodes.DIRECTORS)
    with ThreadPoolExecutor() as pool:
        list(pool.map(_set_up, nodes.DIRECTORS))
    wait_until("there is one master", lambda: len(_masters()) == 1, 60)
    # Servers that have not answered yet are dead.
    wait_until("all servers answer", lambda: all(_alive(one) for one in nodes.DIRECTORS), 60)
    return {one: dict(re.findall(r"(?m)^\.(\S+) = \w+: (.*)$", _walk(one))) for one in nodes.DIRECTORS}


def _set_up(director: str) -> None:
    """The page's commands, with the director itself for a monitor."""
    (block,) = (block for block in blocks_of(PAGE) if "snmpd.conf.d" in block.text)
    nodes.ssh(director, "sh", "-ec", MONITOR, limit=300)
    nodes.ssh(director, "sh", "-ec", block.text.replace("192.168.10.1 ", "127.0.0.1 "), limit=300)


def _masters() -> list[str]:
    return [one for one in nodes.DIRECTORS if nodes.ssh(one, "ip", "-o", "addr", "show", "to", nodes.VIP).strip()]


def _alive(director: str) -> bool:
    """Whether two servers at least have answered their checks, by their realServerStatus."""
    return len(re.findall(r"\.3\.4\.1\.6\.\S+ = INTEGER: 1", _walk(director))) >= 2


def _walk(director: str) -> str:
    return nodes.ssh(director, "snmpwalk", "-v2c", "-c", "public", "-On", "localhost", "." + ROOT, limit=60)


def test_the_page_names_what_the_mib_has(numbers: dict[str, str]) -> None:
    assert len(OBJECTS) == 8
    assert set(OBJECTS) <= set(numbers)


def values(told: dict[str, str], number: str) -> list[str]:
    return [value for one, value in told.items() if one.startswith(number + ".")]


def test_each_object_has_a_value(numbers: dict[str, str], walked: dict[str, dict[str, str]]) -> None:
    for name in VALUES:
        print(name, [values(told, numbers[name]) for told in walked.values()])
        assert all(values(told, numbers[name]) for told in walked.values()), name


def test_they_say_what_the_page_says(numbers: dict[str, str], walked: dict[str, dict[str, str]]) -> None:
    states = {one: values(told, numbers["vrrpInstanceState"]) for one, told in walked.items()}
    (master,) = _masters()
    assert {one: set(found) for one, found in states.items()} == {
        one: {"2" if one == master else "1"} for one in nodes.DIRECTORS
    }
    told = walked[master]
    kinds = values(told, numbers["realServerType"])
    assert sorted(set(kinds)) == ["1", "2"]
    # A sorry server has no state; where it is watched it is a regular one.
    assert len(values(told, numbers["realServerStatus"])) == kinds.count("1") >= 2


@pytest.mark.parametrize("name", NOTIFICATIONS)
def test_the_monitor_is_told(name: str, numbers: dict[str, str]) -> None:
    # Each director has come up since, and its servers.
    for director in nodes.DIRECTORS:
        said = nodes.ssh(director, "cat", "/run/told")
        assert "OID: .%s" % numbers[name] in said, said
