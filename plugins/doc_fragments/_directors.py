# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""The option `directors`, which is longer than the module that has it."""

from __future__ import annotations


class ModuleDocFragment:
    """For `extends_documentation_fragment: linuxha.lvs._directors`."""

    DOCUMENTATION = r"""
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
          - V(nat), as with ALOHA. NFS as the guides set it up needs V(gateway).
        type: str
        choices: [gateway, nat, tunnel]
        default: nat
      tunnel:
        description:
          - How packets are wrapped with O(directors[].mode=tunnel).
        type: dict
        suboptions:
          type:
            description:
              - V(ipip) is IP in IP, which every kernel has; V(gue) is generic UDP encapsulation and V(gre) is generic
                routing encapsulation, both for kernels from 5.3 on.
            type: str
            choices: [ipip, gue, gre]
            default: ipip
          port:
            description: The UDP port of V(gue), which needs one.
            type: int
          checksum:
            description:
              - Whether the outer header has a checksum, or one of the remote kind, which only V(gue) has.
            type: str
            choices: [none, csum, remcsum]
            default: none
      check:
        description:
          - How servers are checked that have O(directors[].servers[].check).
        type: dict
        suboptions:
          type:
            description:
              - What is tried. With more than one, a server is alive when it passes all of them. Without any there is no
                check, and a server that asks for one is an error.
              - V(tcp) opens a connection. The kernel of the server answers it, also when the service hangs.
              - V(http) and V(https) ask for a page, V(icmp) sends a ping.
              - V(nfs) calls the NULL procedure of NFS over TCP, which only a thread of nfsd answers. Use it instead of
                V(tcp) for NFS.
              - V(vip) opens a connection to O(directors[].check.vip) at this server, by its MAC address, so that a server
                that has lost the VIP of its loopback counts as dead. Only with O(directors[].mode=gateway).
              - V(arp) asks the link who has the server's address, for IPv4.
              - keepalived has no checks like the last three; it runs a program of this collection for them,
                C(/usr/libexec/keepalived/linuxha-lvs-check), which needs C(enable_script_security) in its C(global_defs).
            type: list
            elements: str
            choices: [tcp, http, https, icmp, arp, nfs, vip]
          interval:
            description:
              - Seconds from one check to the next, from 0.001 to 4294.
              - The default is ALOHA's.
            type: float
            default: 10
          timeout:
            description:
              - Seconds to wait for an answer, not longer than O(directors[].check.interval).
              - Default is half of O(directors[].check.interval), as with ALOHA.
            type: float
          port:
            description: The port to try. Default is the server's own port, else the director's, else 2049 for V(nfs).
            type: int
          source:
            description: The address from which the check is sent. By default the kernel chooses it.
            type: str
          rise:
            description: Good checks before a server is taken back. keepalived can only do V(1).
            type: int
            default: 1
          fall:
            description:
              - Bad checks in a row, O(directors[].check.retry_interval) apart, before a server is taken out.
              - V(1), as with ALOHA. One lost packet is a dead server then; 2 or more is better for NFS.
            type: int
            default: 1
          retry_interval:
            description:
              - Seconds from a bad check to the next one. With a small one O(directors[].check.fall) can be high enough for
                a network that loses packets, without making the failover slow.
              - Default is O(directors[].check.interval), as with ALOHA.
            type: float
          program:
            description:
              - How often the checks V(nfs), V(vip) and V(arp) are made, where that is less often than the others. Each of
                them starts a process, which costs too much several times a second; C(type=[tcp, nfs, vip]) sees in
                a moment that a server is gone, by V(tcp), and within seconds that it hangs.
              - By default they are made as often as the others.
              - A server that was away for less time than these checks take to notice it is let in again when the others
                succeed, V(tcp) say, even if it has lost its VIP; with O(directors[].failback=manual) it is not.
            type: dict
            suboptions:
              interval:
                description: As O(directors[].check.interval), for these checks.
                type: float
                required: true
              timeout:
                description: As O(directors[].check.timeout), for these checks. Default is half of their interval.
                type: float
              fall:
                description: As O(directors[].check.fall), for these checks.
                type: int
                default: 1
          inhibit:
            description:
              - Give a server that is down the weight 0 instead of removing it. Established connections then stay on
                it until they time out, so clients of a dead server hang.
            type: bool
            default: false
          uri:
            description: What a check of type V(http) or V(https) asks for. Default is C(/).
            type: str
          statuscode:
            description: The status that a check of type V(http) or V(https) expects. Default is any from 200 to 299.
            type: int
          vhost:
            description: The host name that a check of type V(http) or V(https) asks for.
            type: str
          vip:
            description:
              - The address that a check of type V(vip) asks for. Default is O(directors[].address); a director without
                one needs it.
            type: str
          iface:
            description:
              - The interface for a check of type V(arp) or V(vip). By default the one on whose link the server is.
            type: str
          sorry:
            description:
              - Whether the sorry server is watched with the same check. Turn it off where the sorry server serves
                something else that would not pass.
            type: bool
            default: true
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
      failback:
        description:
          - What happens when a server that failed passes its checks again.
          - With V(auto) it comes back by itself, with whatever data it has, as on an ALOHA. Where the director has a sorry server
            that is checked, the service C(linuxha-lvs-failback), which the role P(linuxha.lvs.load_balancer#role) sets up, sees
            to it that no start or reload of keepalived has both serve at once.
          - With V(manual) it stays out until a person lets it in (C(playbooks/failback.yml)). The same service holds it out;
            without it V(manual) is like V(auto). keepalived runs C(/usr/bin/test) for it, which needs
            C(enable_script_security) in its C(global_defs).
        type: str
        choices: [auto, manual]
        default: auto
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
            description:
              - The server's share, from 0 to 256. With V(0) it gets no new connections and keeps those that it has.
              - One server that is not O(directors[].servers[].sorry) must have more than V(0), or keepalived refuses
                the director.
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
seealso:
  - module: linuxha.lvs.ipvs_flow
  - module: linuxha.lvs.lvs_sysctl
  - module: linuxha.lvs.ipvs_info
  - name: keepalived.conf(5)
    description: What stands in the files for keepalived.
    link: https://www.keepalived.org/manpage.html
  - name: "The kernel's document ipvs-sysctl"
    description: Every setting of IPVS.
    link: https://docs.kernel.org/networking/ipvs-sysctl.html
"""
