# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of lab/measure."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from . import nodes
from .trial import Result, Settings, run


def parser() -> argparse.ArgumentParser:
    """The options."""
    parse = argparse.ArgumentParser(
        prog="lab/measure",
        description="Lets web1 write through the VIP, makes a fault on the active NFS server of the running lab, and "
        "tells what the client saw: longest stall, errors, lost records. Undoes the fault at the end.",
    )
    parse.add_argument(
        "--fault", choices=sorted(nodes.FAULTS), action="append", help="may be given again; default: freeze"
    )
    parse.add_argument("--runs", type=int, default=1, help="how often to make each fault (default 1)")
    parse.add_argument("--interval", type=float, default=0.2, help="seconds between two records (default 0.2)")
    parse.add_argument(
        "--after", type=float, default=8.0, help="seconds to look on after the clients went on (default 8)"
    )
    parse.add_argument("--limit", type=float, default=120.0, help="longest stall to wait for, seconds (default 120)")
    parse.add_argument("--only", choices=["v3", "v4.2"], help="one mount instead of both")
    parse.add_argument(
        "--no-heal", action="store_true", help="leave the fault in place; lost records are then not counted"
    )
    parse.add_argument("--json", type=Path, metavar="FILE", help="write the results there, a list of trials")
    return parse


def describe(result: Result) -> str:
    """A trial as lines for a person."""
    lines = [
        "%s of %s: served before: %s; after: %s"
        % (result.fault, result.node, ", ".join(result.served_before), ", ".join(result.served_after))
    ]
    for version, mount in result.mounts.items():
        errors = ", ".join("%s x %d" % item for item in sorted(mount.errors.items())) or "0"
        lines.append(
            "  NFS %-4s longest stall %6.2f s | errors %s | records acknowledged %d, lost %s | on disk: %s"
            % (
                version,
                mount.longest_stall,
                errors,
                mount.acknowledged,
                "not counted" if mount.lost is None else mount.lost,
                "not looked at" if mount.stored is None else ", ".join("%s %d" % item for item in mount.stored.items()),
            )
        )
    return "\n".join(lines)


def main() -> int:
    """Makes the trials; the exit status is 1 when one could not be made."""
    options = parser().parse_args()
    faults = options.fault or ["freeze"]
    start = time.monotonic()

    def say(line: str) -> None:
        print("[%6.1f s] %s" % (time.monotonic() - start, line), flush=True)

    results: list[Result] = []
    try:
        for _ in range(options.runs):
            for fault in faults:
                settings = Settings(fault, interval=options.interval, after=options.after, limit=options.limit)
                settings.heal = not options.no_heal
                if options.only:
                    settings.mounts = {options.only: settings.mounts[options.only]}
                say("trial %d of %d: %s" % (len(results) + 1, options.runs * len(faults), fault))
                results.append(run(settings, say))
                print(describe(results[-1]), flush=True)
    except nodes.MeasureError as error:
        print("error: %s" % error, file=sys.stderr)
        return 1
    finally:
        if options.json and results:
            options.json.write_text(
                json.dumps([asdict(result) for result in results], indent=2) + "\n", encoding="utf-8"
            )
    return 0
