# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""The lab: nodes as QEMU or User-mode Linux guests on one bridge in one network namespace."""
