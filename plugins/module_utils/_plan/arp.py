# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""From what the kernel has to silent VIPs on lo: two states in, ordered actions out. Pure.

The order is the point: while a VIP is on the host, ARP for it is suppressed. So the settings come before the first
VIP, and go after the last one.
"""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass

from .._errors import InputError
from .._model.difference import Difference
from .._model.vip import Held, Vip, right
from .sysctl import ValueChange


@dataclass(frozen=True)
class PutAddress:
    """Puts one address on lo, or mends its lifetime there."""

    held: Held

    def difference(self) -> Difference:
        """The action in words."""
        return Difference("address %s on lo" % self.held.cidr, "is missing", "is there, scope %s" % self.held.scope)


@dataclass(frozen=True)
class RemoveAddress:
    """Takes one address off lo."""

    held: Held

    def difference(self) -> Difference:
        """The action in words."""
        found = "is there, scope %s" % self.held.scope
        return Difference("address %s on lo" % self.held.cidr, found, "is not there in this way")


@dataclass(frozen=True)
class KeepAddress:
    """Puts an address of lo there again, which the kernel may have taken away together with another one."""

    held: Held


Action = t.Union[ValueChange, PutAddress, RemoveAddress, KeepAddress]


@dataclass(frozen=True)
class KernelState:
    """What the kernel has: addresses, and values of keys below /proc/sys (`None`: no such interface)."""

    held: tuple[Held, ...]
    values: t.Mapping[str, str | None]


@dataclass(frozen=True)
class Wanted:
    """Where a run leads: the VIPs on lo, those that must not be there, the values, and the values that go last."""

    vips: tuple[Vip, ...]
    gone: tuple[Vip, ...]
    values: t.Mapping[str, str]
    last: t.Mapping[str, str]


def suppression(interface: str) -> dict[str, str]:
    """The settings that keep an interface silent about the addresses of another one."""
    folder = "net/ipv4/conf/%s" % interface
    return {"%s/arp_ignore" % folder: "1", "%s/arp_announce" % folder: "2"}


def plan_arp(state: KernelState, wanted: Wanted) -> list[Action]:
    """The actions, in the order that never lets the host answer for a VIP.

    :raises InputError: a VIP sits on an interface of the network already.
    """
    _refuse_real_interfaces(state, wanted.vips)
    actions: list[Action] = [*_values(state, wanted.values)]
    for vip in wanted.vips:
        actions.extend(_vip(state, vip))
    # The right one before the wider one goes: the VIP is never away.
    wider = [held for vip in wanted.vips for held in state.held if _on_lo(held, vip) and held.cidr != vip.cidr]
    actions.extend(_leave(state, [*wider, *(held for vip in wanted.gone for held in state.held if _on_lo(held, vip))]))
    actions.extend(_values(state, wanted.last))
    return actions


def after(state: KernelState, actions: t.Sequence[Action]) -> KernelState:
    """The state that the actions lead to."""
    held = list(state.held)
    values = dict(state.values)
    for action in actions:
        if isinstance(action, ValueChange):
            values[action.key] = action.after
        else:
            held = [one for one in held if not _same_place(one, action.held)]
            held.extend([] if isinstance(action, RemoveAddress) else [action.held])
    return KernelState(held=tuple(held), values=values)


def undo(before: KernelState, now: KernelState, actions: t.Sequence[Action]) -> list[Action]:
    """What leads back from a state in the midst of the actions, in the opposite order."""
    back: list[Action] = []
    for action in reversed(actions):
        if isinstance(action, ValueChange):
            value = now.values.get(action.key)
            if value is not None and value != action.before:
                back.append(ValueChange(key=action.key, before=value, after=action.before))
            continue
        old = [held for held in before.held if _same_place(held, action.held)]
        new = [held for held in now.held if _same_place(held, action.held)]
        if new and new != old:
            back.append(RemoveAddress(new[0]))
        if old and new != old:
            back.append(PutAddress(old[0]))
    # What was lost though no action names it: the unit, stopped, takes all its VIPs away.
    named = [action.held for action in actions if not isinstance(action, ValueChange)]
    for held in before.held:
        if held.interface == "lo" and held not in now.held and not any(_same_place(held, one) for one in named):
            back.append(PutAddress(held))
    return back


def _same_place(one: Held, other: Held) -> bool:
    return (one.interface, one.cidr) == (other.interface, other.cidr)


def _on_lo(held: Held, vip: Vip) -> bool:
    return held.interface == "lo" and held.address == vip.address


def _values(state: KernelState, goals: t.Mapping[str, str]) -> list[ValueChange]:
    changes = []
    for key in sorted(goals, reverse=True):  # arp_ignore first: it is what keeps the host silent
        before = state.values.get(key)
        if before is not None and before != goals[key]:
            changes.append(ValueChange(key=key, before=before, after=goals[key]))
    return changes


def _vip(state: KernelState, vip: Vip) -> list[Action]:
    here = [held for held in state.held if _on_lo(held, vip)]
    if any(held.serves(vip) for held in here):
        return []
    # The kernel never changes the scope of an address that is there: off and on again, at once.
    wrong = [RemoveAddress(held) for held in here if held.cidr == vip.cidr and vip.version == 4]
    return [*wrong, PutAddress(right(vip))]


def _leave(state: KernelState, going: t.Sequence[Held]) -> list[Action]:
    """Takes addresses off lo and nothing else with them.

    The kernel, unless it is told to promote them (promote_secondaries), removes all later IPv4 addresses of a network
    together with the first one. So the last goes first, and what shall stay is put there again.
    """
    actions: list[Action] = [RemoveAddress(held) for held in reversed(state.held) if held in going]
    networks: set[object] = set()
    for held in state.held:
        network = held.interface, ipaddress.ip_interface(held.cidr).network
        if held in going and ":" not in held.address:
            networks.add(network)
        elif network in networks:
            actions.append(KeepAddress(held))
    return actions


def _refuse_real_interfaces(state: KernelState, vips: t.Sequence[Vip]) -> None:
    addresses = {vip.address for vip in vips}
    for held in state.held:
        if held.address in addresses and held.interface != "lo":
            raise InputError(
                "vips: %s already sits on %s of this host (as %s), which answers ARP for it; a real server may have it "
                "on lo only. Take it off there (ip addr del %s dev %s, and in the configuration of that interface), or "
                "name another VIP." % (held.address, held.interface, held.cidr, held.cidr, held.interface)
            )
