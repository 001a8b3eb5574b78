# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook status, run for real; a program in the place of the directors' service says what each of them knows."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.linuxha.lvs.tests.unit.fakes.status import said

COLLECTION = Path(__file__).resolve().parents[3]
PROGRAM = """
import pathlib
import sys
import time

host, order = sys.argv[1:]
assert order == "status"
if host == "frozen":
    time.sleep(20)
if host == "stopped":
    print("the service linuxha-lvs-failback does not answer")
    sys.exit(1)
print(pathlib.Path(__file__).with_name(host + ".json").read_text())
"""
# Nobody listens there.
DEAD = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}


class Run(t.NamedTuple):
    status: int
    said: str

    @property
    def shown(self) -> t.Any:
        """What the task that says it has for a message."""
        found = re.search(r"^TASK \[Say it\] \*+\nok: \[\w+\] => (\{\n.*?^\})$", self.said, re.MULTILINE | re.DOTALL)
        assert found, self.said
        return json.loads(found[1])["msg"]


class Stand:
    """A folder with the collection, an inventory and the program."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "ansible_collections" / "linuxha").mkdir(parents=True)
        (folder / "ansible_collections" / "linuxha" / "lvs").symlink_to(COLLECTION)
        (folder / "program.py").write_text(PROGRAM, encoding="utf-8")
        for host in ("lb1", "lb2"):
            (folder / (host + ".json")).write_text(json.dumps(said(host)), encoding="utf-8")
        self.hosts: dict[str, dict[str, t.Any]] = {"dead": DEAD, "frozen": {}, "lb1": {}, "lb2": {}, "stopped": {}}

    def run(self, *options: str, group: str = "load_balancers") -> Run:
        everywhere = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        inventory = {group: {"hosts": self.hosts, "vars": everywhere}}
        (self.folder / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
        program = [sys.executable, str(self.folder / "program.py"), "{{ inventory_hostname }}"]
        extra = json.dumps({"failback_program": program, "status_patience": 5})
        argv = [sys.executable, "-m", "ansible.cli.playbook", "-i", "inventory.json", "-e", extra, *options]
        changes = {
            "ANSIBLE_COLLECTIONS_PATH": str(self.folder),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
        }
        done = subprocess.run(
            [*argv, "linuxha.lvs.status"],
            cwd=self.folder,
            env={**os.environ, **changes},
            capture_output=True,
            text=True,
            check=False,
        )
        return Run(done.returncode, done.stdout + done.stderr)


@pytest.fixture(name="stand")
def _stand(tmp_path: Path) -> Stand:
    return Stand(tmp_path)


def test_the_table_and_the_same_for_machines_though_some_are_silent(stand: Stand) -> None:
    done = stand.run("--check", "-e", "status_json=%s" % (stand.folder / "status.json"))
    assert done.status == 0, done.said
    lines = done.shown
    assert lines[0].startswith("lb1 has the VIP. lb1 and lb2 answer and agree. dead, frozen and stopped do NOT. (")
    assert lines[2].split() == ["DIRECTOR", "SERVER", "ROLE", "STATE", "CHECKS", "CONNECTIONS", "FOR", "SINCE"]
    assert lines[3].startswith("nfs       nfs-01  primary  held out  pass              -  ")
    rest = "\n".join(lines)
    assert "\n  dead: it cannot be reached: " in rest
    assert "\n  frozen: it can be reached, and does not answer in time" in rest
    assert "\n  stopped: linuxha-lvs-failback status ended with 1: the service linuxha-lvs-failback does not" in rest
    text = (stand.folder / "status.json").read_text(encoding="utf-8")
    assert text.endswith("}\n")
    report = json.loads(text)
    assert [host["name"] for host in report["hosts"] if host["answers"]] == ["lb1", "lb2"]
    assert report["directors"][0]["servers"][1]["since"] == "2025-11-26T01:56:30Z"
    assert "DEPRECATION" not in done.said, done.said


def test_a_query_is_all_that_is_told(stand: Stand) -> None:
    stand.hosts = {"lb1": {}, "lb2": {}}
    question = "directors[].servers[?serving][].{name: name, connections: connections}"
    # In the folder in which a person stands, and not in the playbook's.
    done = stand.run("-e", json.dumps({"status_query": question, "status_json": "found.json"}))
    assert done.status == 0, done.said
    assert done.shown == [{"name": "nfs-02", "connections": 3}, {"name": "web-01", "connections": 12}]
    assert json.loads((stand.folder / "found.json").read_text(encoding="utf-8")) == done.shown
    assert "has the VIP" not in done.said


def test_only_silence_everywhere_is_an_error(stand: Stand) -> None:
    stand.hosts = {"dead": DEAD, "stopped": {}}
    done = stand.run()
    assert done.status == 2, done.said
    assert done.shown[0] == "Nobody answers (dead, stopped), so nothing is known of the service."
    assert "No director answers, so nothing is known of the service. Start one" in done.said
    assert "Traceback" not in done.said


def test_an_inventory_without_directors_is_refused(stand: Stand) -> None:
    done = stand.run(group="balancers")
    assert done.status == 2, done.said
    assert "The inventory has no host in the group load_balancers" in done.said
