#!/usr/bin/python
# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: host_survey_info
short_description: Read of a host what must fit the other hosts
version_added: 1.0.0
description:
  - Reads the kernel's release, the links with their MTU and addresses, what manages them, what is exported over NFS,
    and which RPC programs are registered at which ports.
  - The filter P(linuxha.lvs.findings#filter) compares the surveys of all hosts.
  - Changes nothing, and loads no kernel module. What a host does not have is empty.
author: "linuxha.lvs contributors (@linuxha)"
requirements:
  - python >= 3.9 and iproute2 on the managed host; rpcinfo, networkctl and nmcli are asked where they are there
extends_documentation_fragment:
  - linuxha.lvs._attributes.info_module
  - linuxha.lvs._attributes.actiongroup_lvs
options: {}
seealso:
  - module: linuxha.lvs.link_probe_info
  - module: linuxha.lvs.ipvs_info
"""

EXAMPLES = r"""
- name: Read the host
  linuxha.lvs.host_survey_info:
  register: survey

- name: Say its MTUs
  ansible.builtin.debug:
    msg: "{{ survey.links | items2dict(key_name='name', value_name='mtu') }}"
"""

RETURN = r"""
kernel:
  description: The kernel's release.
  returned: success
  type: str
  sample: 6.1.0-50-amd64
links:
  description: The network interfaces.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The interface's name.
      returned: always
      type: str
      sample: eth0
    mac:
      description: Its MAC address.
      returned: always
      type: str
      sample: 02:00:c0:a8:0a:0b
    mtu:
      description: Its MTU in bytes.
      returned: always
      type: int
      sample: 1500
    up:
      description: Whether it is set up.
      returned: always
      type: bool
    addresses:
      description: Its addresses with their prefix lengths.
      returned: always
      type: list
      elements: str
      sample: [192.168.10.11/24]
managers:
  description: Which links C(systemd-networkd), C(NetworkManager) and C(ifupdown) configure. One that configures none is
    left out.
  returned: success
  type: dict
  sample: {"systemd-networkd": ["eth0"]}
exports:
  description: What is exported, a line for each folder and client, sorted (C(/var/lib/nfs/etab)).
  returned: success
  type: list
  elements: str
  sample: ["/srv/nfs\t192.168.10.0/24(rw,sync,...,fsid=1,...)"]
rpc:
  description: What rpcbind knows. Empty where it does not run.
  returned: success
  type: list
  elements: dict
  contains:
    program:
      description: The RPC program's number.
      returned: always
      type: int
      sample: 100003
    version:
      description: Its version.
      returned: always
      type: int
      sample: 3
    protocol:
      description: Over C(tcp), C(udp) or C(local).
      returned: always
      type: str
      sample: tcp
    port:
      description: Its port.
      returned: always
      type: int
      sample: 2049
nfsd_threads:
  description: How many threads nfsd has; 0 when it does not run.
  returned: success
  type: int
  sample: 8
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._result import Outcome, run
from ..module_utils._system.files import Files
from ..module_utils._system.runner import Runner
from ..module_utils._system.survey import Survey


def work(module: AnsibleModule) -> Outcome:
    return Outcome(changed=False, values=Survey(Runner(module), Files()).read(), diff=[])


def main() -> None:
    run(AnsibleModule(argument_spec={}, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
