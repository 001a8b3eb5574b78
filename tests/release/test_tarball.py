# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tarball of scripts/build, installed where nothing of this checkout is, and used as a stranger uses it.

scripts/stages/release gives the tarball and an environment with ansible-core, netaddr and jmespath alone.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest

# What must be enough: the rest of a collection is for people.
BARE = {"meta", "plugins", "roles", "playbooks"}
ROLES = ["load_balancer", "nfs_client", "nfs_server"]
PLAYBOOKS = ["drill", "failback", "maintenance", "remove", "site", "status", "verify"]

INVENTORY = """
[load_balancers]
localhost
[nfs_servers]
localhost
[nfs_clients]
localhost
[all:vars]
ansible_connection=local
ansible_python_interpreter={{ ansible_playbook_python }}
"""

USE = """
- hosts: localhost
  gather_facts: false
  module_defaults:
    group/linuxha.lvs.lvs:
      files: [{path: "{{ lookup('env', 'HOME') }}/never/written", content: from the group}]
  tasks:
    - name: A module that takes its option from the action group
      linuxha.lvs.text_files:
      check_mode: true
      diff: true
      register: files
    - ansible.builtin.assert:
        that: files is changed
    - name: The pasted language, and a filter that needs jmespath
      ansible.builtin.debug:
        msg: "{{ read | linuxha.lvs.query('directors[].name') }} {{ read | linuxha.lvs.to_aloha }}"
      vars:
        read: "{{ 'director nfs\\n  mode gateway\\n  server nfs-01 192.0.2.1:2049\\n' | linuxha.lvs.from_aloha }}"
    - name: A filter that needs netaddr
      ansible.builtin.assert:
        that: "['192.0.2.1', '198.51.100.1'] | linuxha.lvs.off_link(['192.0.2.0/24']) == ['198.51.100.1']"
"""

WRONG = """
- hosts: nfs_clients
  gather_facts: false
  tasks:
    - ansible.builtin.import_role:
        name: linuxha.lvs.nfs_client
      vars:
        nfs_client_mounts: [{pth: /mnt}]
"""


@dataclass(frozen=True)
class Stranger:
    """Somebody with the collection installed, in a home and a folder of their own."""

    home: Path

    @property
    def collection(self) -> Path:
        """Where it is."""
        return self.home / "collections" / "ansible_collections" / "linuxha" / "lvs"

    def run(self, *command: str, status: int = 0, errors: int = subprocess.STDOUT) -> str:
        """Runs a program of the environment; returns what it wrote, and its errors, unless they go elsewhere."""
        programs = Path(os.environ["LVS_CLEAN_VENV"]) / "bin"
        env = {
            "HOME": str(self.home),
            "PATH": f"{programs}:/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": str(self.home / "collections"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        done = subprocess.run(
            [str(programs / command[0]), *command[1:]],
            cwd=self.home,
            env=env,
            check=False,
            text=True,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        assert done.returncode == status, done.stdout
        return done.stdout

    def play(self, text: str, *options: str, status: int = 0) -> str:
        """Runs a playbook of the stranger's own."""
        (self.home / "play.yml").write_text(text)
        return self.run("ansible-playbook", "-i", "inventory", *options, "play.yml", status=status)

    def names(self, folder: str) -> list[str]:
        """The plugins of a folder, by their whole names."""
        found = sorted(path.stem for path in (self.collection / "plugins" / folder).glob("*.py"))
        return [f"linuxha.lvs.{name}" for name in found]


@pytest.fixture(name="stranger", scope="module", params=["whole", "bare"])
def _stranger(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Stranger:
    """The collection as it is installed, and with all but what it is made of deleted."""
    stranger = Stranger(tmp_path_factory.mktemp(request.param))
    (stranger.home / "inventory").write_text(INVENTORY)
    place = str(stranger.home / "collections")
    stranger.run("ansible-galaxy", "collection", "install", "--offline", "-p", place, os.environ["LVS_TARBALL"])
    if request.param == "bare":
        for path in stranger.collection.iterdir():
            if path.name not in BARE:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    return stranger


def documentation(stranger: Stranger, kind: str, names: list[str]) -> dict[str, t.Any]:
    """What ansible-doc knows of them. Without MANIFEST.json it warns that it cannot tell the collection's version."""
    return json.loads(stranger.run("ansible-doc", "--type", kind, "--json", *names, errors=subprocess.DEVNULL))


@pytest.mark.parametrize(("kind", "folder"), [("module", "modules"), ("filter", "filter")])
def test_every_plugin_is_documented(stranger: Stranger, kind: str, folder: str) -> None:
    names = stranger.names(folder)
    told = documentation(stranger, kind, names)
    assert sorted(told) == names
    for name in names:
        assert told[name]["doc"]["short_description"]
        assert told[name]["examples"]
        assert told[name]["return"]


def test_every_role_is_documented(stranger: Stranger) -> None:
    names = [f"linuxha.lvs.{name}" for name in ROLES]
    assert sorted(path.name for path in (stranger.collection / "roles").iterdir()) == ROLES
    told = documentation(stranger, "role", names)
    assert sorted(told) == names
    for name in names:
        assert "main" in told[name]["entry_points"]


def test_every_playbook_is_found_and_read_by_its_name(stranger: Stranger) -> None:
    assert sorted(path.stem for path in (stranger.collection / "playbooks").glob("*.yml")) == PLAYBOOKS
    names = [f"linuxha.lvs.{name}" for name in PLAYBOOKS]
    told = stranger.run("ansible-playbook", "-i", "inventory", "--syntax-check", *names)
    assert told.count("playbook: ") == len(PLAYBOOKS)
    assert "WARNING" not in told


def test_modules_and_filters_run(stranger: Stranger) -> None:
    told = stranger.play(USE)
    assert "from the group" in told
    assert not (stranger.home / "never").exists()
    assert "nfs-01" in told
    assert "WARNING" not in told


def test_a_role_checks_its_options(stranger: Stranger) -> None:
    assert "pth" in stranger.play(WRONG, "--check", status=2)


def test_site_refuses_what_cannot_work_before_it_touches_a_host(stranger: Stranger) -> None:
    options = ("-e", '{"nfs_client_mounts": [{"path": "mnt", "server": "192.0.2.9", "export": "/srv"}]}')
    told = stranger.run(
        "ansible-playbook", "-i", "inventory", "--check", "-l", "localhost", *options, "linuxha.lvs.site", status=2
    )
    assert "Refuse what cannot work" in told
    assert "changed=0" in told


def test_what_is_installed_is_what_was_built(stranger: Stranger) -> None:
    """Also after the runs above: none of them has written into the collection."""
    if (stranger.collection / "MANIFEST.json").exists():
        told = stranger.run("ansible-galaxy", "collection", "verify", "--offline", "linuxha.lvs")
        assert "Successfully verified" in told
