# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""A lab host on which modules of the collection run without a playbook, so that they can be timed and killed."""

from __future__ import annotations

import io
import json
import select
import shlex
import subprocess
import tarfile
import time
import typing as t
from contextlib import contextmanager
from pathlib import Path

import ansible

HERE = Path(__file__).parent
TOP = HERE.parents[1]
SSH = ("ssh", "-F", "/run/lvs-lab/ssh_config")
_FOLDER = "/root/lvs-test"


VIP = "192.168.10.50"
# What the inventory of the scenario directors makes of the seed's director.
NFS: dict[str, t.Any] = {
    "name": "nfs",
    "balance": "roundrobin",
    "mode": "gateway",
    "check": {"type": ["nfs", "vip"], "vip": VIP, "port": 2049, "interval": 2, "timeout": 1.8},
    "servers": [
        {"name": "nfs-01", "address": "192.168.10.100", "port": 2049, "weight": 10, "check": True},
        {"name": "nfs-02", "address": "192.168.10.101", "port": 2049, "sorry": True},
    ],
}


class HostError(Exception):
    """A command or a module failed; the sentence says which and what it said."""


class KilledError(Exception):
    """The module was killed, as the test wanted."""


class Node:
    """One host of the lab, over one ssh connection."""

    def __init__(self, name: str) -> None:
        self.name = name
        # The server of modules, and whether there is to be one (see `serving`).
        self._server: subprocess.Popen[bytes] | None = None
        self._serving = False

    def ask(self, command: str, data: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        argv = [*SSH, "root@" + self.name, command]
        return subprocess.run(argv, input=data, capture_output=True, check=False, timeout=300)

    def run(self, command: str, data: bytes | None = None) -> str:
        done = self.ask(command, data)
        if done.returncode != 0:
            said = (done.stderr or done.stdout).decode(errors="replace").strip()
            raise HostError("%s on %s ended with status %d: %s" % (command, self.name, done.returncode, said))
        return done.stdout.decode()

    def copy_collection(self) -> None:
        """What a module needs, without Ansible's way of sending it anew every time."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            core = Path(ansible.__file__).parent
            # Ansible's own __init__.py wants more than modules need.
            archive.addfile(tarfile.TarInfo("ansible/__init__.py"))
            for name in ("release.py", "module_utils"):
                archive.add(core / name, "ansible/" + name)
            archive.add(TOP / "plugins", "ansible_collections/linuxha/lvs/plugins")
            archive.add(HERE / "on_host.py", "on_host.py")
        self.run(f"rm -rf {_FOLDER}; mkdir {_FOLDER}; tar -xzf - -C {_FOLDER}", buffer.getvalue())

    def module(self, name: str, *, check: bool = False, kill: int = 0, **args: t.Any) -> dict[str, t.Any]:
        """The module's result, and in `cpu` seconds of CPU: `start` of Python and Ansible, `module`, and its `tools`.

        :raises KilledError: it was killed at the step that `kill` says.
        """
        task = json.dumps({"module": name, "args": args, "check": check, "kill": kill}).encode()
        status, stdout, stderr = self._answer(task)
        # ssh says 255 when the command was ended by a signal.
        if status in (-9, 137, 255) and not stdout:
            raise KilledError(stderr)
        if not stdout:
            raise HostError("%s on %s said nothing but: %s" % (name, self.name, stderr))
        result, cpu = (json.loads(line) for line in stdout.strip().splitlines())
        # ansible-core sends each warning as an event, which its own callback makes a sentence of again.
        warnings = [warning["event"]["msg"] for warning in result.get("warnings", ())]
        return {**result, **cpu, "warnings": warnings}

    def _answer(self, task: bytes) -> tuple[int, str, str]:
        if not self._serving:
            done = self.ask("cd %s && exec /usr/bin/python3 on_host.py" % _FOLDER, task)
            return done.returncode, done.stdout.decode(), done.stderr.decode(errors="replace")
        server = self._live_server()
        stdin, stdout = (t.cast("t.IO[bytes]", end) for end in (server.stdin, server.stdout))
        stdin.write(task + b"\n")
        stdin.flush()
        if not select.select([stdout], [], [], 300)[0]:
            raise HostError("no answer from a module on %s in 300 s" % self.name)
        line = stdout.readline()
        if not line:
            raise HostError("the server of modules on %s has ended" % self.name)
        answer = json.loads(line)
        return answer["status"], answer["stdout"], answer["stderr"]

    def _live_server(self) -> subprocess.Popen[bytes]:
        """The server; a new one when the host has been rebooted meanwhile."""
        if self._server is None or self._server.poll() is not None:
            argv = [*SSH, "root@" + self.name, "cd %s && exec /usr/bin/python3 on_host.py --serve" % _FOLDER]
            self._server = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self._server

    @contextmanager
    def serving(self) -> t.Iterator[None]:
        """Meanwhile the host keeps a Python that has loaded Ansible, so that a module takes a third of the time."""
        self._serving = True
        try:
            yield
        finally:
            self._serving = False
            if self._server is not None:
                self._server.kill()
                self._server.communicate()
                self._server = None

    def done(self, name: str, **args: t.Any) -> dict[str, t.Any]:
        result = self.module(name, **args)
        if result.get("failed"):
            raise HostError("%s on %s failed: %s" % (name, self.name, result.get("msg")))
        return result

    def pool(self) -> dict[str, list[str]]:
        """The kernel's table: `FWM 35C2B4F4` or `TCP C0A80A3C:0050` to its servers' addresses in hex."""
        table: dict[str, list[str]] = {}
        for line in self.run("cat /proc/net/ip_vs").splitlines()[3:]:
            words = line.split()
            if words[0] == "->":
                table[list(table)[-1]].append(words[1])
            else:
                table[" ".join(words[:2])] = []
        # They stand in the order in which their checks succeeded.
        return {service: sorted(servers) for service, servers in table.items()}

    def write(self, path: str, text: str) -> None:
        self.run("cat >%s" % shlex.quote(path), text.encode())


def wait_until(what: str, condition: t.Callable[[], bool], limit: float = 20) -> float:
    """Seconds until the condition held.

    :raises HostError: it did not come within `limit` seconds; `what` says what was awaited.
    """
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > limit:
            raise HostError("waited %g s in vain until %s" % (limit, what))
        time.sleep(0.2)
    return time.monotonic() - start
