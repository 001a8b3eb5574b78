# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a playbook writes on the controller goes where a shell in the same folder would put it."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterator

import yaml
from ansible_collections.linuxha.lvs.tests.unit.docs.guides import TOP

BOOKS = TOP / "playbooks"


def tasks(node: t.Any) -> Iterator[dict[str, t.Any]]:
    """All tasks of a file, those in blocks too."""
    if isinstance(node, list):
        for one in node:
            yield from tasks(one)
    elif isinstance(node, dict):
        yield node
        for value in node.values():
            if isinstance(value, list):
                yield from tasks(value)


def variables() -> dict[str, str]:
    return {
        name: str(value)
        for path in (BOOKS / "vars").glob("*.yml")
        for name, value in yaml.safe_load(path.read_text(encoding="utf-8")).items()
    }


def test_a_relative_path_begins_where_the_playbook_was_called() -> None:
    known, found = variables(), {}
    for path in sorted(BOOKS.rglob("*.yml")):
        for task in tasks(yaml.safe_load(path.read_text(encoding="utf-8"))):
            dest = task.get("ansible.builtin.copy", {}).get("dest", "")
            if task.get("delegate_to") == "localhost" and dest:
                named = " ".join(known.get(name, "") for name in re.findall(r"\w+", dest))
                found[path.name] = "| ansible.builtin.expanduser | ansible.builtin.realpath" in dest + named
    assert found == {"report.yml": True, "status.yml": True, "verify.yml": True}
