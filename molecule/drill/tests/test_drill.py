# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drills on the lab's hosts: what they tell, and that nothing of them is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import typing as t
from contextlib import contextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "lab"))

from lvsmeasure import nodes
from lvsmeasure.cell import PROGRAM, bring_to
from lvsmodule.host import TOP, wait_until
from lvsmodule.play import play

HOSTS = (*nodes.DIRECTORS, *nodes.SERVERS.values(), "web1")
CHECKS = ("-i", str(TOP / "molecule/inventory/drill.yml"))
SURE = ("-e", "drill_confirm=yes", "-e", "drill_verify=false")
# A busy lab takes minutes for what takes a moment elsewhere.
SHORT = ("-e", "drill_hold=10", "-e", "drill_after=6", "-e", "drill_slack=900")
# A freeze and a reboot take longer.
FAULTS = ("switch", "cut", "stop", *(("freeze", "reboot") if os.environ.get("LVS_TEST_FULL") else ()))
# What is not there is what is asked; a client has no nft.
LEFT = """
ls -d /run/linuxha-lvs-drill /var/lib/linuxha-lvs/drill.json /srv/nfs/.linuxha-lvs-drill* 2>/dev/null
ls -d /etc/systemd/system/linuxha-lvs-drill* /etc/systemd/system/timers.target.wants/linuxha-lvs-drill* 2>/dev/null
systemctl --no-legend --plain list-units --all 'linuxha-lvs-drill*'
nft list tables 2>/dev/null | grep drill
true
"""


def left(host: str) -> str:
    """What there is of a drill on a host."""
    return nodes.ssh(host, "sh", "-c", LEFT).strip()


def empty(limit: float) -> float:
    """Seconds until nothing of a drill is left on any host."""
    begun = time.monotonic()
    while rest := {host: words for host in HOSTS if (words := left(host))}:
        assert time.monotonic() - begun < limit, rest
        time.sleep(2)
    return time.monotonic() - begun


def said(done: subprocess.CompletedProcess[str]) -> str:
    """What a person sees, whether it is an error or not and wherever a line was broken."""
    return " ".join((done.stdout + done.stderr).split())


def drill(folder: Path, *options: str) -> tuple[subprocess.CompletedProcess[str], dict[str, t.Any]]:
    """Runs one, and reads its report."""
    report = folder / "report"
    done = play("drill", *CHECKS, *SURE, *SHORT, "-e", "drill_report=%s" % report, *options)
    path = report.with_suffix(".json")
    told = json.loads(path.read_text()) if path.exists() else {}
    return done, told


@pytest.fixture(autouse=True)
def _healthy() -> None:
    bring_to("healthy", print)


def test_without_a_yes_nothing_is_done() -> None:
    done = play("drill", *CHECKS, "-e", "drill_verify=false")
    assert done.returncode != 0
    assert "Nobody said yes, so nothing was done." in said(done)
    assert {host: left(host) for host in HOSTS} == dict.fromkeys(HOSTS, "")


def test_check_mode_says_what_would_be_done() -> None:
    done = play("drill", *CHECKS, *SURE, "--check")
    assert done.returncode == 0, done.stdout
    assert "nfs-01 (nfs-01 of director nfs) gets the fault cut for 20 s; nfs-02 takes over; 2 mounts" in done.stdout
    assert {host: left(host) for host in HOSTS} == dict.fromkeys(HOSTS, "")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_drill_tells_how_long_clients_hang_and_leaves_nothing(fault: str, tmp_path: Path) -> None:
    done, told = drill(tmp_path, "-e", "drill_fault=%s" % fault, "-e", "drill_failback=true")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Not passed: %s" % told["verdict"] in said(done)
    print(told["verdict"], told["marks"], told["summary"])
    summary = told["summary"]
    assert (summary["lost"], summary["damaged"], summary["unfinished"]) == (0, 0, 0)
    # The lab's servers share nothing.
    assert summary["apart"] > 0
    assert "acknowledged records are not on %s, which serves now" % told["fault"]["serves"] in told["verdict"]
    assert (told["unread"], told["marks"]["healed"] is None) == ({}, fault in ("switch", "reboot"))
    # The lab's servers share nothing: whoever has the file open at the switch has one that the other server never had.
    assert {error for mount in told["mounts"] for error in mount["errors"]} <= {"ESTALE", "EIO"}
    assert summary["errors"] <= 2 * summary["mounts"]
    # The lab's processor is shared by five hosts and the controller.
    assert 0 < summary["worst"] < 5
    assert told["marks"]["switched"] is not None
    assert "<svg" in (tmp_path / "report.html").read_text()
    assert {host: left(host) for host in HOSTS} == dict.fromkeys(HOSTS, "")


