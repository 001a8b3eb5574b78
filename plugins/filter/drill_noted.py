# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: drill_noted
short_description: What the programs of a drill have noted on one host
version_added: 1.0.0
author: "linuxha.lvs contributors (@linuxha)"
description:
  - Reads the texts that the programs of C(playbooks/drill.yml) have written on a host, for the filter
    P(linuxha.lvs.drill_report#filter).
  - It is there for the playbooks of this collection; what it takes and gives may change with any release.
options:
  _input:
    description:
      - C(mounts) with the C(logs) of a client's probe (and when it was C(ended), the C(interval) and the C(run)), the
        C(servers), and C(stored), server to the numbers of the records that it has for each file, without those that
        could not be asked; C(looks) and C(journal) of a director.
        What a host does not have may be left out.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show when the kernel's table changed
  ansible.builtin.debug:
    msg: "{{ {'looks': looks} | linuxha.lvs.drill_noted }}"
  vars:
    looks: '{"at": 1764150000.01, "servers": ["192.168.10.100"], "vip": true}'
"""

RETURN = r"""
_value:
  description: RV(ignore:mounts), RV(ignore:looks) and RV(ignore:log), as the report reads them.
  type: dict
  sample:
    mounts: []
    looks:
      - {at: 1764150000.01, servers: [192.168.10.100], vip: true}
    log: []
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.plugin_utils._drill.noted import log_of, looks_of, mount_of
from ansible_collections.linuxha.lvs.plugins.plugin_utils._plain import plain


def drill_noted(texts: t.Any) -> dict[str, t.Any]:
    """The texts as values.

    :raises AnsibleFilterError: one of them is not what a program of the drill writes.
    """
    given = plain(texts)
    try:
        return {
            "mounts": [_mount(given, mount, log) for mount, log in zip(given.get("mounts", []), given.get("logs", []))],
            "looks": looks_of(given.get("looks", "")),
            "log": log_of(given.get("journal", "")),
        }
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError("drill_noted: what a host has noted cannot be read: %s" % error) from error


def _mount(given: dict[str, t.Any], mount: dict[str, t.Any], log: str) -> dict[str, t.Any]:
    found = given["stored"]
    stored = {host: found[host].get(mount["stored"], []) if host in found else None for host in given["servers"]}
    about = {
        "path": mount["path"],
        "version": mount["version"],
        "interval": float(given["interval"]),
        "run": given["run"],
    }
    return mount_of(about, log, float(given["ended"]), stored)


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"drill_noted": drill_noted}
