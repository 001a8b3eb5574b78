# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: status_text
short_description: The status of the service as a person reads it
version_added: 1.0.0
author: "linuxha.lvs contributors (@linuxha)"
description:
  - Makes a text for the terminal of what P(linuxha.lvs.status_report#filter) tells.
options:
  _input:
    description: The document.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Say it
  ansible.builtin.debug:
    msg: "{{ ({'lb1': {}} | linuxha.lvs.status_report | linuxha.lvs.status_text).splitlines() }}"
"""

RETURN = r"""
_value:
  description: The text, several lines of at most 120 columns.
  type: str
  sample: Nobody answers (lb1), so nothing is known of the service.
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.plugin_utils._plain import plain
from ansible_collections.linuxha.lvs.plugins.plugin_utils._status.text import as_text


def status_text(report: t.Any) -> str:
    """The status as a person reads it.

    :raises AnsibleFilterError: it is not what the filter status_report tells.
    """
    try:
        return as_text(plain(report))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError("status_text needs what status_report tells; this lacks %s" % error) from error


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"status_text": status_text}
