# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong on real hosts: what breaks it, what the doctor must name, and what mends it."""

from __future__ import annotations

import typing as t

VIP = "192.168.10.50"
LO = "/etc/systemd/network/10-lo.network"

SHM = {"path": "/dev/shm", "fsid": "2", "mountpoint": True, "clients": [{"host": "192.168.10.0/24"}]}


class Break(t.NamedTuple):
    """One thing that is broken on `host`.

    `kinds` are the findings, of this host unless another one is named (`web1 path`). `mend` is the command that mends
    what site.yml has no part in; without one, site.yml mends it. `always`: also in the plain run of the tests.
    `exports` are further ones that the servers have before it breaks, and no more after it.
    """

    host: str
    command: str
    kinds: tuple[str, ...]
    mend: str = ""
    boot: bool = False
    always: bool = False
    exports: tuple[dict[str, t.Any], ...] = ()


BREAKS: dict[str, Break] = {
    "a sysctl of IPVS is off": Break("lb1", "sysctl -w net.ipv4.vs.expire_nodest_conn=0", ("sysctl",)),
    "a sysctl is lost at the next boot": Break("lb2", "rm /etc/sysctl.d/90-linuxha-lvs.conf", ("sysctl",), boot=True),
    "ip_vs is not loaded at the next boot": Break(
        "lb1", "rm /etc/modules-load.d/linuxha-lvs.conf", ("sysctl",), boot=True
    ),
    "the master's flows are gone": Break("lb1", "nft delete table inet lvs_flows", ("flow",), always=True),
    "flows are lost at the next boot": Break("lb2", "systemctl disable linuxha-lvs-flows", ("flow",), boot=True),
    "somebody edited a director": Break(
        "lb1", "sed -i 's/delay_loop .*/delay_loop 60/' /etc/keepalived/conf.d/nfs.conf", ("director",)
    ),
    "somebody edited keepalived.conf": Break("lb2", "echo '# mine' >>/etc/keepalived/keepalived.conf", ("conf",)),
    "the backup's keepalived is down": Break("lb2", "systemctl stop keepalived", ("balancer",)),
    "keepalived does not start at the next boot": Break(
        "lb2", "systemctl disable keepalived", ("balancer",), boot=True
    ),
    "the standby lost the VIP": Break("nfs-02", "ip address delete %s/32 dev lo" % VIP, ("arp",)),
    "the standby answers ARP for the VIP": Break(
        "nfs-02", "sysctl -w net.ipv4.conf.all.arp_ignore=0", ("arp",), always=True
    ),
    "the VIP is lost at the next boot": Break("nfs-01", "systemctl disable linuxha-lvs-vips", ("arp",), boot=True),
    "ARP suppression has lost its file": Break(
        "nfs-01", "rm /etc/sysctl.d/90-linuxha-lvs-arp.conf", ("arp",), boot=True
    ),
    "the exported folder belongs to somebody else": Break("nfs-02", "chown root /srv/nfs", ("files",)),
    "pinned ports are not reserved": Break("nfs-01", "sysctl -w net.ipv4.ip_local_reserved_ports=", ("files",)),
    "rpcbind is masked": Break("nfs-01", "systemctl mask rpcbind.service", ("files",), boot=True),
    "the exports' file is empty": Break("nfs-02", "echo >/etc/exports.d/linuxha-lvs.exports", ("files",)),
    "another port in nfs.conf": Break(
        "nfs-02", "sed -i 's/port=20048/port=20049/' /etc/nfs.conf.d/zz-linuxha-lvs.conf", ("files",)
    ),
    "the standby exports nothing": Break("nfs-02", "exportfs -ua", ("exports",)),
    "the standby exports with another fsid": Break(
        "nfs-02",
        "exportfs -u 192.168.10.0/24:/srv/nfs; exportfs -o rw,sync,no_subtree_check,fsid=7 192.168.10.0/24:/srv/nfs",
        ("exports",),
        mend="exportfs -ra",
    ),
    "the standby has not mounted what it exports": Break(
        "nfs-02",
        "umount --lazy /dev/shm",
        ("unmounted",),
        mend="mount -t tmpfs -o nosuid,nodev tmpfs /dev/shm",
        exports=(SHM,),
    ),
    # Debian's script starts rquotad only where some file system has quotas.
    "rquotad came after the role": Break(
        "nfs-02",
        "echo '/dev/none /none ext4 noauto,usrquota 0 0' >>/etc/fstab; "
        "DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends quota >&2; "
        "systemctl restart quotarpc",
        ("quota",),
    ),
    "no table against refusals": Break("lb2", "nft delete table inet linuxha_lvs_tickle", ("tickle",)),
    "nobody tells the clients": Break("lb2", "systemctl stop linuxha-lvs-tickle", ("tickle",)),
    "a director hears of no connections": Break("lb1", "ipvsadm --stop-daemon backup", ("sync",)),
    "a director's agreement has died": Break("lb2", "systemctl stop linuxha-lvs-failback", ("failback",)),
    "a director's agreement is another program": Break(
        "lb1", "echo '# mine' >>/usr/libexec/keepalived/linuxha-lvs-failback/pool.py", ("failback",)
    ),
    "a director's agreement is older than its key": Break("lb1", "touch /etc/linuxha-lvs/failback.key", ("failback",)),
    "the service that tells clients is older than its settings": Break(
        "lb1", "touch /etc/linuxha-lvs/tickle.json", ("tickle",)
    ),
    "keepalived has not read its file": Break("lb2", "touch /etc/keepalived/keepalived.conf", ("conf",)),
    "the standby's nfsd is down": Break("nfs-02", "systemctl stop nfs-server", ("service",), always=True),
    "the active server's nfsd is down": Break("nfs-01", "systemctl stop nfs-server", ("service",)),
    "nfsd does not start at the next boot": Break("nfs-01", "systemctl disable nfs-server", ("service",), boot=True),
    "the standby's mountd is killed": Break(
        "nfs-02", "pkill -9 rpc.mountd", ("rpc",), mend="systemctl restart nfs-mountd"
    ),
    "the standby's packets are smaller": Break(
        "nfs-02", "ip link set eth0 mtu 1400", ("mtu",), mend="ip link set eth0 mtu 1500"
    ),
    "the standby's clock is ahead": Break("nfs-02", "date -s '+5 seconds'", ("clock",), mend="date -s '-5 seconds'"),
    "networkd configures lo": Break(
        "nfs-02",
        "printf '[Match]\\nName=lo\\n[Network]\\nKeepConfiguration=yes\\n' >%s; networkctl reload" % LO,
        ("manager",),
        mend="rm %s; networkctl reload; systemctl restart systemd-networkd linuxha-lvs-vips" % LO,
    ),
    "both directors have the VIP": Break(
        "lb2",
        "ip address add %s/32 dev eth0" % VIP,
        ("holder", "lb1 holder"),
        mend="ip address delete %s/32 dev eth0" % VIP,
    ),
    "a client has lost its mount": Break("web1", "umount /mnt/nfs-v4", ("mount",)),
    "a client's mount is lost at the next boot": Break(
        "web1", r"systemctl disable 'mnt-nfs\x2dv3.mount'", ("mount",), boot=True
    ),
    "a client's mount has other options": Break(
        "web1", r"sed -i s/hard/soft/ '/etc/systemd/system/mnt-nfs\x2dv3.mount'", ("mount_file",)
    ),
}
