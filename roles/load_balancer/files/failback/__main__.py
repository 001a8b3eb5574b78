# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps a server that failed out of its director until it may come back, and agrees on that with the other directors.

    linuxha-lvs-failback serve                             the service; systemd starts it before keepalived
    linuxha-lvs-failback status                            what it knows, as JSON
    linuxha-lvs-failback hold DIRECTOR SERVER [WHY]        takes a server out, as a person decides
    linuxha-lvs-failback release DIRECTOR SERVER [WHY]     lets it come back
    linuxha-lvs-failback keep                              has the service keep the virtual addresses on lo while
                                                           keepalived is started anew, if no other director could
                                                           have them meanwhile; before keepalived is stopped
    linuxha-lvs-failback clear                             takes out of the kernel's table what an earlier keepalived
                                                           has left there and must not serve; before the next one starts
    linuxha-lvs-failback leave                             takes the virtual addresses from a director whose keepalived
                                                           has ended, if another director is there to have them
    linuxha-lvs-failback rejoin                            lets this director have them again, when the service has
                                                           ended that saw nobody and gave them up

keepalived checks the servers and moves the clients. This program looks at the kernel's table: when a server has left
the pool and another one serves, it writes a hold, a file that keepalived watches (FILE_CHECK). So the server stays out,
also when keepalived reloads, restarts or crashes. Only the director that has the virtual addresses decides; the others
take its records over. Of two records for one server the one with the higher generation counts. A director that starts
asks the others before keepalived may start, and goes on with what it knew itself when nobody answers.

Records go as UDP datagrams between the directors' own addresses, each with an HMAC-SHA256 over a secret they share.
"""

from __future__ import annotations

import json
import os
import secrets
import select
import socket
import sys
import time
import typing as t

from cold_start import wait_for_last
from guard import NOTE, Guard
from isolation import FLAG, Isolation
from kernel import give_up, take_out
from kernel_table import is_own
from leftovers import wrong_servers
from link import Link
from pool import Pool
from record import DamagedError, Store
from service import PID_FILE, TABLE, Service, say
from table import current_table

CONFIG = "/etc/linuxha-lvs/failback.json"
KEY_FILE = "/etc/linuxha-lvs/failback.key"
STATE = "/var/lib/linuxha-lvs/failback"
# Seconds for the peers' first answer.
PATIENCE = 5.0
# How systemd says that keepalived has crashed, and is started again at once (systemd.exec(5), SERVICE_RESULT).
CRASHED = ("signal", "core-dump", "watchdog", "oom-kill")


def ready() -> None:
    """Tells systemd that keepalived may start (sd_notify(3))."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if path:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.connect("\0" + path[1:] if path.startswith("@") else path)
            notify.send(b"READY=1")


def command(config: dict[str, t.Any], secret: bytes, words: list[str]) -> int:
    """Asks the service on this host, and prints what it knows then."""
    key = ":".join(words[1:3])
    message: dict[str, t.Any] = {"ask": "status"}
    if words[1:]:
        message = {"order": [key, words[0] == "hold", words[3] if words[3:] else "a person said so"]}
        # It is said up to ten times, and must be done once, and not when nobody counts on it any more.
        message.update(id=secrets.token_hex(8), until=time.monotonic() + 5)
    answer = _answer(config, secret, message, 10)
    if answer is None:
        say("the service linuxha-lvs-failback does not answer; see: systemctl status linuxha-lvs-failback")
        return 1
    if words[1:] and answer["records"].get(key, {}).get("held") != (words[0] == "hold"):
        say("no director and server %s that can be held out; they are in %s" % (key, CONFIG))
        return 1
    say(json.dumps(answer))
    if words[1:] and answer["trouble"]:
        # Not for who reads the JSON.
        sys.stderr.write("it is decided, but this director cannot write all of it down: %s\n" % answer["trouble"])
    return 0


