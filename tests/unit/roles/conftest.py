# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Directors on loopback that agree on who is held out."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.linuxha.lvs.tests.unit.roles.test_failback_service import Lab


@pytest.fixture(name="lab")
def _lab(tmp_path: Path) -> t.Iterator[Lab]:
    lab = Lab(tmp_path)
    yield lab
    lab.stop()
