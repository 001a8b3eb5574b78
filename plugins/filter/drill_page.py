# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: drill_page
short_description: The report of a drill as one HTML file
version_added: 1.0.0
author: "linuxha.lvs contributors (@linuxha)"
description:
  - Makes a page of what was collected of a drill, with what P(linuxha.lvs.drill_report#filter) tells and a picture of
    every mount's latency.
  - The page needs neither network nor scripts, and its policy forbids both, so that it can be sent, archived and
    printed. It is readable on a phone, and light or dark as the reader likes it.
  - The picture shows the longest latency of each moment, so that thousands of operations lose no peak; a page of 50
    clients stays well below a megabyte. Of the log it has the first 500 lines.
  - It is there for the playbooks of this collection; what it takes and gives may change with any release.
options:
  _input:
    description: What was collected, as P(linuxha.lvs.drill_report#filter) takes it; its report has no samples to draw.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Write the page
  ansible.builtin.copy:
    content: "{{ collected | linuxha.lvs.drill_page }}"
    dest: /root/drill.html
    mode: "0600"
  vars:
    collected:
      drill: {fault: cut, host: nfs-01, began: 1764150400.0, ended: 1764150404.0, interrupted: nfs-02 was not ready}
      hosts: {}
"""

RETURN = r"""
_value:
  description: The page.
  type: str
  sample: "<!DOCTYPE html> ..."
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.plugin_utils._drill.document import told
from ansible_collections.linuxha.lvs.plugins.plugin_utils._drill.page import as_page


def drill_page(collected: t.Any) -> str:
    """The page.

    :raises AnsibleFilterError: what was collected is no drill.
    """
    try:
        return as_page(told(collected))
    except ValueError as error:
        raise AnsibleFilterError("drill_page: %s" % error) from error


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"drill_page": drill_page}
