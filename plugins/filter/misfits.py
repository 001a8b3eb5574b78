# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: misfits
short_description: What of the hosts does not fit together
version_added: 1.0.0
author: "linuxha.lvs contributors (@linuxha)"
description:
  - Compares what M(linuxha.lvs.host_survey_info) has read on every host. Links and virtual addresses, who serves them,
    MTU, clocks, the age of the directors' kernels, and programs that would take the VIP off a server.
  - The playbook C(linuxha.lvs.site) refuses to go on while there is any.
options:
  _input:
    description: Host to its document.
    type: dict
    required: true
    suboptions:
      survey:
        description: What M(linuxha.lvs.host_survey_info) returned.
        type: dict
      vips:
        description: The virtual addresses that the host is concerned with.
        type: list
        elements: str
      clocks:
        description: The C(clocks) of M(linuxha.lvs.link_probe_info), when this host has asked.
        type: dict
      load_balancer:
        description:
          - There for a director. Its C(served) says which virtual addresses each server's address must have.
        type: dict
      nfs_server:
        description: There for an NFS server.
        type: dict
"""

EXAMPLES = r"""
- name: Stop before anything is touched
  ansible.builtin.assert:
    that: "{} | linuxha.lvs.misfits | length == 0"
"""

RETURN = r"""
_value:
  description: Findings, as P(linuxha.lvs.findings#filter) returns them.
  type: list
  elements: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.plugin_utils._doctor.causes import without_consequences
from ansible_collections.linuxha.lvs.plugins.plugin_utils._doctor.misfits import misfit_findings
from ansible_collections.linuxha.lvs.plugins.plugin_utils._plain import plain


def misfits(hosts: t.Any) -> list[dict[str, t.Any]]:
    """What does not fit.

    :raises AnsibleFilterError: the input is no mapping of hosts to what was read there.
    """
    if not isinstance(hosts, t.Mapping):
        raise AnsibleFilterError("expected a mapping of hosts to what was read there, not %r" % (hosts,))
    return [finding.to_document() for finding in without_consequences(misfit_findings(plain(hosts)))]


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"misfits": misfits}
