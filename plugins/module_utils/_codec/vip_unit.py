# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""The unit linuxha-lvs-vips.service: text to what it restores and back. Pure.

What the unit lists is what the collection owns on lo.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from .._errors import InputError
from .._model.vip import Vip, right
from .ip_addr import put_command

_HEADER = "# Managed by linuxha.lvs.nfs_arp_suppress: changes made here are overwritten.\n"

# Every program by its full path: what a unit's PATH holds differs between systemd versions.
# ARP first, and written here, so that a later file in sysctl.d (99-sysctl.conf) cannot win: if the kernel refuses, no
# VIP follows, and the host can never answer for one. systemd itself has lo up before it starts any unit.
# DefaultDependencies=no, as for firewalls: it must be over before any network is configured (basic.target is too late).
# Not with an interface of its own: a bridge or a VLAN is made when the network is configured, so each would wait for
# the other. The VIPs come after the settings of that interface all the same.
_TEMPLATE = """\
[Unit]
Description=ARP suppression, then the virtual IP addresses on lo (linuxha.lvs)
DefaultDependencies=no
After=systemd-modules-load.service systemd-sysctl.service
Before={first}nfs-server.service shutdown.target
Conflicts=shutdown.target
{order}
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -ec '{settings}'
{start}
{stop}

[Install]
WantedBy=multi-user.target
"""


@dataclass(frozen=True)
class VipUnit:
    """What the unit restores: first ARP suppression on the interface, then the VIPs."""

    vips: tuple[Vip, ...]
    interface: str = "all"


def render(unit: VipUnit, values: t.Mapping[str, str]) -> str:
    """The whole unit file.

    :param values: the settings that come first, by their path below /proc/sys.
    """
    device = "sys-subsystem-net-devices-%s.device" % _escape(unit.interface)
    return _HEADER + _TEMPLATE.format(
        first="network-pre.target " if unit.interface == "all" else "",
        order="Wants=network-pre.target\n" if unit.interface == "all" else "Requires=%s\nAfter=%s\n" % (device, device),
        settings="; ".join("echo %s >/proc/sys/%s" % (values[key], key) for key in values),
        start="\n".join("ExecStart=/usr/sbin/ip %s" % put_command(right(vip)) for vip in unit.vips),
        stop="\n".join("ExecStop=-/usr/sbin/ip addr del %s dev lo" % vip.cidr for vip in unit.vips),
    )


def parse(text: str) -> VipUnit:
    """What a unit file restores; lines of others are skipped."""
    interface = re.search(r"/proc/sys/net/ipv4/conf/([^\s/]+)/arp_ignore\b", text, re.MULTILINE)
    found = re.findall(r"^ExecStart=/usr/sbin/ip addr replace (\S+) dev lo\b", text, re.MULTILINE)
    vips = {vip for vip in map(_vip, found) if vip is not None}
    return VipUnit(vips=tuple(sorted(vips, key=Vip.order)), interface=interface[1] if interface else "all")


def _vip(text: str) -> Vip | None:
    try:
        return Vip.parse(text, "unit")
    except InputError:
        return None


def _escape(interface: str) -> str:
    """systemd.unit(5)'s escaping, as far as an interface's name needs it."""
    return interface.replace("-", "\\x2d")
