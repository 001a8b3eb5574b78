# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole module, main() and all, on a host that is only a folder."""

from __future__ import annotations

import copy
import json
import typing as t
from pathlib import Path

import pytest
from ansible.module_utils import basic
from ansible.module_utils.testing import patch_module_args
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.keepalived_holds import HOLDS_NOTE
from ansible_collections.linuxha.lvs.plugins.modules import ipvs_director
from ansible_collections.linuxha.lvs.tests.unit.fakes.director_play import (
    FOREIGN,
    MAIN,
    MAIN_TEXT,
    DirectorPlay,
    director_play,
)
from ansible_collections.linuxha.lvs.tests.unit.fakes.directors import SEED
from ansible_collections.linuxha.lvs.tests.unit.fakes.fake_keepalived import FakeKeepalived

NFS = "/etc/keepalived/conf.d/nfs.conf"

play = pytest.fixture(director_play)


def seed(**changes: t.Any) -> dict[str, t.Any]:
    return {**SEED, **changes}


def test_the_seed_reaches_the_kernel(play: DirectorPlay) -> None:
    result = play.done(SEED)
    assert (result["changed"], result["reloaded"], result["running"]) == (True, True, True)
    assert result["directors"]["before"] == []
    (after,) = result["directors"]["after"]
    assert (after["name"], after["fwmark"], after["mode"]) == ("nfs", 901928820, "gateway")
    (service,) = [service for service in play.kernel() if service.key.fwmark == 901928820]
    assert service.scheduler == "wrr"
    assert [(server.address, server.forward, server.weight) for server in service.destinations] == [
        ("192.168.10.100", "Route", 10)
    ]
    assert {diff["after_header"]: diff["after"] for diff in result["diff"]} == {
        path: play.host.read(path) for path in (HOLDS_NOTE, NFS)
    }


def test_the_second_run_changes_and_writes_nothing(play: DirectorPlay) -> None:
    first = play.done(SEED)
    play.host.frozen = True
    second = play.done(SEED)
    assert (second["changed"], second["reloaded"], second["diff"]) == (False, False, [])
    assert second["directors"]["before"] == second["directors"]["after"] == first["directors"]["after"]


def test_what_comes_out_can_go_in(play: DirectorPlay) -> None:
    result = play.done(SEED)
    play.host.frozen = True
    assert not play.done(*result["directors"]["after"])["changed"]


def test_check_mode_predicts_and_touches_nothing(play: DirectorPlay) -> None:
    play.host.frozen = True
    predicted = play.done(SEED, check=True)
    play.host.frozen = False
    real = play.done(SEED)
    for key in ("changed", "diff", "directors", "reloaded", "running"):
        assert predicted[key] == real[key]


def test_check_mode_on_a_bare_host_predicts_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    host = FakeKeepalived(tmp_path)
    host.installed, host.status, host.frozen = False, "inactive", True
    play = DirectorPlay(host, monkeypatch, capsys)
    predicted = play.done(SEED, check=True)
    assert predicted["changed"]
    assert (predicted["running"], predicted["reloaded"], play.kernel()) == (False, False, [])
    host.frozen, host.installed = False, True
    assert play.done(SEED)["diff"] == predicted["diff"]
    assert host.reloads() == 0


def test_a_host_without_keepalived_is_told_which_package_to_install(play: DirectorPlay) -> None:
    play.host.installed = False
    before = play.host.tree()
    assert "install the package keepalived" in play.refused(SEED)
    assert play.host.tree() == before


def test_the_failover_of_a_director_is_no_change(play: DirectorPlay) -> None:
    play.done(SEED)
    play.host.down = {"192.168.10.100"}
    play.host.follow()
    play.host.frozen = True
    result = play.done(SEED)
    assert not result["changed"]
    assert [server.address for server in play.kernel()[-1].destinations] == ["192.168.10.101"]


def test_no_change_brings_a_failed_server_back_beside_the_sorry_server(play: DirectorPlay) -> None:
    play.done(SEED)
    play.host.down = {"192.168.10.100"}
    play.host.follow()
    before, reloads = play.host.tree(), play.host.reloads()
    for changes in (
        {"check": {**SEED["check"], "timeout": 1}},
        {"check": {**SEED["check"], "port": 111}},
        {"servers": [*SEED["servers"], {"name": "nfs-03", "address": "192.168.10.102"}]},
        {"servers": [SEED["servers"][0]]},
        {"mode": "nat"},
        {"fwmark": 7},
    ):
        for check in (True, False):
            message = play.refused(seed(**changes), check=check)
            assert 'director "nfs": its sorry server "nfs-02" serves now' in message
    assert (play.host.tree(), play.host.reloads()) == (before, reloads)
    for changes in ({"balance": "leastconn"}, {"check": {**SEED["check"], "interval": 3, "fall": 2}}):
        assert play.done(seed(**changes))["changed"]
    assert play.done(seed(**changes), seed(name="web"))["changed"]
    assert play.done({"name": "nfs", "state": "absent"})["changed"]


