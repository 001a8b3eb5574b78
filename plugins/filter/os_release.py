# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: os_release
short_description: Which family of distributions a host belongs to
version_added: 1.0.0
author: "linuxha.lvs contributors (@linuxha)"
description:
  - Judges the text of C(/etc/os-release) as the roles of this collection do, which refuse a host of no family that they
    know before they touch it.
options:
  _input:
    description: The text of the file; empty where there is none.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Read what the host runs
  ansible.builtin.slurp:
    src: /etc/os-release
  register: os_release_file

- name: Say whether the roles know it
  ansible.builtin.debug:
    msg: "{{ runs.name }} is {{ 'of the family ' ~ runs.family if runs.family else 'not known to the roles' }}"
  vars:
    runs: "{{ os_release_file.content | b64decode | linuxha.lvs.os_release }}"
"""

RETURN = r"""
_value:
  description: What the host runs.
  type: dict
  contains:
    family:
      description:
        - V(debian) for Debian, Ubuntu and what derives from them, V(redhat) for Red Hat Enterprise Linux and its like
          from version 9 on, Fedora among them, and empty for anything else.
      type: str
      sample: debian
    name:
      description: Its name for people, or V(no known system).
      type: str
      sample: Debian GNU/Linux 12 (bookworm)
"""

import re
import typing as t

from ansible.errors import AnsibleFilterError

_FAMILIES = {"debian": {"debian", "ubuntu"}, "redhat": {"rhel", "fedora", "centos"}}
# The first version that has Python 3.9 at /usr/bin/python3. One that gives no number is newer than all that do.
_SINCE = {"redhat": 9}
_LINE = re.compile(r"""^([A-Z_]+)=(["']?)(.*)\2[ \t]*$""", re.MULTILINE)


def os_release(text: t.Any) -> dict[str, str]:
    """Family and name of the system whose os-release file this is.

    :raises AnsibleFilterError: the input is no text.
    """
    if not isinstance(text, str):
        raise AnsibleFilterError("expected the text of /etc/os-release, not %s" % type(text).__name__)
    said = {key: value for key, _quote, value in _LINE.findall(text)}
    likes = {*said.get("ID", "").split(), *said.get("ID_LIKE", "").split()}
    number = re.match("[0-9]+", said.get("VERSION_ID", ""))
    families = [
        family
        for family, ids in _FAMILIES.items()
        if likes & ids and (number is None or int(number[0]) >= _SINCE.get(family, 0))
    ]
    return {"family": families[0] if families else "", "name": said.get("PRETTY_NAME") or "no known system"}


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"os_release": os_release}
