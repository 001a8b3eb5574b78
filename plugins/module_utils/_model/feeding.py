# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Directors and the flows that feed them, read together: neither module knows the other's list."""

from __future__ import annotations

import difflib
import typing as t

from .._errors import InputError, entry_error
from .director import Director
from .flow import Flow
from .mark import mark_of


def feeding_errors(directors: t.Iterable[Director], flows: t.Iterable[Flow]) -> t.Iterator[InputError]:
    """What makes packets go nowhere although each list alone is right.

    A director with a `fwmark` of its user's choice may get its packets from rules that the user has written himself.
    """
    known = {director.name: director for director in directors}
    fed = set()
    for flow in flows:
        if flow.director is None:
            continue
        fed.add(flow.director)
        director = known.get(flow.director)
        if director is None:
            yield _unknown(flow, known)
        else:
            yield from _pair_errors(flow, director)
    for director in known.values():
        if director.address is None and director.name not in fed and director.fwmark == mark_of(director.name):
            yield InputError(
                'director "%s": it has no address, and no flow leads to it, so it would never get a packet; '
                'give it an address, or add a flow to it (policy: director, director: "%s")'
                % (director.name, director.name)
            )


def _unknown(flow: Flow, known: t.Mapping[str, Director]) -> InputError:
    near = difflib.get_close_matches(flow.director or "", known, n=1)
    hint = 'did you mean "%s"?' % near[0] if near else "add that director, or correct the flow"
    return entry_error('flow "%s"' % flow.name, "director", flow.director, "but there is no such director; " + hint)


def _pair_errors(flow: Flow, director: Director) -> t.Iterator[InputError]:
    if director.address is not None:
        yield entry_error(
            'flow "%s"' % flow.name, "director", director.name,
            "but that director has the address %s and gets its packets without a flow; remove the flow, "
            "or the director's address" % director.address,
        )  # fmt: skip
    elif flow.mark != director.fwmark:
        yield InputError(
            'flow "%s": fwmark is %d, but director "%s" has the fwmark %d; say fwmark: %d in the flow too'
            % (flow.name, flow.mark or 0, director.name, director.fwmark or 0, director.fwmark or 0)
        )
    elif director.ip_version not in flow.ip_versions:
        versions = " and ".join("IPv%d" % version for version in sorted(flow.ip_versions))
        yield entry_error(
            'flow "%s"' % flow.name, "director", director.name,
            "whose servers are IPv%d, but the flow's rules match only %s" % (director.ip_version, versions),
        )  # fmt: skip
