# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: drill_text
short_description: The report of a drill as a person reads it
version_added: 1.0.0
author: "linuxha.lvs contributors (@linuxha)"
description:
  - Makes a text for the terminal of what P(linuxha.lvs.drill_report#filter) tells. The verdict is its first line.
  - It has the 20 longest stalls and the first 20 log lines after the fault; the report has them all.
  - It is there for the playbooks of this collection; what it takes and gives may change with any release.
options:
  _input:
    description: The report.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Say it
  ansible.builtin.debug:
    msg: "{{ (collected | linuxha.lvs.drill_report | linuxha.lvs.drill_text).splitlines() }}"
  vars:
    collected:
      drill: {fault: cut, host: nfs-01, began: 1764150400.0, ended: 1764150404.0, interrupted: nfs-02 was not ready}
      hosts: {}
"""

RETURN = r"""
_value:
  description: The text, several lines of at most 120 columns.
  type: str
  sample: |-
    The client hung for 0.61 s; no error, nothing lost.

    nfs-01 of director nfs was cut off at 2025-11-26T09:46:50Z; 1 client, 1 mount, 2384 operations.
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.plugin_utils._drill.text import as_text
from ansible_collections.linuxha.lvs.plugins.plugin_utils._plain import plain


def drill_text(report: t.Any) -> str:
    """The report as a person reads it.

    :raises AnsibleFilterError: it is not what the filter drill_report tells.
    """
    try:
        return as_text(plain(report))
    except (ArithmeticError, AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise AnsibleFilterError("drill_text needs what drill_report tells; this lacks %s" % error) from error


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"drill_text": drill_text}