def test_a_run_that_was_killed_before_its_reload_is_made_good(play: DirectorPlay) -> None:
    play.host.kernel_is_stuck = True
    play.refused(SEED)
    for change in play.done(SEED, check=True)["diff"]:
        play.host.write(str(change["after_header"]), str(change["after"]))
    play.host.kernel_is_stuck = False
    result = play.done(SEED)
    assert (result["changed"], result["reloaded"], result["diff"]) == (True, True, [])


def test_a_removed_director_leaves_file_and_kernel(play: DirectorPlay) -> None:
    play.done(SEED, seed(name="web"))
    result = play.done({"name": "nfs", "state": "absent"})
    assert result["changed"]
    assert play.host.read(NFS) is None
    assert [director["name"] for director in result["directors"]["after"]] == ["web"]
    assert 901928820 not in [service.key.fwmark for service in play.kernel()]


def test_prune_removes_what_nobody_wants_and_only_what_is_ours(play: DirectorPlay) -> None:
    play.done(SEED, seed(name="web"))
    result = play.done(seed(name="web"), prune=True)
    assert [director["name"] for director in result["directors"]["after"]] == ["web"]
    assert play.host.read(NFS) is None
    assert not play.done(seed(name="web"), prune=True)["changed"]
    assert play.host.read(MAIN) == MAIN_TEXT
    assert play.host.read("/etc/keepalived/conf.d/hand.conf") == FOREIGN


def test_without_prune_the_others_stay(play: DirectorPlay) -> None:
    play.done(SEED)
    assert len(play.done(seed(name="web"))["directors"]["after"]) == 2


@pytest.mark.parametrize("entry", [seed(name="hand"), {"name": "hand", "state": "absent"}])
def test_a_foreign_file_is_neither_overwritten_nor_removed(play: DirectorPlay, entry: dict[str, t.Any]) -> None:
    before = play.host.tree()
    assert "/etc/keepalived/conf.d/hand.conf is there already" in play.refused(entry, prune=True)
    assert play.host.tree() == before


def test_a_keepalived_that_does_not_run_only_gets_files(play: DirectorPlay) -> None:
    play.host.status = "inactive"
    result = play.done(SEED)
    assert result["changed"]
    assert (result["running"], result["reloaded"], play.host.reloads()) == (False, False, 0)
    assert not play.done(SEED)["changed"]


def test_a_main_file_without_our_line_stops_the_run(play: DirectorPlay) -> None:
    play.host.write(MAIN, "global_defs {\n}\n")
    before = play.host.tree()
    assert 'add the line "include conf.d/*.conf" to it' in play.refused(SEED)
    assert play.host.tree() == before


def test_old_complaints_of_keepalived_become_warnings(play: DirectorPlay) -> None:
    play.host.write(MAIN, MAIN_TEXT + "# GRUMBLE\n")
    result = play.done(SEED)
    assert any("GRUMBLE" in str(warning) for warning in result["warnings"])


@pytest.mark.parametrize("name", ["a\nb", 'a"b', "a{b", "../../etc/passwd", "a b", "$(id)", "#", "a/b", ".hidden", ""])
@pytest.mark.parametrize("place", ["director", "server"])
def test_no_name_breaks_out_of_its_place(play: DirectorPlay, name: str, place: str) -> None:
    before = play.host.tree()
    entry = copy.deepcopy(SEED)
    (entry if place == "director" else entry["servers"][0])["name"] = name
    assert "must be 1 to 64 letters" in play.refused(entry)
    assert play.host.tree() == before
    assert play.host.commands == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"mode": "gatway"}, 'director "nfs": mode is "gatway", must be one of gateway, nat, tunnel'),
        ({"colour": "red"}, 'director "nfs": colour is "red", but there is no option colour'),
        ({"servers": [{"name": "a"}]}, 'director "nfs": server "a": address is missing'),
        ({"servers": [{"name": "a", "address": "10.0.0.1", "weight": "ten"}]}, 'server "a": weight is "ten"'),
        ({"check": {"type": "tcp", "interval": "soon"}}, 'director "nfs": check.interval is "soon"'),
        ({"fwmark": "x"}, 'director "nfs": fwmark is "x", must be a whole number'),
    ],
)
def test_what_the_argument_spec_refuses_is_said_with_the_entry_too(
    play: DirectorPlay, change: dict[str, t.Any], sentence: str
) -> None:
    assert sentence in play.refused(seed(name="web"), seed(**change))


def test_what_only_the_argument_spec_knows_is_said_in_its_words(
    play: DirectorPlay, capsys: pytest.CaptureFixture[str]
) -> None:
    with patch_module_args({"prune": True}), pytest.raises(SystemExit):
        ipvs_director.main()
    assert "missing required arguments: directors" in json.loads(capsys.readouterr().out)["msg"]


