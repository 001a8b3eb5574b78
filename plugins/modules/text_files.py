#!/usr/bin/python
# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: text_files
short_description: Keep whole text files, many in one task
version_added: 1.0.0
description:
  - Makes each file hold exactly the text that is given, and makes the folders that it needs.
  - All files of one task are one transaction. Those that have a O(files[].validate) are tried out before any is
    written, and when one cannot be written, all get their old text back.
  - A task with M(ansible.builtin.template) runs two modules on the host for each file; this one runs once for all,
    which is what counts on slow machines.
author: "linuxha.lvs contributors (@linuxha)"
requirements:
  - python >= 3.9 on the managed host
extends_documentation_fragment:
  - linuxha.lvs._attributes
  - linuxha.lvs._attributes.actiongroup_lvs
options:
  files:
    description: The files.
    type: list
    elements: dict
    required: true
    suboptions:
      path:
        description: Where the file is, an absolute path.
        type: path
        required: true
      content:
        description: Its whole text. Required unless O(files[].state=absent).
        type: str
      mode:
        description: Its mode, in octal digits.
        type: str
        default: "0644"
      validate:
        description:
          - A command, word by word, that must end well on a copy of the new text; C(%s) stands for the copy.
          - In check mode it is left out when the host does not have the command yet.
        type: list
        elements: str
        default: []
      state:
        description: Whether the file is there.
        type: str
        choices: [present, absent]
        default: present
"""

EXAMPLES = r"""
- name: Pin the ports and export a folder
  linuxha.lvs.text_files:
    files:
      - path: /etc/nfs.conf.d/ports.conf
        content: |
          [mountd]
          port=20048
      - path: /etc/exports.d/content.exports
        content: |
          /srv/nfs 192.168.10.0/24(rw,sync,no_subtree_check,fsid=1)
"""

RETURN = r"""
changed_files:
  description: The files that changed, or in check mode would change.
  returned: success
  type: list
  elements: str
  sample: [/etc/nfs.conf.d/ports.conf]
differences:
  description: What the run changed, or in check mode would change, in words. Empty when all was as asked for.
  returned: success
  type: list
  elements: dict
  contains:
    what:
      description: A file, a unit, a setting or a table.
      type: str
      returned: always
      sample: /etc/nfs.conf.d/ports.conf
    found:
      description: What is there, or was before the run.
      type: str
      returned: always
      sample: is missing
    wanted:
      description: What is to be there.
      type: str
      returned: always
      sample: the text and mode that the collection gives it
    boot:
      description: Whether it makes a difference only at the next boot.
      type: bool
      returned: always
      sample: false
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._model.text_file import read_text_files
from ..module_utils._plan.files import plan_files
from ..module_utils._result import Outcome, run
from ..module_utils._system.files import Files
from ..module_utils._system.runner import Runner
from ..module_utils._system.transaction import transaction
from ..module_utils._system.validator import validate


def work(module: AnsibleModule) -> Outcome:
    wanted = read_text_files(module.params["files"])
    files = Files()
    present = {file.path: files.read(file.path) for file in wanted}
    changes = [
        change
        for file in wanted
        for change in plan_files(present, {file.path: file.content}, file.mode, {file.path: files.mode(file.path)})
    ]
    files.refuse_links(changes)
    changed = [change.path for change in changes]
    validate(Runner(module), [file for file in wanted if file.path in changed], check=module.check_mode)
    if not module.check_mode:
        with transaction(files, changes):
            pass
    return Outcome(
        changed=bool(changes),
        values={
            "changed_files": changed,
            "differences": [change.difference().to_options() for change in changes],
        },
        diff=[change.diff() for change in changes],
    )


def main() -> None:
    file = {
        "path": {"type": "path", "required": True},
        "content": {"type": "str"},
        "mode": {"type": "str", "default": "0644"},
        "validate": {"type": "list", "elements": "str", "default": []},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }
    spec = {"files": {"type": "list", "elements": "dict", "required": True, "options": file}}
    run(AnsibleModule(argument_spec=spec, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
