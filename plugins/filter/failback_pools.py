# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: failback_pools
short_description: What the service linuxha-lvs-failback must know of the directors
version_added: 1.0.0
author: "linuxha.lvs contributors (@linuxha)"
description:
  - Lists the directors whose servers can be held out, that is those with a sorry server that is checked and those whose
    servers come back by hand (O(linuxha.lvs.ipvs_director#module:directors[].failback) is V(manual)), each with its
    services in the kernel's table and those servers.
  - It is there for the playbooks of this collection; what it takes and gives may change with any release.
positional: others
options:
  _input:
    description: Directors, as O(linuxha.lvs.ipvs_director#module:directors) takes them.
    type: list
    elements: dict
    required: true
  others:
    description: The services of the other directors instead, whose servers are never held out.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show whom a person lets in again
  ansible.builtin.debug:
    msg: "{{ directors | linuxha.lvs.failback_pools }}"
  vars:
    directors:
      - name: nfs
        mode: gateway
        failback: manual
        check: {type: tcp, interval: 2, timeout: 1}
        servers:
          - {name: nfs-01, address: 192.168.10.100, port: 2049, check: true}
          - {name: nfs-02, address: 192.168.10.101, port: 2049, sorry: true}
"""

RETURN = r"""
_value:
  description:
    - One entry a director. RV(ignore:service) and RV(ignore:watch) are C([FWM, mark]) or C([TCP, address, port]), the
      second the service in which servers are only checked; RV(ignore:servers) are name to address and port, and so is
      RV(ignore:standby), the sorry server if it is checked; RV(ignore:unchecked) are the places of servers without a
      check, and RV(ignore:sorry) that of a sorry server that is not checked; RV(ignore:knock) is server or standby to
      the TCP port of its checks, where they have one; RV(ignore:patience) is how long the checks may take to see a
      server, in seconds.
  type: list
  elements: dict
  sample:
    - name: nfs
      failback: manual
      service: [FWM, 901928820]
      watch: [FWM, 3049412468]
      servers: {nfs-01: [192.168.10.100, 0]}
      unchecked: []
      sorry: []
      standby: {nfs-02: [192.168.10.101, 0]}
      knock: {nfs-01: 2049, nfs-02: 2049}
      patience: 7
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ..module_utils._codec.keepalived import service_key, watch_key
from ..module_utils._errors import InputError
from ..module_utils._model.director import Director, Server, read_directors
from ..module_utils._model.ipvs import ServiceKey

# The checks that open a TCP connection to the server's own address.
_TCP = {"tcp", "http", "https", "nfs"}


def failback_pools(directors: t.Any, others: bool = False) -> list[t.Any]:
    """What the service must know, one entry for each director with servers that are held out.

    :param others: the services of the other directors instead.
    :raises AnsibleFilterError: the input is no list of directors.
    """
    if not isinstance(directors, t.Sequence) or isinstance(directors, str):
        raise AnsibleFilterError("failback_pools needs a list of directors, not %r" % (directors,))
    try:
        present = read_directors(list(directors)).present
    except InputError as error:
        raise AnsibleFilterError(str(error)) from error
    if others:
        return [_key(service_key(director)) for director in present if not director.held]
    return [_pool(director) for director in present if director.held]


def _pool(director: Director) -> dict[str, t.Any]:
    check = director.check
    # A server may answer only the address that its checks come from, which the service does not have.
    asked = bool(check and _TCP & set(check.types) and not check.source)
    doors = [*director.held, director.watched] if asked else []
    # One interval more, since the first check after a change may be on its way.
    seconds = check.patience + check.interval + 2 if check else 0
    return {
        "name": director.name,
        "failback": director.failback,
        "service": _key(service_key(director)),
        "watch": _key(watch_key(director.name)),
        "servers": {one.name: _place(director, one) for one in director.held},
        "unchecked": [_place(director, one) for one in director.servers if not one.check and not one.sorry],
        "sorry": [_place(director, one) for one in director.servers if one.sorry and one is not director.watched],
        "standby": {director.watched.name: _place(director, director.watched)} if director.watched else {},
        "knock": {one.name: director.check_port(one) for one in doors if one},
        "patience": seconds,
    }


def _place(director: Director, server: Server) -> list[t.Any]:
    return [server.address, director.forward_port(server) or 0]


def _key(key: ServiceKey) -> list[t.Any]:
    if key.protocol == "fwmark":
        return ["FWM", key.fwmark]
    return [key.protocol.upper(), key.address, key.port]


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"failback_pools": failback_pools}
