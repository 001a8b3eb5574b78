#!/usr/bin/python
# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: link_probe_info
short_description: Ask the hosts of a link who has an address, what time it is, and who serves
version_added: 1.0.0
description:
  - Asks over the network, from this host, what no host can say of itself. All that answer ARP for an address, by how
    much other hosts' clocks differ, whether an RPC program really answers at its port, and whether a real server takes
    connections to a virtual address.
  - Sends a few packets for each question and changes nothing. A host that is silent is an answer, not an error.
  - Needs root, for raw sockets.
options:
  holders:
    description:
      - Addresses of which all holders are to be found, by ARP or neighbour discovery.
      - This host does not answer its own question. Where it holds the address, the others are found.
    type: list
    elements: str
    default: []
  clocks:
    description: IPv4 addresses of hosts whose clocks are to be compared with this host's, by ICMP timestamps.
    type: list
    elements: str
    default: []
  rpc:
    description: RPC programs whose NULL procedure is to be called.
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description: The host.
        type: str
        required: true
      port:
        description: The port that the program is expected at.
        type: int
        required: true
      program:
        description: Its number, V(100003) for NFS.
        type: int
        required: true
      version:
        description: Its version.
        type: int
        required: true
      protocol:
        description: Over TCP or UDP. V(tcp), because NFS is.
        type: str
        choices: [tcp, udp]
        default: tcp
  vips:
    description: Real servers that must take TCP connections to a virtual address, for which they do not answer ARP.
    type: list
    elements: dict
    default: []
    suboptions:
      server:
        description: The real server's own address, on a link of this host.
        type: str
        required: true
      vip:
        description: The virtual address.
        type: str
        required: true
      port:
        description: The TCP port.
        type: int
        required: true
  timeout:
    description:
      - Seconds to wait for the answer to each question.
      - V(2), because a busy host on the same link answers in milliseconds, and waiting longer finds little more.
    type: float
    default: 2
author: "linuxha.lvs contributors (@linuxha)"
requirements:
  - python >= 3.9 on the managed host, and root
extends_documentation_fragment:
  - linuxha.lvs._attributes.info_module
  - linuxha.lvs._attributes.actiongroup_lvs
seealso:
  - module: linuxha.lvs.host_survey_info
"""

EXAMPLES = r"""
- name: Ask who has the VIP, and whether the standby really serves
  linuxha.lvs.link_probe_info:
    holders: [192.168.10.50]
    clocks: [192.168.10.100, 192.168.10.101]
    rpc:
      - address: 192.168.10.101
        port: 2049
        program: 100003
        version: 3
    vips:
      - server: 192.168.10.101
        vip: 192.168.10.50
        port: 2049
  register: probe
"""

RETURN = r"""
holders:
  description: For each address, the MAC addresses of all that have it.
  returned: success
  type: dict
  sample: {"192.168.10.50": {"macs": ["02:00:c0:a8:0a:0b"], "error": ""}}
clocks:
  description: For each address, by how many seconds its clock is ahead of this host's; null when it did not say.
  returned: success
  type: dict
  sample: {"192.168.10.100": 0.002}
rpc:
  description: The questions of O(rpc), each with RV(rpc[].error).
  returned: success
  type: list
  elements: dict
  contains:
    error:
      description: Why there was no answer. Empty when it answered.
      returned: always
      type: str
      sample: Connection refused
vips:
  description: The questions of O(vips), each with RV(vips[].error).
  returned: success
  type: list
  elements: dict
  contains:
    error:
      description: Why the server does not serve the address. Empty when it does.
      returned: always
      type: str
      sample: no answer within 2 s
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._model.address import parse_host
from ..module_utils._result import Outcome, run
from ..module_utils._system.link_probe import clock_offset, holders, rpc_silence, vip_silence

_TARGET = {
    "address": {"type": "str", "required": True},
    "port": {"type": "int", "required": True},
    "program": {"type": "int", "required": True},
    "version": {"type": "int", "required": True},
    "protocol": {"type": "str", "choices": ["tcp", "udp"], "default": "tcp"},
}
_VIP = {
    "server": {"type": "str", "required": True},
    "vip": {"type": "str", "required": True},
    "port": {"type": "int", "required": True},
}


def work(module: AnsibleModule) -> Outcome:
    options, seconds = module.params, module.params["timeout"]
    asked = {key: [parse_host(one, key, "address") for one in options[key]] for key in ("holders", "clocks")}
    for key, name in (("rpc", "address"), ("vips", "server"), ("vips", "vip")):
        for index, target in enumerate(options[key]):
            target[name] = parse_host(target[name], "%s[%d]" % (key, index), name)
    found = {}
    for address in asked["holders"]:
        macs, error = holders(address, seconds)
        found[address] = {"macs": macs, "error": error}
    values = {
        "holders": found,
        "clocks": {address: clock_offset(address, seconds) for address in asked["clocks"]},
        "rpc": [{**target, "error": rpc_silence(target, seconds)} for target in options["rpc"]],
        "vips": [
            {**one, "error": vip_silence(one["server"], one["vip"], one["port"], seconds)} for one in options["vips"]
        ],
    }
    return Outcome(changed=False, values=values, diff=[])


def main() -> None:
    spec = {
        "holders": {"type": "list", "elements": "str", "default": []},
        "clocks": {"type": "list", "elements": "str", "default": []},
        "rpc": {"type": "list", "elements": "dict", "default": [], "options": _TARGET},
        "vips": {"type": "list", "elements": "dict", "default": [], "options": _VIP},
        "timeout": {"type": "float", "default": 2},
    }
    run(AnsibleModule(argument_spec=spec, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
