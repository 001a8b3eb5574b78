# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is put back step by step goes on after a step that fails, and tells of all that did."""

from __future__ import annotations

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._errors import LvsError, ToolError
from ansible_collections.linuxha.lvs.plugins.module_utils._system.steps import every_step


def test_every_step_is_taken_and_every_failure_told():
    taken = []

    def step(name, error=None):
        taken.append(name)
        if error:
            raise error

    with pytest.raises(LvsError) as raised:
        every_step(
            lambda: step("a", ToolError("nft is away", rc=127)),
            lambda: step("b"),
            lambda: step("c", LvsError("systemd says no")),
        )
    assert str(raised.value) == "nft is away; systemd says no"
    assert taken == ["a", "b", "c"]


def test_nothing_is_raised_when_nothing_fails():
    every_step()
    every_step(lambda: None)


def test_what_is_no_failure_of_a_step_ends_it():
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        every_step(interrupted)
