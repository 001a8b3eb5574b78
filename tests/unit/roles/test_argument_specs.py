# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the roles' argument specs promise: the documented defaults are the real ones, and each says why."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest
import yaml

ROLES = Path(__file__).resolve().parents[3] / "roles"
NAMES = sorted(path.name for path in ROLES.iterdir() if path.is_dir())
SEQUENCE = ["preflight.yml", "install.yml", "configure.yml", "service.yml", "verify.yml"]
# nfsd starts while its package is installed, so its configuration comes first.
CONFIGURED_FIRST = ["preflight.yml", "configure.yml", "install.yml", "service.yml", "verify.yml"]


def load(path: Path) -> t.Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def specs(role: str) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", load(ROLES / role / "meta" / "argument_specs.yml")["argument_specs"])


def every_option(options: dict[str, t.Any], where: str) -> t.Iterator[tuple[str, dict[str, t.Any]]]:
    for name, option in options.items():
        yield "%s.%s" % (where, name), option
        yield from every_option(option.get("options", {}), "%s.%s" % (where, name))


def task_files(role: str) -> list[Path]:
    return sorted([*(ROLES / role / "tasks").glob("*.yml"), *(ROLES / role / "handlers").glob("*.yml")])


def test_there_are_the_three_roles() -> None:
    assert NAMES == ["load_balancer", "nfs_client", "nfs_server"]


@pytest.mark.parametrize("role", NAMES)
def test_documented_defaults_are_the_real_ones(role: str) -> None:
    documented = {name: option["default"] for name, option in specs(role)["main"]["options"].items()}
    assert documented == load(ROLES / role / "defaults" / "main.yml")


@pytest.mark.parametrize("role", NAMES)
def test_every_entry_point_takes_the_same_options(role: str) -> None:
    entries = specs(role)
    assert set(entries) == {"main", "preflight", "doctor", "remove"}
    assert all(entry["options"] == entries["main"]["options"] for entry in entries.values())


@pytest.mark.parametrize("role", NAMES)
def test_every_option_has_a_type_and_every_default_a_reason(role: str) -> None:
    for where, option in every_option(specs(role)["main"]["options"], role):
        assert "type" in option, where
        text = " ".join([option["description"]] if isinstance(option["description"], str) else option["description"])
        assert "default" not in option or "because" in text, "%s does not say why its default is that" % where


@pytest.mark.parametrize("role", NAMES)
def test_every_public_variable_begins_with_the_role(role: str) -> None:
    assert all(name.startswith(role + "_") for name in load(ROLES / role / "defaults" / "main.yml"))
    assert all(name.startswith("__%s_" % role) for name in load(ROLES / role / "vars" / "main.yml"))


@pytest.mark.parametrize("role", NAMES)
def test_main_only_sequences_the_steps(role: str) -> None:
    tasks = load(ROLES / role / "tasks" / "main.yml")
    wanted = CONFIGURED_FIRST if role == "nfs_server" else SEQUENCE
    assert [task["ansible.builtin.import_tasks"] for task in tasks] == wanted


@pytest.mark.parametrize("role", NAMES)
def test_registered_and_loop_variables_are_internal(role: str) -> None:
    for path in task_files(role):
        names = re.findall(r"^\s+(?:register|loop_var): (\S+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert all(name.startswith("__%s_" % role) for name in names), "%s: %s" % (path, names)


@pytest.mark.parametrize("role", NAMES)
def test_what_the_doctor_remembers_is_no_result_of_another_task(role: str) -> None:
    """Site and verify may run in one process, where facts and results share their names."""
    remembered = re.findall(
        r"^ +(__\w+):", (ROLES / role / "tasks" / "doctor.yml").read_text("utf-8"), flags=re.MULTILINE
    )
    for path in task_files(role):
        names = re.findall(r"^\s+register: (\S+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert not set(names) & set(remembered), "%s: %s" % (path, names)


@pytest.mark.parametrize("role", NAMES)
def test_every_public_variable_is_in_the_readme_and_used(role: str) -> None:
    readme = (ROLES / role / "README.md").read_text(encoding="utf-8")
    files = [*task_files(role), ROLES / role / "vars" / "main.yml", *(ROLES / role / "templates").glob("*")]
    used = " ".join(path.read_text(encoding="utf-8") for path in files)
    for name in load(ROLES / role / "defaults" / "main.yml"):
        assert "`%s`" % name in readme, name
        assert re.search(r"(?<![_a-z])%s\b" % name, used), "%s does nothing" % name
