# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""The lab's own ssh keys, made once and kept in the cache: one that all nodes have as host key, one to log in with."""

from __future__ import annotations

import os
from pathlib import Path

from .cache import remove_tree
from .paths import cache_dir
from .run import run

HOST_KEY = "ssh_host_ed25519_key"
USER_KEY = "id_ed25519"


def obtain() -> Path:
    """The folder (0700) with both key pairs (0600), made first if need be."""
    final = cache_dir() / "keys"
    if final.is_dir():
        return final
    cache_dir().mkdir(parents=True, exist_ok=True)
    temporary = final.with_name(f".keys-{os.getpid()}")
    temporary.mkdir(mode=0o700)
    try:
        for name in (HOST_KEY, USER_KEY):
            run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"lab {name}", "-f", str(temporary / name)])
        temporary.rename(final)
    finally:
        remove_tree(temporary)
    return final


def public(keys: Path, name: str) -> str:
    """The public half, one line without its newline."""
    return (keys / f"{name}.pub").read_text(encoding="utf-8").strip()
