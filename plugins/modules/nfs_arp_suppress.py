#!/usr/bin/python
# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nfs_arp_suppress
short_description: Let a real server serve virtual IP addresses without answering ARP for them
version_added: 1.0.0
description:
  - Prepares a real server for gateway mode (direct server return). It sets C(arp_ignore=1) and C(arp_announce=2)
    first, and puts the virtual IP addresses on C(lo) second; on removal the other way round. So the host never
    answers ARP for them.
  - A VIP is alone in its network (/32, /128) on C(lo). IPv4 has scope host and IPv6 a preferred lifetime of 0, so
    that the kernel never chooses it as a source address by itself.
  - The unit C(linuxha-lvs-vips.service) restores both in the same order at boot, before any network is configured,
    whether by ifupdown, systemd-networkd or NetworkManager; with an O(interface) of its own, as soon as that
    interface is there. It adds no VIP if the kernel refuses to suppress ARP.
  - Owns C(/etc/sysctl.d/90-linuxha-lvs-arp.conf) and C(/etc/systemd/system/linuxha-lvs-vips.service). The VIPs that
    this unit lists are the ones that the module owns.
  - Reads the kernel back after a change, and puts everything back if a step fails. A run that was killed is finished,
    or taken back, by the next one.
options:
  vips:
    description:
      - IPv4 and IPv6 addresses, each alone or with the length of a single address (C(192.168.10.50),
        C(192.168.10.50/32)).
      - A VIP that is on C(lo) with a wider prefix, or with another scope, is put right. A wider prefix would make
        the whole network local.
      - A VIP on any other interface is an error, because that interface answers ARP for it.
      - May only be empty with O(state=absent), and then stands for all that the module owns.
    type: list
    elements: str
    required: true
  interface:
    description:
      - V(all) suppresses ARP on every interface, and the name of an interface on that one only.
      - V(lo) is refused, as it has no effect. A request is judged by the settings of the interface that it comes in
        on.
      - Ignored with O(state=absent), where the interface of the earlier run counts.
      - Values that an earlier run set on another interface go back to the kernel's default, C(0).
    type: str
    default: all
  prune:
    description:
      - With V(true), O(vips) are all VIPs of this host, and those that an earlier run put there and that are not
        listed are removed.
      - With V(false), they stay, since another play may have put them there. Only VIPs that the module owns are ever
        removed.
      - Used with O(state=present) only.
    type: bool
    default: false
  state:
    description:
      - V(absent) removes O(vips) from C(lo). When none is left that the module owns, the unit and the settings go
        too, and C(arp_ignore) and C(arp_announce) go back to the kernel's default, C(0).
    type: str
    choices: [present, absent]
    default: present
requirements:
  - python >= 3.9, iproute2 and systemd on the managed host
extends_documentation_fragment:
  - linuxha.lvs._attributes
  - linuxha.lvs._attributes.actiongroup_lvs
author:
  - "linuxha.lvs contributors (@linuxha)"
seealso:
  - module: linuxha.lvs.ipvs_director
  - module: linuxha.lvs.host_survey_info
  - name: "The kernel's document ip-sysctl"
    description: The settings C(arp_ignore) and C(arp_announce), and the others of addresses.
    link: https://docs.kernel.org/networking/ip-sysctl.html
"""

EXAMPLES = r"""
- name: Serve the VIP silently
  linuxha.lvs.nfs_arp_suppress:
    vips:
      - 192.168.10.50

- name: Serve two, suppress ARP on one interface only
  linuxha.lvs.nfs_arp_suppress:
    vips:
      - 192.168.10.50
      - 2001:db8::50
    interface: eth0

- name: Serve no VIP any more
  linuxha.lvs.nfs_arp_suppress:
    vips: []
    state: absent
"""

RETURN = r"""
vips:
  description: The VIPs that the module owns after the run. Can be given to O(vips).
  returned: success
  type: list
  elements: str
  sample: ["192.168.10.50"]
before:
  description: What the kernel had.
  returned: success
  type: dict
  contains: &state
    addresses:
      description: The addresses on C(lo) that the run is about, as C(ip addr) takes them.
      type: list
      elements: str
      returned: success
      sample: ["192.168.10.50/32 scope host"]
    sysctls:
      description: The values that the run is about.
      type: dict
      returned: success
      sample: {"net.ipv4.conf.all.arp_announce": "2", "net.ipv4.conf.all.arp_ignore": "1"}
after:
  description: What the kernel has after the run, or in check mode would have.
  returned: success
  type: dict
  contains: *state
actions:
  description: What changed in the kernel, in this order.
  returned: success
  type: list
  elements: str
  sample: ["sysctl net/ipv4/conf/all/arp_ignore=1", "ip addr replace 192.168.10.50/32 dev lo scope host"]
files:
  description: The files that changed.
  returned: success
  type: list
  elements: str
  sample: ["/etc/systemd/system/linuxha-lvs-vips.service"]
differences:
  description: What the run changed, or in check mode would change, in words. Empty when all was as asked for.
  returned: success
  type: list
  elements: dict
  contains:
    what:
      description: A file, a unit, a setting or a table.
      type: str
      returned: always
      sample: address 192.168.10.50/32 on lo
    found:
      description: What is there, or was before the run.
      type: str
      returned: always
      sample: is missing
    wanted:
      description: What is to be there.
      type: str
      returned: always
      sample: is there
    boot:
      description: Whether it makes a difference only at the next boot.
      type: bool
      returned: always
      sample: false
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.linuxha.lvs.plugins.module_utils._model.vip import parse_interface, parse_vips
from ansible_collections.linuxha.lvs.plugins.module_utils._result import Outcome, run
from ansible_collections.linuxha.lvs.plugins.module_utils._system.arp import ArpSuppression, Request
from ansible_collections.linuxha.lvs.plugins.module_utils._system.files import Files
from ansible_collections.linuxha.lvs.plugins.module_utils._system.ip import Ip
from ansible_collections.linuxha.lvs.plugins.module_utils._system.lock import host_lock
from ansible_collections.linuxha.lvs.plugins.module_utils._system.procfs import ProcSys
from ansible_collections.linuxha.lvs.plugins.module_utils._system.runner import Runner
from ansible_collections.linuxha.lvs.plugins.module_utils._system.systemd import Systemd


def work(module: AnsibleModule) -> Outcome:
    """Parses, runs, reports."""
    request = Request.parse(
        vips=parse_vips(module.params["vips"]),
        interface=parse_interface(module.params["interface"]),
        present=module.params["state"] == "present",
        prune=module.params["prune"],
    )
    runner = Runner(module)
    files = Files()
    with host_lock(files, module.check_mode):
        done = ArpSuppression(files, ProcSys(), Ip(runner), Systemd(runner)).run(request, check=module.check_mode)
    return Outcome(changed=done.changed, values=done.values(), diff=done.diff())


def main() -> None:
    """Runs the module."""
    module = AnsibleModule(
        argument_spec={
            "vips": {"type": "list", "elements": "str", "required": True},
            "interface": {"type": "str", "default": "all"},
            "prune": {"type": "bool", "default": False},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        supports_check_mode=True,
    )
    run(module, work)


if __name__ == "__main__":
    main()
