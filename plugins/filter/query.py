# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: query
short_description: Asks a document a question in JMESPath
version_added: 1.0.0
author: "linuxha.lvs contributors (@linuxha)"
description:
  - Searches a document, such as the result of a module of this collection, with a JMESPath expression.
positional: expression
options:
  _input:
    description: The document.
    type: raw
    required: true
  expression:
    description: The expression, see U(https://jmespath.org).
    type: string
    required: true
requirements:
  - jmespath on the controller
"""

EXAMPLES = r"""
- name: Name the servers that are not sorry servers
  ansible.builtin.debug:
    msg: "{{ director | linuxha.lvs.query('servers[?!sorry].name') }}"
  vars:
    director:
      name: nfs
      servers:
        - {name: nfs-01, address: 192.168.10.100}
        - {name: nfs-02, address: 192.168.10.101, sorry: true}
"""

RETURN = r"""
_value:
  description: What the expression finds; V(none) when it finds nothing.
  type: raw
  sample: [nfs-01]
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.plugin_utils._plain import plain

try:
    import jmespath
    from jmespath.exceptions import JMESPathError
except ImportError:
    HAS_JMESPATH = False
else:
    HAS_JMESPATH = True


def query(document: t.Any, expression: t.Any) -> t.Any:
    """What the expression finds in the document.

    :raises AnsibleFilterError: the expression is wrong or does not fit the document, or jmespath is missing.
    """
    if not HAS_JMESPATH:
        raise AnsibleFilterError(
            "this filter needs the Python library jmespath on the controller: pip install jmespath"
        )
    if not isinstance(expression, str):
        raise AnsibleFilterError("the expression must be a string, not %r" % (expression,))
    try:
        return jmespath.search(str(expression), plain(document))
    except (JMESPathError, ValueError) as error:
        # jmespath draws an arrow on lines of its own; one line is enough in a sentence.
        said = " ".join(str(error).split())
        raise AnsibleFilterError('cannot search with "%s": %s' % (expression, said)) from None


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"query": query}
