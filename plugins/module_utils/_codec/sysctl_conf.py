# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""sysctl.d(5): text to a mapping of keys (paths below /proc/sys) and back. Pure."""

from __future__ import annotations

import typing as t


def render(owner: str, settings: t.Mapping[str, str], notes: t.Sequence[str] = ()) -> str:
    """The whole file.

    :param owner: the module that the file belongs to.
    :param settings: path below /proc/sys to value.
    :param notes: further comment lines.
    """
    lines = ["# Managed by linuxha.lvs.%s: changes made here are overwritten." % owner]
    lines.extend("# %s" % note for note in notes)
    lines.extend("%s = %s" % (_name(key), settings[key]) for key in sorted(settings))
    return "\n".join(lines) + "\n"


def parse(text: str) -> dict[str, str]:
    """Every setting in the text. Comments, empty lines and lines that are no setting are skipped, as systemd does."""
    settings: dict[str, str] = {}
    for line in text.split("\n"):
        stripped = line.strip()
        if not stripped or stripped[0] in "#;" or "=" not in stripped:
            continue
        name, value = stripped.split("=", 1)
        settings[_path(name.strip().lstrip("-"))] = " ".join(value.split())
    return settings


def _name(path: str) -> str:
    # A dot inside a part (eth0.100) is only safe with slashes between the parts.
    return path if "." in path else path.replace("/", ".")


def _path(name: str) -> str:
    """sysctl.d's rule: whichever of "." and "/" comes first separates; the other then swaps its meaning."""
    separators = [character for character in name if character in "./"]
    if separators and separators[0] == ".":
        return name.translate(str.maketrans("./", "/."))
    return name
