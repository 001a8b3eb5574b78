# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the packages of the lab and of the benches importable: they are programs beside the collection."""

from __future__ import annotations

import sys
from pathlib import Path

for folder in ("lab", "bench"):
    sys.path.insert(0, str(Path(__file__).resolve().parents[3] / folder))
