# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole of lvs_sysctl against a kernel and a file system of its own."""

from __future__ import annotations

import pytest
from ansible_collections.linuxha.lvs.tests.unit.fakes.host_play import player, refuses_link, run_sysctl, sysctl_host

CONF = "/etc/sysctl.d/90-linuxha-lvs.conf"
DROPIN = "/etc/systemd/system/keepalived.service.d/linuxha-lvs.conf"
MODULES = "/etc/modules-load.d/linuxha-lvs.conf"
SEED = {"expire_nodest_conn": 1, "expire_quiescent_template": 1}


host = pytest.fixture(sysctl_host)


@pytest.fixture
def play(host, capsys):
    return player(run_sysctl, capsys)


def test_first_run_sets_files_and_kernel(host, play):
    done = play(SEED)
    assert done["changed"]
    assert done["loaded"]
    assert done["kernel_values"] == {name: {"old": 0, "new": 1} for name in SEED}
    assert done["sysctls"] == SEED
    assert host.proc.read("net/ipv4/vs/expire_nodest_conn") == "1"
    assert host.files.read(CONF).splitlines()[1:] == [
        "net.ipv4.vs.expire_nodest_conn = 1",
        "net.ipv4.vs.expire_quiescent_template = 1",
    ]
    assert host.files.read(MODULES).splitlines()[1:] == ["ip_vs"]
    assert host.files.read(DROPIN).splitlines()[1:] == [
        "[Service]",
        "ExecStartPre=+-/usr/sbin/modprobe ip_vs",
        "ExecStartPre=+-/usr/lib/systemd/systemd-sysctl /etc/sysctl.d/90-linuxha-lvs.conf",
    ]
    assert host.commands == ["modprobe ip_vs", "systemctl daemon-reload"]
    assert len(done["diff"]) == 4


def test_check_mode_on_a_bare_host_loads_nothing_and_predicts_the_files(host, play):
    host.tools.clear()
    host.freeze()
    predicted = play(SEED, check=True)
    assert predicted["changed"]
    assert predicted["loaded"]
    assert predicted["missing"] == []
    assert predicted["kernel_values"] == {name: {"old": None, "new": 1} for name in SEED}
    assert host.commands == []
    assert {part["after_header"] for part in predicted["diff"]} == {CONF, DROPIN, MODULES}


@pytest.mark.parametrize("check", [True, False])
def test_second_run_touches_nothing(host, play, check):
    play(SEED)
    host.freeze()
    done = play({"expire_quiescent_template": "1", "expire_nodest_conn": True}, check=check)
    assert not done["changed"]
    assert done["diff"] == []
    assert done["kernel_values"]["expire_nodest_conn"] == {"old": 1, "new": 1}


@pytest.mark.parametrize("check", [True, False])
def test_where_the_files_are_right_and_ip_vs_is_not_loaded_there_is_nothing_to_do(host, play, check):
    play(SEED)
    host.proc.unload_ip_vs()
    host.commands.clear()
    host.freeze()
    done = play(SEED, check=check)
    assert (done["changed"], done["loaded"], done["diff"]) == (False, False, [])
    assert done["kernel_values"] == {name: {"old": None, "new": None} for name in SEED}
    assert host.commands == []


def test_a_change_of_the_settings_loads_ip_vs_again(host, play):
    play(SEED)
    host.proc.unload_ip_vs()
    wanted = {**SEED, "sloppy_tcp": 1}
    predicted = play(wanted, check=True)
    done = play(wanted)
    assert (predicted["changed"], predicted["loaded"]) == (done["changed"], done["loaded"]) == (True, True)
    assert host.proc.read("net/ipv4/vs/sloppy_tcp") == "1"


def test_a_key_in_our_file_that_the_module_does_not_know_is_left_to_the_kernel(host, play):
    play(SEED)
    host.files.put(CONF, host.files.read(CONF) + "net.ipv4.vs.lblc_expiration = 100\n")
    host.proc.set("net/ipv4/vs/lblc_expiration", "86400")
    done = play(SEED)
    assert done["kernel_values"]["lblc_expiration"] == {"old": "86400", "new": "86400"}
    assert "lblc_expiration is no longer set" in str(done["warnings"])


def test_drift_in_the_kernel_is_mended(host, play):
    play(SEED)
    host.proc.set("net/ipv4/vs/expire_nodest_conn", "0")
    assert play(SEED, check=True)["changed"]
    done = play(SEED)
    assert done["files"] == []
    assert host.proc.read("net/ipv4/vs/expire_nodest_conn") == "1"


def test_a_key_that_left_goes_back_to_its_default(host, play):
    play({"pmtu_disc": 0, "sync_qlen_max": 7, **SEED})
    done = play(SEED)
    assert host.proc.read("net/ipv4/vs/pmtu_disc") == "1"
    assert done["kernel_values"]["pmtu_disc"] == {"old": 0, "new": 1}
    assert "pmtu_disc" not in host.files.read(CONF)
    assert "sync_qlen_max is no longer set" in str(done["warnings"])
    host.freeze()
    assert not play(SEED)["changed"]


def test_a_key_that_this_kernel_lacks(host, play):
    before = host.snapshot()
    done = play({"est_nice": 5, **SEED})
    assert done["failed"]
    assert "lacks est_nice (exists since Linux 6.2)" in done["msg"]
    assert host.snapshot() == before
    done = play({"est_nice": 5, **SEED}, missing="warn")
    assert done["missing"] == ["est_nice"]
    assert done["kernel_values"]["est_nice"] == {"old": None, "new": None}
    assert "est_nice does not exist" in str(done["warnings"])
    host.freeze()
    assert not play({"est_nice": 5, **SEED}, missing="warn")["changed"]


def test_bad_input_stops_before_anything(host, play):
    host.freeze()
    assert 'did you mean "expire_nodest_conn"?' in play({"expire_nodest": 1})["msg"]
    assert "must be a whole number from 0 to 1" in play({"expire_nodest_conn": 3})["msg"]
    assert host.commands == []


@pytest.mark.parametrize("broken", ["refuse", "deaf", "full", "reload"])
def test_a_failure_puts_everything_back(host, play, broken):
    play({"pmtu_disc": 0, "expire_nodest_conn": 1})
    host.files.put(DROPIN, "[Service]\n")
    before = host.snapshot()
    if broken in ("refuse", "deaf"):
        getattr(host.proc, broken).add("net/ipv4/vs/sloppy_tcp")
    elif broken == "full":
        host.files.full.add(CONF)
    else:
        host.fail["daemon-reload"] = "Access denied"
    done = play({"sloppy_tcp": 1})
    assert done["failed"]
    if broken != "reload":  # what cannot be reloaded once cannot be reloaded twice
        assert done["msg"].endswith("The old state is back; nothing has changed.")
    assert host.snapshot() == before


def test_no_such_module(host, play):
    host.fail["modprobe"] = "modprobe: FATAL: Module ip_vs not found in directory /lib/modules/6.1"
    before = host.snapshot()
    assert "Cannot load the kernel module ip_vs" in play(SEED)["msg"]
    assert host.snapshot() == before


@pytest.mark.parametrize("check", [False, True])
def test_a_link_in_a_files_place_is_refused(host, play, check):
    refuses_link(host, lambda: play(SEED, check), CONF)
