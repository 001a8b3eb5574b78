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
  - Gives the services also as directors in the words of M(linuxha.lvs.ipvs_director), so that what comes out here can
    go in there, on this host or on another one. This moves a table that was made by hand, or by another tool, into
    the collection.
  - Seconds and masks of persistence, types of tunnels and flags of schedulers are known only to C(ipvsadm), which needs
    root. It is asked only where a service may have one of them.
  - Never loads the kernel module; where it is not loaded, everything is empty and RV(available) is false.
author: "linuxha.lvs contributors (@linuxha)"
requirements:
  - python >= 3.9 on the managed host; ipvsadm for persistence and tunnels
extends_documentation_fragment:
  - linuxha.lvs._attributes.info_module
  - linuxha.lvs._attributes.actiongroup_lvs
options: {}
seealso:
  - module: linuxha.lvs.ipvs_director
  - module: linuxha.lvs.ipvs_flow
  - module: linuxha.lvs.lvs_sysctl
"""

EXAMPLES = r"""
- name: See who serves
  linuxha.lvs.ipvs_info:
  register: ipvs

- name: Say it
  ansible.builtin.debug:
    msg: "{{ ipvs.services | map(attribute='servers') | flatten | map(attribute='address') }}"

- name: Say what could not be taken over
  ansible.builtin.debug:
    var: ipvs.left_out

- name: Give the same directors to another load balancer
  linuxha.lvs.ipvs_director:
    directors: "{{ ipvs.directors }}"
  delegate_to: lb2
"""

RETURN = r"""
available:
  description: Whether IPVS is loaded.
  returned: success
  type: bool
  sample: true
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
      sample: 901928820
    address:
      description: The service's address.
      returned: for a service by address
      type: str
      sample: 192.168.10.50
    port:
      description: The service's port, 0 for all.
      returned: for a service by address
      type: int
      sample: 2049
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
      sample: false
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
          sample: 192.168.10.100
        port:
          description: The server's port; 0 means that packets keep theirs.
          returned: always
          type: int
          sample: 0
        mode:
          description: How packets reach it, V(gateway), V(nat), V(tunnel) or V(local).
          returned: always
          type: str
          sample: gateway
        weight:
          description: The server's weight.
          returned: always
          type: int
          sample: 10
        active_connections:
          description: Connections that are established.
          returned: always
          type: int
          sample: 12
        inactive_connections:
          description: Connections that are not.
          returned: always
          type: int
          sample: 0
directors:
  description:
    - The services as O(linuxha.lvs.ipvs_director#module:directors) takes them.
    - One that M(linuxha.lvs.ipvs_director) has written is as it was declared, with its check and its sorry server, also
      while a server is down. Any other has the servers and weights that the kernel has now, no check, and a name made
      from its address or mark.
    - The service in which a standby is watched belongs to its director and is not listed.
  returned: success
  type: list
  elements: dict
  sample:
    - name: tcp-192.168.10.60-80
      protocol: tcp
      address: 192.168.10.60
      port: 80
      balance: roundrobin
      mode: gateway
      persistence: {timeout: 300}
      servers:
        - {name: 192.168.10.61, address: 192.168.10.61, weight: 10, check: false, sorry: false}
left_out:
  description: A sentence for each service that no director can say, and why. Empty when RV(directors) is complete.
  returned: success
  type: list
  elements: str
  sample:
    - >-
      tcp 192.168.10.60:81: its scheduler is rr, for which balance has no word; roundrobin does the same when all
      weights are equal.
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

from ..module_utils._errors import LvsError
from ..module_utils._model.director import Director
from ..module_utils._plan.directors import FOLDER, parse_owned
from ..module_utils._plan.ipvs_directors import directors_of
from ..module_utils._result import Outcome, run
from ..module_utils._system.files import Files
from ..module_utils._system.ipvs_table import IpvsTable
from ..module_utils._system.runner import Runner


def work(module: AnsibleModule) -> Outcome:
    files = Files()
    table = IpvsTable(files, Runner(module))
    services = table.services()
    saved = table.saved(services)
    left_out = list(table.complaints)
    directors, more_left_out = directors_of(services, saved, _owned(files, left_out) if services else [])
    values = {
        "available": table.available(),
        "services": [service.to_options() for service in services],
        "directors": [director.to_options() for director in directors],
        "left_out": left_out + more_left_out,
        "connections": [connection.to_options() for connection in table.connections()],
        "sysctls": table.sysctls(),
    }
    return Outcome(changed=False, values=values, diff=[])


def _owned(files: Files, left_out: list[str]) -> list[Director]:
    try:
        return parse_owned(files.read_folder(FOLDER, ".conf"))
    except LvsError as error:
        left_out.append("Names, checks and sorry servers are not known: %s" % error)
        return []


def main() -> None:
    run(AnsibleModule(argument_spec={}, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
