# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Every net.ipv4.vs key as data: its type, bounds, default, since which kernel, and what it does.

From the kernel's net/netfilter/ipvs/ip_vs_ctl.c and Documentation/networking/ipvs-sysctl.rst. Where the kernel takes
any number for "on" (`expire_nodest_conn`), only 0 and 1 are allowed here, so that one meaning has one spelling.
"""

from __future__ import annotations

import difflib
import re
import typing as t
from dataclasses import dataclass

from .._errors import InputError, entry_error

FOLDER = "net/ipv4/vs"

Value = t.Union[int, str]

_INT_MAX = 2**31 - 1


@dataclass(frozen=True)
class Key:
    """One setting. `default` is what a fresh kernel has, or `None` where it is computed from the machine."""

    name: str
    kind: str
    default: Value | None
    since: str
    does: str
    low: int = 0
    high: int = 1

    @property
    def path(self) -> str:
        """The key below /proc/sys."""
        return "%s/%s" % (FOLDER, self.name)

    def parse(self, value: t.Any, entry: str) -> Value:
        """The value in its one spelling.

        :raises InputError: the kernel would not take it, or not as the user means it.
        """
        return _PARSERS[self.kind](self, value, entry)

    def same(self, one: Value, other: Value) -> bool:
        """Whether two values mean the same. The kernel itself flips the automatic modes 1 and 2 of a defence."""
        return one == other or (self.kind == "defence" and {one, other} == {1, 2})


def parse_settings(settings: t.Mapping[t.Any, t.Any], entry: str = "settings") -> dict[str, Value]:
    """The whole of a user's settings, sorted by key.

    :raises InputError: a key does not exist (with the nearest one that does), or a value is out of bounds.
    """
    parsed: dict[str, Value] = {}
    for name in sorted(settings, key=str):
        parsed[find_key(name, entry).name] = find_key(name, entry).parse(settings[name], entry)
    return parsed


def find_key(name: t.Any, entry: str = "settings") -> Key:
    """The key of that name.

    :raises InputError: there is none; the sentence names the nearest one.
    """
    if isinstance(name, str) and name in KEYS:
        return KEYS[name]
    near = difflib.get_close_matches(str(name).replace("/", ".").rpartition(".")[2], KEYS, n=1)
    hint = 'did you mean "%s"?' % near[0] if near else "the keys are %s" % ", ".join(sorted(KEYS))
    raise InputError('%s: "%s" is not a key below net.ipv4.vs; %s' % (entry, name, hint))


def normalise(name: str, text: str) -> Value:
    """A value as the kernel or a file has it, in the spelling of `Key.parse` where it has one."""
    try:
        return KEYS[name].parse(text, name)
    except (KeyError, InputError):  # a key of another version of the collection, or one that was added by hand
        return " ".join(text.split())


def _parse_int(key: Key, value: t.Any, entry: str) -> Value:
    wanted = "must be a whole number from %d to %d" % (key.low, key.high)
    if isinstance(value, bool) and key.kind == "flag":
        return int(value)
    number = _whole(value)
    if number is None or not key.low <= number <= key.high:
        raise entry_error(entry, key.name, value, wanted)
    return number


def _parse_power(key: Key, value: t.Any, entry: str) -> Value:
    number = _whole(value)
    if number is None or not key.low <= number <= key.high or number & (number - 1):
        raise entry_error(entry, key.name, value, "must be a power of two from %d to %d" % (key.low, key.high))
    return number


def _parse_threshold(key: Key, value: t.Any, entry: str) -> Value:
    numbers = [_whole(word) for word in value.split()] if isinstance(value, str) else []
    good = [number for number in numbers if number is not None and key.low <= number <= key.high]
    if len(numbers) != 2 or len(good) != 2 or (good[1] and good[0] >= good[1]):
        wanted = 'must be two whole numbers, the threshold and a period above it (or 0), such as "3 50"'
        raise entry_error(entry, key.name, value, wanted)
    return "%d %d" % (good[0], good[1])


def _parse_cpus(key: Key, value: t.Any, entry: str) -> Value:
    cpus: set[int] = set()
    for part in str(value).split(",") if isinstance(value, (str, int)) and not isinstance(value, bool) else [""]:
        match = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", part.strip(), re.ASCII)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if first > last or last > key.high:
            raise entry_error(entry, key.name, value, 'must be a list of processors such as "0-3,6"')
        cpus.update(range(first, last + 1))
    return _show_cpus(sorted(cpus))


def _show_cpus(cpus: list[int]) -> str:
    ranges: list[list[int]] = []
    for cpu in cpus:
        if ranges and ranges[-1][1] == cpu - 1:
            ranges[-1][1] = cpu
        else:
            ranges.append([cpu, cpu])
    return ",".join("%d" % first if first == last else "%d-%d" % (first, last) for first, last in ranges)


def _whole(value: t.Any) -> int | None:
    """The whole number that a YAML value or a text is, and nothing that merely looks like one (true, 1.0, 0x1)."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,20}", value.strip(), re.ASCII):
        return int(value)
    return None


