# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures, on the lab's own hosts, what an NFS client sees while its server dies."""
