#!/usr/bin/python
# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_flow
short_description: Leads packets to IPVS directors or routing tables, lets them pass or drops them
version_added: 1.0.0
author: "linuxha.lvs contributors (@linuxha)"
description:
  - Keeps an ordered list of flows, as HAProxy ALOHA's flow manager knows them, in one nftables table,
    C(inet lvs_flows).
  - A flow that leads to a director marks its packets with the director's firewall mark, keeps them out of connection
    tracking, and has TCP packets that IPVS did not take answered with a reset, so that clients of a dead server
    connect again at once.
  - The table is replaced in one transaction, after nft has accepted the new one, and read back from the kernel.
    Other tables are never touched. When a step fails, files, unit, table and routing rules are put back. When the
    module is killed, its next run finds that out and repairs what was left.
  - A flow that leads to a routing table marks its packets with a mark of that table, and the kernel gets a rule
    (C(ip rule)) for the mark. The table's routes are not this module's; the host's network configuration fills it.
  - The flows last in C(/etc/linuxha-lvs/flows.nft), the routing rules beside it in C(flows.rules4) and C(flows.rules6).
    C(linuxha-lvs-flows.service) loads them at boot, before the network and keepalived.
extends_documentation_fragment:
  - linuxha.lvs._attributes
  - linuxha.lvs._attributes.actiongroup_lvs
requirements:
  - python >= 3.9, systemd and nftables on the managed host, and iproute2 for O(flows[].policy=table)
options:
  flows:
    description:
      - The flows. A packet meets those of its direction in this order, until one of them decides what becomes of it.
      - Flows that are on the host but not in the list stay where they are, unless O(prune) is set. The flows in the
        list take the places that they have on the host, in the order of the list; new ones follow the last of them.
      - Without any flow left, the table, the file and the unit are removed.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The flow's name, 1 to 27 letters, digits, dashes and underscores.
        type: str
        required: true
      policy:
        description:
          - V(permit) ends the search, and the packet goes on to the host's own firewall.
          - V(deny) drops the packet.
          - V(director) leads it to O(flows[].director).
          - V(skip) keeps the flow in the list without any effect.
          - V(table) has the packet routed by O(flows[].table), and it goes on to the host's own firewall. What is
            addressed to this host stays here all the same.
        type: str
        choices: [permit, deny, director, skip, table]
        default: skip
      director:
        description: The name of a director, see M(linuxha.lvs.ipvs_director). Required with O(flows[].policy=director).
        type: str
      fwmark:
        description:
          - The director's firewall mark, when it was given one of its own there.
          - Without it, the mark is computed from the director's name, as M(linuxha.lvs.ipvs_director) does.
        type: int
      table:
        description:
          - The number of a routing table. Required with O(flows[].policy=table).
          - The host's network configuration must fill it, for example with C(ip route add default via 192.168.10.1
            table 100). Where it has no route for a packet, the packet goes the way that it would go without the flow.
          - There is a routing rule for each of IPv4 and IPv6 that the flow's matching rules can pick and the host has.
            It stands at 10000, after the one for the host's own addresses and before the ones for C(main).
          - The kernel's own tables 253 (default), 254 (main) and 255 (local) are refused.
          - A packet that this host sends has its source address chosen before it meets a flow, and must have some route
            in the ordinary tables.
        type: int
      direction:
        description:
          - V(in) for packets that arrive, V(out) for packets that this host sends.
          - Packets that this host sends cannot go to a director.
        type: str
        choices: [in, out]
        default: in
      rules:
        description:
          - What packets the flow picks. The rules are tried in this order, until one fits.
          - Every flow that is not skipped needs a rule with O(flows[].rules[].action=match).
        type: list
        elements: dict
        suboptions:
          action:
            description: V(match) gives the packet the flow's policy, V(ignore) hands it to the next flow.
            type: str
            choices: [match, ignore]
            default: match
          iface:
            description: The interface that the packet came in by, or goes out by.
            type: str
          proto:
            description: The protocol; V(icmp) is ICMP for IPv4 and for IPv6.
            type: str
            choices: [tcp, udp, icmp]
          src:
            description: The source, an IPv4 or IPv6 address or network.
            type: str
          dst:
            description: The destination, an IPv4 or IPv6 address or network.
            type: str
          srcport:
            description:
              - The source port, or a range such as V("1000:2000").
              - Without O(flows[].rules[].proto), it is a port of TCP and UDP.
            type: str
          dstport:
            description:
              - The destination port, or a range such as V("1000:2000").
              - Without O(flows[].rules[].proto), it is a port of TCP and UDP.
              - Put a range in quotes, as YAML reads C(20:30) without them as a number.
            type: str
          icmptype:
            description: The ICMP type, a number or a name such as V(echo-request).
            type: str
          not:
            description: Which of the rule's keys are negated.
            type: list
            elements: str
            choices: [iface, proto, src, dst, srcport, dstport, icmptype]
      state:
        description: Whether the flow is to be there.
        type: str
        choices: [present, absent]
        default: present
  prune:
    description: Whether to remove the flows that are not in the list.
    type: bool
    default: false
seealso:
  - module: linuxha.lvs.ipvs_director
  - name: nft(8)
    description: The language of the table and its rules.
    link: https://www.netfilter.org/projects/nftables/manpage.html
"""

EXAMPLES = r"""
- name: Lead all packets for the virtual address to the NFS director
  linuxha.lvs.ipvs_flow:
    flows:
      - name: nfs
        policy: director
        director: nfs
        rules:
          - iface: eth0
            dst: 192.168.10.50

