# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules run as on a managed host, also when filters were tested in the same process before."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def on_a_managed_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """Importing a filter marks the process as a controller, which shows warnings instead of returning them."""
    monkeypatch.setattr("ansible.module_utils._internal.is_controller", False)
