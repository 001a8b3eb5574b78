# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings for every unit test."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Time says nothing on a machine that builds a kernel meanwhile: neither a deadline nor slow generation fails a law.
settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
# What one run lets pass the next must not stop: examples at random, and many of them, belong where they are looked for.
settings.register_profile("full", settings.get_profile("project"), derandomize=False, max_examples=1000)
settings.load_profile("full" if os.environ.get("LVS_TEST_FULL") else "project")
