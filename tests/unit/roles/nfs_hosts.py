# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the texts of the NFS roles are rendered for: one host for each set of variables."""

from __future__ import annotations

import sys
import typing as t

EXPORT = {"path": "/srv/nfs", "fsid": "1", "clients": [{"host": "10.0.0.0/8"}]}
MOUNT = {"path": "/mnt/nfs", "server": "192.168.10.50", "export": "/srv/nfs"}
# The table that stands for a client of mountd, as it writes it itself.
ETAB = "/srv/nfs\t%s(rw,sync,wdelay,hide,nocrossmnt,secure,%s,no_all_squash,no_subtree_check,fsid=1,sec=sys)"
RIVAL = "/opt\t*(ro,sync,fsid=1,sec=sys,ro)"

# What nfsd was started with and what "ss -Hlntup" says, on a server that speaks version 4 alone.
FOUR = {"nfs_server_versions": ["4.2"], "nfs_server_group": "none"}
SOCKETS = ["tcp LISTEN 0 64 0.0.0.0:2049 0.0.0.0:*", "tcp LISTEN 0 64 [::]:2049 [::]:*"]
LOCKD = "tcp   LISTEN 0      64           0.0.0.0:32803      0.0.0.0:*          "
RPCBIND = (
    'udp   UNCONN 0      0      0.0.0.0:111      0.0.0.0:*    users:(("rpcbind",pid=7,fd=5),("systemd",pid=1,fd=4))'
)
# All that serves version 3 and has no program: sorted as "tcp 111" and the like are.
HELD = [
    "%s   UNCONN 0      0            0.0.0.0:%d         0.0.0.0:*          " % (protocol, port)
    for protocol, ports in (("tcp", (111, 20048, 32803, 662)), ("udp", (111, 20048, 32769, 662)))
    for port in ports
]
# Only one server mounts, and clients come to a virtual address.
ONE: dict[str, t.Any] = {"nfs_server_vips": ["192.168.10.50"], "nfs_server_mounted_on": "one"}
QUOTA = {"__nfs_server_rquotad_state": {"status": {"ActiveState": "active"}}}
# Three ways to say that an export counts only while something is mounted there.
DISKS: list[dict[str, t.Any]] = [
    {**EXPORT, "path": "/srv/a", "mountpoint": True},
    {**EXPORT, "path": "/srv/b", "fsid": "2", "clients": [{"host": "web1"}, {"host": "web2", "options": ["rw", "mp"]}]},
    {**EXPORT, "path": "/srv/c", "fsid": "3", "clients": [{"host": "web1", "options": ["mountpoint=/c"]}]},
]


def stat(*mounted: str) -> list[str]:
    """What "stat" says of the mount points: device, inode and path."""
    rows = [(66 if path in mounted else 65, 2, path) for path in ("/srv/a", "/srv/b", "/c")]
    return ["%d %d %s" % row for row in [*rows, *((65, 1, path + "/..") for _device, _inode, path in rows)]]