def _answer(config: dict[str, t.Any], secret: bytes, message: dict[str, t.Any], tries: int) -> dict[str, t.Any] | None:
    """What the service on this host says; None when it says nothing, half a second each time."""
    link = Link(config["address"], 0, {}, 0, secret)
    for _try in range(tries):
        link.send(message, (config["address"], config["port"]))
        if select.select([link.socket], [], [], 0.5)[0]:
            break
    return next((answer for answer, _sender in link.receive()), None)


def keep(config: dict[str, t.Any], secret: bytes) -> int:
    """Tells the service that keepalived is about to be stopped; without it nobody could end what it would do."""
    _answer(config, secret, {"ask": "keep"}, 4)
    return 0


def clear(config: dict[str, t.Any]) -> int:
    """Takes out of the kernel's table what must not serve when keepalived starts."""
    store, status = Store(STATE), 0
    pools = [Pool(options) for options in config["directors"]]
    others = [tuple(service) for service in config["others"]]
    for service, place in wrong_servers(pools, others, current_table(TABLE), store.shows):
        try:
            take_out(service, place)
            say("%s: an earlier keepalived had left %s there, which may not serve now" % (service, place[0]))
        except OSError as error:
            say("%s: cannot take %s out of the kernel's table: %s" % (service, place[0], error))
            status = 1
    return status


def leave(config: dict[str, t.Any]) -> int:
    """Takes the virtual addresses away that a keepalived without a partner has kept, when there is one now.

    After a crash they stay: the kernel goes on to send clients to their server until keepalived is back.
    """
    status = 0
    crashed = os.environ.get("SERVICE_RESULT") in CRASHED
    for vip in config["vips"] if config["peers"] and not crashed else ():
        try:
            links = give_up(vip) if is_own(vip) else []
            if links:
                say("%s: taken from %s, since keepalived has ended" % (vip, ", ".join(links)))
        except OSError as error:
            say("%s: cannot take it away: %s" % (vip, error))
            status = 1
    return status


def rejoin() -> int:
    """Without the service nobody would find out that somebody is to be seen again, or take addresses from lo."""
    status = 0
    try:
        for vip in Guard(os.path.join(os.path.dirname(PID_FILE), NOTE)).drop():
            say("%s: kept no longer on lo" % vip)
    except OSError as error:
        say("cannot take the virtual addresses from lo: %s" % error)
        status = 1
    isolation = Isolation(os.path.join(os.path.dirname(PID_FILE), FLAG))
    if isolation.alone:
        isolation.alone = False
        trouble = isolation.tell()
        if trouble:
            say("cannot let this director have the virtual addresses again: %s" % trouble)
            return 1
    return status


def serve(config: dict[str, t.Any], secret: bytes) -> int:
    """The service, which ends only when it cannot start."""
    try:
        link = Link(config["address"], config["port"], config["peers"], config["port"], secret)
        service = Service(config, link, Store(STATE))
    except (DamagedError, OSError) as error:
        say("cannot start: %s" % error)
        return 1
    service.ask(PATIENCE)
    wait_for_last(service, config["cold_start"])
    ready()
    return service.run()


def main(words: list[str]) -> int:
    alone = ("serve", "status", "keep", "clear", "leave", "rejoin")
    wanted = {**dict.fromkeys(alone, (1,)), "hold": (3, 4), "release": (3, 4)}
    if len(words) not in wanted.get(words[0] if words else "", ()):
        verbs = "%s | hold or release DIRECTOR SERVER [WHY]" % " | ".join(alone)
        say("usage: linuxha-lvs-failback %s" % verbs)
        return 2
    if words[0] == "rejoin":
        return rejoin()
    try:
        with open(CONFIG, encoding="utf-8") as handle:
            config = json.load(handle)
        with open(KEY_FILE, "rb") as handle:
            secret = handle.read().strip()
    except (OSError, ValueError) as error:
        say("cannot read %s and %s, which only root may: %s" % (CONFIG, KEY_FILE, error))
        return 1
    if words[0] in ("clear", "leave"):
        return clear(config) if words[0] == "clear" else leave(config)
    if words[0] == "keep":
        return keep(config, secret)
    return serve(config, secret) if words[0] == "serve" else command(config, secret, words)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
