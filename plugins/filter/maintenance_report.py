# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: maintenance_report
short_description: What a maintenance has done, and who serves now
version_added: 1.0.0
author: "linuxha.lvs contributors (@linuxha)"
description:
  - Says in sentences what C(playbooks/maintenance.yml) has done, or in check mode would do.
  - It is there for the playbooks of this collection; what it takes and gives may change with any release.
positional: steps, check
options:
  _input:
    description: Director host to what C(linuxha-lvs-failback status) says there; hosts that do not answer are left out.
    type: dict
    required: true
  steps:
    description: The steps, as P(linuxha.lvs.maintenance_plan#filter) gives them.
    type: list
    elements: dict
    required: true
  check:
    description: Whether nothing was done, and the sentences say what would be.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Say what was done
  ansible.builtin.debug:
    msg: "{{ known | linuxha.lvs.maintenance_report(steps) }}"
  vars:
    steps: [{do: release, pool: nfs, server: nfs-01, master: lb1, active: [lb1]}]
    known:
      lb1:
        master: true
        pools: {nfs: {servers: {nfs-01: 192.168.10.100}, standby: {}, serving: [192.168.10.100]}}
        records: {}
"""

RETURN = r"""
_value:
  description: One sentence for each director's part in it.
  type: list
  elements: string
  sample:
    - "nfs: nfs-01 is let in again, and nfs-01 serves."
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.plugin_utils._maintenance.report import report
from ansible_collections.linuxha.lvs.plugins.plugin_utils._plain import plain


def maintenance_report(now: t.Any, steps: t.Any, check: t.Any = False) -> list[str]:
    """What was done, or would be.

    :raises AnsibleFilterError: what the directors say has not the shape that their service gives it.
    """
    try:
        return report(plain(now), plain(steps), bool(check))
    except (AttributeError, KeyError, TypeError) as error:
        raise AnsibleFilterError("maintenance_report: what the directors say lacks %s" % error) from error


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"maintenance_report": maintenance_report}