def test_a_server_that_failed_is_left_to_a_person(tmp_path: Path) -> None:
    _done, told = drill(tmp_path)
    assert told["mounts"], told
    assert json.loads(nodes.ssh(nodes.master(), *PROGRAM, "status"))["records"]["nfs:nfs-01"]["held"]
    again, _told = drill(tmp_path, "-e", "drill_host=nfs-01")
    assert "nfs-01 does not serve director nfs, nfs-02 does" in said(again)
    third, _told = drill(tmp_path)
    assert "nobody could take over from nfs-02, so its clients would hang" in said(third)


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    nodes.ssh("lb2", "systemd-run", "--quiet", "--unit=linuxha-lvs-drill-end", "--on-active=600", "true")
    try:
        done, _told = drill(tmp_path)
        assert done.returncode != 0
        assert "another drill runs" in said(done)
        others = [host for host in HOSTS if host != "lb2"]
        assert {host: left(host) for host in others} == dict.fromkeys(others, "")
        assert "linuxha-lvs-drill-end.timer" in left("lb2")
    finally:
        nodes.ssh("lb2", "systemctl", "stop", "linuxha-lvs-drill-end.timer")


@contextmanager
def controller(folder: Path, *options: str) -> t.Iterator[None]:
    """A drill whose controller is killed at the end of the block."""
    inventories = ["-i", "examples/infrastructure/inventory", "-i", "molecule/inventory/lab.yml", *CHECKS]
    known = [*SURE, "-e", "drill_report=%s/report" % folder, "-e", "drill_hold=15", "-e", "drill_slack=120", *options]
    argv = ["ansible-playbook", *inventories, *known, "playbooks/drill.yml"]
    with subprocess.Popen(argv, cwd=TOP, stdout=subprocess.DEVNULL, start_new_session=True) as running:
        try:
            yield
        finally:
            os.killpg(running.pid, signal.SIGKILL)


def test_when_the_controller_dies_all_of_it_ends_by_itself(tmp_path: Path) -> None:
    with controller(tmp_path):
        wait_until("the fault is made", lambda: "inet linuxha_drill" in left("nfs-01"), 180)
    begun = time.monotonic()
    wait_until("the server is healed", lambda: "inet linuxha_drill" not in left("nfs-01"), 40)
    print("healed %.0f s after the controller died" % (time.monotonic() - begun))
    empty(210 - (time.monotonic() - begun))
    print("all gone after %.0f s" % (time.monotonic() - begun))


@pytest.mark.skipif("LVS_TEST_FULL" not in os.environ, reason="takes seven minutes: with scripts/test --full")
def test_also_when_the_server_boots_anew_meanwhile(tmp_path: Path) -> None:
    boot = nodes.ssh("nfs-01", "cat", "/proc/sys/kernel/random/boot_id")

    def rebooted() -> bool:
        try:
            return nodes.ssh("nfs-01", "cat", "/proc/sys/kernel/random/boot_id", limit=5) != boot
        except nodes.MeasureError:
            return False

    with controller(tmp_path, "-e", "drill_fault=reboot"):
        wait_until("the server has booted anew", rebooted, 240)
    print("all gone after %.0f s" % empty(480))
