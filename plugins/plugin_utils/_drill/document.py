# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""What was collected of a drill, as the rest of this folder reads it: every time by one clock."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._plain import plain
from .._shape import Shape, flaw
from .._spelled import spelled
from .._status.answers import printable

Says = dict[str, t.Any]

# What the playbook gives an operation for an error that had not ended when the drill did.
UNFINISHED = "UNFINISHED"
# The longest sentence that is told of a flaw.
_ROOM = 300
# More seconds than any clock shows.
_NEVER = 2**53


class DrillError(ValueError):
    """It is no drill; the text says why."""


class Operation(t.NamedTuple):
    """`error` is empty for a good one."""

    begun: float
    ended: float
    error: str

    @property
    def seconds(self) -> float:
        return self.ended - self.begun


class Look(t.NamedTuple):
    """What a director's kernel had in its table from then on, and whether it had the VIP."""

    at: float
    host: str
    servers: tuple[str, ...]
    vip: bool


class Line(t.NamedTuple):
    at: float
    host: str
    line: str


@dataclass(frozen=True)
class Mount:
    """`missing`, `damaged` and `behind` are places in `writes`; `checked` says whether anybody looked for missing ones.

    `lacking` is a server to the places of acknowledged records that it has not, `behind` are records that the server
    which took over did not have when they were read back. `timed` says whether it is known what came before the fault:
    it is another host's clock that tells when that was.
    """

    client: str
    path: str
    version: str
    interval: float
    writes: tuple[Operation, ...]
    reads: tuple[Operation, ...]
    missing: tuple[int, ...]
    damaged: tuple[int, ...]
    checked: bool
    behind: tuple[int, ...] = ()
    timed: bool = True
    lacking: t.Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return "%s:%s" % (self.client, self.path)

    def operations(self) -> tuple[Operation, ...]:
        return (*self.writes, *self.reads)


@dataclass(frozen=True)
class Host:
    """`offset` is None where nobody knows by how much its clock is off."""

    name: str
    role: str
    address: str
    offset: float | None
    kernel: str
    versions: Says
    settings: Says


@dataclass(frozen=True)
class Drill:
    """`host` is the one with the fault; `odd` is host to the reason why nothing is read of it."""

    fault: str
    host: str
    director: str
    vip: str
    deadline: float | None
    limit: float | None
    began: float
    ended: float
    interrupted: str
    made: float | None
    healed: float | None
    hosts: tuple[Host, ...]
    mounts: tuple[Mount, ...]
    looks: tuple[Look, ...]
    log: tuple[Line, ...]
    odd: dict[str, str]

    def address(self) -> str:
        return next((host.address for host in self.hosts if host.name == self.host), "")

    def role(self) -> str:
        return next((host.role for host in self.hosts if host.name == self.host), "")

    def serves(self) -> str:
        """The server to which clients are led at the end; empty where nobody knows."""
        last = {look.host: look for look in self.looks}
        led = {address for look in last.values() if look.vip for address in look.servers}
        found = [host.name for host in self.hosts if host.role == "server" and host.address in led]
        return found[0] if len(led) == len(found) == 1 else ""

    def apart(self, mount: Mount) -> tuple[int, ...]:
        """Acknowledged records that the server which serves at the end has not, and another one may have."""
        return tuple(sorted(set(mount.lacking.get(self.serves(), ())).difference(mount.missing)))


def _seconds(value: t.Any) -> None:
    # Python's JSON has Infinity and NaN as well, which is below nothing.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < _NEVER:
        raise ValueError("%r is no number of seconds" % (value,))


def _length(value: t.Any) -> None:
    _seconds(value)
    if value < 0:
        raise ValueError("%r is less than no time" % (value,))


def _operation(value: t.Any) -> None:
    if not isinstance(value, list) or len(value) != 3 or not isinstance(value[2], str):
        raise ValueError("%r is no list of when it began, the seconds that it took, and its error" % (value,))
    _seconds(value[0])
    _length(value[1])


