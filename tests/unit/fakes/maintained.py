# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two directors and their servers in one file, and the programs that playbooks/maintenance.yml runs on them.

A host is a folder with a Python of its own: a script that puts the programs into the path and says which host this is.
Called as a program, this file reads the state, does what the program does, and writes the state back.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
import typing as t
from pathlib import Path

VIP = "192.168.10.50"
POOLS = {
    "nfs": {"servers": {"nfs-01": "192.168.10.100"}, "standby": {"nfs-02": "192.168.10.101"}},
    "web": {"servers": {"nfs-01": "192.168.10.100", "nfs-02": "192.168.10.101"}, "standby": {}},
}
START: dict[str, t.Any] = {
    "pools": POOLS,
    # Servers that pass their checks, directors on which keepalived runs, and the one with the virtual addresses.
    "able": ["nfs-01", "nfs-02"],
    "running": ["lb1", "lb2"],
    "master": "lb1",
    "records": {},
    "failback": "auto",
    # What goes wrong: "hold nfs" means that keepalived does not heed a hold in this director; see below for the others.
    "faults": [],
    # So many answers long keepalived has not come to a hold yet.
    "slow": 0,
    # What was asked of the hosts, without the looks.
    "done": [],
}
PYTHON = """\
#!/bin/sh
export LVS_FAKE_HOST=%(host)s LVS_FAKE_STATE=%(state)s PATH=%(tools)s:$PATH
exec %(python)s "$@"
"""
TOOLS = ("linuxha-lvs-failback", "systemctl", "ip")


def build(folder: Path, **changes: t.Any) -> None:
    """Two hosts in a folder, in this state."""
    (folder / "state.json").write_text(json.dumps({**START, **changes}), encoding="utf-8")
    (folder / "failback.json").write_text(json.dumps({"vips": [VIP]}), encoding="utf-8")
    (folder / "tools").mkdir()
    for tool in TOOLS:
        script = folder / "tools" / tool
        script.write_text('#!/bin/sh\nexec %s -IS %s %s "$@"\n' % (sys.executable, __file__, tool), encoding="utf-8")
        script.chmod(0o755)
    for host in START["running"]:
        (folder / host).mkdir()
        words = {"host": host, "state": folder / "state.json", "tools": folder / "tools", "python": sys.executable}
        (folder / host / "python").write_text(PYTHON % words, encoding="utf-8")
        (folder / host / "python").chmod(0o755)


def mark(folder: Path, host: str) -> Path:
    return folder / host / "maintenance"


def read(folder: Path) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", json.loads((folder / "state.json").read_text(encoding="utf-8")))


class Host:
    """One director, for the time of one program."""

    def __init__(self, name: str, state: dict[str, t.Any], folder: Path) -> None:
        self.name, self.state, self.folder = name, state, folder

    def failback(self, words: list[str]) -> int:
        if words[0] != "status":
            pool, server, why = words[1:]
            key = "%s:%s" % (pool, server)
            self.state["done"].append(" ".join([self.name, *words]))
            if "order %s" % pool in self.state["faults"]:
                print("no director and server %s that can be held out" % key)
                return 1
            generation = self.state["records"].get(key, {}).get("generation", 0) + 1
            record = {"held": words[0] == "hold", "generation": generation, "by": self.name, "why": why, "person": True}
            self.state["records"][key] = record
        print(json.dumps(self.status()))
        self.state["slow"] -= words[0] == "status" and bool(self.state["records"])
        return 0

    def status(self) -> dict[str, t.Any]:
        return {
            "name": self.name,
            "master": self.state["master"] == self.name,
            "isolated": "isolated %s" % self.name in self.state["faults"],
            "pools": {
                name: {"failback": self.state["failback"], **pool, **self.table(name)}
                for name, pool in self.state["pools"].items()
            },
            "records": self.state["records"],
            "peers": {host: 0.2 for host in START["running"] if host != self.name},
        }

    def table(self, name: str) -> dict[str, t.Any]:
        if self.name not in self.state["running"]:
            return {"serving": [], "able": [], "connections": {}}
        pool = self.state["pools"][name]
        if "table %s" % self.name in self.state["faults"]:
            return {"serving": sorted(pool["standby"].values()), "able": [], "connections": {}}
        able = [server for part in ("servers", "standby") for server in pool[part] if server in self.state["able"]]
        serving = [pool["servers"][one] for one in able if one in pool["servers"] and not self.held(name, one)]
        serving = serving or [pool["standby"][one] for one in able if one in pool["standby"]]
        return {"serving": sorted(serving), "able": sorted(able), "connections": {}}

    def held(self, pool: str, server: str) -> bool:
        held = bool(self.state["records"].get("%s:%s" % (pool, server), {}).get("held"))
        return held and self.state["slow"] <= 0 and "hold %s" % pool not in self.state["faults"]

    def systemctl(self, words: list[str]) -> int:
        there = mark(self.folder, self.name)
        heeds = "condition" not in self.state["faults"]
        running: list[str] = self.state["running"]
        if words[0] == "cat":
            # Of both hosts: the playbook takes them for one path.
            marks = [mark(self.folder, host) for host in START["running"] if heeds]
            print("\n".join(["[Unit]", *("ConditionPathExists=!%s" % path for path in marks)]))
        elif words[0] == "show":
            print("LoadState=loaded\nActiveState=%s" % ("active" if self.name in running else "inactive"))
        elif words[0] in ("start", "stop"):
            self.state["done"].append("%s %s" % (self.name, words[0]))
            if words[0] == "stop" or not (heeds and there.exists()):
                others = [host for host in running if host != self.name]
                self.state["running"] = sorted([*others, self.name] if words[0] == "start" else others)
        if self.state["master"] not in self.state["running"] and "vrrp" not in self.state["faults"]:
            self.state["master"] = next(iter(self.state["running"]), "")
        return 0

    def ip(self) -> int:
        mine = self.state["master"] == self.name or "address" in self.state["faults"]
        print(json.dumps([{"ifname": "eth0", "addr_info": [{"local": VIP}] if mine else []}]))
        return 0


def main(tool: str, words: list[str]) -> int:
    path = Path(os.environ["LVS_FAKE_STATE"])
    with open(path.with_suffix(".lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        state = json.loads(path.read_text(encoding="utf-8"))
        host = Host(os.environ["LVS_FAKE_HOST"], state, path.parent)
        status = {
            "linuxha-lvs-failback": host.failback,
            "systemctl": host.systemctl,
            "ip": lambda _words: host.ip(),
        }[tool](words)
        path.write_text(json.dumps(state), encoding="utf-8")
    return status


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], sys.argv[2:]))
