#!/usr/bin/python
# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_director
short_description: Manage IPVS directors through keepalived
version_added: 1.0.0
description:
  - Manages IPVS services (called directors, as on an ALOHA load balancer) with keepalived, which checks the servers
    and programs the kernel.
  - All directors of one task are one transaction. What is wanted is validated as a whole, keepalived tests the whole
    configuration as it would be, the files are written, keepalived is reloaded, and the kernel's table is read back.
    If any of this fails, the old files are put back and keepalived takes them again.
  - Each director has one file in C(/etc/keepalived/conf.d). C(/etc/keepalived/keepalived.conf) is not touched; it
    must have the line C(include conf.d/*.conf).
  - While a director's sorry server serves, its servers and its check cannot be changed, because keepalived would put
    the failed server back beside it until the next check. Weights, intervals and O(directors[].balance) can.
  - If keepalived does not run, the files are written and nothing else happens; RV(running) tells.
author: "linuxha.lvs contributors (@linuxha)"
extends_documentation_fragment:
  - linuxha.lvs._attributes
requirements:
  - keepalived 2.2.0 or newer on the managed host
options:
  directors:
    description: The directors.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - The director's name, 1 to 64 letters, digits, dots, dashes and underscores, the first one a letter or
            digit.
        type: str
        required: true
      address:
        description:
          - The IPv4 or IPv6 address to which clients send.
          - Without it, the director gets the packets that flows lead to it, by O(directors[].fwmark).
        type: str
      port:
        description:
          - The port to which clients send. V(0) or none means every port, which needs O(directors[].persistence).
        type: int
      protocol:
        description:
          - The protocol that clients use.
          - Default is V(tcp) if there is an O(directors[].address). Without one it cannot be given.
        type: str
        choices: [tcp, udp]
      fwmark:
        description:
          - The firewall mark of the director's packets, from 1 to 4294967295, when it has no O(directors[].address).
          - By default it is made from the director's name, so that flows find it too.
        type: int
      balance:
        description:
          - How connections are spread over the servers. V(roundrobin), V(leastconn), V(leastconn-localitybased),
            V(leastconn-localitybased-replication), V(source), V(dest), V(shortestexpected) and V(neverqueue) are the
            kernel's schedulers wrr, wlc, lblc, lblcr, sh, dh, sed and nq.
          - V(failover), V(overflow) and V(maglev) are fo, ovf and mh.
          - V(srcdst) is refused, because the Linux kernel has no such scheduler.
        type: str
        choices:
          - roundrobin
          - leastconn
          - leastconn-localitybased
          - leastconn-localitybased-replication
          - source
          - dest
          - srcdst
          - shortestexpected
          - neverqueue
          - failover
          - overflow
          - maglev
        default: roundrobin
      mode:
        description:
          - How packets reach the servers. With V(gateway) (direct server return) and V(tunnel) a server answers the
            client directly and must have the clients' destination address on its loopback.
        type: str
        choices: [gateway, nat, tunnel]
        default: nat
      check:
        description:
          - How servers are checked that have O(directors[].servers[].check).
        type: dict
        suboptions:
          type:
            description:
              - What is tried. Without it there is no check, and a server that asks for one is an error.
              - V(arp) is refused, because keepalived cannot do it.
            type: str
            choices: [tcp, http, icmp, arp]
          interval:
            description: Seconds from one check to the next.
            type: float
            default: 10
          timeout:
            description: Seconds to wait for an answer. Default is half of O(directors[].check.interval).
            type: float
          port:
            description: The port to try. Default is the server's own port, else the director's.
            type: int
          source:
            description: The address from which the check is sent.
            type: str
          rise:
            description: Good checks before a server is taken back. keepalived can only do V(1).
            type: int
            default: 1
          fall:
            description: Bad checks in a row before a server is taken out.
            type: int
            default: 1
          inhibit:
            description:
              - Give a server that is down the weight 0 instead of removing it. Established connections then stay on
                it.
            type: bool
            default: false
          uri:
            description: What a check of type V(http) asks for. Default is C(/).
            type: str
          statuscode:
            description: The status that a check of type V(http) expects. Default is any from 200 to 299.
            type: int
          vhost:
            description: The host name that a check of type V(http) asks for.
            type: str
          iface:
            description: Only for O(directors[].check.type=arp), and refused with it.
            type: str
      persistence:
        description: Keeps a client on the server that it had.
        type: dict
        suboptions:
          timeout:
            description: Seconds after the last connection.
            type: int
            default: 300
          netmask:
            description:
              - Keeps all clients of one network together, as a dotted mask for IPv4 and as a prefix length for IPv6.
            type: str
      servers:
        description:
          - The real servers. Required unless O(directors[].state=absent).
        type: list
        elements: dict
        suboptions:
          name:
            description: The server's name, under the same rules as O(directors[].name).
            type: str
            required: true
          address:
            description: The server's IPv4 or IPv6 address.
            type: str
            required: true
          port:
            description:
              - The server's port. With O(directors[].mode=nat) packets are sent to it; with the other modes it is
                only the port to check, because a packet keeps its port.
            type: int
          weight:
            description: The server's share, from 0 to 256.
            type: int
            default: 1
          check:
            description: Whether the server is checked. One that is not counts as alive for ever.
            type: bool
            default: false
          sorry:
            description:
              - Whether the server serves only when no other one of the director is alive. There can be one such
                server, and keepalived never checks it.
            type: bool
            default: false
      state:
        description: Whether the director is there. For V(absent) only the name is needed.
        type: str
        choices: [present, absent]
        default: present
  prune:
    description:
      - Also remove every director that this module has written and O(directors) does not name.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: One NFS service, the second server waiting
  linuxha.lvs.ipvs_director:
    directors:
      - name: nfs
        balance: roundrobin
        mode: gateway
        check:
          type: tcp
          interval: 10
          port: 2049
          timeout: 2
        servers:
          - name: nfs-01
            address: 192.168.10.100
            port: 2049
            weight: 10
            check: true
          - name: nfs-02
            address: 192.168.10.101
            port: 2049
            sorry: true

- name: A web service with an address of its own, and nothing else on this load balancer
  linuxha.lvs.ipvs_director:
    prune: true
    directors:
      - name: web
        address: 10.0.0.9
        port: 443
        balance: leastconn
        check:
          type: tcp
          interval: 2
        servers:
          - name: web-01
            address: 10.0.0.21
            check: true
          - name: web-02
            address: 10.0.0.22
            check: true

- name: A director that is not needed any more
  linuxha.lvs.ipvs_director:
    directors:
      - name: old
        state: absent
"""

RETURN = r"""
directors:
  description: Every director that this module owns on the host, in the words of the module's options.
  returned: success
  type: dict
  contains:
    before:
      description: What was there. A file that was changed by hand beyond recognition is left out.
      returned: success
      type: list
      elements: dict
    after:
      description: What is there now, or would be in check mode.
      returned: success
      type: list
      elements: dict
      sample:
        - name: nfs
          fwmark: 901928820
          balance: roundrobin
          mode: gateway
          servers:
            - name: nfs-01
              address: 192.168.10.100
              port: 2049
              weight: 10
              check: true
              sorry: false
running:
  description: Whether keepalived runs. If it does not, only files have been written.
  returned: success
  type: bool
reloaded:
  description: Whether keepalived was reloaded, or would be in check mode.
  returned: success
  type: bool
kernel:
  description: The kernel's services and their servers afterwards, as RV(linuxha.lvs.ipvs_info#module:services).
  returned: success
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._model.check import CHECK_TYPES
from ..module_utils._model.director import BALANCES, MODES, PROTOCOLS, STATES, read_directors
from ..module_utils._plan.directors import plan_directors
from ..module_utils._plan.ipvs_table import differences, refuse_while_failed_over
from ..module_utils._result import Outcome, run
from ..module_utils._sentences import SentenceModule
from ..module_utils._system.files import Files
from ..module_utils._system.ipvs_table import IpvsTable
from ..module_utils._system.keepalived import Keepalived
from ..module_utils._system.runner import Runner
from ..module_utils._system.transaction import transaction

CHECK = {
    "type": {"type": "str", "choices": list(CHECK_TYPES)},
    "interval": {"type": "float", "default": 10},
    "timeout": {"type": "float"},
    "port": {"type": "int"},
    "source": {"type": "str"},
    "rise": {"type": "int", "default": 1},
    "fall": {"type": "int", "default": 1},
    "inhibit": {"type": "bool", "default": False},
    "uri": {"type": "str"},
    "statuscode": {"type": "int"},
    "vhost": {"type": "str"},
    "iface": {"type": "str"},
}
SERVER = {
    "name": {"type": "str", "required": True},
    "address": {"type": "str", "required": True},
    "port": {"type": "int"},
    "weight": {"type": "int", "default": 1},
    "check": {"type": "bool", "default": False},
    "sorry": {"type": "bool", "default": False},
}
DIRECTOR = {
    "name": {"type": "str", "required": True},
    "address": {"type": "str"},
    "port": {"type": "int"},
    "protocol": {"type": "str", "choices": list(PROTOCOLS)},
    "fwmark": {"type": "int"},
    "balance": {"type": "str", "choices": list(BALANCES), "default": "roundrobin"},
    "mode": {"type": "str", "choices": list(MODES), "default": "nat"},
    "check": {"type": "dict", "options": CHECK},
    "persistence": {
        "type": "dict",
        "options": {"timeout": {"type": "int", "default": 300}, "netmask": {"type": "str"}},
    },
    "servers": {"type": "list", "elements": "dict", "options": SERVER},
    "state": {"type": "str", "choices": list(STATES), "default": "present"},
}


class DirectorModule(SentenceModule):
    def read_params(self) -> None:
        read_directors(self.params["directors"])


def work(module: AnsibleModule) -> Outcome:
    wanted = read_directors(module.params["directors"])
    files, runner = Files(), Runner(module)
    keepalived, table = Keepalived(runner, files), IpvsTable(files)
    plan = plan_directors(keepalived.read(), wanted, module.params["prune"])
    running = keepalived.active()
    if running:
        refuse_while_failed_over(plan.before, plan.after, table.services())
    # Files that are right while the kernel is not: a run that was killed before its reload.
    reload = running and bool(plan.changes or differences(plan.after, table.services(), plan.gone))
    warnings: list[str] = []
    if plan.changes and (keepalived.installed() or not module.check_mode):
        warnings = keepalived.test(plan.changes)
    if not module.check_mode:
        with transaction(files, plan.changes, keepalived.recover if running else lambda: None):
            if reload:
                keepalived.reload()
                keepalived.wait(
                    lambda: differences(plan.after, table.services(), plan.gone, plan.touched),
                    timeout=10 + 0.1 * len(plan.after),
                )
    return Outcome(
        changed=bool(plan.changes) or reload,
        values={
            "directors": {
                "before": [director.to_options() for director in plan.before],
                "after": [director.to_options() for director in plan.after],
            },
            "running": running,
            "reloaded": reload,
            "kernel": [service.to_options() for service in table.services()],
        },
        diff=[change.diff() for change in plan.changes],
        warnings=tuple("keepalived already says of its present configuration: %s" % line for line in warnings),
    )


def main() -> None:
    module = DirectorModule(
        argument_spec={
            "directors": {"type": "list", "elements": "dict", "required": True, "options": DIRECTOR},
            "prune": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    module.spec_is_met = True
    run(module, work)


if __name__ == "__main__":
    main()
