# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of the guides, typed as they are written there, one after the other (steps.py)."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "lab"))
sys.path.insert(0, str(Path(__file__).parent))

from steps import STEPS, Step

from lvsmeasure import nodes
from lvsmeasure.cell import CLIENT, bring_to
from lvsmodule.host import TOP, Node

LIMIT = 900
# For how long a person looks at what does not end by itself.
LOOKED = 8


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a person stands, with the inventory; how the lab's hosts are reached stands in no guide."""
    folder = tmp_path_factory.mktemp("guides")
    shutil.copytree(TOP / "examples/infrastructure/inventory", folder / "inventory")
    for name in ("lab", "drill"):
        shutil.copy(TOP / "molecule/inventory" / (name + ".yml"), folder / "inventory" / (name + ".yml"))
    # No role installs it.
    Node("lb1").run("apt-get install -qq -y tcpdump >&2")
    Node("lb2").run("apt-get install -qq -y tcpdump >&2")
    return folder


def at_controller(step: Step, folder: Path) -> tuple[int, str]:
    env = {**os.environ, "HOME": str(folder), "ANSIBLE_NOCOLOR": "1"}
    # Molecule's; it would win.
    env.pop("ANSIBLE_FORCE_COLOR", None)
    if step.answer:
        return at_terminal(step, folder, env)
    done = subprocess.run(
        ["bash", "-c", step.command], cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=LIMIT
    )
    return done.returncode, done.stdout + done.stderr


def at_terminal(step: Step, folder: Path, env: dict[str, str]) -> tuple[int, str]:
    """With somebody there who types the answer when asked for it, and again when nobody took it."""
    ours, theirs = pty.openpty()
    argv = ["setsid", "--ctty", "--wait", "bash", "-c", step.command]
    said, deadline = "", time.monotonic() + LIMIT
    with subprocess.Popen(argv, cwd=folder, env=env, stdin=theirs, stdout=theirs, stderr=theirs) as running:
        os.close(theirs)
        while time.monotonic() < deadline:
            if not select.select([ours], [], [], 2)[0]:
                # What is typed before the question is complete is thrown away.
                if re.search(r"Type yes to go on:\s*(%s\S*\s*)*$" % step.answer, said):
                    os.write(ours, step.answer.encode() + b"\r")
                continue
            try:
                said += os.read(ours, 65536).decode(errors="replace")
            except OSError:  # the other end is closed
                break
        else:
            running.kill()
        os.close(ours)
        return running.wait(), said


def at_host(step: Step) -> tuple[int, str]:
    host = Node(nodes.master() if step.where == "director" else step.where)
    if step.before:
        host.run(step.before)
    if not step.meanwhile:
        done = host.ask(step.command)
        return done.returncode, (done.stdout + done.stderr).decode(errors="replace")
    beside = threading.Thread(target=Node(CLIENT).run, args=(step.meanwhile,))
    beside.start()
    # As with Ctrl-C.
    done = host.ask("timeout --preserve-status --signal=INT %d %s" % (LOOKED, step.command))
    beside.join()
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


@pytest.mark.parametrize("step", STEPS, ids=lambda step: "%s: %s" % (step.where, step.command))
def test_a_command_does_what_the_guide_says(step: Step, folder: Path) -> None:
    if step.settled:
        bring_to("healthy", print)
    begun = time.monotonic()
    status, text = at_controller(step, folder) if step.where == "controller" else at_host(step)
    print("FIGURE %s: %.0f s" % (step.command, time.monotonic() - begun))
    assert status == step.status, text
    said = " ".join(text.split())
    assert re.search(step.says, said), said
    if step.writes[0]:
        assert re.search(step.writes[1], (folder / step.writes[0]).read_text(encoding="utf-8").strip())


def test_all_is_well_at_the_end() -> None:
    bring_to("healthy", print)
    assert Node(CLIENT).run("timeout 100 sh -c 'echo done >/mnt/nfs-v4/guides && cat /mnt/nfs-v4/guides'") == "done\n"
