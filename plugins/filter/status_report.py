# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: status_report
short_description: How the service stands, by what its directors say
version_added: 1.0.0
author: "linuxha.lvs contributors (@linuxha)"
description:
  - Makes one document of what C(linuxha-lvs-failback status) says on every host of the directors. The playbook
    C(linuxha.lvs.status) uses it.
  - What is told of the servers is the view of the host that has the virtual addresses, since only its table counts for
    clients.
positional: now
options:
  _input:
    description: Host to the result of the task that asked it, also of one that failed or could not be reached.
    type: dict
    required: true
  now:
    description: The present, in seconds since 1970. The controller's clock if it is not given.
    type: float
"""

EXAMPLES = r"""
- name: Show who has the virtual addresses
  ansible.builtin.debug:
    msg: "{{ {'lb1': answer} | linuxha.lvs.status_report | linuxha.lvs.query('masters') }}"
  vars:
    answer:
      rc: 0
      stdout: '{"name": "lb1", "master": true, "pools": {}, "records": {}, "peers": {}}'
"""

RETURN = r"""
_value:
  description: The document.
  type: dict
  contains:
    asked_at:
      description: When the hosts were asked, in UTC.
      type: str
    masters:
      description: The hosts that have the virtual addresses; one, when all is well.
      type: list
      elements: str
    view:
      description: The host whose view RV(_value.directors) is; V(none) when nobody answers.
      type: str
    hosts:
      description: The hosts that were asked; RV(ignore:silence) is the reason why one does not answer.
      type: list
      elements: dict
      sample:
        - {name: lb1, answers: true, master: true, silence: null}
        - {name: lb2, answers: false, master: false, silence: "it cannot be reached: No route to host"}
    directors:
      description:
        - The directors, each with its servers. RV(ignore:role) is V(primary), V(standby), or V(unknown) for an address
          in the kernel's table that has no name.
        - RV(ignore:since) and RV(ignore:seconds) tell since when a server serves or is held out; V(none) when nobody
          knows, or when it does neither.
        - RV(ignore:held) is V(none), or by whom and why the server is held out.
      type: list
      elements: dict
      sample:
        - name: nfs
          failback: auto
          servers:
            - name: nfs-01
              address: 192.168.10.100
              role: primary
              serving: false
              able: false
              connections: 0
              since: "2025-11-26T01:36:30Z"
              seconds: 1410
              held: {by: lb1, person: false, why: "it left the pool of nfs, and 192.168.10.101 serves"}
    disagreements:
      description: One sentence for each thing on which the hosts do not agree.
      type: list
      elements: str
      sample:
        - lb1 has not heard lb2 for 12 s.
"""

import time
import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.plugin_utils._status.report import build


def status_report(results: t.Any, now: t.Any = None) -> dict[str, t.Any]:
    """How the service stands.

    :raises AnsibleFilterError: the input is no mapping of hosts to results, or the present is none.
    """
    if not isinstance(results, t.Mapping):
        raise AnsibleFilterError("status_report needs a mapping of hosts to what they answered, not %r" % (results,))
    present = time.time() if now is None else now
    if isinstance(present, bool) or not isinstance(present, (int, float)) or not 0 <= present < 2**53:
        raise AnsibleFilterError("status_report: now is %r, no number of seconds since 1970" % (now,))
    return build(results, present)


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"status_report": status_report}
