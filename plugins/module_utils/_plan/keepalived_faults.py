# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""What is wrong with keepalived's files and its own test lets pass. Pure but for what it asks `look` about."""

from __future__ import annotations

import os
import typing as t

from .._codec.keepalived_blocks import BlockError
from .._codec.keepalived_foreign import commands_in, expanded, includes_in, services_of
from .._model.ipvs import ServiceKey

# What is wrong with a program at this path, or None.
Look = t.Callable[[str], t.Optional[str]]


def faults(texts: t.Mapping[str, str], look: Look) -> list[str]:
    """A sentence for each fault: a file that is included but missing, two blocks for one service, a bad program.

    keepalived --config-test ends with 0 for all of them: it goes on without the file, loses one of the two services, or
    drops the check, so that its server counts as alive for ever.

    :param texts: every file that keepalived reads, path to text.
    :param look: tells what is wrong with the program at a path.
    """
    found: list[str] = []
    owners: dict[ServiceKey, str] = {}
    services = services_of(texts)
    texts = expanded(texts)
    for path, text in sorted(texts.items()):
        try:
            found += _missing_includes(path, text, texts)
            found += _bad_programs(path, text, look)
        except BlockError:
            # keepalived complains about that itself.
            continue
        for key in services[path]:
            if key in owners:
                found.append("%s: %s has a virtual_server in %s already" % (path, key, owners[key]))
            owners.setdefault(key, path)
    return found


def _missing_includes(path: str, text: str, texts: t.Mapping[str, str]) -> t.Iterator[str]:
    for include in includes_in(text):
        file = os.path.normpath(os.path.join(os.path.dirname(path), include))
        if not set(file) & set("*?[~$") and file not in texts:
            yield "%s: it includes %s, which is not there" % (path, file)


def _bad_programs(path: str, text: str, look: Look) -> t.Iterator[str]:
    for program in dict.fromkeys(commands_in(text)):
        wrong = look(program)
        if wrong:
            yield "%s: it runs %s, which %s" % (path, program, wrong)
