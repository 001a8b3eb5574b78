# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The power switch of the lab's hosts: what a fence agent asks for is done with `lab fault`.

It runs in the lab's namespace, so that hosts reach it and nobody else does, and ends with the lab:

    lab/lab exec -- python3 power.py LOG
"""

from __future__ import annotations

import json
import socketserver
import subprocess
import sys
import time
from pathlib import Path

LAB = Path(__file__).resolve().parents[3] / "lab/lab"
PLACE = ("192.168.10.1", 7000)


def lab(*argv: str) -> str:
    """What the lab's command printed.

    :raises subprocess.CalledProcessError: it failed.
    """
    return subprocess.run([str(LAB), *argv], capture_output=True, text=True, check=True).stdout


def is_off(host: str) -> bool:
    (state,) = (node["state"] for node in json.loads(lab("status", "--json"))["nodes"] if node["name"] == host)
    return state in ("down", "killed")


def do(action: str, host: str) -> str:
    """Does it, and says how it went in one word.

    :raises subprocess.CalledProcessError: the lab could not.
    """
    if action == "status" and host != "all":
        return "off" if is_off(host) else "on"
    if action in ("off", "reboot") and not is_off(host):
        lab("fault", host, "kill")
    if action in ("on", "reboot") and is_off(host):
        # Pacemaker need not wait until it has booted: it knows that all the host had in mind is gone.
        lab("fault", host, "boot", "--no-wait")
    return "ok"


class Request(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        action, host = self.rfile.readline().decode().split()
        try:
            answer = do(action, host)
        except (subprocess.CalledProcessError, ValueError) as error:
            answer = "failed: %s" % (getattr(error, "stderr", "") or error)
        with open(sys.argv[1], "a", encoding="utf-8") as log:
            log.write("%.3f %s %s: %s\n" % (time.time(), action, host, answer))
        self.wfile.write((answer.splitlines()[0] + "\n").encode())


class Switch(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    with Switch(PLACE, Request) as switch:
        switch.serve_forever()
