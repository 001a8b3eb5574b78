# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""ALOHA's configuration language: directors, flows and LVS sysctls in one text. Pure.

    text     = { director | flow | sysctl }, in any order; "#" starts a comment; one line is one statement
    director = "director" name [ ip[:port] [ TCP | UDP ] ] { balance | mode | check | option | server }
    balance  = "balance" ( roundrobin | leastconn [ localitybased [ replication ] ] | source | srcdst | dest
               | shortestexpected | neverqueue | failover | overflow | maglev )
    mode     = "mode" ( gateway | nat | tunnel )
    check    = "check" { timeout time | interval time | source ip | port number | rise count | fall count | inhibit }
    option   = "option" ( persistence { timeout time | netmask mask } | tcpcheck { timer } | icmpcheck { timer }
               | arpcheck { iface name | timer } | httpcheck { uri text | statuscode number | vhost text | timer } )
    timer    = timeout time | interval time | source ip | port number          (texts for ALOHA 12 and older)
    server   = "server" name ip[:port] { weight number | check | sorry }
    flow     = ( "flow" | "outflow" ) name [ permit | deny | director name | skip | table number ] { rule }
    rule     = ( "match" | "ignore" ) { [ not ] ( iface name | proto ( tcp | udp | icmp ) | src net | dst net
               | srcport ports | dstport ports | icmptype type ) }
    sysctl   = "sysctl" key "=" value

What the text does not say stays out of the result: defaults belong to the modules. A `check` line without an option
gives a `check` without a `type`, as in ALOHA, where the timers wait for an option that says how to check.
"""

from __future__ import annotations

import re
import typing as t

from .aloha_director import DirectorBlock
from .aloha_flow import FlowBlock
from .aloha_lines import AlohaError, Line, Word, either, read_lines

__all__ = ["AlohaError", "Parsed", "parse"]

_TOP = ("director", "flow", "outflow", "sysctl")
_DIRECTOR_WORDS = ("balance", "mode", "check", "option", "server")
_FLOW_WORDS = ("match", "ignore")
_SYSCTL_PREFIX = "net.ipv4.vs."
_SYSCTL_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SYSCTL_VALUE = re.compile(r"[A-Za-z0-9_.,:/ -]{1,255}")
_WHOLE = re.compile(r"-?[0-9]{1,19}")


class Parsed(t.TypedDict):
    """What an ALOHA text says, in the words of the modules."""

    directors: list[dict[str, t.Any]]
    flows: list[dict[str, t.Any]]
    sysctls: dict[str, int | str]


def parse(text: str) -> Parsed:
    """Reads an ALOHA text.

    :raises AlohaError: it is not one, with line, column, what was expected and what stands there.
    """
    reader = _Reader()
    for line in read_lines(text):
        reader.read(line)
    return reader.parsed


class _Reader:
    def __init__(self) -> None:
        self.parsed: Parsed = {"directors": [], "flows": [], "sysctls": {}}
        self._block: DirectorBlock | FlowBlock | None = None
        self._places: dict[tuple[str, str], int] = {}

    def read(self, line: Line) -> None:
        inside = tuple(self._block.statements) if self._block else ()
        keyword = line.word(either(_TOP))
        if self._block and keyword.text in inside:
            self._block.statements[keyword.text](line, keyword)
        elif keyword.text == "director":
            director = DirectorBlock(line)
            self._open(director, "director", self.parsed["directors"])
        elif keyword.text in ("flow", "outflow"):
            flow = FlowBlock(line, keyword.text)
            self._open(flow, "flow", self.parsed["flows"])
        elif keyword.text == "sysctl":
            self._read_sysctl(line)
        else:
            raise self._misplaced(keyword, [*inside, *_TOP])
        line.close()

    def _open(self, block: DirectorBlock | FlowBlock, kind: str, into: list[dict[str, t.Any]]) -> None:
        self._once(kind, block.name)
        into.append(block.options)
        self._block = block

    def _misplaced(self, keyword: Word, expected: list[str]) -> AlohaError:
        for owner, words in (("director", _DIRECTOR_WORDS), ("flow", _FLOW_WORDS)):
            if keyword.text in words:
                here = "a %s" % self._block.kind if self._block else "no %s yet" % owner
                return keyword.error('"%s" belongs to a %s, but here is %s' % (keyword.text, owner, here))
        return keyword.refuse(either(expected), expected)

    def _read_sysctl(self, line: Line) -> None:
        # Blanks around "=" are a matter of taste, so the words are put together first.
        first = line.word("key=value")
        key, equals, value = " ".join(word.text for word in [first, *line.rest()]).partition("=")
        key, value = key.strip().removeprefix(_SYSCTL_PREFIX), value.strip()
        if not equals or not _SYSCTL_KEY.fullmatch(key) or not _SYSCTL_VALUE.fullmatch(value):
            raise first.refuse("key=value, such as expire_nodest_conn=1")
        self._once("sysctl", Word(key, first.line, first.column))
        self.parsed["sysctls"][key] = int(value) if _WHOLE.fullmatch(value) else value
        self._block = None

    def _once(self, kind: str, name: Word) -> None:
        # One line is one statement, so another line means another statement of the same name.
        place = self._places.setdefault((kind, name.text), name.line)
        if place != name.line:
            raise name.error('%s "%s" is already there, on line %d; each name once' % (kind, name.text, place))
