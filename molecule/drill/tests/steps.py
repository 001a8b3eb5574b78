# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guides' commands in the order in which they are tried, what each must say, and those that cannot be tried here.

tests/unit/docs/test_guide_steps.py holds that no command of a guide is forgotten.
"""

from __future__ import annotations

import typing as t

# Pages that a scenario of their own goes through, command by command.
OWN = {"first_setup", "from_aloha"}

# What a command begins with that cannot be tried in the lab, and why.
NOT_HERE = {
    "ansible-galaxy collection install": "it downloads a release; scripts/stages/release installs the tarball",
    "ansible-playbook -i inventory linuxha.lvs.remove -e remove_confirm=yes": "molecule/first_setup does it",
    "drbdadm ": "molecule/drbd does it",
    "mkfs.ext4 /dev/drbd0": "molecule/drbd does it",
    "pcs ": "molecule/drbd does it",
    "apt-get install -y snmpd": "molecule/drbd does it",
    "printf ": "molecule/drbd does it",
    "systemctl restart snmpd": "molecule/drbd does it",
    "systemctl restart keepalived": "molecule/drbd does it",
    "bench/": "each takes hours, in a lab of its own",
    "scripts/test ": "it is what starts this, in a lab of its own",
    "LVS_": "it is what starts this, in a lab of its own",
}


class Step(t.NamedTuple):
    """A command as it is in a guide, and what comes of it."""

    command: str
    # What it must say, on one line.
    says: str
    # The host on which a person types it: its name, "controller", or "director", the one that has the VIP.
    where: str = "controller"
    status: int = 0
    # A file that it must write, in the folder or in the home of the person, and what is in it.
    writes: tuple[str, str] = ("", "")
    # What a person types when asked.
    answer: str = ""
    # What has happened on the host just before.
    before: str = ""
    # What happens on web1 meanwhile; the command goes on until the person ends it.
    meanwhile: str = ""
    # Whether all must be well again before it.
    settled: bool = False


_PLAY = "ansible-playbook -i inventory linuxha.lvs."
_SERVICE = "ansible nfs-0%d -i inventory -m ansible.builtin.systemd_service -a 'name=nfs-server state=%s'"
_WELL = r"All is well on lb1, lb2, nfs-01, nfs-02, web1\."
_PROGRAM = "python3 -IS /usr/libexec/keepalived/linuxha-lvs-failback "
# No host has changed.
_NOTHING = r"^(?!.* changed=[1-9]).* PLAY RECAP \*+ lb1 : ok=\d+ changed=0 unreachable=0 failed=0 "
_EMPTY = r'"msg": \[\]'
_KERNEL = "nfs: server 192.168.10.50 not responding, still trying"


def _maintenance(host: str, action: str, says: str, more: str = "", settled: bool = False) -> Step:
    command = "%smaintenance -e maintenance_host=%s -e maintenance_action=%s" % (_PLAY, host, action)
    return Step(command + more, says, settled=settled)


# On hosts that are as they should be.
_UNCHANGED = [
    Step(_PLAY + "remove --check --diff", r"lb1 : ok=\d+ changed=[1-9]\d* unreachable=0 failed=0"),
    Step(_PLAY + "site --check --diff", _NOTHING),
    Step(_PLAY + "site", _NOTHING),
    Step(_PLAY + "verify", _WELL, settled=True),
]

_ASK = [
    Step("mkdir -p ~/lvs-state", r"^$"),
    Step(
        _PLAY + "verify -e verify_json=~/lvs-state/findings.json",
        _WELL,
        writes=("lvs-state/findings.json", r"^\[\]$"),
        settled=True,
    ),
    Step(
        _PLAY + "status",
        r"lb[12] has the VIP\. lb1 and lb2 answer and agree\..*\"nfs nfs-01 primary serves pass ",
        settled=True,
    ),
    *(
        Step(
            "%sstatus -e status_query=%s -e status_json=~/lvs-state/%s.json" % (_PLAY, query, name),
            _EMPTY,
            writes=("lvs-state/%s.json" % name, r"^\[\]$"),
        )
        for query, name in (
            ("'directors[].servers[?!able][].name'", "not-able"),
            ("'directors[].servers[?held][].name'", "held"),
            ("disagreements", "disagreements"),
        )
    ),
    Step(_PLAY + "status -e 'status_query=hosts[?!answers].name'", _EMPTY),
    Step(_PLAY + """status -e '{"status_query": "directors[].servers[?serving][].name"}'""", r'"msg": \[ "nfs-01" \]'),
]

# Where something went wrong, without Ansible.
_LOOK = [
    # Two marks: that of the clients' packets, and the one in which the standby is watched too.
    Step(
        "ipvsadm -Ln",
        r"(?=.*FWM -\d+ ).*FWM \d+ \w+ -> 192\.168\.10\.100:0 Route 10 \d+ \d+( FWM|$)",
        "director",
        settled=True,
    ),
    Step("nft list table inet lvs_flows", r"ip daddr 192\.168\.10\.50 .*mark set", "director"),
    Step("ip -br address", r"eth0 \w+ .*192\.168\.10\.50/32", "director"),
    Step(
        "journalctl -u keepalived -u linuxha-lvs-failback --since -15min",
        r"(?=.* nfs:nfs-01 may serve).*Adding service \[192\.168\.10\.100\]",
        "director",
    ),
    Step(_PROGRAM + "status", r'"master": true', "director"),
    Step("ip address show dev lo", r"inet 192\.168\.10\.50/32 ", "nfs-01"),
    Step("sysctl net.ipv4.conf.all.arp_ignore", r"^net\.ipv4\.conf\.all\.arp_ignore = 1$", "nfs-01"),
    Step(
        "systemctl status nfs-server linuxha-lvs-vips",
        r"nfs-server\.service .*Active: active .*linuxha-lvs-vips\.service .*Active: active ",
        "nfs-01",
    ),
    Step("exportfs -s", r"^/srv/nfs 192\.168\.10\.0/24\(.*fsid=1", "nfs-01"),
    Step("nfsstat -m", r"/mnt/nfs-v4 from 192\.168\.10\.50:/srv/nfs Flags: .*vers=4\.2", "web1"),
    # A client that had nothing to ask since the last switch has no connection.
    Step(
        "ss -tno dst 192.168.10.50",
        r"ESTAB .* 192\.168\.10\.50:2049 ",
        "web1",
        before="timeout 100 sh -c 'date >/mnt/nfs-v4/guides'",
    ),
    Step(
        "journalctl -k --grep nfs --since -15min",
        _KERNEL,
        "web1",
        before="echo 'kernel: %s' >/dev/kmsg; sleep 1" % _KERNEL,
    ),
    Step(
        "tcpdump -ni eth0 -e host 192.168.10.50",
        r"([0-9a-f]{2}:){5}[0-9a-f]{2} > ([0-9a-f]{2}:){5}[0-9a-f]{2}, [^>]*> 192\.168\.10\.50\.2049: ",
        "director",
        meanwhile="sleep 3; date >/mnt/nfs-v4/guides",
    ),
]

# What changes hosts, and what puts them back.
_CHANGE = [
    _maintenance(
        "nfs-01", "out", r"nfs: nfs-01 is held out.* and nfs-02 serves\.", """ -e 'maintenance_why="new disks"'""", True
    ),
    _maintenance("nfs-01", "back", r"nfs: nfs-01 is let in again, and nfs-01 serves\."),
    _maintenance("nfs-01", "out", r"nfs: nfs-01 is held out.* and nfs-02 serves\."),
    Step(_SERVICE % (1, "stopped"), r"nfs-01 \| CHANGED => .*\"state\": \"stopped\""),
    Step(_SERVICE % (1, "started"), r"nfs-01 \| CHANGED => .*\"state\": \"started\""),
    Step(_PROGRAM + "release nfs nfs-01 'copied back'", r'"why": "copied back"', "director"),
    Step(_SERVICE % (2, "stopped"), r"nfs-02 \| CHANGED => .*\"state\": \"stopped\"", settled=True),
    Step(_SERVICE % (2, "started"), r"nfs-02 \| CHANGED => .*\"state\": \"started\""),
    _maintenance("lb2", "out", r"lb2: keepalived is stopped .*; lb1 has the virtual addresses\.", settled=True),
    Step(
        "ansible lb2 -i inventory -m ansible.builtin.apt -a 'upgrade=dist update_cache=true'",
        r"lb2 \| (SUCCESS|CHANGED) =>",
    ),
    Step(
        "ansible lb2 -i inventory -m ansible.builtin.reboot"
        """ -a 'test_command="systemctl is-active linuxha-lvs-failback"'""",
        r"lb2 \| CHANGED => .*\"rebooted\": true",
    ),
    _maintenance(
        "lb2", "back", r"lb2: keepalived runs again .*; lb1 has the virtual addresses, and lb2 does not take them\."
    ),
]

_DRILL = [
    Step(_PLAY + "drill --check", r"nfs-01 \(nfs-01 of director nfs\) gets the fault cut for 20 s; nfs-02 takes over"),
    # The lab's servers share nothing, so what was written before is on the one that was cut off alone.
    Step(
        _PLAY + "drill -e drill_fault=cut",
        r"Type yes to go on.* Not passed: .* not on nfs-02, which serves now",
        status=2,
        writes=("drill-report.html", r"<svg"),
        answer="yes",
    ),
    Step(
        _PLAY + """failback -e failback_director=nfs -e failback_server=nfs-01 -e 'failback_why="copied back"'""",
        r"nfs-01 serves again",
    ),
]

STEPS = [*_CHANGE[:2], *_LOOK, *_ASK, *_CHANGE[2:], *_DRILL, *_UNCHANGED]
