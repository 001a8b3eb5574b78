# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""The values in ALOHA text: addresses, ports, durations, numbers and names. Pure."""

from __future__ import annotations

import ipaddress
import re
from fractions import Fraction

from .aloha_lines import Line, Word

_DIRECTOR_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_FLOW_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,26}")
_INTERFACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,14}")
_NUMBER = re.compile(r"[0-9]{1,10}")
_DURATION = re.compile(r"([0-9]{1,10}(?:\.[0-9]{1,6})?)(us|ms|s|m|h|d)?")
_ADDRESS_PORT = re.compile(r"(?:\[(?P<six>[^\[\]]*)\]|(?P<four>[0-9.]+))(?::(?P<port>[^:]*))?")
_UNITS = {
    "us": Fraction(1, 1_000_000),
    "ms": Fraction(1, 1000),
    "s": Fraction(1),
    "m": Fraction(60),
    "h": Fraction(3600),
    "d": Fraction(86400),
}
_LONGEST = 365 * 86400


def read_name(line: Line, what: str) -> Word:
    """A director's or server's name."""
    expected = "%s (1 to 64 letters, digits, dots, dashes and underscores, the first a letter or digit)" % what
    return _matching(line, _DIRECTOR_NAME, expected)


def read_flow_name(line: Line) -> Word:
    """A flow's name, which is also part of the name of a chain."""
    expected = "the flow's name (1 to 27 letters, digits, dashes and underscores, the first a letter or digit)"
    return _matching(line, _FLOW_NAME, expected)


def read_interface(line: Line) -> str:
    """The name of a network interface."""
    return _matching(line, _INTERFACE, "the name of an interface, such as eth0").text


def read_number(line: Line, what: str, low: int, high: int) -> int:
    """A whole number from `low` to `high`."""
    expected = "%s (%d to %d)" % (what, low, high)
    word = line.word(expected)
    if not _NUMBER.fullmatch(word.text) or not low <= int(word.text) <= high:
        raise word.refuse(expected)
    return int(word.text)


def read_duration(line: Line, what: str) -> int | float:
    """A time in seconds: whole if it can be, else a float. Units are us, ms, s (when none is given), m, h and d."""
    expected = "%s: a time greater than 0, such as 10, 5s or 500ms" % what
    word = line.word(expected)
    found = _DURATION.fullmatch(word.text)
    if found is None:
        raise word.refuse(expected)
    seconds = Fraction(found[1]) * _UNITS[found[2] or "s"]
    if not 0 < seconds <= _LONGEST:
        raise word.refuse(expected)
    return int(seconds) if seconds.denominator == 1 else float(seconds)


def read_address(line: Line, what: str) -> str:
    """One IP address, in its shortest spelling."""
    expected = "%s: an IPv4 or IPv6 address" % what
    word = line.word(expected)
    address = _address(word.text)
    if address is None:
        raise word.refuse(expected)
    return address


def read_netmask(line: Line) -> str:
    """The mask of a persistence: dotted for IPv4, or a prefix length."""
    expected = "a netmask, such as 255.255.255.255 or 32"
    word = line.word(expected)
    if _NUMBER.fullmatch(word.text) and int(word.text) <= 128:
        return str(int(word.text))
    try:
        # A network of that mask exists only if the mask's ones come first.
        ipaddress.IPv4Network("0.0.0.0/%s" % ipaddress.IPv4Address(word.text))
    except ValueError:
        raise word.refuse(expected) from None
    return word.text


def read_network(line: Line, what: str) -> str:
    """An address, or a network with a mask (a length or dotted), in one spelling."""
    expected = "%s: an address, or a network such as 10.0.0.0/8" % what
    word = line.word(expected)
    try:
        network = ipaddress.ip_network(word.text, strict=False)
    except ValueError:
        raise word.refuse(expected) from None
    if "%" in word.text:
        raise word.refuse(expected)
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def read_address_port(line: Line, what: str, low: int) -> tuple[str, int | None]:
    """`ip`, `ip:port`, `[ip]:port`; an IPv6 address without brackets has no port.

    :param low: the smallest port that counts: 0 or 1.
    """
    expected = "%s: an address, or address:port ([address]:port for IPv6)" % what
    word = line.word(expected)
    bare = _address(word.text)
    if bare is not None:
        return bare, None
    found = _ADDRESS_PORT.fullmatch(word.text)
    address = _address(found["six"] or found["four"] or "") if found else None
    if found is None or address is None:
        raise word.refuse(expected)
    port = found["port"]
    if port is None:
        return address, None
    if not _NUMBER.fullmatch(port) or not low <= int(port) <= 65535:
        raise word.refuse("%s with a port from %d to 65535" % (what, low))
    return address, int(port)


def read_ports(line: Line, what: str) -> str:
    """`2049`, or a range `1000:2000`."""
    expected = "%s: a port from 1 to 65535, or a range low:high" % what
    word = line.word(expected)
    ends = word.text.split(":")
    if len(ends) > 2 or not all(_NUMBER.fullmatch(end) and 1 <= int(end) <= 65535 for end in ends):
        raise word.refuse(expected)
    low, high = int(ends[0]), int(ends[-1])
    if low > high:
        raise word.refuse(expected)
    return str(low) if low == high else "%d:%d" % (low, high)


def read_text(line: Line, what: str) -> str:
    """A word that goes on as it is; printable characters without blanks and quotes only."""
    word = line.word(what)
    if not re.fullmatch(r"[!#-&(-\[\]-_a-~]{1,255}", word.text):
        raise word.refuse("%s (printable characters, no blanks, quotes or backslashes)" % what)
    return word.text


def _matching(line: Line, pattern: re.Pattern[str], expected: str) -> Word:
    word = line.word(expected)
    if not pattern.fullmatch(word.text):
        raise word.refuse(expected)
    return word


def _address(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return None if "%" in text else str(address)
