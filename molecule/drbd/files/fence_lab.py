#!/usr/bin/python3
# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fence agent for lab hosts: asks the lab's power switch (power.py) for what Pacemaker wants done to a host.

It is told in lines on its standard input, as all agents are: action=off, nodename=nfs-01.
"""

from __future__ import annotations

import socket
import sys

PARAMETERS = {"action": "reboot", "ip": "", "ipport": "7000", "plug": ""}
ACTIONS = ("on", "off", "reboot", "status", "monitor", "list", "metadata")


def metadata() -> str:
    """What Pacemaker asks every agent for."""
    taken = (
        '<parameter name="%s" required="0"><content type="string" default="%s"/></parameter>' % one
        for one in PARAMETERS.items()
    )
    done = ('<action name="%s"/>' % name for name in ACTIONS)
    return (
        '<?xml version="1.0"?><resource-agent name="fence_lab" shortdesc="Power of lab hosts">'
        "<longdesc>Takes the power from a lab host, and gives it back.</longdesc><vendor-url></vendor-url>"
        "<parameters>%s</parameters><actions>%s</actions></resource-agent>\n" % ("".join(taken), "".join(done))
    )


def main() -> int:
    if "metadata" in sys.argv:
        sys.stdout.write(metadata())
        return 0
    given = dict(line.strip().split("=", 1) for line in sys.stdin if "=" in line)
    action = given.get("action", given.get("option", "reboot"))
    if action == "metadata":
        sys.stdout.write(metadata())
        return 0
    host = given.get("plug") or given.get("port") or given.get("nodename") or "all"
    with socket.create_connection((given["ip"], int(given.get("ipport", "7000"))), 10) as switch:
        switch.settimeout(60)
        switch.sendall(("%s %s\n" % (action, host)).encode())
        answer = switch.makefile().readline().strip()
    sys.stdout.write(answer + "\n")
    # A host that is off is 2, as every agent says it.
    return {"ok": 0, "on": 0, "off": 2}.get(answer, 1)


if __name__ == "__main__":
    sys.exit(main())