def _place(value: t.Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("%r is no record's number" % (value,))


def _limit(value: t.Any) -> None:
    if value is not None:
        _length(value)


_DRILL: Shape = {
    "fault": str,
    "host": str,
    **dict.fromkeys(("director?", "vip?", "interrupted?"), str),
    "deadline?": _length,
    "limit?": _limit,
    "began": _seconds,
    "ended": _seconds,
}
_MOUNT: Shape = {
    "path": str,
    **dict.fromkeys(("version?", "run?"), str),
    "interval?": _length,
    "writes?": [_operation],
    "reads?": [_operation],
    "missing?": [_place],
    "damaged?": [_place],
    "behind?": [_place],
    "lacking?": {"*": [_place]},
}
_HOST: Shape = {
    "role": str,
    **dict.fromkeys(("address?", "kernel?"), str),
    "offset?": _seconds,
    "versions?": {"*": object},
    "settings?": {"*": object},
    "fault?": {"made?": _seconds, "healed?": _seconds},
    "looks?": [{"at": _seconds, "servers": [str], "vip?": bool}],
    "log?": [{"at": _seconds, "line": str}],
    "mounts?": [_MOUNT],
}


def told(collected: t.Any) -> Drill:
    """The drill, from what Ansible hands to a filter.

    :raises DrillError: it is none.
    """
    try:
        return read(plain(collected))
    except RecursionError as error:
        raise DrillError("the document is nested too deeply") from error


def read(document: t.Any) -> Drill:
    """The drill, without the hosts that are not whole.

    :param document: in Python's own types.
    :raises DrillError: what is told of the drill itself is not whole.
    """
    said = _said(document)
    if not isinstance(said, dict):
        raise DrillError("the drill is no mapping")
    wrong = flaw(said, {"drill": _DRILL, "hosts": {"*": object}}, "the document")
    if wrong:
        raise DrillError(_clipped(wrong))
    wrongs = {name: flaw(host, _HOST, "what it says") for name, host in said["hosts"].items()}
    whole = {printable(name): host for name, host in said["hosts"].items() if not wrongs[name]}
    drill = said["drill"]
    # The host with the fault may be the one that could not be asked; then it is another one that made it.
    told = sorted(whole.items(), key=lambda pair: pair[0] != printable(drill["host"]))
    maker: Says = next((host for _name, host in told if host.get("fault")), {"fault": {}})
    offset = maker.get("offset", 0)
    return Drill(
        **{key: printable(drill.get(key, "")) for key in ("fault", "host", "director", "vip", "interrupted")},
        deadline=drill.get("deadline"),
        limit=drill.get("limit"),
        began=drill["began"],
        ended=drill["ended"],
        made=_at(maker["fault"].get("made"), offset),
        healed=_at(maker["fault"].get("healed"), offset),
        hosts=tuple(_host(name, host) for name, host in whole.items()),
        mounts=tuple(
            _mount(name, host, one, "offset" in maker) for name, host in whole.items() for one in host.get("mounts", ())
        ),
        looks=tuple(sorted(_look(name, host, one) for name, host in whole.items() for one in host.get("looks", ()))),
        log=tuple(sorted(_line(name, host, one) for name, host in whole.items() for one in host.get("log", ()))),
        odd={printable(name): _clipped(wrong) for name, wrong in wrongs.items() if wrong},
    )


def _said(value: t.Any) -> t.Any:
    """The value without keys that say nothing; operations are left as they are, for there are many."""
    if isinstance(value, dict):
        return {key: _said(entry) for key, entry in value.items() if entry is not None}
    if isinstance(value, list):
        return [_said(entry) if isinstance(entry, dict) else entry for entry in value]
    return value


def _clipped(words: str) -> str:
    words = printable(words)
    return words if len(words) <= _ROOM else words[: _ROOM - 3] + "..."


def _at(moment: float | None, offset: float) -> float | None:
    return None if moment is None else moment + offset


def _host(name: str, said: Says) -> Host:
    texts = {key: printable(said.get(key, "")) for key in ("role", "kernel")}
    address = spelled(printable(said.get("address", "")))
    tables = {key: _tidy(said.get(key, {})) for key in ("versions", "settings")}
    return Host(name, address=address, offset=said.get("offset"), **texts, **tables)


def _tidy(value: t.Any) -> t.Any:
    """The value as every JSON has it: texts on one line, and no number that is none."""
    if isinstance(value, dict):
        return {printable(str(key)): _tidy(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_tidy(entry) for entry in value]
    if value is None or isinstance(value, (bool, int)) or (isinstance(value, float) and abs(value) < _NEVER):
        return value
    return printable(str(value))


def _mount(client: str, host: Says, said: Says, known: bool) -> Mount:
    offset, timed = host.get("offset", 0), known and "offset" in host
    writes, reads = (
        tuple(Operation(at + offset, at + offset + took, printable(error)) for at, took, error in said.get(key, ()))
        for key in ("writes", "reads")
    )
    missing, damaged, behind = (tuple(sorted(set(said.get(key, ())))) for key in ("missing", "damaged", "behind"))
    path, version = printable(said["path"]), printable(said.get("version", ""))
    checked = "missing" in said
    lacking = {printable(server): tuple(places) for server, places in said.get("lacking", {}).items()}
    return Mount(
        client, path, version, said.get("interval", 0), writes, reads, missing, damaged, checked, behind, timed, lacking
    )


def _look(name: str, host: Says, said: Says) -> Look:
    servers = tuple(spelled(printable(one)) for one in said["servers"])
    return Look(said["at"] + host.get("offset", 0), name, servers, said.get("vip", False))


def _line(name: str, host: Says, said: Says) -> Line:
    return Line(said["at"] + host.get("offset", 0), name, _clipped(said["line"]))
