# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs on a server during a drill: makes a fault, and heals it when it is told to, or when its time is over.

    fault.py hold FAULT SECONDS NOTE PORT    makes it, and heals it at the latest after so many seconds
    fault.py heal FAULT NOTE                 heals it, also if it is healed already; tries for minutes where it must
    fault.py switch DIRECTOR SERVER NOTE     on a director: holds the server out, as a person would

systemd runs the first, and the second after it, however it ended. FAULT is

    stop      nfsd is stopped
    cut       nothing goes in or out any more but ssh (to PORT), and ARP
    freeze    nothing at all goes in or out any more, ARP and ssh neither, as with a host that stands still
    reboot    the host boots anew, which heals it

NOTE is a JSON file with the moments, `made` and `healed`, in seconds since 1970, or, where it could not be made, with
what the tool `failed` with. A reboot heals itself at a time that nobody here knows.

A host that boots meanwhile, for whatever reason, removes what is left of the drill afterwards.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import typing as t

NFT, SYSTEMCTL = "/usr/sbin/nft", "/usr/bin/systemctl"
FAILBACK = ("/usr/bin/python3", "-IS", "/usr/libexec/keepalived/linuxha-lvs-failback")
# Before any other rule, and before connections are tracked.
_RULES = """
table %(family)s linuxha_drill {
    chain input { type filter hook %(inwards)s priority -500; policy drop; %(accept_in)s }
    chain output { type filter hook output priority -500; policy drop; %(accept_out)s }
}
"""
_LO = {"accept_in": 'iifname "lo" accept;', "accept_out": 'oifname "lo" accept;'}
# Where systemd has the timer that removes what the drill has written, and where it outlives a reboot.
_END = "linuxha-lvs-drill-end"
TRANSIENT, KEPT = "/run/systemd/transient", "/etc/systemd/system"
# Seconds before the fault.
LEAD = 1.0
# For how many seconds healing is tried, and how many lie between two times.
HEAL, AGAIN = 300.0, 2.0
FAULTS = ("stop", "cut", "freeze", "reboot")


def rules(fault: str, port: str) -> str:
    """What nft loads for a fault."""
    accept = dict(_LO)
    if fault == "cut":
        accept["accept_in"] += " tcp dport %s accept;" % port
        accept["accept_out"] += " tcp sport %s accept;" % port
    text = _RULES % {"family": "inet", "inwards": "prerouting", **accept}
    if fault == "freeze":
        text += _RULES % {"family": "arp", "inwards": "input", "accept_in": "", "accept_out": ""}
    return text


def make(fault: str, port: str) -> None:
    """Makes the fault.

    :raises OSError: a tool says why it could not.
    """
    if fault == "stop":
        _run([SYSTEMCTL, "stop", "nfs-server"])
    elif fault == "reboot":
        _run([SYSTEMCTL, "reboot"])
    else:
        _run([NFT, "-f", "-"], rules(fault, port))


def keep_the_end() -> None:
    """Has the timer count again after a reboot: a host that was cut off may be fenced. It removes these files too."""
    wants = os.path.join(KEPT, "timers.target.wants")
    os.makedirs(wants, exist_ok=True)
    for ending in (".service", ".timer"):
        shutil.copyfile(os.path.join(TRANSIENT, _END + ending), os.path.join(KEPT, _END + ending))
    # A drill that was killed while it ended may have left one.
    with contextlib.suppress(FileExistsError):
        os.symlink("../%s.timer" % _END, os.path.join(wants, _END + ".timer"))


def undo(fault: str) -> None:
    """Takes the fault back.

    :raises OSError: a tool says why it could not.
    """
    if fault == "stop":
        _run([SYSTEMCTL, "start", "nfs-server"])
    elif fault != "reboot":
        errors = list(filter(None, map(_without_table, ("inet", "arp") if fault == "freeze" else ("inet",))))
        if errors:
            raise errors[0]


def _without_table(family: str) -> OSError | None:
    """Deletes one of the tables; what went wrong must not keep the other one."""
    try:
        _run([NFT, "add table %s linuxha_drill; delete table %s linuxha_drill" % (family, family)])
    except OSError as error:
        return error
    return None


def _run(argv: list[str], text: str = "") -> None:
    try:
        done = subprocess.run(
            argv, input=text, capture_output=True, text=True, check=False, env={"LC_ALL": "C"}, timeout=120
        )
    except subprocess.TimeoutExpired as error:
        raise OSError("%s has not ended after 120 s" % " ".join(argv)) from error
    if done.returncode != 0:
        raise OSError("%s ended with status %d and said: %s" % (" ".join(argv), done.returncode, done.stderr.strip()))


def read_note(path: str) -> dict[str, t.Any]:
    """What the note says; nothing where there is none, or half of one."""
    try:
        with open(path, encoding="utf-8") as handle:
            return t.cast("dict[str, t.Any]", json.load(handle))
    except (FileNotFoundError, ValueError):
        return {}


def write_note(path: str, words: dict[str, t.Any]) -> None:
    """On the disk before anything else happens, since the host may boot next."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "w", encoding="utf-8") as handle:
        handle.write(json.dumps(words))
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(path + ".new", path)


def heal(fault: str, note: str) -> None:
    """Undoes it whatever the note says: one that is left of another drill, or gone, must not keep a host cut off."""
    undo(fault)
    words = read_note(note)
    if fault != "reboot" and "made" in words and "healed" not in words:
        write_note(note, {**words, "healed": time.time()})


def heal_at_last(fault: str, note: str) -> None:
    """Heals it, and does not give up at the first failure: nobody else would come and do it.

    :raises OSError: it could not for five minutes.
    """
    end = time.monotonic() + HEAL
    while True:
        try:
            return heal(fault, note)
        except OSError as error:
            if time.monotonic() > end:
                raise
            sys.stderr.write("%s; once more in %g s\n" % (error, AGAIN))
            time.sleep(AGAIN)


def hold(fault: str, seconds: float, note: str, port: str) -> None:
    """Makes the fault and waits for the end of its time, or for a signal."""
    # The answer to who has started this must get out first.
    time.sleep(LEAD)
    signal.signal(signal.SIGTERM, lambda *_args: sys.exit(0))
    try:
        keep_the_end()
        write_note(note, {"made": time.time()})
        make(fault, port)
        time.sleep(seconds)
    except OSError as error:
        write_note(note, {"failed": str(error)})
        raise
    finally:
        heal(fault, note)


def main(words: list[str]) -> int:
    try:
        if words[0] == "hold":
            hold(words[1], float(words[2]), words[3], words[4])
        elif words[0] == "switch":
            write_note(words[3], {"made": time.time()})
            _run([*FAILBACK, "hold", words[1], words[2], "a drill"])
        else:
            heal_at_last(words[1], words[2])
    except OSError as error:
        sys.stderr.write("%s\n" % error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
