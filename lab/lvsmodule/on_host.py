# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs modules of the collection on a lab host, as Ansible would, and kills them at the chosen step.

Reads JSON: {"module": name, "args": {...}, "check": false, "kill": 0}. With "kill": N the process gets a real SIGKILL
just before the N-th thing that it changes: a file opened for writing, renamed or removed, a folder made, or a command.
With --serve it reads such a task from each line, and answers each with a line of JSON: the module's `status` (as
subprocess has it: -9 when it was killed), `stdout` and `stderr`.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
import sys
import tempfile
import typing as t

from ansible.module_utils.testing import patch_module_args

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
# Where a run changes a host; copies that are only made to be tested lie elsewhere.
_PLACES = ("/etc/", "/usr/", "/var/lib/linuxha-lvs", "/proc/")
_CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.chmod", "os.truncate")


def kill_before(number: int) -> None:
    """Ends this process before its `number`-th change; commands that it has started live on."""
    count = 0

    def hook(event: str, details: tuple[t.Any, ...]) -> None:
        nonlocal count
        written = event == "open" and isinstance(details[2], int) and details[2] & _WRITES
        changed = (event in _CHANGES or written) and str(details[0]).startswith(_PLACES)
        if changed or event == "subprocess.Popen":
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def seconds(who: int) -> float:
    """The CPU time used so far."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def run(task: dict[str, t.Any]) -> None:
    """Prints the module's result, and a line with its CPU time."""
    module = importlib.import_module("ansible_collections.linuxha.lvs.plugins.modules." + task["module"])
    start = seconds(resource.RUSAGE_SELF)
    try:
        with patch_module_args({**task["args"], "_ansible_check_mode": task.get("check", False)}):
            if task.get("kill"):
                kill_before(task["kill"])
            module.main()
    finally:
        cpu = {"start": start, "module": seconds(resource.RUSAGE_SELF) - start}
        cpu["tools"] = seconds(resource.RUSAGE_CHILDREN)
        print(json.dumps({"cpu": {name: round(value, 3) for name, value in cpu.items()}}))


def answer(task: dict[str, t.Any]) -> dict[str, t.Any]:
    """Runs the task in a process of its own, which has all that Python must load for it."""
    importlib.import_module("ansible_collections.linuxha.lvs.plugins.modules." + task["module"])
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        child = os.fork()
        if child == 0:
            os.dup2(stdout.fileno(), 1)
            os.dup2(stderr.fileno(), 2)
            # Ends as a program of its own would, so that what it has printed is written and its status counts.
            run(task)
            raise SystemExit
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        texts = {}
        for name, handle in (("stdout", stdout), ("stderr", stderr)):
            handle.seek(0)
            texts[name] = handle.read().decode(errors="replace")
    return {"status": status, **texts}


def main() -> None:
    if sys.argv[1:] != ["--serve"]:
        run(json.load(sys.stdin))
        return
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
