# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the kernel lacks is told, and what may be missing is not held against it."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.ipvsadm import parse_saved, with_tunnels
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.keepalived import render
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.proc_ip_vs import parse_services
from ansible_collections.linuxha.lvs.plugins.module_utils._model.director import Director
from ansible_collections.linuxha.lvs.plugins.module_utils._plan.ipvs_table import differences
from ansible_collections.linuxha.lvs.tests.unit.fakes import fake_ipvsadm
from ansible_collections.linuxha.lvs.tests.unit.fakes.directors import SEED, directors
from ansible_collections.linuxha.lvs.tests.unit.fakes.fake_keepalived import table_of
from hypothesis import given

STANDBY = {"name": "z", "address": "10.0.0.9", "sorry": True}
CHECK = {"type": "tcp", "port": 80}


def director(*servers: dict[str, t.Any], **changes: t.Any) -> Director:
    return Director.from_options({"name": "web", "servers": list(servers), **changes}, "directors[0]")


def server(number: int, **changes: t.Any) -> dict[str, t.Any]:
    return {"name": "s%d" % number, "address": "10.0.0.%d" % number, **changes}


def found(wanted: Director, down: t.Collection[str] = (), strict: bool = True, kernel: Director | None = None) -> str:
    present = kernel or wanted
    services = with_tunnels(
        parse_services(table_of([render(present)], down)), parse_saved(fake_ipvsadm.save([present]))
    )
    return "; ".join(differences([wanted], services, (), {wanted.name} if strict else ()))


@given(directors())
def test_a_table_made_from_the_files_has_no_differences(wanted: Director) -> None:
    assert found(wanted) == ""


@pytest.mark.parametrize("strict", [True, False])
def test_a_server_that_nobody_checks_is_never_missing(strict: bool) -> None:
    wanted = director(server(1), server(2), STANDBY)
    assert found(wanted, {"10.0.0.1"}, strict) == (
        'director "web": server "s1" is not in the kernel\'s table, although nothing checks it; '
        "if it was taken out by hand, only a restart of keepalived brings it back"
    )
    both = found(wanted, {"10.0.0.1", "10.0.0.2"}, strict)
    assert 'server "s1" is not' in both
    assert 'server "s2" is not' in both


def test_a_server_that_failed_its_check_may_be_missing() -> None:
    assert found(director(server(1, check=True), server(2), check=CHECK), {"10.0.0.1"}) == ""
    seed = Director.from_options(SEED, "directors[0]")
    assert found(seed, {"192.168.10.100"}) == ""


def test_a_drained_server_goes_with_the_others_when_the_standby_serves() -> None:
    drained = server(2, weight=0)
    assert found(director(server(1, check=True), drained, STANDBY, check=CHECK), {"10.0.0.1", "10.0.0.2"}) == ""
    assert 'server "s2" is not' in found(director(server(1, check=True), drained, check=CHECK), {"10.0.0.2"})


@pytest.mark.parametrize(
    ("address", "netmask", "other"),
    [("10.0.0.1", None, "255.255.255.0"), ("10.0.0.1", "255.255.0.0", "255.255.255.0"), ("fd00::1", None, "64")],
)
def test_another_mask_of_persistence_is_told(address: str, netmask: str | None, other: str) -> None:
    def made(mask: str | None) -> Director:
        return director({"name": "a", "address": address}, persistence={"netmask": mask})

    assert found(made(netmask)) == ""
    words = "persistence groups clients by another netmask in the kernel than "
    default = "255.255.255.255" if "." in address else "128"
    assert words + (netmask or default) in found(made(netmask), (), False, made(other))
    assert words + other in found(made(other), (), False, made(netmask))


@pytest.mark.parametrize(("seconds", "other"), [(360, 361), (300, 299), (1, 2), (86400, 3600)])
def test_another_time_of_persistence_is_told(seconds: int, other: int) -> None:
    wanted, present = (director(server(1), persistence={"timeout": timeout}) for timeout in (seconds, other))
    assert found(wanted) == ""
    words = "persistence keeps a client for another time in the kernel than %d seconds" % seconds
    assert words in found(wanted, (), False, present)


GUE = {"type": "gue", "port": 6080}


@pytest.mark.parametrize(
    ("wanted", "present", "words"),
    [
        (GUE, {"type": "gue", "port": 6081}, "a tunnel of type gue, port 6081, checksum none, not by"),
        (GUE, {**GUE, "checksum": "csum"}, "a tunnel of type gue, port 6080, checksum csum, not by"),
        (GUE, None, "a tunnel of type ipip, checksum none, not by a tunnel of type gue, port 6080, checksum none"),
        (None, {"type": "gre"}, "a tunnel of type gre, checksum none, not by a tunnel of type ipip, checksum none"),
    ],
)
def test_another_tunnel_is_told(wanted: dict[str, t.Any] | None, present: dict[str, t.Any] | None, words: str) -> None:
    made, other = (
        director(server(1), mode="tunnel", port=80, address="10.0.1.1", tunnel=one) for one in (wanted, present)
    )
    assert found(made) == ""
    assert 'director "web": server "s1" is reached by ' + words in found(made, (), False, other)
    unsaid = parse_services(table_of([render(other)]))
    assert differences([made], unsaid) == []
