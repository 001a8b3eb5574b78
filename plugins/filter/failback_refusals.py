# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: failback_refusals
short_description: Why a server that is held out may not serve again now
version_added: 1.0.0
author: "linuxha.lvs contributors (@linuxha)"
description:
  - Judges what the service C(linuxha-lvs-failback) of every director says, before a person lets a server in again.
  - C(playbooks/failback.yml) goes on only when there is no reason against it.
  - It is there for the playbooks of this collection; what it takes and gives may change with any release.
positional: director, server
options:
  _input:
    description: Director host to what C(linuxha-lvs-failback status) says there; hosts that do not answer are left out.
    type: dict
    required: true
  director:
    description: The director's name.
    type: str
    required: true
  server:
    description: The server's name.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show what is against letting nfs-01 in
  ansible.builtin.debug:
    msg: "{{ known | linuxha.lvs.failback_refusals('nfs', 'nfs-01') }}"
  vars:
    known:
      lb1:
        name: lb1
        master: true
        pools:
          nfs: {serving: [192.168.10.101], able: [nfs-01]}
        records: {}
        peers: {}
"""

RETURN = r"""
_value:
  description: One sentence for each reason; empty when there is none.
  type: list
  elements: string
  sample:
    - nfs-01 is not held out of director nfs, so there is nothing to let in.
"""

import typing as t

from ansible.errors import AnsibleFilterError

Known = t.Mapping[str, t.Mapping[str, t.Any]]


def failback_refusals(known: t.Any, director: t.Any, server: t.Any) -> list[str]:
    """The reasons against it, the first one only where the others follow from it.

    :raises AnsibleFilterError: what the directors say has not the shape that their service gives it.
    """
    if not (isinstance(director, str) and director and isinstance(server, str) and server):
        return ["Say which server shall serve again, with -e failback_director=NAME -e failback_server=NAME."]
    if not known:
        return [
            "No director answers: Ansible reaches none, or the service linuxha-lvs-failback runs on none. It is there "
            "once a director has a sorry server with checks, or failback: manual, and linuxha.lvs.site has run."
        ]
    try:
        return [*_nobody(known), *_unknown(known, director)] or _reasons(known, director, server)
    except (AttributeError, KeyError, TypeError) as error:
        raise AnsibleFilterError("failback_refusals: what the directors say lacks %s" % error) from error


def _nobody(known: Known) -> list[str]:
    masters = [host for host, says in known.items() if says["master"]]
    if len(masters) == 1:
        return []
    return [
        "Of the directors that answer (%s) %s the virtual addresses, so nobody can say who serves; see to that first."
        % (", ".join(known), "%s have" % " and ".join(masters) if masters else "none has")
    ]


def _unknown(known: Known, director: str) -> list[str]:
    there = sorted({name for says in known.values() for name in says["pools"]})
    if director in there:
        return []
    return ["%s is no director whose servers can be held out; there is %s." % (director, ", ".join(there) or "none")]


def _reasons(known: Known, director: str, server: str) -> list[str]:
    records = {host: says["records"].get("%s:%s" % (director, server)) for host, says in known.items()}
    (master,) = (host for host, says in known.items() if says["master"])
    decided = records[master]
    if not decided or not decided["held"]:
        return ["%s is not held out of director %s, so there is nothing to let in." % (server, director)]
    found = [
        "%s does not know what %s has decided; wait until it does, and see whether UDP gets through between them."
        % (host, master)
        for host, record in records.items()
        if record != decided
    ]
    if server not in known[master]["pools"][director]["able"]:
        found.append(
            "%s does not pass its checks on %s, so nobody would serve; mend it first (linuxha.lvs.verify says what is "
            "wrong with it)." % (server, master)
        )
    return found


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"failback_refusals": failback_refusals}
