#!/usr/bin/python
# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_info
short_description: Read the kernel's IPVS table
version_added: 1.0.0
description:
  - Reads services, servers, connections and settings of IPVS from C(/proc).
  - Never loads the kernel module; where it is not loaded, everything is empty and RV(available) is false.
author: "linuxha.lvs contributors (@linuxha)"
extends_documentation_fragment:
  - linuxha.lvs._attributes.info_module
options: {}
"""

EXAMPLES = r"""
- name: See who serves
  linuxha.lvs.ipvs_info:
  register: ipvs

- name: Say it
  ansible.builtin.debug:
    msg: "{{ ipvs.services | map(attribute='servers') | flatten | map(attribute='address') }}"
"""

RETURN = r"""
available:
  description: Whether IPVS is loaded.
  returned: success
  type: bool
services:
  description: The services. One has either RV(services[].fwmark), or an address, port and protocol.
  returned: success
  type: list
  elements: dict
  contains:
    fwmark:
      description: The firewall mark of the service's packets.
      returned: for a service by mark
      type: int
    address:
      description: The service's address.
      returned: for a service by address
      type: str
    port:
      description: The service's port, 0 for all.
      returned: for a service by address
      type: int
    protocol:
      description: The service's protocol.
      returned: for a service by address
      type: str
      sample: tcp
    scheduler:
      description: The kernel's name of the scheduler.
      returned: always
      type: str
      sample: wrr
    balance:
      description: The same in the words of M(linuxha.lvs.ipvs_director); none if that module has no word for it.
      returned: always
      type: str
      sample: roundrobin
    persistent:
      description: Whether a client is kept on its server.
      returned: always
      type: bool
    servers:
      description: The servers that are in the pool now.
      returned: always
      type: list
      elements: dict
      contains:
        address:
          description: The server's address.
          returned: always
          type: str
        port:
          description: The server's port; 0 means that packets keep theirs.
          returned: always
          type: int
        mode:
          description: How packets reach it, V(gateway), V(nat), V(tunnel) or V(local).
          returned: always
          type: str
        weight:
          description: The server's weight.
          returned: always
          type: int
        active_connections:
          description: Connections that are established.
          returned: always
          type: int
        inactive_connections:
          description: Connections that are not.
          returned: always
          type: int
connections:
  description: Every connection that the kernel knows.
  returned: success
  type: list
  elements: dict
  sample:
    - protocol: tcp
      client: {address: 192.168.10.20, port: 811}
      director: {address: 192.168.10.50, port: 2049}
      server: {address: 192.168.10.100, port: 2049}
      state: ESTABLISHED
      expires: 899
sysctls:
  description: The settings below C(net.ipv4.vs), numbers as numbers.
  returned: success
  type: dict
  sample:
    expire_nodest_conn: 1
    sync_threshold: 3 50
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._result import Outcome, run
from ..module_utils._system.files import Files
from ..module_utils._system.ipvs_table import IpvsTable


def work(_module: AnsibleModule) -> Outcome:
    table = IpvsTable(Files())
    values = {
        "available": table.available(),
        "services": [service.to_options() for service in table.services()],
        "connections": [connection.to_options() for connection in table.connections()],
        "sysctls": table.sysctls(),
    }
    return Outcome(changed=False, values=values, diff=[])


def main() -> None:
    run(AnsibleModule(argument_spec={}, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
