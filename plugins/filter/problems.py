# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: problems
short_description: What the modules would refuse
version_added: 1.0.0
author: "linuxha.lvs contributors (@linuxha)"
description:
  - Reads directors, flows, settings and virtual addresses as the modules of this collection do, on the controller, so
    that a play can stop before it has changed any host.
  - Looks also at what only shows when directors and flows are read together, and does so when both keys are given.
    A flow to a director that is not there, a director without an address that no flow leads to, a flow whose mark or
    IP version is not its director's.
options:
  _input:
    description: What is asked for. A key that is left out is not looked at.
    type: dict
    required: true
    suboptions:
      directors:
        description: Directors, as O(linuxha.lvs.ipvs_director#module:directors) takes them.
        type: list
        elements: dict
      flows:
        description: Flows, as O(linuxha.lvs.ipvs_flow#module:flows) takes them.
        type: list
        elements: dict
      sysctls:
        description: Settings, as O(linuxha.lvs.lvs_sysctl#module:settings) takes them.
        type: dict
      vips:
        description: Addresses, as O(linuxha.lvs.nfs_arp_suppress#module:vips) takes them.
        type: list
        elements: str
      networks:
        description: Networks and addresses in the spelling that nft keeps, such as C(192.168.10.0/24).
        type: list
        elements: str
      exports:
        description: Exports, as the variable C(nfs_server_exports) of the role C(linuxha.lvs.nfs_server) takes them.
        type: list
        elements: dict
"""

EXAMPLES = r"""
- name: Stop before anything is touched
  ansible.builtin.assert:
    that: found | length == 0
    fail_msg: "{{ found | join(' ') }}"
  vars:
    found: "{{ wanted | linuxha.lvs.problems }}"
    wanted:
      sysctls: {expire_nodest_con: 1}
"""

RETURN = r"""
_value:
  description: A sentence for each part that is wrong, with the entry, the key and the value. Empty when all is well.
  type: list
  elements: str
  sample: ['settings: "expire_nodest_con" is not a key below net.ipv4.vs; did you mean "expire_nodest_conn"?']
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.nft_flows import make_table
from ansible_collections.linuxha.lvs.plugins.module_utils._errors import InputError
from ansible_collections.linuxha.lvs.plugins.module_utils._model.address import check_networks
from ansible_collections.linuxha.lvs.plugins.module_utils._model.director import read_directors
from ansible_collections.linuxha.lvs.plugins.module_utils._model.export import export_errors
from ansible_collections.linuxha.lvs.plugins.module_utils._model.feeding import feeding_errors
from ansible_collections.linuxha.lvs.plugins.module_utils._model.flow import Flow, read_flows
from ansible_collections.linuxha.lvs.plugins.module_utils._model.sysctl import parse_settings
from ansible_collections.linuxha.lvs.plugins.module_utils._model.vip import parse_vips

_SHAPES: dict[str, tuple[type, ...]] = {
    "directors": (list, tuple),
    "flows": (list, tuple),
    "sysctls": (dict,),
    "vips": (list, tuple),
    "networks": (list, tuple),
    "exports": (list, tuple),
}


def problems(wanted: t.Any) -> list[str]:
    """What the modules would refuse, a sentence for each part.

    :raises AnsibleFilterError: the input is no mapping of the parts that the filter knows.
    """
    if not isinstance(wanted, t.Mapping) or not set(wanted) <= set(_SHAPES):
        raise AnsibleFilterError("expected a mapping with some of %s, not %r" % (", ".join(_SHAPES), wanted))
    for key, value in wanted.items():
        if not isinstance(value, _SHAPES[key]):
            raise AnsibleFilterError("%s must be a %s, not %r" % (key, _SHAPES[key][0].__name__, value))
    found: list[str] = []
    directors = _read(found, lambda: read_directors(wanted.get("directors", ())).present) or ()
    flows = _read(found, lambda: _read_flows(wanted.get("flows", ()))) or ()
    if "directors" in wanted and "flows" in wanted and not found:
        found += [_sentence(error) for error in feeding_errors(directors, flows)]
    _read(found, lambda: parse_settings(wanted.get("sysctls", {})))
    _read(found, lambda: parse_vips(wanted.get("vips", ())))
    _read(found, lambda: check_networks(wanted.get("networks", ())))
    return found + [_sentence(error) for error in export_errors(wanted.get("exports", ()))]


Read = t.TypeVar("Read")


def _read(found: list[str], read: t.Callable[[], Read]) -> Read | None:
    """What `read` returns; when it finds something wrong, its sentence goes into `found`."""
    try:
        return read()
    except InputError as error:
        found.append(_sentence(error))
        return None


def _sentence(error: InputError) -> str:
    text = str(error)
    return text if text.endswith((".", "?")) else text + "."


def _read_flows(entries: t.Sequence[t.Any]) -> tuple[Flow, ...]:
    flows = read_flows(entries).present
    make_table(flows)
    return flows


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"problems": problems}
