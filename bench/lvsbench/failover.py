# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""How long clients hang: each fault, at random moments, for each way to set the directors up, in one run."""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
import typing as t
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from lvsmeasure import nodes
from lvsmeasure.cell import run as run_cell
from lvsmeasure.faults import FAULTS as MATRIX
from lvsmeasure.matrix import watch
from lvsmodule.host import TOP

from .plot import draw
from .settings import FAULTS, SETTINGS
from .stopping import NFSD_STOPPED, refuses_since

INVENTORY = ("-i", str(TOP / "examples/infrastructure/inventory"), "-i", str(TOP / "molecule/inventory/lab.yml"))
# Seconds between two records: what a stall is measured to.
INTERVAL = 0.05
# Seconds for which a client may hang before the fault is undone: without the two sysctls it is a quarter of an hour.
PATIENCE = 1300.0
# Of the untuned, which hang for a quarter of an hour, once is enough.
UNTUNED = ("freeze",)


@dataclass
class Trial:
    """One fault, as one mount saw it. Seconds; `detected` is from the stall's begin to the kernel's switch.

    `limit` is what detection alone may take, in this trial: nfsd that is stopped needs its own time until it refuses.
    """

    settings: str
    fault: str
    mount: str
    stall: float
    detected: float | None
    limit: float
    errors: int
    lost: int

    @property
    def ratio(self) -> float | None:
        return self.stall / self.limit if self.limit else None


def set_up(name: str, log: Path) -> None:
    """Has the directors and servers as the settings say.

    :raises nodes.MeasureError: the playbook failed.
    """
    # On the command line, where they win: the lab's inventory has some of the variables too.
    variables = json.dumps(SETTINGS[name][0])
    argv = ["ansible-playbook", *INVENTORY, "-e", variables, str(TOP / "playbooks/site.yml")]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=dict(os.environ))
    log.write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode != 0:
        raise nodes.MeasureError("site.yml failed with the settings %s; see %s" % (name, log))


def trials_of(name: str, fault: str) -> list[Trial]:
    """Makes the fault once, at a random moment."""
    word, kind = FAULTS[fault]
    (cell,) = (NFSD_STOPPED,) if kind == "refused" else (one for one in MATRIX if one.name == word)
    # Checks come at fixed times: a fault must not.
    time.sleep(random.uniform(0, max(SETTINGS[name][1].values())))  # noqa: S311 - no secret
    result = run_cell(replace(cell, patience=PATIENCE), "healthy", lambda _line: None, INTERVAL)
    refuses = refuses_since(result.roles["active"]) if kind == "refused" else 0.0
    found = []
    for mount, seen in result.mounts.items():
        detected = None if result.switched_at is None else result.switched_at - seen.stall_at
        positive = detected if detected and detected > 0 else None
        limit = SETTINGS[name][1].get(kind, 0.0) + (max(0.0, refuses - seen.stall_at) if refuses else 0.0)
        errors = sum(seen.errors.values())
        found.append(Trial(name, fault, mount, seen.longest_stall, positive, limit, errors, seen.lost or 0))
    return found


def table(trials: t.Sequence[Trial]) -> str:
    """The table as a person reads it."""
    lines = [
        "| settings | fault | trials | median | worst | limit | stall / its limit | after the switch | errors | lost |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name in SETTINGS:
        for fault in FAULTS:
            some = [one for one in trials if (one.settings, one.fault) == (name, fault)]
            if some:
                lines.append(_row(name, fault, some))
    return "\n".join(lines)


def _span(seconds: t.Sequence[float]) -> str:
    ends = ["%.2f" % min(seconds), "%.2f" % max(seconds)]
    return "%s s" % " to ".join(dict.fromkeys(ends))


def _row(name: str, fault: str, some: t.Sequence[Trial]) -> str:
    stalls = [one.stall for one in some]
    limits = [one.limit for one in some]
    ratios = [one.ratio for one in some if one.ratio is not None]
    late = [one.stall - one.detected for one in some if one.detected is not None]
    words = [
        name,
        fault,
        "%d" % (len(some) // len({one.mount for one in some})),
        "%.2f s" % statistics.median(stalls),
        "%.2f s" % max(stalls),
        _span(limits) if ratios else "-",
        "%.2f" % max(ratios) if ratios else "-",
        "%.2f s" % max(late) if late else "-",
        "%d" % sum(one.errors for one in some),
        "%d" % sum(one.lost for one in some),
    ]
    return "| %s |" % " | ".join(words)


def main() -> int:
    parse = argparse.ArgumentParser(prog="bench/failover", description=__doc__)
    parse.add_argument("--trials", type=int, default=5, help="of each fault and each of the settings (default 5)")
    parse.add_argument("--only", choices=list(SETTINGS), action="append", help="may be given again; default: all")
    parse.add_argument("--fault", choices=list(FAULTS), action="append", help="may be given again; default: all")
    parse.add_argument("--json", type=Path, default=Path(os.environ.get("LVS_TEST_RESULTS", ".")) / "failover.json")
    options = parse.parse_args()
    start, found = time.monotonic(), list[Trial]()

    def say(line: str) -> None:
        print("[%6.1f s] %s" % (time.monotonic() - start, line), flush=True)

    try:
        for name in options.only or SETTINGS:
            say("site.yml with the settings %s" % name)
            set_up(name, options.json.with_name("failover-site-%s.log" % name))
            watch()
            faults = options.fault or list(UNTUNED if name == "untuned" else FAULTS)
            plan = faults * (1 if name == "untuned" else options.trials)
            random.shuffle(plan)
            for number, fault in enumerate(plan):
                say("%s, trial %d of %d: %s" % (name, number + 1, len(plan), fault))
                found += trials_of(name, fault)
                say(", ".join("%s %.2f s" % (one.mount, one.stall) for one in found[-2:]))
                options.json.write_text(json.dumps([asdict(one) for one in found], indent=1) + "\n", encoding="utf-8")
    except nodes.MeasureError as error:
        print("error: %s" % error, file=sys.stderr)
        return 1
    finally:
        print(table(found), flush=True)
    draw([asdict(one) for one in found], options.json.with_suffix(".svg"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
