# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""Whether a document that came from a host has the shape that its reader relies on."""

from __future__ import annotations

import typing as t

# A type, a test that raises ValueError, a list of one shape, or a mapping; there "?" marks what may be missing, and "*"
# stands for every key.
Shape = t.Any


def flaw(value: t.Any, shape: Shape, where: str) -> str:
    """What of the value has not the shape, in words; empty when all of it has."""
    if isinstance(shape, dict):
        return _flaw_of_mapping(value, shape, where)
    if isinstance(shape, list):
        if not isinstance(value, list):
            return "%s is no list" % where
        found = (flaw(entry, shape[0], "%s[%d]" % (where, number)) for number, entry in enumerate(value))
        return next(filter(None, found), "")
    if isinstance(shape, type):
        fits = isinstance(value, (int, float) if shape is float else shape)
        return "" if fits else "%s is %r, no %s" % (where, value, shape.__name__)
    try:
        shape(value)
    except ValueError as error:
        return "%s: %s" % (where, error)
    return ""


def _flaw_of_mapping(value: t.Any, shape: dict[str, Shape], where: str) -> str:
    if not isinstance(value, dict):
        return "%s is no mapping" % where
    if value.get("failed") is True or value.get("unreachable") is True:
        return "%s could not be read: %s" % (where, value.get("msg", "no reason was given"))
    if "*" in shape:
        found = (flaw(entry, shape["*"], "%s.%s" % (where, name)) for name, entry in value.items())
        return next(filter(None, found), "")
    for key, inner in shape.items():
        name = key.rstrip("?")
        place = "%s.%s" % (where, name)
        if name not in value and not key.endswith("?"):
            return "%s is missing" % place
        # An empty mapping in the place of one is what a task leaves that was not run.
        left = key.endswith("?") and isinstance(inner, dict) and value.get(name) == {}
        wrong = flaw(value[name], inner, place) if name in value and not left else ""
        if wrong:
            return wrong
    return ""
