# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""The steps in which a host goes out or comes back, each with what undoes it."""

from __future__ import annotations

import typing as t

from .refusals import others
from .request import Known, Place, Request, held_by_person, is_held, masters, places, serves, serving

# A step, as the playbook gets it: `do` and what that needs; see look.py.
Step = dict[str, t.Any]


def steps(known: Known, request: Request) -> list[Step]:
    """What is to be done, in order, when nothing stands against it."""
    if request.director:
        return [_director(known, request, request.action)]
    (master,) = masters(known)
    made = {"out": _server_out, "back": _server_back}[request.action]
    common = {"master": master, "known": list(known), "active": request.active(known)}
    found = [made(known, place, common) for place in places(known[master], request)]
    return [step for step in found if step]


def _place(place: Place, common: Step, do: str, words: str, **more: t.Any) -> Step:
    where = {"pool": place.pool, "server": place.server, "address": place.address}
    return {"do": do, "words": words % (place.server, place.pool), **where, **common, "undo": None, **more}


def _server_out(known: Known, place: Place, common: Step) -> Step | None:
    says = known[common["master"]]
    if place.standby:
        stands_for = " and ".join(sorted(says["pools"][place.pool]["servers"])) or "anybody"
        return _place(place, common, "standby_out", "See that %s does not serve director %s", stands_for=stands_for)
    if held_by_person(says, place):
        return None
    before = {**common, "active": [host for host in common["active"] if serves(known[host], place.pool, place.address)]}
    if is_held(says, place):
        undo = _place(place, before, "stays", "Leave %s out of director %s")
    else:
        undo = _place(place, before, "release", "Let %s in to director %s again")
    return _place(
        place,
        common,
        "hold",
        "Hold %s out of director %s",
        undo=undo,
        could_serve=" or ".join(others(says, place)),
        manual=says["pools"][place.pool]["failback"] == "manual",
        stays="%s stays held out of director %s, for another server has taken writes since; "
        "linuxha.lvs.maintenance with maintenance_action=back lets it in." % (place.server, place.pool),
    )


def _server_back(known: Known, place: Place, common: Step) -> Step | None:
    if place.standby:
        return _place(place, common, "standby_back", "See that %s passes its checks in director %s")
    if not held_by_person(known[common["master"]], place):
        return None
    undo = _place(place, common, "hold", "Hold %s out of director %s again")
    return _place(place, common, "release", "Let %s in to director %s", undo=undo)


def _director(known: Known, request: Request, action: str, undo: bool = False) -> Step:
    host = request.host
    active = [name for name in request.active(known) if name != host]
    master = next((name for name in masters(known) if name != host), active[0] if active else "")
    reference = known[masters(known)[0]] if masters(known) else {"pools": {}}
    step: Step = {
        "do": "director_%s" % action,
        "director": host,
        "words": ("Take director %s out" if action == "out" else "Put director %s back") % host,
        "known": [host, *active],
        "active": active,
        "master": master,
        "vips": request.vips,
        "preempt": request.preempt,
        "serving": {pool: serving(reference, pool) for pool in sorted(reference["pools"])},
        "silent": [name for name in request.directors if name not in known],
        "undo": None,
    }
    # With nobody else to serve, a director that comes back stays, however little it can do.
    if not undo and (action == "out" or active):
        step["undo"] = _director(known, request, "back" if action == "out" else "out", undo=True)
    return step
