# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is there before the move: a director of other make, and servers that a person has set up."""

from __future__ import annotations

from lvsmodule.host import Node

VIP, SECOND = "192.168.10.50", "192.168.10.51"
SERVERS = {"nfs-01": "192.168.10.100", "nfs-02": "192.168.10.101"}
OLD, NEW, CLIENT = "lb2", "lb1", "web1"
MOUNTS = {"3": "/mnt/old-v3", "4.2": "/mnt/old-v4"}

_APT = "DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends %s >&2"
_SERVER = """
set -e
cat >>/etc/sysctl.conf <<'END'
net.ipv4.conf.all.arp_ignore = 1
net.ipv4.conf.all.arp_announce = 2
END
sysctl -q -p
ip address add %(vip)s/32 dev lo
chown nobody:nogroup /srv/nfs
echo '/srv/nfs 192.168.10.0/24(rw,sync,no_subtree_check,fsid=1)' >>/etc/exports
systemctl enable --now rpcbind.socket nfs-server
exportfs -ra
"""
# In gateway mode, on a mark, as an ALOHA's director without an address of its own is; the sorry server is left out. An
# arping to which nobody answers, as here, ends with status 1.
_DIRECTOR = """
set -e
nft add table inet old
nft 'add chain inet old marks { type filter hook prerouting priority mangle; }'
nft add rule inet old marks ip daddr %(vip)s meta mark set 1
ipvsadm -A -f 1 -s rr
ipvsadm -a -f 1 -r %(active)s -g
ip address add %(vip)s/32 dev eth0
arping -q -A -c 1 -I eth0 %(vip)s || true
"""


def servers() -> None:
    for name in SERVERS:
        host = Node(name)
        host.run(_APT % "nfs-kernel-server")
        host.run(_SERVER % {"vip": VIP})


def list_no_exports() -> None:
    """What the role is to export is said in one place."""
    for name in SERVERS:
        Node(name).run("sed -i '/^.srv.nfs /d' /etc/exports")


def director() -> None:
    host = Node(OLD)
    host.run(_APT % "ipvsadm nftables iputils-arping")
    host.run(_DIRECTOR % {"vip": VIP, "active": SERVERS["nfs-01"]})


def client() -> None:
    host = Node(CLIENT)
    host.run(_APT % "nfs-common")
    for version, path in MOUNTS.items():
        host.run("mkdir -p %s; mount -t nfs -o vers=%s,hard,proto=tcp %s:/srv/nfs %s" % (path, version, VIP, path))


def give_up_the_vip() -> None:
    Node(OLD).run("ip address delete %s/32 dev eth0" % VIP)
