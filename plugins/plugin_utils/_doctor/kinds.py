# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""Every kind of finding: why it matters, how to mend it, and which other findings it explains."""

from __future__ import annotations

import typing as t

_SITE = "ansible-playbook linuxha.lvs.site --limit HOST"


class Kind(t.NamedTuple):
    """`explains` names the kinds that are not told of the same host beside this one: they follow from it.

    `cuts` says that clients' way through the VIP may lead over it, so that what they miss follows from it too.
    """

    why: str
    mend: str
    explains: tuple[str, ...] = ()
    cuts: bool = False


# What follows when a server's NFS cannot be reached through the VIP.
_DEAD = ("vip", "standby", "pool")

KINDS: dict[str, Kind] = {
    "unreachable": Kind(
        "Nothing can be said of this host; if it is down, the service has lost its second leg.",
        "Start HOST, or mend Ansible's way to it (ansible HOST -m ping), and look again.",
        ("ports", "rpc", "mtu", "clock", "exports", "holder", *_DEAD),
        cuts=True,
    ),
    "stopped": Kind(
        "The role stops there on this host, so what comes after it could not be looked at.",
        "Mend what the sentence says, and look again.",
        cuts=True,
    ),
    "packages": Kind(
        "Without these packages the host cannot do its part.",
        _SITE,
        ("flow", "director", "conf", "service", "ports", "nfsd", "rpc", "exports", *_DEAD),
        cuts=True,
    ),
    "sysctl": Kind(
        "With other values the director sends a dead server's connections on to it, for up to fifteen minutes.",
        _SITE,
    ),
    "flow": Kind(
        "Packets for the VIP that no flow marks do not reach the NFS servers: clients are refused.",
        _SITE,
        cuts=True,
    ),
    "conf": Kind(
        "keepalived moves the VIP and reads the directors by this file.",
        _SITE,
        cuts=True,
    ),
    "director": Kind(
        "The director would check and balance otherwise than declared, or not at all.",
        _SITE,
        cuts=True,
    ),
    "pool": Kind(
        "A server that serves is not in the pool: the director takes it for dead, and clients are elsewhere.",
        "On HOST: journalctl --unit keepalived; then " + _SITE,
        cuts=True,
    ),
    "held": Kind(
        "It does not serve until somebody lets it in: if the one that serves fails now, nobody does.",
        "See that its data are good, then: ansible-playbook linuxha.lvs.failback, or linuxha.lvs.maintenance if it was "
        "taken out for that",
        ("pool",),
    ),
    "failback": Kind(
        "The directors agree by this service on who is held out: without it a server that failed comes back, or stays "
        "out, on one of them alone.",
        _SITE + "; then on HOST: systemctl status linuxha-lvs-failback",
    ),
    "tickle": Kind(
        "Clients of a server that fails wait for their next retransmission, which can double the time of a failover.",
        _SITE + "; then on HOST: systemctl status linuxha-lvs-tickle",
    ),
    "sync": Kind(
        "A director that takes over without knowing the connections resets each of them once.",
        _SITE + "; then on HOST: systemctl status linuxha-lvs-sync",
    ),
    "isolated": Kind(
        "Its link to the others is cut, so it leaves VRRP: the other director is alone.",
        "On HOST: ip -statistics link, ip neighbour; look at the cable, the switch port, and firewalls in between.",
        ("standby", "pool", "rpc", "vip", "clock"),
    ),
    "balancer": Kind(
        "Without keepalived this director checks no server and cannot take the VIP: the other one is alone.",
        _SITE,
        ("director", "pool", "holder"),
        cuts=True,
    ),
    "standby": Kind(
        "If the active server fails now, nobody serves.",
        "On HOST: systemctl status nfs-server linuxha-lvs-vips; then " + _SITE,
    ),
    "holder": Kind(
        "Clients send to whoever answers ARP for the VIP; it must be the one director that holds it.",
        "On HOST: ip address show; take the VIP away where it does not belong, then " + _SITE,
        cuts=True,
    ),
    "arp": Kind(
        "A real server must have the VIP to serve it, and must never answer ARP for it: it would take all clients.",
        _SITE,
        ("holder", *_DEAD),
        cuts=True,
    ),
    "files": Kind(
        "NFS goes by these files: ports, versions, exports.",
        _SITE,
        ("exports", "nfsd"),
    ),
    "service": Kind(
        "This server cannot serve: if it is the active one clients hang, if it is the standby nobody takes over.",
        _SITE,
        ("ports", "nfsd", "rpc", "exports", *_DEAD),
        cuts=True,
    ),
    "nfsd": Kind(
        "What runs is not what is declared: clients find other versions, ports or times than on the other server.",
        _SITE,
        ("ports",),
        cuts=True,
    ),
    "ports": Kind(
        "A client that comes from the other server, or through a firewall, looks for a program at its pinned port.",
        "On HOST: ss -lntup shows who has the port; then systemctl stop nfs-server; systemctl restart rpc-statd; "
        "systemctl start nfs-server",
        ("rpc",),
        cuts=True,
    ),
    "rpc": Kind(
        "The port is taken, but the program behind it does not answer: a client that is sent there hangs.",
        "On HOST: dmesg, and look at its disks; then systemctl restart nfs-server",
        ("standby", "pool"),
        cuts=True,
    ),
    "vip": Kind(
        "The director sends packets for the VIP to this server, which does not take them: clients are refused.",
        "On HOST: ip address show dev lo; a firewall? Then " + _SITE,
        ("standby", "pool"),
        cuts=True,
    ),
    "exports": Kind(
        "A client's file handles are valid on the other server only when both export the same in the same way.",
        "On HOST: exportfs -ra; then ansible-playbook linuxha.lvs.site --limit nfs_servers",
        cuts=True,
    ),
    "unmounted": Kind(
        "Until then nothing is exported from there: clients that have files of it open hang, and new mounts fail.",
        "On HOST: findmnt; mount it. ext4, XFS and their like must be off the other server before that.",
    ),
    "shared": Kind(
        "A file system that is made for one host is destroyed when two write to it.",
        "At once: ansible-playbook linuxha.lvs.status says who serves; on the other one stop nfs-server and unmount it."
        " Then look at the file system (fsck -n, unmounted), and why the cluster's fencing did not keep it off.",
    ),
    "quota": Kind(
        "Clients ask rquotad for their quotas at its pinned port, the only one that a firewall lets them reach.",
        _SITE + "; then on HOST: systemctl restart quotarpc (of the Red Hat family: rpc-rquotad)",
    ),
    "link": Kind(
        "In gateway mode packets go from a director to a server by MAC address: both and the VIP must be on one link.",
        "Give HOST an address on that network, or correct the virtual address.",
        _DEAD,
        cuts=True,
    ),
    "unserved": Kind(
        "A director hands it packets for an address that it does not have: it drops them, and clients hang.",
        "Add the address to nfs_server_vips of HOST, or take the server out of the director.",
        _DEAD,
        cuts=True,
    ),
    "mtu": Kind(
        "A host with another MTU drops the other's full packets: small requests work, and large reads and writes hang.",
        "On HOST: set the interface's MTU to that of the others, in the host's network configuration.",
    ),
    "clock": Kind(
        "Clients see files from the future or the past after a switch: make, caches and backups go wrong.",
        "On HOST: timedatectl; run a time service (systemd-timesyncd, chrony).",
    ),
    "kernel": Kind(
        "Before Linux 5.9 the kernel keeps the connections of a removed server: idle clients hang for 15 minutes.",
        "On HOST: install a newer kernel.",
    ),
    "manager": Kind(
        "The program that configures this link removes addresses that it does not know, the VIP among them.",
        "On HOST: leave the link out of that program's configuration, or let it keep foreign addresses "
        "(systemd-networkd: KeepConfiguration=yes).",
    ),
    "mount_file": Kind(
        "The client would mount otherwise than declared.",
        _SITE,
    ),
    "mount": Kind(
        "The client's programs do not find their files, or meet other options in a failover than were chosen for it.",
        _SITE,
    ),
    "path": Kind(
        "This client cannot reach NFS through the VIP: its mounts hang.",
        "From HOST: ping the VIP, ip neighbour; on the directors: ansible-playbook linuxha.lvs.verify",
    ),
}
