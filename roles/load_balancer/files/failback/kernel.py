# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes a server out of the kernel's table, with ipvsadm(8)."""

from __future__ import annotations

import subprocess
import typing as t

from table import Place

IPVSADM = "/usr/sbin/ipvsadm"
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
    try:
        subprocess.run(
            take_out_command(service, place),
            capture_output=True,
            check=True,
            text=True,
            env={"LC_ALL": "C"},
            timeout=20,
        )
    except subprocess.CalledProcessError as error:
        raise OSError(error.stderr.strip() or "ipvsadm ended with status %d" % error.returncode) from error
    except subprocess.TimeoutExpired as error:
        raise OSError("ipvsadm did not end in 20 s") from error


def _spot(address: str, port: int) -> str:
    return "%s:%d" % ("[%s]" % address if ":" in address else address, port)