_PARSERS: dict[str, t.Callable[[Key, t.Any, str], Value]] = {
    "flag": _parse_int,
    "int": _parse_int,
    "defence": _parse_int,
    "power": _parse_power,
    "threshold": _parse_threshold,
    "cpus": _parse_cpus,
}

_ALL = (
    Key("am_droprate", "int", 10, "2.6", "Drops one packet in this many while drop_packet is 3.", high=_INT_MAX),
    Key(
        "amemthresh", "int", 1024, "2.6", "Free pages below which the automatic defences 1 and 2 start.", high=_INT_MAX
    ),
    Key("backup_only", "flag", 0, "3.9", "Balances nothing while the sync daemon is in backup state (stops loops)."),
    Key("cache_bypass", "flag", 0, "2.6", "Sends packets to their first destination when no cache server is left."),
    Key("conn_lfactor", "int", -4, "7.1", "Load factor of the connection table, as a power of two.", low=-8, high=8),
    Key(
        "conn_reuse_mode",
        "int",
        1,
        "4.1",
        "What a reused client port means: 0 the same server, 1 a new choice when it is safe, 2 also in FIN_WAIT.",
        high=3,
    ),
    Key("conntrack", "flag", 0, "2.6.37", "Keeps connection tracking entries for balanced connections."),
    Key("debug_level", "int", 0, "2.6", "How much IPVS logs, in kernels built with CONFIG_IP_VS_DEBUG.", high=_INT_MAX),
    Key(
        "drop_entry",
        "defence",
        0,
        "2.6",
        "Drops half-open connections: 0 never, 1, 2 if memory is short, 3 always.",
        high=3,
    ),
    Key("drop_packet", "defence", 0, "2.6", "Drops packets: 0 never, 1, 2 if memory is short, 3 always.", high=3),
    Key("est_cpulist", "cpus", None, "6.2", "The processors that estimate rates.", high=65535),
    Key("est_nice", "int", 0, "6.2", "The nice value of the threads that estimate rates.", low=-20, high=19),
    Key(
        "expire_nodest_conn",
        "flag",
        0,
        "2.6",
        "Ends a connection whose server was removed, at once and with a reset, where 0 drops its packets in silence.",
    ),
    Key(
        "expire_quiescent_template",
        "flag",
        0,
        "2.6",
        "Ends a persistence template whose server has weight 0, so that its client gets another server.",
    ),
    Key("ignore_tunneled", "flag", 0, "4.4", "Leaves packets of unknown protocols, such as tunnels, alone."),
    Key("nat_icmp_send", "flag", 0, "2.6", "Answers packets of unknown connections from NAT servers with ICMP errors."),
    Key("pmtu_disc", "flag", 1, "3.7", "Answers packets above the path MTU that must not be split with an ICMP error."),
    Key("run_estimation", "flag", 1, "5.16", "Estimates rates; 0 saves processor time where there are many services."),
    Key("schedule_icmp", "flag", 0, "4.4", "Lets ICMP packets be scheduled, not only those of known connections."),
    Key("secure_tcp", "defence", 0, "2.6", "Stricter TCP states: 0 never, 1, 2 if memory is short, 3 always.", high=3),
    Key("sloppy_sctp", "flag", 0, "3.11", "Takes an SCTP connection over in its middle."),
    Key(
        "sloppy_tcp",
        "flag",
        0,
        "3.11",
        "Takes a TCP connection over in its middle, so that another director can go on with it.",
    ),
    Key("snat_reroute", "flag", 1, "2.6.37", "Routes answers of NAT servers as if the director had sent them."),
    Key("svc_lfactor", "int", -3, "7.1", "Load factor of the service table, as a power of two.", low=-8, high=8),
    Key("sync_persist_mode", "flag", 0, "3.11", "Syncs only templates of persistent services, not their connections."),
    Key("sync_ports", "power", 1, "3.5", "How many threads and UDP ports a sync daemon uses.", low=1, high=64),
    Key("sync_qlen_max", "int", None, "3.5", "How many sync messages may wait.", high=2**63 - 1),
    Key(
        "sync_refresh_period",
        "int",
        0,
        "3.5",
        "Seconds by which a connection's timer may differ before it is synced again.",
        high=_INT_MAX // 1000,
    ),
    Key("sync_retries", "int", 0, "3.5", "How often a sync message is sent again.", high=3),
    Key("sync_sock_size", "int", 0, "3.5", "Size of the sync socket's buffer; 0 is the system's.", high=_INT_MAX),
    Key(
        "sync_threshold",
        "threshold",
        "3 50",
        "2.6",
        "From which packet on, and then at each how many, a connection is synced.",
        high=_INT_MAX,
    ),
    Key("sync_version", "flag", 1, "2.6.39", "The version of the sync protocol; 0 is for very old partners."),
)

KEYS: dict[str, Key] = {key.name: key for key in _ALL}
