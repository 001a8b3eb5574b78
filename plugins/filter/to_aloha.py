# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: to_aloha
short_description: Writes directors, flows and sysctls as HAProxy ALOHA's text
version_added: 1.0.0
author: "linuxha.lvs contributors (@linuxha)"
description:
  - The way back from P(linuxha.lvs.from_aloha#filter), which reads the text to the same values again.
  - Takes what that filter gives, what the modules M(linuxha.lvs.ipvs_director), M(linuxha.lvs.ipvs_flow) and
    M(linuxha.lvs.lvs_sysctl) take, and what they return.
  - What is at its default is left out where ALOHA has no word for it. Anything else that ALOHA cannot say is an error
    that names entry, key and value.
options:
  _input:
    description: A mapping with C(directors), C(flows) and C(sysctls); each may be missing.
    type: dict
    required: true
notes:
  - ALOHA has no words for a mark of one's own, tunnel types, a check of type C(nfs), C(vip) or C(https), more than one
    check a director, and entries with C(state=absent).
"""

EXAMPLES = r"""
- name: Write what this load balancer does as an ALOHA would have it
  ansible.builtin.copy:
    content: "{{ {'directors': written.directors.after, 'flows': led.flows.after} | linuxha.lvs.to_aloha }}"
    dest: /root/aloha.txt
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The text, flows first, then directors, then sysctls.
  type: str
  sample: |
    flow nfs director nfs
      match iface eth0 dst 192.168.10.50
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.aloha_text import write
from ansible_collections.linuxha.lvs.plugins.module_utils._errors import InputError


def to_aloha(wanted: t.Any) -> str:
    """Writes an ALOHA text.

    :raises AnsibleFilterError: the input says what ALOHA cannot; the sentence names entry, key and value.
    """
    try:
        return write(wanted)
    except InputError as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"to_aloha": to_aloha}
