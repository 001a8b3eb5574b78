# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: from_aloha
short_description: Reads HAProxy ALOHA's director, flow and sysctl texts
version_added: 1.0.0
author: "linuxha.lvs contributors (@linuxha)"
description:
  - Turns the texts of an ALOHA load balancer's tabs B(Flows), B(LB Layer4) and B(Services) (LVS) into the options
    of the modules M(linuxha.lvs.ipvs_flow), M(linuxha.lvs.ipvs_director) and M(linuxha.lvs.lvs_sysctl).
  - The texts may be pasted one after the other, in any order and with any indentation. One line is one statement.
  - What the text does not say is left out, so that the defaults of the modules hold.
options:
  _input:
    description: The text.
    type: string
    required: true
notes:
  - A C(check) line without one of the options C(tcpcheck), C(httpcheck), C(icmpcheck) and C(arpcheck) gives a C(check)
    without a C(type).
  - The timers on the lines of the check options, as in texts for ALOHA 12 and older, are read too.
  - Times are seconds; C(5s), C(500ms), C(2m) and the like are converted.
  - A port 0 at a server means the port of the packet, as no port does, and is left out.
"""

EXAMPLES = r"""
- name: Use the texts of an ALOHA as they are
  ansible.builtin.set_fact:
    lvs: "{{ aloha_text | linuxha.lvs.from_aloha }}"
  vars:
    aloha_text: |
      flow nfs director nfs
        match iface eth0 dst 192.168.10.50
      director nfs
        balance roundrobin
        mode gateway
        check interval 10 port 2049 timeout 2
        option tcpcheck
        server nfs-01 192.168.10.100:2049 weight 10 check
        server nfs-02 192.168.10.101:2049 sorry
      sysctl expire_nodest_conn=1
"""

RETURN = r"""
_value:
  description: What the text says, in the words of the modules.
  type: dict
  contains:
    directors:
      description: The directors, as the option O(linuxha.lvs.ipvs_director#module:directors) takes them.
      type: list
      elements: dict
      sample:
        - name: nfs
          balance: roundrobin
          mode: gateway
          check: {type: tcp, interval: 10, port: 2049, timeout: 2}
          servers:
            - {name: nfs-01, address: 192.168.10.100, port: 2049, weight: 10, check: true}
            - {name: nfs-02, address: 192.168.10.101, port: 2049, sorry: true}
    flows:
      description: The flows in their order, as the option O(linuxha.lvs.ipvs_flow#module:flows) takes them.
      type: list
      elements: dict
      sample:
        - name: nfs
          policy: director
          director: nfs
          rules:
            - {action: match, iface: eth0, dst: 192.168.10.50}
    sysctls:
      description: The settings below C(net.ipv4.vs), as O(linuxha.lvs.lvs_sysctl#module:settings) takes them.
      type: dict
      sample: {expire_nodest_conn: 1}
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.aloha import AlohaError, parse


def from_aloha(text: t.Any) -> dict[str, t.Any]:
    """Reads an ALOHA text.

    :raises AnsibleFilterError: the text is not one; the sentence holds line and column.
    """
    if not isinstance(text, str):
        raise AnsibleFilterError("expected a text, not %s" % type(text).__name__)
    try:
        return dict(parse(text))
    except AlohaError as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"from_aloha": from_aloha}
