# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""The output of `ipvsadm --save --numeric`, for what /proc/net/ip_vs does not say: seconds, masks and tunnels. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from .._errors import LvsError
from .._model.address import family
from .._model.check import Persistence
from .._model.ipvs import Service, ServiceKey
from .._model.tunnel import Tunnel

_PROTOCOLS = {"-t": "tcp", "-u": "udp", "--sctp-service": "sctp"}
_CHECKSUMS = {"--tun-nocsum": "none", "--tun-csum": "csum", "--tun-remcsum": "remcsum"}

# A mark can have a service for IPv4 and another one for IPv6.
SavedKey = tuple[ServiceKey, int]


@dataclass(frozen=True)
class Saved:
    """What only ipvsadm says of one service. `tunnels` is by the server's address and port."""

    persistence: Persistence | None = None
    scheduler_flags: str = ""
    persistence_engine: str = ""
    tunnels: dict[tuple[str, int], Tunnel] = field(default_factory=dict)


def saved_of(service: Service, saved: t.Mapping[SavedKey, Saved]) -> Saved:
    """What ipvsadm says of a service; nothing when it says nothing."""
    addresses = [service.key.address, *(one.address for one in service.destinations)]
    version = next((family(address) for address in addresses if address), 4)
    return saved.get((service.key, version), Saved())


def with_tunnels(services: t.Iterable[Service], saved: t.Mapping[SavedKey, Saved]) -> list[Service]:
    """The services with the tunnels that ipvsadm says their servers are reached by."""
    found = []
    for service in services:
        tunnels = saved_of(service, saved).tunnels
        servers = (replace(one, tunnel=tunnels.get((one.address, one.port))) for one in service.destinations)
        found.append(replace(service, destinations=tuple(servers)))
    return found


def parse_saved(text: str) -> dict[SavedKey, Saved]:
    """Every service of the output.

    :raises LvsError: a line has an unknown form; the sentence quotes it.
    """
    found: dict[SavedKey, Saved] = {}
    for line in text.splitlines():
        words = line.split()
        if not words:
            continue
        try:
            key = _key(words)
            if words[0] == "-A":
                found[key] = Saved(_persistence(words, key[1]), _after(words, "-b"), _after(words, "pe"))
            elif words[0] == "-a" and "-i" in words:
                address, port = _endpoint(words[words.index("-r") + 1])
                saved = found[key]
                found[key] = replace(saved, tunnels={**saved.tunnels, (address, port): _tunnel(words)})
        except (IndexError, KeyError, ValueError) as error:
            raise LvsError("Cannot read what ipvsadm --save said: the line %r has an unknown form." % line) from error
    return found


def _key(words: list[str]) -> SavedKey:
    if words[1] == "-f":
        # ipvsadm 1.31 writes marks as signed numbers.
        mark = int(words[2]) & 0xFFFFFFFF
        return ServiceKey(protocol="fwmark", fwmark=mark), 6 if words[3:4] == ["-6"] else 4
    address, port = _endpoint(words[2])
    return ServiceKey(protocol=_PROTOCOLS[words[1]], address=address, port=port), family(address)


def _endpoint(text: str) -> tuple[str, int]:
    address, _colon, port = text.rpartition(":")
    return address.strip("[]"), int(port)


def _after(words: list[str], option: str) -> str:
    """The option's value, empty without the option. (ipvsadm writes `pe` without dashes.)"""
    return words[words.index(option) + 1] if option in words else ""


def _persistence(words: list[str], version: int) -> Persistence | None:
    if "-p" not in words:
        return None
    options = {"timeout": int(_after(words, "-p")), "netmask": _after(words, "-M") or None}
    return Persistence.from_options(options, "ipvsadm", version)


def _tunnel(words: list[str]) -> Tunnel:
    if "--tun-type" not in words:
        return Tunnel()
    return Tunnel(
        type=_after(words, "--tun-type"),
        port=int(_after(words, "--tun-port") or 0) or None,
        checksum=next((_CHECKSUMS[word] for word in words if word in _CHECKSUMS), "none"),
    )
