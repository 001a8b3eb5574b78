# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""Which mounts of the clients a drill goes through, and where their files are on the servers."""

from __future__ import annotations

import json
import os
import typing as t

from .._spelled import spelled

# In the folder that a client has mounted; the drill removes it. The run's name follows, so that it is nobody else's.
FOLDER = ".linuxha-lvs-drill-"


class Mount(t.NamedTuple):
    """One mount of a client: where, which version, and the probe's file as the client and as the servers see it."""

    path: str
    version: str
    file: str
    stored: str


def mounts_of(client: str, text: str, vips: t.Collection[str], exports: t.Sequence[t.Any], run: str) -> list[Mount]:
    """The client's mounts through one of the addresses, of what the servers export.

    A client says itself what it has mounted, and the servers make a folder there, as root: so nowhere else.

    :param text: what `findmnt --json --types nfs,nfs4 --output TARGET,SOURCE,OPTIONS` has printed; nothing for none.
    :param exports: the servers' exports, each with `path` and `fsid`.
    :param run: the drill's name.
    """
    wanted = {spelled(vip) for vip in vips}
    found: list[Mount] = []
    for one in json.loads(text)["filesystems"] if text.strip() else []:
        words = dict(word.partition("=")[::2] for word in one["options"].split(","))
        # Who may only read says nothing of how long a write takes.
        if spelled(words.get("addr", "").partition("%")[0]) not in wanted or "ro" in words:
            continue
        name = "%s%s/%s-%d" % (FOLDER, run, client, len(found))
        folder = _stored(one["source"], words["vers"], exports)
        if not any(folder == export["path"] or folder.startswith(_under(export["path"], "")) for export in exports):
            continue
        found.append(Mount(one["target"], words["vers"], _under(one["target"], name), _under(folder, name)))
    return found


def _under(folder: str, name: str) -> str:
    return "%s/%s" % (folder.rstrip("/"), name)


def _stored(source: str, version: str, exports: t.Sequence[t.Any]) -> str:
    """The folder on the server of `192.168.10.50:/srv/nfs`; version 4 starts at the export that is its root."""
    path = os.path.normpath(source[source.rindex(":/") + 1 :])
    roots = [export["path"] for export in exports if str(export["fsid"]) in ("0", "root")]
    if version.startswith("4") and roots:
        return _under(roots[0], path.lstrip("/")).rstrip("/") or "/"
    return path