BY_PROGRAM = {**SEED, "check": {"type": "nfs", "interval": 10}}
SECURE = MAIN_TEXT.replace("router_id lb1", "router_id lb1\n  enable_script_security")


def test_a_program_for_checks_is_refused_while_keepalived_would_not_run_it(play: DirectorPlay) -> None:
    before = play.host.tree()
    assert "add that line to global_defs in keepalived.conf" in play.refused(BY_PROGRAM)
    assert play.host.tree() == before


def test_a_program_for_checks_comes_and_goes_with_its_directors(play: DirectorPlay) -> None:
    play.host.write(MAIN, SECURE)
    program = play.host.root / "usr/libexec/keepalived/linuxha-lvs-check"
    assert play.done(BY_PROGRAM)["changed"]
    assert program.stat().st_mode & 0o777 == 0o755
    program.write_text("#!/bin/sh\nexit 0\n")
    assert play.done(BY_PROGRAM)["changed"]
    assert "exit 0" not in program.read_text().splitlines()
    play.host.frozen = True
    assert not play.done(BY_PROGRAM)["changed"]
    play.host.frozen = False
    assert play.done({"name": "nfs", "state": "absent"})["changed"]
    assert not program.exists()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (2 * "virtual_server fwmark 7 {\n lvs_method NAT\n}\n", "fwmark 7 has a virtual_server in"),
        ("include nowhere.conf\n", "it includes /etc/keepalived/nowhere.conf, which is not there"),
    ],
)
def test_old_faults_that_keepalived_does_not_see_become_warnings(play: DirectorPlay, text: str, sentence: str) -> None:
    play.host.write(MAIN, MAIN_TEXT + text)
    result = play.done(SEED)
    assert any(sentence in str(warning) for warning in result["warnings"])
    assert play.host.read(MAIN) == MAIN_TEXT + text


def test_an_interpreter_that_is_missing_is_a_fault_that_the_change_brings(play: DirectorPlay) -> None:
    play.host.write(MAIN, SECURE)
    (play.host.root / "usr/bin/python3").unlink()
    before = play.host.tree()
    message = play.refused(BY_PROGRAM)
    assert "/usr/bin/python3" in message
    assert "Nothing has been changed." in message
    assert play.host.tree() == before


def test_a_service_of_another_file_is_refused_by_name(play: DirectorPlay) -> None:
    before = play.host.tree()
    message = play.refused(seed(address="10.9.9.9", port=80, name="web"))
    assert 'director "web": tcp 10.9.9.9:80 is also a virtual_server of /etc/keepalived/conf.d/hand.conf' in message
    assert play.host.tree() == before


@pytest.mark.parametrize(
    ("main", "other"),
    [
        ("", "virtual_server fwmark 0901928820 {\n}\n"),
        ("$MARK=901928820\n", "virtual_server fwmark $MARK {\n}\n"),
        ("virtual_server group nfs {\n}\n", "virtual_server_group nfs {\n fwmark 901928820\n}\n"),
    ],
)
def test_a_service_of_another_file_is_found_however_it_is_written(play: DirectorPlay, main: str, other: str) -> None:
    play.host.write(MAIN, main + MAIN_TEXT + "include {mail,web}.conf\n")
    play.host.write("/etc/keepalived/web.conf", other)
    assert 'director "nfs": fwmark 901928820 is also a virtual_server of /etc/keepalived/' in play.refused(SEED)


def test_what_only_the_argument_spec_can_read_is_read_by_it(play: DirectorPlay) -> None:
    """Numbers as words, a list as a text with commas, an entry as JSON: what Jinja makes of variables."""
    wanted = seed(name="7", check={"type": ["tcp", "icmp"], "interval": 10, "port": 2049})
    play.done(wanted)
    play.host.frozen = True
    loose = seed(name=7, check={"type": "tcp,icmp", "interval": "10", "port": "2049"}, servers=None)
    loose["servers"] = [json.dumps(server) for server in SEED["servers"]]
    assert not play.done(loose)["changed"]
    assert not play.done(json.dumps(loose))["changed"]


def test_the_result_shows_what_was_asked_for_as_it_was_written(play: DirectorPlay) -> None:
    assert play.done(SEED, prune=True)["invocation"] == {"module_args": {"directors": [SEED], "prune": True}}
    broken = seed(mode="gatway")
    assert play.run(broken)["invocation"]["module_args"]["directors"][0]["mode"] == "gatway"


def test_the_hosts_log_shows_it_too(play: DirectorPlay, monkeypatch: pytest.MonkeyPatch) -> None:
    logged: list[str] = []
    monkeypatch.setattr(basic.AnsibleModule, "log", lambda _self, message, **_kwargs: logged.append(str(message)))
    play.done(SEED)
    assert any("nfs-01" in message for message in logged)
