# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""The lab's own ssh keys, made once and kept in the cache: one that all nodes have as host key, one to log in with."""

from __future__ import annotations

from pathlib import Path

from . import cache
from .run import run

TYPE = "ed25519"
HOST_KEY = f"ssh_host_{TYPE}_key"
USER_KEY = f"id_{TYPE}"


def obtain() -> Path:
    """The folder (0700) with both key pairs (0600), made first if need be."""
    return cache.obtain("keys", cache.key_of({"type": TYPE}), cache.GIB // 1024, _make)


def _make(target: Path) -> None:
    target.chmod(0o700)
    for name in (HOST_KEY, USER_KEY):
        run(["ssh-keygen", "-q", "-t", TYPE, "-N", "", "-C", f"lab {name}", "-f", str(target / name)])


def public(keys: Path, name: str) -> str:
    """The public half, one line without its newline."""
    return (keys / f"{name}.pub").read_text(encoding="utf-8").strip()
