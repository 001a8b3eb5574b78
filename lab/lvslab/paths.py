# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""Where things lie. What a running lab needs is in /run (gone after a reboot of this machine); what is slow to make
is in the cache.
"""

from __future__ import annotations

import os
from pathlib import Path

LAB_DIR = Path(__file__).resolve().parent.parent
RUN_DIR = Path("/run/lvs-lab")
STATE_FILE = RUN_DIR / "state.json"
LOCK_FILE = RUN_DIR / "lock"
SSH_CONFIG = RUN_DIR / "ssh_config"
KNOWN_HOSTS = RUN_DIR / "known_hosts"
INVENTORY = RUN_DIR / "inventory.yml"
CONTROL_DIR = RUN_DIR / "ssh"
CONSOLE_DIR = RUN_DIR / "console"
UML_DIR = RUN_DIR / "uml"
UML_START = LAB_DIR / "uml-start"


def cache_dir() -> Path:
    """The cache: $LVS_LAB_CACHE, else ~/.cache/lvs-lab."""
    chosen = os.environ.get("LVS_LAB_CACHE")
    return Path(chosen).absolute() if chosen else Path.home() / ".cache" / "lvs-lab"


def nodes_dir() -> Path:
    """Where the nodes' own disks lie: on the cache's disk, for /run is often memory, and too small.

    Named after this /run: containers may share a cache while each has a lab of its own, and two nodes that write to one
    disk would ruin it.
    """
    RUN_DIR.mkdir(parents=True, exist_ok=True)
    about = RUN_DIR.stat()
    return cache_dir() / "nodes" / f"{about.st_dev:x}-{about.st_ino:x}"
