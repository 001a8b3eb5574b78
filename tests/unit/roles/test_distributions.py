# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the roles take a host for, by its /etc/os-release, and which packages they ask its package manager for.

Nothing here installs anything. Only Debian was really run (see the README); for the others this is as far as it goes.
"""

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
import yaml
from ansible_collections.linuxha.lvs.tests.unit.fakes.once import once

COLLECTION = Path(__file__).resolve().parents[3]
ROLES = COLLECTION / "roles"
FAMILIES = ("debian", "redhat")
# What each role has a copy of, because it is used alone as well: whole files of tasks, and variables.
SAME_TASKS = ("distribution.yml", "packages.yml", "install_debian.yml", "install_redhat.yml")
SAME_VARIABLES = ("os", "missing", "package_query", "package_query_statuses")

# ID, ID_LIKE and PRETTY_NAME as the distributions' own files write them, in their quotes.
SYSTEMS = {
    "debian12": ("debian", 'ID=debian\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'),
    "debian13": ("debian", 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\n'),
    "ubuntu22": ("debian", 'PRETTY_NAME="Ubuntu 22.04.5 LTS"\nID=ubuntu\nID_LIKE=debian\n'),
    "ubuntu24": ("debian", 'PRETTY_NAME="Ubuntu 24.04.1 LTS"\nID=ubuntu\nID_LIKE=debian\n'),
    "rhel8": ("", 'ID="rhel"\nID_LIKE="fedora"\nVERSION_ID="8.10"\nPRETTY_NAME="Red Hat Enterprise Linux 8.10"\n'),
    "rhel9": ("redhat", 'ID="rhel"\nID_LIKE="fedora"\nVERSION_ID="9.4"\nPRETTY_NAME="Red Hat Enterprise Linux 9.4"\n'),
    "rhel10": ("redhat", 'ID="rhel"\nID_LIKE="centos fedora"\nPRETTY_NAME="Red Hat Enterprise Linux 10.0"\n'),
    "alma9": ("redhat", 'ID="almalinux"\nID_LIKE="rhel centos fedora"\nPRETTY_NAME="AlmaLinux 9.4"\n'),
    "alma10": ("redhat", 'ID="almalinux"\nID_LIKE="rhel centos fedora"\nPRETTY_NAME="AlmaLinux 10.0"\n'),
    "rocky9": ("redhat", 'ID="rocky"\nID_LIKE="rhel centos fedora"\nPRETTY_NAME="Rocky Linux 9.4"\n'),
    "rocky10": (
        "redhat",
        'ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="10.0"\nPRETTY_NAME="Rocky Linux 10.0"\n',
    ),
    "fedora": ("redhat", 'ID=fedora\nVERSION_ID=42\nPRETTY_NAME="Fedora Linux 42"\n'),
    "alpine": ("", 'NAME="Alpine Linux"\nID=alpine\nPRETTY_NAME="Alpine Linux v3.20"\n'),
    "suse": ("", 'ID="opensuse-leap"\nID_LIKE="suse opensuse"\nPRETTY_NAME="openSUSE Leap 15.6"\n'),
    "nothing": ("", ""),
}
PACKAGES = {
    ("load_balancer", "debian"): ["keepalived", "nftables", "ipvsadm", "iproute2", "kmod"],
    ("load_balancer", "redhat"): ["keepalived", "nftables", "ipvsadm", "iproute", "kmod"],
    ("nfs_server", "debian"): ["nfs-kernel-server", "nfs-common", "rpcbind", "nftables"],
    ("nfs_server", "redhat"): ["nfs-utils", "rpcbind", "nftables"],
    ("nfs_client", "debian"): ["nfs-common"],
    ("nfs_client", "redhat"): ["nfs-utils"],
}
NAMES = sorted({role for role, _family in PACKAGES})
THERE = ("kmod", "rpcbind")

# What both programs really print, and how they end, for packages that are there and packages that are not.
TOOLS = {
    "dpkg-query": """
names = [word for word in sys.argv[1:] if not word.startswith("--")]
for name in names:
    print(name + (" installed" if name in THERE else " not-installed" if name == "ipvsadm" else ""))
sys.exit(1 if set(names) - set(THERE) else 0)
""",
    "rpm": """
names = [word for word in sys.argv[1:] if not word.startswith("--")]
for name in names:
    print(name + " installed" if name in THERE else "package %s is not installed" % name)
sys.exit(len(set(names) - set(THERE)))
""",
}
VARIABLES = {
    "load_balancer": {
        "load_balancer_vips": ["192.168.10.50"],
        "load_balancer_group": "",
        "ansible_host": "192.168.10.11",
        "__load_balancer_conf_read": {"content": ""},
        "__load_balancer_links_read": {
            "stdout": json.dumps([{"ifname": "eth0", "addr_info": [{"local": "192.168.10.11", "prefixlen": 24}]}])
        },
    },
    "nfs_server": {"nfs_server_group": "none"},
    "nfs_client": {},
}
PLAY = """
- hosts: all
  gather_facts: false
  environment:
    PATH: "{{ tools }}"
  tasks:
    - ansible.builtin.include_role:
        name: "linuxha.lvs.{{ role }}"
        tasks_from: preflight
    - ansible.builtin.include_role:
        name: "linuxha.lvs.{{ role }}"
        tasks_from: install
        public: true
    - ansible.builtin.debug:
        msg: "MISSING {{ lookup('ansible.builtin.vars', '__' ~ role ~ '_missing') | join(' ') }}"
