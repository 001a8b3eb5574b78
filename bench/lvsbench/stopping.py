# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""Stops nfsd, and notes since when it refuses: before that it answers nobody for a moment, which no check can see."""

from __future__ import annotations

import shlex

from lvsmeasure import nodes
from lvsmeasure.faults import Fault, Step

_NOTE = "/run/lvs-refuses"
# 0801 is port 2049, and 0A a socket that listens: proc_net_tcp in the kernel's documentation.
_PROGRAM = """
import subprocess, sys, time
def listens():
    with open("/proc/net/tcp") as sockets:
        fields = [line.split() for line in sockets]
    return any(some[1].endswith(":0801") and some[3] == "0A" for some in fields)
stop = subprocess.Popen(["systemctl", "stop", "nfs-server"])
while listens():
    if stop.poll():
        sys.exit("systemctl stop nfs-server ended with %d, and nfsd listens" % stop.returncode)
    time.sleep(0.002)
refuses = time.time()
if stop.wait():
    sys.exit("systemctl stop nfs-server ended with %d" % stop.returncode)
with open(sys.argv[1], "w") as note:
    note.write("%.4f" % refuses)
"""
NFSD_STOPPED = Fault(
    "active: nfsd stopped, and timed",
    (Step("active", run=shlex.join(["python3", "-c", _PROGRAM, _NOTE])),),
    (Step("active", run="systemctl start nfs-server"),),
    moves=True,
)


def refuses_since(server: str) -> float:
    """When the last `NFSD_STOPPED` had the server refuse, in seconds since 1970.

    :raises nodes.MeasureError: the server does not answer, or no such fault was made there.
    """
    return float(nodes.ssh(server, "cat", _NOTE))
