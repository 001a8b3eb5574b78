# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: link_questions
short_description: What one host can ask the others over the network
version_added: 1.0.0
author: "linuxha.lvs contributors (@linuxha)"
description:
  - Makes the options of M(linuxha.lvs.link_probe_info) for one host from what the roles' entry points C(doctor) have
    collected on all hosts. A director asks every server for its programs, and whether it takes the VIP. A client asks
    for NFS through the VIP. Both ask who has the VIP.
  - It is there for the playbooks of this collection; what it takes and gives may change with any release.
positional: host
options:
  _input:
    description: Host to what was collected there, as P(linuxha.lvs.findings#filter) takes it.
    type: dict
    required: true
  host:
    description: The host that is to ask.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: See what lb1 is to ask
  ansible.builtin.debug:
    msg: "{{ {'lb1': {}} | linuxha.lvs.link_questions('lb1') }}"
"""

RETURN = r"""
_value:
  description: Options of M(linuxha.lvs.link_probe_info).
  type: dict
  sample: {"holders": ["192.168.10.50"], "clocks": [], "rpc": [], "vips": []}
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.plugin_utils._doctor.wire import questions
from ansible_collections.linuxha.lvs.plugins.plugin_utils._plain import plain


def link_questions(hosts: t.Any, host: t.Any) -> dict[str, t.Any]:
    """What the host is to ask.

    :raises AnsibleFilterError: the input is no mapping of hosts to what was collected there.
    """
    if not isinstance(hosts, t.Mapping):
        raise AnsibleFilterError("expected a mapping of hosts to what was collected there, not %r" % (hosts,))
    return questions(str(host), plain(hosts))


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"link_questions": link_questions}
