# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes a server out of the kernel's table, with ipvsadm(8), and an address from its interface, with ip-address(8)."""

from __future__ import annotations

import json
import subprocess
import typing as t

from table import Place

IPVSADM, IP = "/usr/sbin/ipvsadm", "/usr/sbin/ip"
_KINDS = {"TCP": "--tcp-service", "UDP": "--udp-service"}


def take_out_command(service: tuple[t.Any, ...], place: Place) -> list[str]:
    """The command for a service `("FWM", mark)` or `("TCP", address, port)`."""
    server = ["--real-server", _spot(*place)]
    if service[0] != "FWM":
        return [IPVSADM, "--delete-server", _KINDS[service[0]], _spot(*service[1:]), *server]
    family = ["--ipv6"] if ":" in place[0] else []
    return [IPVSADM, "--delete-server", "--fwmark-service", str(service[1]), *family, *server]


def take_out(service: tuple[t.Any, ...], place: Place) -> None:
    """Takes the server out of the service.

    :raises OSError: ipvsadm is not there, or says why it did not.
    """
    _run(take_out_command(service, place))


def links_with(address: str) -> dict[str, int]:
    """The interfaces that have the address, with its prefix length.

    :raises OSError: ip is not there, or says why it did not.
    """
    links = json.loads(_run([IP, "-json", "address", "show", "to", address]) or "[]")
    # Links and addresses that do not match come as empty entries.
    return {link["ifname"]: one["prefixlen"] for link in links if link for one in link["addr_info"] if one}


def give_up(address: str) -> list[str]:
    """Takes the address from the interfaces that have it, but not from lo, and tells from which.

    :raises OSError: ip is not there, or says why it did not.
    """
    found = links_with(address)
    found.pop("lo", None)
    for name, length in found.items():
        _run([IP, "address", "delete", "%s/%d" % (address, length), "dev", name])
    return list(found)


def lend(address: str) -> None:
    """Puts the address on lo, where it is never chosen as a source.

    :raises OSError: ip is not there, or says why it did not.
    """
    fallback = ["preferred_lft", "0"] if ":" in address else ["scope", "host"]
    _run([IP, "address", "add", _single(address), "dev", "lo", *fallback])


def take_back(address: str) -> None:
    """Takes the address from lo, if it is there.

    :raises OSError: ip is not there, or says why it did not.
    """
    if "lo" in links_with(address):
        _run([IP, "address", "delete", _single(address), "dev", "lo"])


def _single(address: str) -> str:
    return "%s/%d" % (address, 128 if ":" in address else 32)


def _run(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, check=True, text=True, env={"LC_ALL": "C"}, timeout=20)
    except subprocess.CalledProcessError as error:
        status = "%s ended with status %d" % (command[0], error.returncode)
        raise OSError(error.stderr.strip() or status) from error
    except subprocess.TimeoutExpired as error:
        raise OSError("%s did not end in 20 s" % command[0]) from error
    return done.stdout


def _spot(address: str, port: int) -> str:
    return "%s:%d" % ("[%s]" % address if ":" in address else address, port)
