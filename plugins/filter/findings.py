# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: findings
short_description: What is wrong with the hosts of a service
version_added: 1.0.0
author: "linuxha.lvs contributors (@linuxha)"
description:
  - Judges what the roles' entry points C(doctor) and M(linuxha.lvs.link_probe_info) have collected on every host. The
    playbook C(linuxha.lvs.verify) uses it.
  - What follows from another finding of the same host is left out.
  - It is there for the playbooks of this collection; what it takes and gives may change with any release.
options:
  _input:
    description: Host to what was collected there. One without C(survey) and C(stopped) could not be reached.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Say what is wrong
  ansible.builtin.debug:
    msg: "{{ {'nfs-02': {}} | linuxha.lvs.findings }}"
"""

RETURN = r"""
_value:
  description: The findings, sorted by host. Empty when all is well.
  type: list
  elements: dict
  sample:
    - host: nfs-02
      kind: unreachable
      found: cannot be reached
      wanted: answers
      boot: false
      why: Nothing can be said of this host; if it is down, the service has lost its second leg.
      mend: Start nfs-02, or mend Ansible's way to it (ansible nfs-02 -m ping), and look again.
      sentence: "nfs-02 cannot be reached; it should be: answers. Nothing can be said of this host..."
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.plugin_utils._doctor.report import diagnose
from ansible_collections.linuxha.lvs.plugins.plugin_utils._plain import plain


def findings(hosts: t.Any) -> list[dict[str, t.Any]]:
    """What is wrong with the hosts.

    :raises AnsibleFilterError: the input is no mapping of hosts to what was collected there.
    """
    if not isinstance(hosts, t.Mapping):
        raise AnsibleFilterError("expected a mapping of hosts to what was collected there, not %r" % (hosts,))
    return diagnose(plain(hosts))


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"findings": findings}
