# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every result that a task keeps is read by something."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import yaml

COLLECTION = Path(__file__).resolve().parents[3]
FILES = [path for folder in ("roles", "playbooks") for path in (COLLECTION / folder).rglob("*")]


def pairs(node: t.Any, key: str = "") -> t.Iterator[tuple[str, str]]:
    """Each text of a document, with the nearest key above it."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from pairs(value, str(name))
    elif isinstance(node, list):
        for value in node:
            yield from pairs(value, key)
    else:
        yield key, str(node)


def test_every_register_is_read() -> None:
    found = [pair for path in FILES if path.suffix == ".yml" for pair in pairs(yaml.safe_load(path.read_text("utf-8")))]
    kept = {text for key, text in found if key == "register"}
    texts = [text for key, text in found if key != "register"]
    texts += [path.read_text("utf-8") for path in FILES if path.suffix == ".j2"]
    assert len(kept) > 100
    assert kept - set(re.findall(r"\w+", "\n".join(texts))) == set()
