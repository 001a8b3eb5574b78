# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""Findings of one host by itself: what is declared for it, held against its files, its units and its kernel."""

from __future__ import annotations

import typing as t

from .finding import Finding
from .links import Document

# Which part of an examination is which kind of finding.
_PARTS = {
    "load_balancer": {
        "sysctl": "sysctl",
        "flow": "flow",
        "conf": "conf",
        "director": "director",
        "failback": "failback",
        "tickle": "tickle",
        "sync": "sync",
    },
    "nfs_server": {"arp": "arp", "files": "files"},
    "nfs_client": {"files": "mount_file"},
}
_UNITS = {"linuxha-lvs-%s.service" % kind: kind for kind in ("failback", "tickle", "sync")}
_SERVICES = {"load_balancer": "balancer", "nfs_server": "service", "nfs_client": "mount"}


def own_findings(host: str, examined: Document) -> t.Iterator[Finding]:
    """What is wrong with one host.

    :param examined: role name to what the role's entry point `doctor` has collected.
    """
    if examined.get("stopped"):
        yield Finding(host, "stopped", _sentence(examined["stopped"]), "its variables and tasks are in order")
    for role, parts in _PARTS.items():
        document = examined.get(role)
        if document is None:
            continue
        if document.get("stopped"):
            yield Finding(host, "stopped", _sentence(document["stopped"]), "the role %s runs to its end" % role)
        if document.get("packages"):
            yield Finding(host, "packages", "not installed: %s" % ", ".join(document["packages"]), "installed")
        for part, kind in parts.items():
            yield from _different(host, kind, (document.get(part) or {}).get("differences", ()))
        for fault in filter(None, document.get("faults", ())):
            yield Finding(host, "nfsd", fault, "as declared")
        for unit in document.get("units", ()):
            yield from _unit(host, _UNITS.get(unit["name"], _SERVICES[role]), unit)


def _sentence(words: t.Any) -> str:
    """What a task failed with: a sentence as a rule, but a module may say anything."""
    return str(words).strip() or "a task failed and does not say why"


def _different(host: str, kind: str, differences: t.Sequence[Document]) -> t.Iterator[Finding]:
    """One finding for what is wrong now, else one for what will be after the next boot."""
    if not differences:
        return
    now = [one for one in differences if not one["boot"]]
    found = "; ".join("%s: %s" % (one["what"], one["found"]) for one in differences)
    goals = {one["wanted"] or "nothing" for one in differences}
    wanted = (
        goals.pop() if len(goals) == 1 else "; ".join("%s: %s" % (one["what"], one["wanted"]) for one in differences)
    )
    yield Finding(host, kind, found, wanted, boot=not now)


def _unit(host: str, kind: str, unit: Document) -> t.Iterator[Finding]:
    """A unit that is to run now and after a boot."""
    active, enabled = unit.get("active"), unit.get("enabled")
    if active not in ("active", "activating", "reloading"):
        yield Finding(host, kind, "%s is %s" % (unit["name"], active or "not there"), "active")
    elif enabled not in ("enabled", "enabled-runtime", "static", "generated", "alias"):
        found = "%s is %s" % (unit["name"], enabled or "not enabled")
        yield Finding(host, kind, found, "enabled", boot=True)
