# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""Measures that take long and prove nothing by passing: they are run by hand."""
