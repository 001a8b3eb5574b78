# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each command of the guides is one that a scenario executes, or one of which a list says why none does."""

from __future__ import annotations

import importlib.util
import sys
import typing as t

from ansible_collections.linuxha.lvs.tests.unit.docs.guides import GUIDES, TOP, blocks_of, command_lines


def _load() -> t.Any:
    spec = importlib.util.spec_from_file_location("guide_steps", TOP / "molecule/drill/tests/steps.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


STEPS = _load()
LINES = [
    (str(block), line)
    for guide in GUIDES
    if guide.stem not in STEPS.OWN
    for block in blocks_of(guide)
    if block.language == "console"
    for line in command_lines(block)
]


def test_no_command_of_a_guide_is_forgotten() -> None:
    executed, excused = {step.command for step in STEPS.STEPS}, tuple(STEPS.NOT_HERE)
    assert [one for one in LINES if one[1] not in executed and not one[1].startswith(excused)] == []


def test_what_is_executed_or_excused_is_in_a_guide() -> None:
    lines = {line for _block, line in LINES}
    assert [step.command for step in STEPS.STEPS if step.command not in lines] == []
    assert [words for words in STEPS.NOT_HERE if not any(line.startswith(words) for line in lines)] == []
    # One that is executed needs no excuse.
    assert [step.command for step in STEPS.STEPS if step.command.startswith(tuple(STEPS.NOT_HERE))] == []


def test_a_guide_with_a_scenario_of_its_own_has_it() -> None:
    for name in STEPS.OWN:
        text = (TOP / ("molecule/%s/tests/test_%s.py" % (name, name))).read_text(encoding="utf-8")
        assert "docs/docsite/rst/%s.rst" % name in text
        assert "def test_the_page_has_these_commands" in text
