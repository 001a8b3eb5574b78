# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of an earlier keepalived's table must go before the next one starts."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible_collections.linuxha.lvs.tests.unit.fakes.ip_vs_table import HEADER
from ansible_collections.linuxha.lvs.tests.unit.roles.test_failback import (
    ONE,
    PARTS,
    SERVICE,
    TWO,
    WATCH,
    pool,
)

OTHER = ("192.168.10.102", 0)
IPVSADM = """#!/bin/sh
echo "$@" >>{log}
[ ! -e {log}.refuses ] || {{ echo "No such service" >&2; exit 2; }}
"""


def wrong(serving: tuple[t.Any, ...], held: bool, **servers: t.Any) -> list[t.Any]:
    found = PARTS.leftovers.wrong_servers(
        [pool(**servers)], [], {SERVICE: dict.fromkeys(serving, 0)}, lambda key: held and key == "nfs:nfs-01"
    )
    return [place for service, place in found if service == SERVICE]


@pytest.mark.parametrize(
    ("serving", "held", "goes"),
    [
        ((ONE,), False, []),
        ((TWO,), True, []),
        ((), True, []),
        # It has been held out while keepalived was away, or let in.
        ((ONE,), True, [ONE]),
        ((TWO,), False, [TWO]),
        ((ONE, TWO), False, [TWO]),
        ((ONE, TWO), True, [ONE]),
        # Of a director as it was before it was changed.
        ((OTHER, ONE), False, [OTHER]),
    ],
)
def test_only_who_may_serve_stays(serving: tuple[t.Any, ...], held: bool, goes: list[t.Any]) -> None:
    assert wrong(serving, held) == goes


def test_of_several_that_may_serve_all_stay() -> None:
    servers = {"nfs-01": ONE, "nfs-03": OTHER}
    found = PARTS.leftovers.wrong_servers(
        [pool(**servers)], [], {SERVICE: dict.fromkeys((ONE, OTHER, TWO), 0)}, lambda key: key == "nfs:nfs-01"
    )
    assert [place for _service, place in found] == [ONE, TWO]


def test_nobody_is_known_to_pass_his_checks() -> None:
    found = PARTS.leftovers.wrong_servers(
        [pool()], [], {SERVICE: {ONE: 1}, WATCH: {ONE: 0, TWO: 0}}, lambda _key: False
    )
    assert list(found) == [(WATCH, ONE), (WATCH, TWO)]


def test_a_server_that_is_never_checked_stays() -> None:
    one = pool()
    one.unchecked = {OTHER}
    found = PARTS.leftovers.wrong_servers([one], [], {SERVICE: dict.fromkeys((ONE, OTHER), 0)}, lambda _key: False)
    assert list(found) == []


def test_of_directors_where_nobody_is_held_out_nothing_stays() -> None:
    web = ("TCP", "192.168.10.60", 80)
    found = PARTS.leftovers.wrong_servers([pool()], [web], {SERVICE: {ONE: 1}, web: {TWO: 2}}, lambda _key: False)
    assert list(found) == [(web, TWO)]


@pytest.mark.parametrize(
    ("service", "place", "words"),
    [
        (("FWM", 3049412468), ONE, "--fwmark-service 3049412468 --real-server 192.168.10.100:0"),
        (("FWM", 7), ("fd00::64", 0), "--fwmark-service 7 --ipv6 --real-server [fd00::64]:0"),
        (
            ("TCP", "192.168.10.50", 80),
            ("10.0.0.1", 8080),
            "--tcp-service 192.168.10.50:80 --real-server 10.0.0.1:8080",
        ),
        (("UDP", "fd00::50", 53), ("fd00::64", 53), "--udp-service [fd00::50]:53 --real-server [fd00::64]:53"),
    ],
)
def test_the_command_of_each_kind(service: tuple[t.Any, ...], place: tuple[str, int], words: str) -> None:
    command = PARTS.kernel.take_out_command(service, place)
    assert " ".join(command) == "/usr/sbin/ipvsadm --delete-server " + words


