# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""How long nfsd takes to stop: it answers nobody any more, and refuses nobody yet, so that no check can see it."""

from __future__ import annotations

import statistics

from lvsmeasure import nodes

# Seconds from the last answer on a connection that asks all the time until a new connection is refused.
_PROGRAM = """
import socket, struct, subprocess, sys, threading, time
PLACE, CALL = (sys.argv[1], 2049), struct.pack("!11I", 0x80000028, 1, 0, 2, 100003, 3, 0, 0, 0, 0, 0)
last = [0.0]
def ask():
    try:
        with socket.create_connection(PLACE, 5) as end:
            end.settimeout(5)
            while True:
                end.sendall(CALL)
                if not end.recv(100):
                    return
                last[0] = time.monotonic()
                time.sleep(0.002)
    except OSError:
        return
asker = threading.Thread(target=ask, daemon=True)
asker.start()
time.sleep(1)
stop = subprocess.Popen(["systemctl", "stop", "nfs-server"])
while True:
    try:
        socket.create_connection(PLACE, 5).close()
    except ConnectionRefusedError:
        break
    except ConnectionResetError:
        # It was taken, and fell with the socket: from the next one on they are refused.
        pass
    time.sleep(0.002)
refused = time.monotonic()
stop.wait()
subprocess.run(["systemctl", "start", "nfs-server"], check=True)
if not last[0]:
    sys.exit("nfsd at %s answered nobody before it was stopped" % PLACE[0])
print(refused - last[0])
"""


def seconds_to_stop(server: str, address: str, times: int = 5) -> float:
    """The median of some stops of nfsd on a server that serves nobody.

    :raises nodes.MeasureError: the server does not answer, or nfsd does not start again.
    """
    found = [float(nodes.ssh(server, "python3", "-", address, data=_PROGRAM, limit=60)) for _time in range(times)]
    return statistics.median(found)
