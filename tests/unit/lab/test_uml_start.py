# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""uml-start, with programs that end as a kernel does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lvslab import hosts, netns
from lvslab.paths import UML_START
from lvslab.state import NodeState

# What every kernel of these tests begins with: it wants a session of its own, as User-mode Linux does, counts its
# starts, and knows which one this is.
KERNEL = """#!%s
import os, signal, sys, time
try:
    os.setsid()
except PermissionError:
    pass
given = dict(argument.split("=", 1) for argument in sys.argv[1:])
with open(given["starts"], "a+") as starts:
    starts.write("x")
    starts.flush()
    starts.seek(0)
    boot = len(starts.read())
"""
LASTING = """
signal.signal(signal.SIGALRM, lambda *_: None)
parent = os.getppid()
while os.getppid() == parent:
    time.sleep(1)
"""
REBOOT = "os.execv(given['start'], [given['start'], *sys.argv[1:]])\n"


@pytest.fixture
def kernel(tmp_path):
    """The command line and environment that run this text as a kernel."""

    def write(text: str) -> tuple[list[str], dict[str, str]]:
        path = tmp_path / "linux"
        path.write_text(KERNEL % sys.executable + text)
        path.chmod(0o755)
        line = [str(UML_START), "umid=lb1", "uml_dir=%s" % tmp_path, "start=%s" % UML_START]
        return [*line, "starts=%s" % (tmp_path / "starts")], {
            **os.environ,
            "LVS_LAB_KERNEL": str(path),
            "LVS_LAB_SLOT": "0",
        }

    return write


@pytest.fixture
def said():
    """What the runs of a test have printed."""
    return []


@pytest.fixture
def run(kernel, said, tmp_path):
    """Runs uml-start on this kernel; its exit status and how often it started the kernel."""

    def play(text: str) -> tuple[int, int]:
        line, environment = kernel(text)
        done = subprocess.run(line, env=environment, timeout=30, check=False, capture_output=True, text=True)
        said.append(done.stdout)
        return done.returncode, len((tmp_path / "starts").read_text())

    return play


def test_a_kernel_that_reboots_is_started_again(run):
    assert run("if boot < 3:\n    " + REBOOT) == (0, 3)


def test_a_kernel_whose_reboot_is_interrupted_is_started_again(run):
    assert run("if boot == 1:\n    os.kill(os.getpid(), signal.SIGALRM)\n") == (0, 2)


def test_a_kernel_that_panics_is_not(run, said):
    assert run("os.kill(os.getpid(), signal.SIGABRT)\n") == (128 + signal.SIGABRT, 1)
    assert said == ["\nThe kernel ended: SIGABRT.\n"]


def test_a_kernel_that_waits_for_its_timer_gets_it(run):
    assert run("signal.signal(signal.SIGALRM, lambda *_: sys.exit(3))\ntime.sleep(20)\nsys.exit(4)\n") == (3, 1)


def test_a_kernel_without_a_handler_yet_is_let_be(run):
    assert run("time.sleep(0.8)\nsys.exit(5)\n") == (5, 1)


def test_the_folder_that_a_killed_kernel_left_is_not_in_the_way(run, tmp_path):
    (tmp_path / "lb1").mkdir()
    assert run("sys.exit(os.path.exists(os.path.join(given['uml_dir'], given['umid'])))\n") == (0, 1)


def test_freezing_stops_both_and_power_loss_ends_both(kernel, monkeypatch, tmp_path):
    line, environment = kernel(LASTING)
    main = subprocess.Popen(line, env=environment, start_new_session=True)
    try:
        state = NodeState(pid=main.pid)
        monkeypatch.setattr(netns, "pids", lambda: {int(found.name) for found in Path("/proc").glob("[0-9]*")})
        until((tmp_path / "starts").exists)
        hosts.halt(state, signal.SIGSTOP)
        until(lambda: statuses(state) == {"T"})
        hosts.halt(state, signal.SIGCONT)
        until(lambda: statuses(state) == {"S"})
        assert hosts.end(state) == 2
        assert hosts.members(state) == set()
    finally:
        main.kill()
        main.wait()


def statuses(state: NodeState) -> set[str]:
    found = [hosts.proc.find(pid) for pid in hosts.members(state)]
    assert len(found) == 2
    return {process.status for process in found if process}


def until(condition) -> None:
    limit = hosts.time.monotonic() + 10
    while not condition():
        assert hosts.time.monotonic() < limit
        hosts.time.sleep(0.02)
