# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a host and prints, as JSON, all that has to be the same after a reboot: what it is, to its lines.

Standard library only, one file: it is sent to the host's python3. Its argument is the host's group.
"""

from __future__ import annotations

import glob
import json
import os
import subprocess
import sys

UNITS = {
    "load_balancers": ["keepalived.service", "linuxha-lvs-flows.service"],
    "nfs_servers": ["linuxha-lvs-vips.service", "nfs-server.service", "rpc-statd.service", "rpcbind.socket"],
    "nfs_clients": ["rpc-statd.service"],
}


def said(*argv: str) -> list[str]:
    """The lines that a command printed; its error is a line too, so that it shows as a difference."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    return lines if done.returncode == 0 else [*lines, "status %d: %s" % (done.returncode, done.stderr.strip())]


def values(pattern: str) -> list[str]:
    """Every file below /proc that matches, with what it holds."""
    found = []
    for path in sorted(glob.glob(pattern)):
        with open(path, encoding="ascii") as handle:
            found.append("%s = %s" % (path, " ".join(handle.read().split())))
    return found or ["%s: there is none" % pattern]


def table() -> list[str]:
    """The kernel's IPVS table without its counters of connections."""
    try:
        with open("/proc/net/ip_vs", encoding="ascii") as handle:
            lines = [line.split() for line in handle.read().splitlines()[3:]]
    except FileNotFoundError:
        return ["ip_vs is not loaded"]
    services: list[tuple[str, list[str]]] = []
    for words in lines:
        if words[0] == "->":
            services[-1][1].append(" ".join(words[:4]))
        else:
            services.append((" ".join(words), []))
    # A service's servers stand in the order in which their checks succeeded.
    return sorted(" ".join([service, *sorted(servers)]) for service, servers in services)


def units(names: list[str]) -> list[str]:
    """Whether each unit runs, and whether it starts at boot."""
    found = []
    for name in names:
        shown = said("systemctl", "show", "--property=ActiveState,UnitFileState", name)
        found.append("%s: %s" % (name, ", ".join(sorted(shown))))
    return found


def mounts() -> list[str]:
    """The kernel's NFS mounts with their options."""
    with open("/proc/mounts", encoding="utf-8") as handle:
        return sorted(line.strip() for line in handle if line.split()[2] in ("nfs", "nfs4"))


def facts(group: str) -> dict[str, list[str]]:
    """All that counts on a host of the group."""
    found = {"failed units": said("systemctl", "--failed", "--plain", "--no-legend")}
    names = list(UNITS[group])
    if group == "load_balancers":
        found["IPVS table"] = table()
        found["nft table"] = said("nft", "--stateless", "list", "table", "inet", "lvs_flows")
        found["routing rules"] = said("ip", "-4", "rule") + said("ip", "-6", "rule")
        settings = values("/proc/sys/net/ipv4/vs/*")
        # The kernel computes its default from the memory that is free when ip_vs is loaded.
        found["sysctls of IPVS"] = [line for line in settings if "/sync_qlen_max = " not in line]
    elif group == "nfs_servers":
        found["addresses on lo"] = said("ip", "-oneline", "address", "show", "dev", "lo")
        found["ARP settings"] = [
            line for key in ("arp_ignore", "arp_announce") for line in values("/proc/sys/net/ipv4/conf/all/" + key)
        ]
        found["ports at rpcbind"] = sorted(said("rpcinfo", "-p", "127.0.0.1"))
        found["exports"] = said("exportfs", "-s")
        found["reserved ports"] = values("/proc/sys/net/ipv4/ip_local_reserved_ports")
        found["nfsd"] = values("/proc/fs/nfsd/threads") + values("/proc/fs/nfsd/versions")
    else:
        found["mounts"] = mounts()
        names += sorted(map(os.path.basename, glob.glob("/etc/systemd/system/mnt-*.mount")))
    found["units"] = units(names)
    return found


if __name__ == "__main__":
    print(json.dumps(facts(sys.argv[1])))