HOSTS: dict[str, dict[str, t.Any]] = {
    "plain": {},
    "pair": {"nfs_server_vips": ["192.168.10.50", "192.168.10.51"]},
    "six": {"nfs_server_vips": ["2001:DB8::50/128"]},
    "named": {"nfs_server_vips": ["192.168.10.50"], "nfs_server_scope": "office"},
    "numbered": {"nfs_server_vips": ["192.168.10.50"], "nfs_server_scope": 2024},
    "four": {"nfs_server_versions": ["4.1", "4.2"]},
    "three": {"nfs_server_versions": ["3"]},
    # As YAML reads them without quotes.
    "numbers": {"nfs_server_versions": [3, 4.1]},
    "number_among_words": {"nfs_server_versions": ["3", 4.2]},
    "one_number": {"nfs_server_versions": 4.2},
    "quick": {"nfs_server_grace_time": 20, "nfs_server_lease_time": 15},
    # As "-e x=100" gives them, and as int() takes them.
    "words": {
        "nfs_server_grace_time": "1_00",
        "nfs_server_lease_time": "20",
        "nfs_server_threads": "1_6",
        "nfs_server_ports": {"nfsd": "20_49", "lockd_udp": "327_70", "rquotad": "8_75"},
        "nfs_server_reserved_ports": "8_080",
        "__nfs_server_settings": {"stdout": ""},
    },
    "walls": {
        "nfs_server_vips": ["192.168.10.50", "2001:db8::50"],
        "nfs_server_firewall_networks": ["10.0.0.0/8", "2001:db8::/64"],
    },
    "walls_four": {"nfs_server_firewall_networks": ["10.0.0.0/8"], "nfs_server_versions": ["4.2"]},
    "exported": {"__nfs_server_etab": [ETAB % ("10.0.0.0/8", "root_squash")]},
    "exported_to_others": {"__nfs_server_etab": [ETAB % ("10.0.0.0/9", "root_squash")]},
    "exported_to_root": {"__nfs_server_etab": [ETAB % ("10.0.0.0/8", "no_root_squash")]},
    "exported_by_name": {
        "__nfs_server_etab": [ETAB % ("web1.example.org", "root_squash")],
        "nfs_server_exports": [{**EXPORT, "clients": [{"host": "web1"}]}],
    },
    "exported_twice": {
        "__nfs_server_etab": [ETAB % ("10.0.0.0/8", "root_squash"), RIVAL],
    },
    "exported_beside_others": {
        "__nfs_server_etab": [ETAB % ("10.0.0.0/8", "root_squash"), "/opt\t*(ro,sync,fsid=11,sec=sys,ro)"],
    },
    # As a person writes it: several clients a line, and the root by its name.
    "exported_by_hand": {
        "__nfs_server_etab": [
            "/opt\t10.1.0.0/16(rw,fsid=root) *(ro,fsid=1)",
            "/usr *(ro,fsid=12)",
            "/srv/nfs *(fsid=1)",
        ],
    },
    "quota_with_options": {"__nfs_server_settings": {"stdout": '/etc/default/quota:RPCRQUOTADOPTS="-s -p 4000"'}},
    "quota_written": {"__nfs_server_rquotad_written": {"changed": False}, **QUOTA},
    "quota_not_written": {"__nfs_server_rquotad_written": {"changed": True}, **QUOTA},
    "mounted": {
        **ONE,
        "nfs_server_exports": DISKS,
        "__nfs_server_mounts": {"stdout_lines": stat("/srv/a", "/srv/b", "/c")},
    },
    "unmounted": {
        **ONE,
        "nfs_server_silent_unmounted": "false",
        "nfs_server_exports": DISKS,
        "__nfs_server_mounts": {"stdout_lines": stat("/c")},
        # The folder below has another owner than the file system that is to be mounted there.
        "__nfs_server_folders": {
            "results": [{"changed": True, "__nfs_server_export": export} for export in (*DISKS, EXPORT)]
        },
    },
    "python_path": {"ansible_python_interpreter": sys.executable},
    "python_auto": {"ansible_python_interpreter": "auto"},
    "python_discovered": {"ansible_python_interpreter": "auto_silent", "discovered": "/usr/bin/python3.11"},
    "ports_right": {**FOUR, "sockets": SOCKETS},
    "ports_held": {**FOUR, "sockets": [*SOCKETS, LOCKD, RPCBIND]},
    "ports_all_held": {**FOUR, "sockets": [*SOCKETS, *HELD]},
    "ports_shut": {**FOUR, "sockets": [LOCKD]},
    "ports_all_shut": {"nfs_server_group": "none", "sockets": [RPCBIND]},
    "all_is_wrong": {**FOUR, "faulty": True, "sockets": [LOCKD], "__nfs_server_etab": [RIVAL]},
    "ports_with_another_conf": {**FOUR, "sockets": SOCKETS, "recorded": "[nfsd]\nthreads=1\n"},
    "mount_three": {"__nfs_client_mount": {**MOUNT, "version": "3"}},
    "mount_four": {"__nfs_client_mount": MOUNT},
    "mount_six": {"__nfs_client_mount": {**MOUNT, "server": "fd99::50", "version": "3"}},
}