"""


def load(path: Path) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", yaml.safe_load(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("role", NAMES)
def test_every_family_says_the_same_things(role: str) -> None:
    debian, redhat = (load(ROLES / role / "vars" / ("%s.yml" % family)) for family in FAMILIES)
    assert set(debian) == set(redhat)
    assert not set(debian) & set(load(ROLES / role / "vars" / "main.yml"))


@pytest.mark.parametrize(("role", "family"), PACKAGES)
def test_packages(role: str, family: str) -> None:
    variables = load(ROLES / role / "vars" / ("%s.yml" % family))
    assert variables["__%s_packages" % role] == PACKAGES[role, family]
    for name, value in variables.items():
        # nfsd's and statd's own: they must be among those that are installed.
        assert not name.endswith("_package") or value in PACKAGES[role, family]


@pytest.mark.parametrize("role", NAMES)
@pytest.mark.parametrize(("family", "module"), [("debian", "apt"), ("redhat", "dnf")])
def test_each_family_has_its_installer(role: str, family: str, module: str) -> None:
    (task,) = load(ROLES / role / "tasks" / ("install_%s.yml" % family))
    assert task["ansible.builtin." + module]["name"] == "{{ __%s_missing }}" % role


def copies(role: str) -> dict[str, t.Any]:
    """What the role has that the others have too, without its name."""
    variables = {family: load(ROLES / role / "vars" / ("%s.yml" % family)) for family in ("main", *FAMILIES)}
    every = {
        **{name: (ROLES / role / "tasks" / name).read_text(encoding="utf-8") for name in SAME_TASKS},
        **{
            "%s of %s" % (name, place): known["__%s_%s" % (role, name)]
            for place, known in variables.items()
            for name in SAME_VARIABLES
            if "__%s_%s" % (role, name) in known
        },
        "refusal": variables["main"]["__%s_checks" % role][0],
    }
    return t.cast("dict[str, t.Any]", json.loads(json.dumps(every).replace("__%s_" % role, "__ROLE_")))


def test_the_copies_in_the_roles_are_equal() -> None:
    first, *others = (copies(role) for role in NAMES)
    assert len(first) == len(SAME_TASKS) + 2 + 2 * len(FAMILIES) + 1
    assert others == [first, first]


def hosts(role: str) -> dict[str, dict[str, t.Any]]:
    known = {}
    for name, (_family, text) in SYSTEMS.items():
        said = {"content": base64.b64encode(text.encode()).decode()} if text else {"msg": "file not found"}
        known["%s_%s" % (role, name)] = {"role": role, "__%s_os_release" % role: said, **VARIABLES[role]}
    return known


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each host of one check run printed: its missing packages, or its refusal."""
    return once(tmp_path_factory, "distributions", _run)


def _run(folder: Path) -> dict[str, str]:
    (folder / "ansible_collections" / "linuxha").mkdir(parents=True)
    (folder / "ansible_collections" / "linuxha" / "lvs").symlink_to(COLLECTION)
    (folder / "tools").mkdir()
    for name, text in TOOLS.items():
        tool = folder / "tools" / name
        tool.write_text("#!%s\nimport sys\nTHERE = %r\n%s" % (sys.executable, THERE, text), encoding="utf-8")
        tool.chmod(0o755)
    everywhere = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "tools": str(folder / "tools"),
    }
    every = {name: variables for role in NAMES for name, variables in hosts(role).items()}
    (folder / "inventory.json").write_text(json.dumps({"all": {"hosts": every, "vars": everywhere}}), encoding="utf-8")
    (folder / "play.yml").write_text(PLAY, encoding="utf-8")
    argv = [sys.executable, "-m", "ansible.cli.playbook", "--check", "-i", "inventory.json", "play.yml"]
    changes = {"ANSIBLE_COLLECTIONS_PATH": str(folder), "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORKS": "4"}
    done = subprocess.run(argv, cwd=folder, env={**os.environ, **changes}, capture_output=True, text=True, check=False)
    refused = dict(re.findall(r"^fatal: \[(\w+)\]: FAILED! => (\{.*\})$", done.stdout, flags=re.MULTILINE))
    missing = re.findall(r'^ok: \[(\w+)\] => \{\n +"msg": "MISSING (.*)"\n', done.stdout, flags=re.MULTILINE)
    told = {**{name: json.loads(text)["msg"] for name, text in refused.items()}, **dict(missing)}
    assert sorted(told) == sorted(every), done.stdout + done.stderr
    return told


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("role", NAMES)
def test_a_host_is_asked_for_its_familys_packages(role: str, system: str, said: dict[str, str]) -> None:
    family, text = SYSTEMS[system]
    told = said["%s_%s" % (role, system)]
    if family:
        assert told.split() == sorted(set(PACKAGES[role, family]) - set(THERE))
    else:
        name = re.search(r'PRETTY_NAME="(.*)"', text)
        assert "This host runs %s (/etc/os-release)" % (name[1] if name else "no known system") in told
        assert "Red Hat Enterprise Linux from 9 on (Python 3.9)" in told
