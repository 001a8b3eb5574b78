# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the roles refuse before anything is touched. Every case is a host of one run of the roles' preflight."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.linuxha.lvs.tests.unit.fakes.once import once
from ansible_collections.linuxha.lvs.tests.unit.roles.preflight_cases import CASES as OTHER_CASES
from ansible_collections.linuxha.lvs.tests.unit.roles.preflight_cases import GREP, LINKS, Case
from ansible_collections.linuxha.lvs.tests.unit.roles.preflight_vrrp import VRRP_CASES

COLLECTION = Path(__file__).resolve().parents[3]
CASES = {**OTHER_CASES, **VRRP_CASES}
# Cases that begin with one of these words are hosts of a group of that name.
GROUPS = ("pair", "same", "lb", "versions_pair", "unquoted", "port_written_as_text", "scope_number")
GROUPS += ("families", "families_by_multicast", "six_by_unicast", "conf_kept", "backup_only")

PLAY = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.include_role:
        name: "linuxha.lvs.{{ role }}"
        tasks_from: preflight
"""


def units_read(case: Case) -> dict[str, t.Any]:
    """What "grep --count" says of the mount units of a client."""
    paths = [
        "/etc/systemd/system/%s.mount" % mount["path"].strip("/").replace("/", "-")
        for mount in case.variables.get("nfs_client_mounts", [])
    ]
    counts = ["%s:%d" % (path, "ours" in path) for path in paths if path.endswith(("ours.mount", "theirs.mount"))]
    return {"cmd": [*GREP, *paths], "stdout_lines": counts}


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Each host's refusal, from one run over all of them."""
    return once(tmp_path_factory, "preflight", _run)


def _run(folder: Path) -> dict[str, str]:
    (folder / "ansible_collections" / "linuxha").mkdir(parents=True)
    (folder / "ansible_collections" / "linuxha" / "lvs").symlink_to(COLLECTION)
    hosts = {
        name: {
            "role": case.role,
            "__load_balancer_conf_read": {"content": encoded(case.conf)},
            "__load_balancer_links_read": {"stdout": json.dumps(LINKS)},
            "__nfs_client_units_read": units_read(case),
            "__%s_os_release" % case.role: {"content": encoded("ID=debian\n")},
            **case.variables,
        }
        for name, case in CASES.items()
    }
    groups: dict[str, dict[str, dict[str, t.Any]]] = {
        group: {"hosts": {name: {} for name in CASES if re.fullmatch(group + "_(a|b|1)", name)}} for group in GROUPS
    }
    everywhere = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    inventory = {"all": {"hosts": hosts, "vars": everywhere, "children": groups}}
    (folder / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
    (folder / "play.yml").write_text(PLAY, encoding="utf-8")
    argv = [sys.executable, "-m", "ansible.cli.playbook", "-i", "inventory.json", "play.yml"]
    changes = {"ANSIBLE_COLLECTIONS_PATH": str(folder), "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORKS": "4"}
    done = subprocess.run(argv, cwd=folder, env={**os.environ, **changes}, capture_output=True, text=True, check=False)
    said = dict(re.findall(r"^fatal: \[(\w+)\]: FAILED! => (\{.*\})$", done.stdout, flags=re.MULTILINE))
    recap = re.findall(r"^(\w+) +: ok=", done.stdout, flags=re.MULTILINE)
    assert sorted(recap) == sorted(CASES), done.stdout + done.stderr
    return {name: json.loads(text)["msg"] for name, text in said.items()}


@pytest.mark.parametrize("name", CASES)
def test_preflight(name: str, refusals: dict[str, str]) -> None:
    if CASES[name].says:
        assert CASES[name].says in refusals.get(name, "(nothing was refused)")
    else:
        assert name not in refusals, refusals[name]