- name: Keep a network away from the virtual address, and let the monitoring past the director
  linuxha.lvs.ipvs_flow:
    flows:
      - name: guests
        policy: deny
        rules:
          - action: ignore
            src: 192.168.99.7
          - src: 192.168.99.0/24
            dst: 192.168.10.50
      - name: monitoring
        policy: permit
        rules:
          - proto: tcp
            dst: 192.168.10.50
            dstport: "9100:9199"
      - name: nfs
        policy: director
        director: nfs
        rules:
          - dst: 192.168.10.50
            iface: wlan0
            not: [iface]
    prune: true

- name: Send the answers of the web server by the second uplink, whose routes are in table 100
  linuxha.lvs.ipvs_flow:
    flows:
      - name: web-out
        direction: out
        policy: table
        table: 100
        rules:
          - action: ignore
            dst: 192.168.0.0/16
          - proto: tcp
            src: 192.168.10.50
            srcport: "443"

- name: Remove one flow
  linuxha.lvs.ipvs_flow:
    flows:
      - name: guests
        state: absent
"""

RETURN = r"""
flows:
  description: The flows, as the option O(flows) takes them.
  returned: success
  type: dict
  contains:
    before:
      description: The flows that the kernel had.
      type: list
      elements: dict
      sample: []
    after:
      description: The flows that it has now.
      type: list
      elements: dict
      sample:
        - name: nfs
          policy: director
          director: nfs
          direction: in
          rules:
            - {action: match, iface: eth0, dst: 192.168.10.50}
rules:
  description: The kernel's table, as lines of nft's language. Protocols and ICMP types are numbers.
  returned: success
  type: dict
  contains:
    before:
      description: The lines that the kernel had.
      type: list
      elements: str
      sample: []
    after:
      description: The lines that it has now.
      type: list
      elements: str
      sample:
        - table inet lvs_flows {
ip_rules:
  description: This module's routing rules in the kernel.
  returned: success
  type: dict
  contains:
    before:
      description: The rules that the kernel had.
      type: list
      elements: str
      sample: []
    after:
      description: The rules that it has now.
      type: list
      elements: str
      sample:
        - ipv4 pref 10000 fwmark 0x59d7f2ae lookup 100 protocol 2
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
      sample: nft table inet lvs_flows
    found:
      description: What is there, or was before the run.
      type: str
      returned: always
      sample: is not in the kernel
    wanted:
      description: What is to be there.
      type: str
      returned: always
      sample: the rules of the flows
    boot:
      description: Whether it makes a difference only at the next boot.
      type: bool
      returned: always
      sample: false
"""

import typing as t

from ..module_utils._model.flow import ACTIONS, CONDITIONS, DIRECTIONS, POLICIES, PROTOCOLS, STATES, Wanted, read_flows
from ..module_utils._result import Outcome, run
from ..module_utils._sentences import EntriesModule
from ..module_utils._system.flows import FlowHost, flow_diff
from ..module_utils._system.lock import host_lock
from ..module_utils._system.runner import Runner

RULE = {
    "action": {"type": "str", "choices": list(ACTIONS), "default": "match"},
    "proto": {"type": "str", "choices": list(PROTOCOLS)},
    "not": {"type": "list", "elements": "str", "choices": list(CONDITIONS)},
    **{key: {"type": "str"} for key in CONDITIONS if key != "proto"},
}
FLOW = {
    "name": {"type": "str", "required": True},
    "policy": {"type": "str", "choices": list(POLICIES), "default": "skip"},
    "director": {"type": "str"},
    "fwmark": {"type": "int"},
    "table": {"type": "int"},
    "direction": {"type": "str", "choices": list(DIRECTIONS), "default": "in"},
    "rules": {"type": "list", "elements": "dict", "options": RULE},
    "state": {"type": "str", "choices": list(STATES), "default": "present"},
}


class FlowModule(EntriesModule[Wanted]):
    """Its complaints name the flow and the rule."""

    option = "flows"

    def read_entries(self, entries: t.Any) -> Wanted:
        return read_flows(entries)


def work(module: FlowModule) -> Outcome:
    """Reads, plans, lets nft judge, applies, and tells."""
    wanted = module.wanted
    host = FlowHost(Runner(module))
    with host_lock(host.files, module.check_mode):
        return _work(module, host, wanted)


def _work(module: FlowModule, host: FlowHost, wanted: Wanted) -> Outcome:
    state = host.read()
    plan = host.plan(state, wanted, module.params["prune"])
    host.check(plan, module.check_mode)
    if plan.changed and not module.check_mode:
        host.apply(plan, state)
    values = {
        "flows": {
            "before": [flow.to_options() for flow in plan.before],
            "after": [flow.to_options() for flow in plan.flows],
        },
        "rules": {
            "before": state.table.lines() if state.table else [],
            "after": plan.table.lines() if plan.table else [],
        },
        "ip_rules": {
            "before": [str(rule) for rule in state.ip_rules],
            "after": [str(rule) for rule in plan.ip_rules],
        },
        "differences": [found.to_options() for found in plan.differences()],
    }
    return Outcome(changed=plan.changed, values=values, diff=flow_diff(plan, state))


def main() -> None:
    """Runs the module."""
    spec = {
        "flows": {"type": "list", "elements": "dict", "required": True, "options": FLOW},
        "prune": {"type": "bool", "default": False},
    }
    module = FlowModule(argument_spec=spec, supports_check_mode=True)
    module.spec_is_met = True
    run(module, work)


if __name__ == "__main__":
    main()
