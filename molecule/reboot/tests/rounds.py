# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is rebooted or loses its power, and in which order they come back."""

from __future__ import annotations

import os
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lvsmeasure import nodes

DIRECTORS = ("lb1", "lb2")
SERVERS = ("nfs-01", "nfs-02")
CLIENT = ("web1",)
ALL = (*DIRECTORS, *SERVERS, *CLIENT)

Wave = tuple[str, ...]
ORDERS: dict[str, tuple[Wave, ...]] = {
    "everything at once": (ALL,),
    "servers first": (SERVERS, DIRECTORS, CLIENT),
    "directors first": (DIRECTORS, SERVERS, CLIENT),
    "client first": (CLIENT, DIRECTORS, SERVERS),
    **{node: ((node,),) for node in ALL},
}


@dataclass(frozen=True)
class Round:
    """One story. Each wave waits until the one before answers.

    An orderly round reboots wave after wave from inside. In the other all lose their power in the same moment, and it
    comes back wave by wave.
    """

    order: str
    orderly: bool

    @property
    def waves(self) -> tuple[Wave, ...]:
        return ORDERS[self.order]

    @property
    def hosts(self) -> Wave:
        """Everybody who goes down."""
        return tuple(node for wave in self.waves for node in wave)

    def __str__(self) -> str:
        return "%s, %s" % ("reboot" if self.orderly else "power loss", self.order)

    def play(self) -> None:
        """Makes it happen; afterwards every host answers again.

        :raises nodes.MeasureError: one does not come back.
        """
        if not self.orderly:
            _at_once(self.hosts, "kill")
        for wave in self.waves:
            _at_once(wave, "reboot" if self.orderly else "boot")


def _at_once(hosts: t.Sequence[str], action: str) -> None:
    with ThreadPoolExecutor(len(hosts)) as pool:
        # list: an error of one of them is an error of the round.
        list(pool.map(lambda node: nodes.lab("fault", node, action), hosts))


# The plain run takes what tells most: the director that has the VIP (in the first round lb1, with its higher priority),
# the server that serves, everybody, and a client that is up long before there is anything to mount.
TELLING = (
    Round("lb1", orderly=True),
    Round("nfs-01", orderly=True),
    Round("nfs-01", orderly=False),
    Round("web1", orderly=False),
    Round("everything at once", orderly=True),
    Round("client first", orderly=False),
)
EVERY = (*TELLING, *(one for order in ORDERS for kind in (True, False) if (one := Round(order, kind)) not in TELLING))
ROUNDS = EVERY if os.environ.get("LVS_TEST_FULL") else TELLING


def say(words: str) -> None:
    """A line with the time, for people who wait."""
    print("    %s %s" % (time.strftime("%H:%M:%S"), words), flush=True)
