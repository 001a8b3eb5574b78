# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings for every unit test."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# Time says nothing on a machine that builds a kernel meanwhile: neither a deadline nor slow generation fails a law.
settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")
