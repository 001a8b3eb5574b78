# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""What bench/alarms gives to the hosts, half an hour after its begin."""

from __future__ import annotations

import shutil
import subprocess

from lvsbench.alarms import LOSS


def test_nft_takes_the_loss() -> None:
    # In namespaces of its own, so that it needs no root and meets nobody's tables.
    argv = ["unshare", "-Urn", shutil.which("nft") or "/usr/sbin/nft", "-c", "-f", "-"]
    done = subprocess.run(argv, input=LOSS, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
