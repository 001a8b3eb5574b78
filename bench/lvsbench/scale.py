# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""10, 100, 1,000 directors and flows: how long the modules, keepalived, nft and a template task take."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import typing as t
from pathlib import Path

from lvsmodule.host import TOP, Node

from . import entries

# A keepalived with nothing at all to do never tells systemd that it is ready.
MAIN = """\
global_defs {
    enable_script_security
}
virtual_server fwmark 1 {
    lvs_sched wrr
    lvs_method DR
    real_server 10.200.255.1 {
    }
}
include conf.d/*.conf
"""
INVENTORY = ("-i", str(TOP / "examples/infrastructure/inventory"), "-i", str(TOP / "molecule/inventory/lab.yml"))
# Seconds of CPU that an unchanged run of 1,000 may take in each module, and how much more 1,000 may cost than 100.
CPU_LIMIT, GROWTH_LIMIT = 2.0, 12.0

# Answers every check: all servers' addresses are lb1's own.
LISTENER = """
import socket
server = socket.create_server(("", 2049), backlog=4096)
while True:
    server.accept()[0].close()
"""

Row = dict[str, float]


def timed(action: t.Callable[[], object]) -> tuple[float, t.Any]:
    start = time.monotonic()
    result = action()
    return time.monotonic() - start, result


def module_times(host: Node, name: str, what: str, values: list[dict[str, t.Any]], row: Row) -> None:
    """A first run and an unchanged one, each with wall time, the module's own CPU and that of the tools it ran.

    What Python and Ansible take to start is no matter of the module, and apart.
    """
    for run in ("first", "unchanged"):
        wall, result = timed(lambda: host.done(name, prune=True, **{what: values}))
        if result["changed"] != (run == "first"):
            sys.exit("%s: the %s run of %d says changed: %s" % (name, run, len(values), result["changed"]))
        row["%s %s" % (name, run)] = wall
        for part, words in (("start", "Python's start"), ("module", "the module"), ("tools", "its tools")):
            row["%s %s, CPU of %s" % (name, run, words)] = result["cpu"][part]


def reload_time(host: Node, number: int) -> float:
    """Seconds from the signal until the last director's new weight is in the kernel."""
    path = "/etc/keepalived/conf.d/director-%04d.conf" % (number - 1)
    script = """
import subprocess, time
path = %r
text = open(path).read()
open(path, "w").write(text.replace("weight 10", "weight 11"))
start = time.monotonic()
subprocess.run(["systemctl", "reload", "keepalived"], check=True)
while " 11  " not in open("/proc/net/ip_vs").read():
    assert time.monotonic() - start < 60, "keepalived has not reloaded in 60 s"
    time.sleep(0.01)
print(time.monotonic() - start)
open(path, "w").write(text)
subprocess.run(["systemctl", "reload", "keepalived"], check=True)
time.sleep(2)
""" % (path,)
    return float(host.run("/usr/bin/python3 -", script.encode()))


def load_time(host: Node) -> float:
    """Seconds that nft needs to replace the table."""
    script = "import subprocess, time; s = time.monotonic(); "
    script += "subprocess.run(['nft', '-f', '/etc/linuxha-lvs/flows.nft'], check=True); print(time.monotonic() - s)"
    return float(host.run("/usr/bin/python3 -", script.encode()))


def play(task: dict[str, t.Any], variables: dict[str, t.Any], folder: Path) -> float:
    """Seconds of one ansible-playbook run with one task."""
    tasks = [{"hosts": "lb1", "gather_facts": False, "tasks": [{"name": "Measured", **task}]}]
    (folder / "play.yml").write_text(json.dumps(tasks), encoding="utf-8")
    (folder / "vars.json").write_text(json.dumps(variables), encoding="utf-8")
    argv = ["ansible-playbook", *INVENTORY, "-e", "@%s" % (folder / "vars.json"), str(folder / "play.yml")]
    wall, done = timed(lambda: subprocess.run(argv, capture_output=True, text=True, check=False))
    if done.returncode != 0:
        sys.exit(done.stdout + done.stderr)
    return wall


def plays(number: int, row: Row) -> None:
    """The same directors through ansible-playbook: by the module, and by a template of one file."""
    variables = {"directors": entries.directors(number)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "keepalived.j2").write_text(entries.TEMPLATE, encoding="utf-8")
        template = {"src": str(folder / "keepalived.j2"), "dest": "/root/keepalived-%d.conf" % number, "mode": "0644"}
        for run in ("first", "unchanged"):
            row["template task, %s" % run] = play({"ansible.builtin.template": template}, variables, folder)
        task = {"linuxha.lvs.ipvs_director": {"directors": "{{ directors }}", "prune": True}}
        row["ipvs_director task, unchanged"] = play(task, variables, folder)


def measure(host: Node, number: int) -> Row:
    row: Row = {}
    module_times(host, "ipvs_director", "directors", entries.directors(number), row)
    row["keepalived reload"] = reload_time(host, number)
    plays(number, row)
    module_times(host, "ipvs_flow", "flows", entries.flows(number), row)
    row["nft load"] = load_time(host)
    host.done("ipvs_flow", flows=[], prune=True)
    host.done("ipvs_director", directors=[], prune=True)
    return row


def show(rows: dict[int, Row]) -> None:
    numbers = list(rows)
    print("\n%-48s" % "seconds" + "".join("%10d" % number for number in numbers) + "   last two")
    for key in rows[numbers[0]]:
        values = [rows[number][key] for number in numbers]
        growth = "x %.1f" % (values[-1] / values[-2]) if len(values) > 1 and values[-2] > 0 else ""
        print("%-48s" % key + "".join("%10.2f" % value for value in values) + "   " + growth)


def verdict(rows: dict[int, Row]) -> list[str]:
    """What is missed of the limits; empty when all are kept, or were not asked for."""
    missed = []
    if 1000 in rows:
        for name in ("ipvs_director", "ipvs_flow"):
            cpu = name + " unchanged, CPU of the module"
            if rows[1000][cpu] > CPU_LIMIT:
                missed.append("%s: %.2f s, more than %g s" % (cpu, rows[1000][cpu], CPU_LIMIT))
        for key, value in rows[1000].items() if 100 in rows else ():
            if value > GROWTH_LIMIT * rows[100][key] and value > 0.1:
                missed.append("%s: %.1f times that of 100, more than %g" % (key, value / rows[100][key], GROWTH_LIMIT))
    return missed


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench/scale", description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("number", type=int, nargs="*", default=[10, 100, 1000])
    options = parser.parse_args()
    host = Node("lb1")
    host.copy_collection()
    host.run("mkdir -p /etc/keepalived/conf.d; cat >/etc/keepalived/keepalived.conf", MAIN.encode())
    host.run("cat >/root/listener.py", LISTENER.encode())
    host.run("ip route add local 10.200.0.0/13 dev lo; systemd-run --quiet /usr/bin/python3 /root/listener.py")
    host.run("systemctl restart keepalived")
    rows: dict[int, Row] = {}
    for turn in range(1, options.rounds + 1):
        for number in options.number:
            print("round %d of %d: %d directors and flows ..." % (turn, options.rounds, number), flush=True)
            found = measure(host, number)
            # What else the machine does only adds, to CPU time too: the least of the rounds is nearest to the truth.
            rows[number] = {key: min(value, rows.get(number, found)[key]) for key, value in found.items()}
        if options.json:
            options.json.write_text(json.dumps(rows, indent=2), encoding="utf-8")
    show(rows)
    missed = verdict(rows)
    print("\n".join(["", *("MISSED  " + line for line in missed)] if missed else ["", "all limits are kept"]))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
