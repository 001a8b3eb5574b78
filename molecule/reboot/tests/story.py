# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One round with a client that writes, and what came of it."""

from __future__ import annotations

import json
import secrets
import time
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

import snapshot
from rounds import CLIENT, SERVERS, Round, say

from lvsmeasure import nodes
from lvsmeasure.stream import Stream
from lvsmeasure.trial import EXPORT, probe_file

MOUNTS = {"v3": "/mnt/nfs-v3", "v4.2": "/mnt/nfs-v4"}
(WEB1,) = CLIENT
# From the moment when the last host answers ssh until a client must have gone on: an NFSv4 client waits for the grace
# period of its server (90 s), and nfs-01, which comes back, is a server that has just booted.
LIMIT = 150.0


@dataclass
class Outcome:
    """What a round left behind; seconds count from the moment when the last host answered again."""

    round: Round
    differences: list[str] = field(default_factory=list)
    settled: float = 0.0
    holders: list[str] = field(default_factory=list)
    resumed: dict[str, float | None] = field(default_factory=dict)
    proofs: dict[str, str] = field(default_factory=dict)
    acknowledged: dict[str, int] = field(default_factory=dict)
    lost: dict[str, list[int]] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)


class Writers:
    """The client's two probes: numbered records, each fsynced before it counts."""

    def __init__(self, limit: float) -> None:
        self.run = secrets.token_hex(4)
        nodes.install_probe(WEB1)
        self.streams = {
            version: Stream(WEB1, "%s/%s" % (mount, probe_file(version)), self.run, 0.2)
            for version, mount in MOUNTS.items()
        }
        self.began = time.monotonic()
        self.limit = limit

    def steady(self) -> dict[str, float | None]:
        """The seconds that each mount took until it wrote steadily; None for one that did not, in time."""
        found: dict[str, float | None] = dict.fromkeys(self.streams)
        while None in found.values() and time.monotonic() - self.began < self.limit:
            for version, stream in self.streams.items():
                if found[version] is None and stream.steady():
                    found[version] = time.monotonic() - self.began
            time.sleep(0.5)
        return found

    def stop(self, client_lives: bool = True) -> None:
        """Ends the probes; those of a client that lost its power are gone."""
        for stream in self.streams.values():
            stream.stop(60 if client_lives else 1)

    def lost(self) -> dict[str, list[int]]:
        """Each mount's records that the client was told are safe and that no server has."""
        found = {}
        for version, stream in self.streams.items():
            path = "%s/%s" % (EXPORT, probe_file(version))
            stored = set().union(*(nodes.stored(node, path, self.run) for node in SERVERS))
            found[version] = sorted({write.sequence for write in stream.writes if write.error is None} - stored)
        return found


def play(one: Round, before: t.Mapping[str, snapshot.Facts]) -> Outcome:
    """Plays the round while the client writes, and waits until all is as before, or the time is over."""
    out = Outcome(one)
    client_lives = WEB1 not in one.hosts
    writers = Writers(LIMIT)
    try:
        say("%s: the client writes" % one)
        assert None not in writers.steady().values(), "the client did not write steadily before the round"
        one.play()
        answered = time.monotonic()
        say("everybody answers again")
        if not client_lives:
            # Its records are counted before the next ones take their places in the file.
            _count(out, writers, client_lives=False)
            writers = _settle_and_write(out, before, answered)
        else:
            _settle(out, before, answered)
            _await(out, writers, answered)
    finally:
        writers.stop()
    _count(out, writers)
    out.proofs = {version: _proof(mount) for version, mount in MOUNTS.items()}
    say("as before after %.0f s; client goes on after %s" % (out.settled, out.resumed))
    return out


def _settle(out: Outcome, before: t.Mapping[str, snapshot.Facts], answered: float) -> None:
    """Compares until there is no difference, and one director has the VIP."""
    while True:
        now = snapshot.of_all()
        out.differences = snapshot.differences(before, now)
        out.holders = holders()
        out.settled = time.monotonic() - answered
        if (not out.differences and len(out.holders) == 1) or out.settled > LIMIT:
            return
        time.sleep(2)


def _settle_and_write(out: Outcome, before: t.Mapping[str, snapshot.Facts], answered: float) -> Writers:
    """For a client that has booted: its mounts first, then new probes."""
    _settle(out, before, answered)
    writers = Writers(LIMIT - out.settled)
    _await(out, writers, answered)
    return writers


def _await(out: Outcome, writers: Writers, answered: float) -> None:
    writers.limit = max(0.0, LIMIT - (time.monotonic() - answered))
    writers.began = time.monotonic()
    already = writers.began - answered
    out.resumed = {
        version: None if seconds is None else round(already + seconds, 1)
        for version, seconds in writers.steady().items()
    }


def _count(out: Outcome, writers: Writers, client_lives: bool = True) -> None:
    """Adds what the probes have seen, once they have ended, and what the servers' disks hold of it."""
    writers.stop(client_lives)
    lost = writers.lost()
    for version, stream in writers.streams.items():
        good = [write for write in stream.writes if write.error is None]
        out.acknowledged[version] = out.acknowledged.get(version, 0) + len(good)
        out.lost.setdefault(version, []).extend(lost[version])
        out.errors.setdefault(version, []).extend(write.error for write in stream.writes if write.error is not None)


def _proof(mount: str) -> str:
    """What a file of the mount said after it was written, fsynced and read back from the server."""
    script = Path(__file__).with_name("proof.py").read_text(encoding="utf-8")
    try:
        return nodes.ssh(WEB1, "python3", "-", mount + "/proof", "written by " + mount, data=script, limit=60).strip()
    except nodes.MeasureError as error:
        return str(error)


def holders() -> list[str]:
    """The directors that have the VIP."""
    found = []
    for node in nodes.DIRECTORS:
        try:
            held = nodes.ssh(node, "ip", "-oneline", "address", "show", "to", nodes.VIP).strip()
        except nodes.MeasureError:
            continue
        if held:
            found.append(node)
    return found


def record(outcomes: t.Sequence[Outcome], path: Path) -> None:
    """Leaves the figures for the reader of a log."""
    told = [{**vars(out), "round": str(out.round)} for out in outcomes]
    path.write_text(json.dumps(told, indent=2), encoding="utf-8")
