# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clients that asked for a connection in the moment when no server was there.

An nftables table of the role's remembers who asks, and drops the refusal (/etc/linuxha-lvs/tickle.nft). A client that
gets an acknowledgement with numbers that cannot be right asks again at once (RFC 9293, 3.10.7.3), instead of a second
later.
"""

from __future__ import annotations

import json
import subprocess
import typing as t
from collections.abc import Callable, Container

from ip_vs import Connection, spelled_place
from packets import Wire, send_all

TABLE = "linuxha_lvs_tickle"


def read_asked(text: str) -> set[Connection]:
    """Who has asked, as nft(8) lists its sets in JSON (libnftables-json(5))."""
    found = set()
    for entry in json.loads(text)["nftables"]:
        for one in entry.get("set", {}).get("elem", []):
            value = one["elem"]["val"] if isinstance(one, dict) and "elem" in one else one
            if isinstance(value, dict) and len(value.get("concat", [])) == 4:
                client, client_port, vip, vip_port = value["concat"]
                found.add(Connection(*spelled_place(client, client_port), *spelled_place(vip, vip_port)))
    return found


def asked() -> str:
    """What nft says of its table.

    :raises OSError: it is not there, or says why it did not.
    """
    command = ["/usr/sbin/nft", "--json", "--numeric", "list", "table", "inet", TABLE]
    try:
        done = subprocess.run(command, capture_output=True, check=True, text=True, env={"LC_ALL": "C"}, timeout=5)
    except subprocess.CalledProcessError as error:
        raise OSError(error.stderr.strip() or "nft ended with status %d" % error.returncode) from error
    except subprocess.TimeoutExpired as error:
        raise OSError("nft did not end in 5 s") from error
    return done.stdout


class Refused:
    """Tells those that no server has. `say` gets one line for each time, and one for each new trouble."""

    def __init__(self, wire: Wire, say: Callable[[str], None], read: Callable[[], str] = asked) -> None:
        self._wire, self._say, self._read = wire, say, read
        self._trouble = ""

    def tell(self, connections: Callable[[], Container[Connection]]) -> None:
        """Tells who asked in the last seconds.

        :param connections: says which the kernel has now, over or not: those had a server.
        """
        try:
            found, trouble = read_asked(self._read()), ""
        except (OSError, ValueError, KeyError) as error:
            found, trouble = set[Connection](), str(error)
        if trouble not in ("", self._trouble):
            self._say("cannot see who was refused while no server was there: %s" % trouble)
        self._trouble = trouble
        there: t.Any = connections() if found else ()
        vain = {one for one in found if one not in there and self._wire.is_own(one.vip)}
        words = send_all(vain, self._wire.send)
        if words:
            self._say("no server was there for a moment: told %s to ask again" % words)
