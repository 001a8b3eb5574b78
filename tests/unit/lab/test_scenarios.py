# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the scenarios of Molecule have in common is said once, and none can be green because it did nothing."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml

TOP = Path(__file__).resolve().parents[3]
COMMON = yaml.safe_load((TOP / ".config" / "molecule" / "config.yml").read_text(encoding="utf-8"))
SCENARIOS = sorted((TOP / "molecule").glob("*/molecule.yml"))
LOUD = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true", "ANSIBLE_HOST_PATTERN_MISMATCH": "error"}


def merged(below: t.Any, above: t.Any) -> t.Any:
    """As Molecule does it: keys together, anything else replaced."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return {**below, **{key: merged(below.get(key), value) for key, value in above.items()}}


def twice(below: t.Any, above: t.Any, where: str = "") -> t.Iterator[str]:
    """The keys that say what is said below as well."""
    if isinstance(below, dict) and isinstance(above, dict):
        for key in above.keys() & below.keys():
            yield from twice(below[key], above[key], "%s.%s" % (where, key))
    elif below == above:
        yield where


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.parent.name)
def test_a_wrong_inventory_stops_it_and_its_tests_are_run(path: Path) -> None:
    config = merged(COMMON, yaml.safe_load(path.read_text(encoding="utf-8")))
    assert config["ansible"]["env"].items() >= LOUD.items()
    assert config["verifier"]["name"] == "testinfra"
    assert list(path.parent.glob("%s/test_*.py" % config["verifier"]["directory"]))
    assert "verify" in config["scenario"]["test_sequence"]


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.parent.name)
def test_a_scenario_says_what_differs(path: Path) -> None:
    assert list(twice(COMMON, yaml.safe_load(path.read_text(encoding="utf-8")))) == []