IP_SAYS = """#!/bin/sh
echo "$@" >>{log}
if [ "$1" = -json ]; then
  echo '[{{"ifname": "lo", "addr_info": [{{"local": "127.0.0.1", "prefixlen": 8}}]}}, {{}},
    {{"ifname": "eth0", "addr_info": [{{}}, {{"local": "127.0.0.1", "prefixlen": 32}}]}}]'
elif [ -e {log}.refuses ]; then
  echo "Error: ipv4: Address not found." >&2
  exit 2
fi
"""


@pytest.fixture(name="place")
def _place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[Path, pytest.MonkeyPatch, pytest.CaptureFixture[str]]:
    return tmp_path, monkeypatch, capsys


@pytest.mark.parametrize(
    ("peers", "result", "status", "said"),
    [
        ({"lb2": "192.168.10.12"}, "success", 0, "127.0.0.1: taken from eth0, since keepalived has ended\n"),
        ({"lb2": "192.168.10.12"}, "exit-code", 1, "127.0.0.1: cannot take it away: Error: ipv4: Address not"),
        ({"lb2": "192.168.10.12"}, "signal", 0, ""),
        ({}, "success", 0, ""),
    ],
)
def test_the_addresses_stay_only_where_nobody_else_can_have_them(
    place: tuple[Path, pytest.MonkeyPatch, pytest.CaptureFixture[str]],
    peers: dict[str, str],
    result: str,
    status: int,
    said: str,
) -> None:
    tmp_path, monkeypatch, capsys = place
    log, program, config = tmp_path / "log", tmp_path / "ip", tmp_path / "c.json"
    program.write_text(IP_SAYS.format(log=log))
    program.chmod(0o755)
    if status:
        (tmp_path / "log.refuses").touch()
    # Nobody has the second one.
    config.write_text(json.dumps({"vips": ["127.0.0.1", "192.0.2.1"], "peers": peers}))
    monkeypatch.setattr(PARTS.kernel, "IP", str(program))
    monkeypatch.setattr(PARTS.failback_main, "CONFIG", str(config))
    monkeypatch.setattr(PARTS.failback_main, "KEY_FILE", str(config))
    monkeypatch.setenv("SERVICE_RESULT", result)
    assert PARTS.failback_main.main(["leave"]) == status
    assert capsys.readouterr().out.startswith(said)
    asked = "-json address show to 127.0.0.1\naddress delete 127.0.0.1/32 dev eth0\n"
    assert (log.read_text() if log.exists() else "") == (asked if said else "")


@pytest.mark.parametrize("refuses", [False, True])
def test_what_must_go_is_taken_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], refuses: bool
) -> None:
    log = tmp_path / "log"
    program = tmp_path / "ipvsadm"
    program.write_text(IPVSADM.format(log=log))
    program.chmod(0o755)
    (tmp_path / "table").write_text(HEADER + "FWM  35C24F34 wrr\n  -> C0A80A64:0000      Route   10     1          0\n")
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "nfs:nfs-01").write_text("1\n")
    main = PARTS.failback_main
    monkeypatch.setattr(PARTS.kernel, "IPVSADM", str(program))
    for name, value in (("TABLE", tmp_path / "table"), ("STATE", tmp_path / "state"), ("CONFIG", tmp_path / "c.json")):
        monkeypatch.setattr(main, name, str(value))
    monkeypatch.setattr(main, "KEY_FILE", str(tmp_path / "c.json"))
    options = {"name": "nfs", "failback": "manual", "service": SERVICE, "watch": WATCH, "servers": {"nfs-01": ONE}}
    more = {"standby": {"nfs-02": TWO}, "unchecked": [], "sorry": [], "knock": {}, "patience": 7}
    config = {"directors": [{**options, **more}], "others": []}
    (tmp_path / "c.json").write_text(json.dumps(config))
    if refuses:
        (tmp_path / "log.refuses").touch()
    assert main.main(["clear"]) == int(refuses)
    assert log.read_text() == "--delete-server --fwmark-service 901926708 --real-server 192.168.10.100:0\n"
    said = capsys.readouterr().out
    assert ("cannot take 192.168.10.100 out of the kernel's table: No such service" in said) == refuses
    assert ("had left 192.168.10.100 there" in said) != refuses
