#!/usr/bin/python
# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lvs_sysctl
short_description: Tune IPVS with the kernel's net.ipv4.vs settings
version_added: 1.0.0
description:
  - Sets C(net.ipv4.vs) keys now, and again at every boot, after C(ip_vs) is loaded and before keepalived starts. A
    setting in C(sysctl.d) alone is lost, because at boot there is no such key before C(ip_vs) is loaded.
  - Owns C(/etc/sysctl.d/90-linuxha-lvs.conf), C(/etc/modules-load.d/linuxha-lvs.conf) and
    C(/etc/systemd/system/keepalived.service.d/linuxha-lvs.conf).
  - Loads C(ip_vs) when its files change and C(ip_vs) is not loaded yet. In check mode it never does, and only tells
    that it would.
  - Changes nothing, and loads nothing, when its files are as asked and C(ip_vs) is not loaded. The files see to it that
    the settings hold as soon as C(ip_vs) is there, at the next boot or before keepalived starts, whichever comes first.
  - Values and files are put back if a step fails. A run that was killed is finished, or taken back, by the next one.
options:
  settings:
    description:
      - Every setting, by its name below C(net.ipv4.vs), such as C(expire_nodest_conn). This is the whole of them.
      - A key that was set by an earlier run and is no longer listed goes back to the kernel's own default. Where
        that default is computed from the machine (C(sync_qlen_max), C(est_cpulist)), the value stays until the next
        boot, with a warning.
      - A wrong key or value is refused before anything is touched, with the nearest key that exists or the bounds
        of the value.
    type: dict
    required: true
  missing:
    description:
      - What to do about a key that the kernel of this host lacks.
      - V(error) refuses the whole run, and V(warn) sets all others. The key is in the file then, for a later kernel.
    type: str
    choices: [error, warn]
    default: error
requirements:
  - python >= 3.9, kmod and systemd on the managed host
extends_documentation_fragment:
  - linuxha.lvs._attributes
  - linuxha.lvs._attributes.actiongroup_lvs
notes:
  - While C(ip_vs) is not loaded, nobody can tell which keys this kernel lacks.
author:
  - "linuxha.lvs contributors (@linuxha)"
seealso:
  - module: linuxha.lvs.ipvs_director
  - name: "The kernel's document ipvs-sysctl"
    description: Every setting of IPVS.
    link: https://docs.kernel.org/networking/ipvs-sysctl.html
"""

EXAMPLES = r"""
- name: Free the connections of a dead server at once, and hear of those of a dead director in time
  linuxha.lvs.lvs_sysctl:
    settings:
      expire_nodest_conn: 1
      expire_quiescent_template: 1
      conn_reuse_mode: 1
      sync_refresh_period: 10

- name: Use a key where the kernel has it
  linuxha.lvs.lvs_sysctl:
    settings:
      expire_nodest_conn: 1
      est_nice: 5
    missing: warn

- name: Back to the kernel's defaults
  linuxha.lvs.lvs_sysctl:
    settings: {}
"""

RETURN = r"""
sysctls:
  description: The settings, each in its one spelling. Can be given to O(settings).
  returned: success
  type: dict
  sample: {"expire_nodest_conn": 1, "sync_threshold": "3 50"}
kernel_values:
  description: For each key that is, or was until now, among the settings, its value in the kernel before and after
    the run. Null while C(ip_vs) is not loaded.
  returned: success
  type: dict
  sample: {"expire_nodest_conn": {"old": 0, "new": 1}}
missing:
  description: Wanted keys that this kernel lacks. Empty while C(ip_vs) is not loaded, which only happens in check
    mode or when nothing changes.
  returned: success
  type: list
  elements: str
  sample: ["est_nice"]
loaded:
  description: Whether this run loaded C(ip_vs), or in check mode would load it.
  returned: success
  type: bool
  sample: false
files:
  description: The files that changed.
  returned: success
  type: list
  elements: str
  sample: ["/etc/sysctl.d/90-linuxha-lvs.conf"]
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
      sample: net.ipv4.vs.expire_nodest_conn
    found:
      description: What is there, or was before the run.
      type: str
      returned: always
      sample: "0"
    wanted:
      description: What is to be there.
      type: str
      returned: always
      sample: "1"
    boot:
      description: Whether it makes a difference only at the next boot.
      type: bool
      returned: always
      sample: false
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.linuxha.lvs.plugins.module_utils._model.sysctl import parse_settings
from ansible_collections.linuxha.lvs.plugins.module_utils._result import Outcome, run
from ansible_collections.linuxha.lvs.plugins.module_utils._system.files import Files
from ansible_collections.linuxha.lvs.plugins.module_utils._system.lock import host_lock
from ansible_collections.linuxha.lvs.plugins.module_utils._system.lvs_settings import LvsSettings
from ansible_collections.linuxha.lvs.plugins.module_utils._system.modules import KernelModules
from ansible_collections.linuxha.lvs.plugins.module_utils._system.procfs import ProcSys
from ansible_collections.linuxha.lvs.plugins.module_utils._system.runner import Runner
from ansible_collections.linuxha.lvs.plugins.module_utils._system.systemd import Systemd


def work(module: AnsibleModule) -> Outcome:
    """Parses, runs, reports."""
    wanted = parse_settings(module.params["settings"])
    runner = Runner(module)
    files = Files()
    lvs = LvsSettings(files, ProcSys(), KernelModules(runner), Systemd(runner))
    with host_lock(files, module.check_mode):
        done = lvs.run(wanted, refuse_missing=module.params["missing"] == "error", check=module.check_mode)
    return Outcome(
        changed=done.changed,
        values={
            "sysctls": wanted,
            "kernel_values": done.values(),
            "missing": done.missing(),
            "loaded": done.loads,
            "files": [change.path for change in done.files],
            "differences": [found.to_options() for found in done.differences()],
        },
        diff=done.diff(),
        warnings=done.warnings(),
    )


def main() -> None:
    """Runs the module."""
    module = AnsibleModule(
        argument_spec={
            "settings": {"type": "dict", "required": True},
            "missing": {"type": "str", "choices": ["error", "warn"], "default": "error"},
        },
        supports_check_mode=True,
    )
    run(module, work)


if __name__ == "__main__":
    main()
