# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""Draws each stall of bench/failover as a dot, beside the limit that detection alone costs."""

from __future__ import annotations

import argparse
import json
import random
import typing as t
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt

from .settings import FAULTS, SETTINGS

COLOURS = {"untuned": "#b2182b", "note": "#d6870f", "defaults": "#2166ac", "fast": "#1b7837"}
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 300, 1000)


def draw(trials: t.Sequence[t.Mapping[str, t.Any]], path: Path) -> None:
    """Writes the picture; its kind is told by the path's end (svg, png, pdf).

    :param trials: as failover.json has them: settings, fault, stall and limit in seconds.
    """
    faults = [fault for fault in FAULTS if any(one["fault"] == fault for one in trials)]
    mpl.rcParams["svg.hashsalt"] = "bench/failover"
    figure, rows = plt.subplots(len(faults), 1, sharex=True, squeeze=False, figsize=(8, 0.7 + 1.2 * len(faults)))
    for fault, (axes,) in zip(faults, rows):
        _row(axes, fault, [one for one in trials if one["fault"] == fault])
    bottom = rows[-1][0]
    bottom.set_xscale("log")
    bottom.set_xticks(TICKS, [("%g" % tick) for tick in TICKS])
    bottom.minorticks_off()
    bottom.set_xlim(0.05, max(1.5 * max(one["stall"] for one in trials), 20))
    bottom.set_xlabel("seconds that a client hung (dots: each mount and trial; bars: what detection alone may take)")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    plt.close(figure)


def _row(axes: t.Any, fault: str, trials: t.Sequence[t.Mapping[str, t.Any]]) -> None:
    names = [name for name in SETTINGS if any(one["settings"] == name for one in trials)]
    shift = random.Random(0)  # noqa: S311 - it only spreads the dots
    for height, name in enumerate(reversed(names)):
        some = [one for one in trials if one["settings"] == name]
        spread = [height + shift.uniform(-0.2, 0.2) for _one in some]
        axes.plot([one["stall"] for one in some], spread, "o", ms=4, alpha=0.6, mew=0, color=COLOURS[name])
        for limit in sorted({one["limit"] for one in some if one["limit"]}):
            axes.plot([limit] * 2, [height - 0.35, height + 0.35], "|-", ms=0, lw=1, color="black")
    axes.axvline(1, color="grey", lw=0.8, ls=":")
    axes.set_yticks(range(len(names)), list(reversed(names)))
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.set_title(fault, loc="left", fontsize=10)
    axes.grid(axis="x", alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)


def main() -> None:
    parse = argparse.ArgumentParser(prog="python -m lvsbench.plot", description=__doc__)
    parse.add_argument("trials", type=Path, help="failover.json, as bench/failover writes it")
    parse.add_argument("picture", type=Path, help="where the picture goes: .svg, .png or .pdf")
    options = parse.parse_args()
    draw(json.loads(options.trials.read_text(encoding="utf-8")), options.picture)


if __name__ == "__main__":
    main()
