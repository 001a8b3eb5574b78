# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: findings_text
short_description: Findings as a person reads them
version_added: 1.0.0
author: "linuxha.lvs contributors (@linuxha)"
description:
  - Makes a text for the terminal of what P(linuxha.lvs.findings#filter) has found.
  - It is there for the playbooks of this collection; what it takes and gives may change with any release.
positional: hosts
options:
  _input:
    description: The findings.
    type: list
    elements: dict
    required: true
  hosts:
    description: Host to what was collected there, as P(linuxha.lvs.findings#filter) takes it.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Say it
  ansible.builtin.debug:
    msg: "{{ [] | linuxha.lvs.findings_text({'lb1': {}, 'lb2': {}}) }}"
"""

RETURN = r"""
_value:
  description: The text, several lines.
  type: str
  sample: All is well on lb1, lb2.
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.plugin_utils._doctor.report import as_text
from ansible_collections.linuxha.lvs.plugins.plugin_utils._plain import plain


def findings_text(found: t.Any, hosts: t.Any) -> str:
    """The findings as a person reads them.

    :raises AnsibleFilterError: what was collected is no mapping of hosts.
    """
    if not isinstance(hosts, t.Mapping):
        raise AnsibleFilterError("expected a mapping of hosts to what was collected there, not %r" % (hosts,))
    return as_text(plain(found), plain(hosts))


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"findings_text": findings_text}
