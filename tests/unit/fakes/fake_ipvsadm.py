# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`ipvsadm --save --numeric` of a kernel that has the given directors, as ipvsadm 1.31 writes it."""

from __future__ import annotations

import typing as t

from ansible_collections.linuxha.lvs.plugins.module_utils._model.director import Director, Server
from ansible_collections.linuxha.lvs.plugins.module_utils._model.ipvs import SCHEDULERS
from ansible_collections.linuxha.lvs.plugins.module_utils._model.tunnel import Tunnel

_CHECKSUMS = {"none": "--tun-nocsum", "csum": "--tun-csum", "remcsum": "--tun-remcsum"}


def save(directors: t.Iterable[Director]) -> str:
    lines = []
    for director in directors:
        key = _key(director)
        service = "-A %s -s %s" % (key, SCHEDULERS[director.balance])
        if director.persistence:
            service += " -p %d" % director.persistence.timeout
            service += " -M %s" % director.persistence.netmask if director.persistence.netmask else ""
        lines.append(service)
        lines += ["-a %s %s" % (key, _server(director, server)) for server in director.servers]
    return "".join(line + "\n" for line in lines)


def _key(director: Director) -> str:
    if director.address is None:
        mark = director.fwmark or 0
        signed = mark - 2**32 if mark >= 2**31 else mark
        return "-f %d%s" % (signed, " -6" if director.ip_version == 6 else "")
    return "%s %s" % ({"tcp": "-t", "udp": "-u"}[director.protocol or ""], _endpoint(director.address, director.port))


def _endpoint(address: str, port: int | None) -> str:
    return ("[%s]:%d" if ":" in address else "%s:%d") % (address, port or 0)


def _server(director: Director, server: Server) -> str:
    words = ["-r", _endpoint(server.address, director.forward_port(server))]
    words += [{"gateway": "-g", "nat": "-m", "tunnel": "-i"}[director.mode], "-w", str(server.weight)]
    tunnel = director.tunnel or Tunnel()
    if director.mode == "tunnel" and tunnel.type != "ipip":
        words += ["--tun-type", tunnel.type]
        words += ["--tun-port", str(tunnel.port)] if tunnel.port else []
        words.append(_CHECKSUMS[tunnel.checksum])
    return " ".join(words)
