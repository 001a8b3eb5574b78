# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: drill_mounts
short_description: Through which of its mounts a client takes part in a drill
version_added: 1.0.0
author: "linuxha.lvs contributors (@linuxha)"
description:
  - Reads what C(findmnt) says on a client, and picks the NFS mounts by way of the virtual addresses. Those that are
    in no export, and those that can only be read, are left out.
  - It is there for the playbooks of this collection; what it takes and gives may change with any release.
positional: client, vips, exports, run
options:
  _input:
    description: What C(findmnt --json --types nfs,nfs4 --output TARGET,SOURCE,OPTIONS) has printed; nothing for none.
    type: str
    required: true
  client:
    description: The client's name, which becomes a part of file names.
    type: str
    required: true
  vips:
    description: The virtual addresses.
    type: list
    elements: str
    required: true
  exports:
    description: The servers' exports, each with C(path) and C(fsid).
    type: list
    elements: dict
    required: true
  run:
    description: The drill's name, which becomes a part of the folder's.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show which mounts would be tried
  ansible.builtin.debug:
    msg: "{{ findmnt | linuxha.lvs.drill_mounts('web1', ['192.168.10.50'], exports, '1a2b3c4d') }}"
  vars:
    exports: [{path: /srv/nfs, fsid: 1}]
    findmnt: >-
      {"filesystems": [{"target": "/mnt/nfs", "source": "192.168.10.50:/srv/nfs",
                        "options": "rw,relatime,vers=3,hard,proto=tcp,addr=192.168.10.50"}]}
"""

RETURN = r"""
_value:
  description: For each mount its RV(ignore:path) and RV(ignore:version), and the probe's file as the client sees it
    (RV(ignore:file)) and as the servers do (RV(ignore:stored)).
  type: list
  elements: dict
  sample:
    - path: /mnt/nfs
      version: "3"
      file: /mnt/nfs/.linuxha-lvs-drill-1a2b3c4d/web1-0
      stored: /srv/nfs/.linuxha-lvs-drill-1a2b3c4d/web1-0
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.plugin_utils._drill.mounts import mounts_of
from ansible_collections.linuxha.lvs.plugins.plugin_utils._plain import plain


def drill_mounts(text: t.Any, client: t.Any, vips: t.Any, exports: t.Any, run: t.Any) -> list[dict[str, t.Any]]:
    """The client's mounts through the virtual addresses.

    :raises AnsibleFilterError: findmnt printed something else.
    """
    try:
        found = mounts_of(str(client), plain(text), plain(vips), plain(exports), str(run))
        return [mount._asdict() for mount in found]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError("drill_mounts: cannot read the mounts of %s: %s" % (client, error)) from error


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"drill_mounts": drill_mounts}
