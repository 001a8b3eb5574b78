#!/usr/bin/python
# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_director
short_description: Manage IPVS directors through keepalived
version_added: 1.0.0
description:
  - Manages IPVS services (called directors, as on an ALOHA load balancer) with keepalived, which checks the servers
    and programs the kernel.
  - All directors of one task are one transaction. What is wanted is validated as a whole, keepalived tests the whole
    configuration as it would be, the files are written, keepalived is reloaded, and the kernel's table is read back.
    If any of this fails, the old files are put back, keepalived takes them again, and the kernel must have what it had.
    By what tunnel a server is reached is read with C(ipvsadm), and not compared where it is not installed.
  - Before the first change, the old state is noted in C(/var/lib/linuxha-lvs/ipvs_director.unfinished). A run that is
    killed leaves the note, and the next run finishes the work, whatever had been done.
  - keepalived's own test lets some faults pass. An included file that is missing, two blocks for one service, and a
    program that is missing or that others than root can change stop the run when it would bring them; those that are
    there already are warnings.
  - Each director has one file in C(/etc/keepalived/conf.d). C(/etc/keepalived/keepalived.conf) is not touched; it
    must have the line C(include conf.d/*.conf). A symbolic link in a file's place is refused.
  - While a director's sorry server serves, its servers and its check cannot be changed, because keepalived would put
    the failed server back beside it until the next check. Weights, intervals and O(directors[].balance) can.
  - A sorry server is never checked by keepalived. So the director's file holds a second service, on a mark that no
    packet carries, in which keepalived checks it all the same; RV(standbys) and a warning tell when it is dead. Nothing
    is decided by it.
  - If keepalived does not run, the files are written and nothing else happens; RV(running) tells.
author: "linuxha.lvs contributors (@linuxha)"
extends_documentation_fragment:
  - linuxha.lvs._attributes
  - linuxha.lvs._attributes.actiongroup_lvs
  - linuxha.lvs._directors
requirements:
  - python >= 3.9, systemd and keepalived 2.2.0 or newer on the managed host; ipvsadm where tunnels lead to servers
options:
  prune:
    description:
      - Also remove every director that this module has written and O(directors) does not name.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: One NFS service, the second server waiting
  linuxha.lvs.ipvs_director:
    directors:
      - name: nfs
        balance: roundrobin
        mode: gateway
        check:
          type: tcp
          interval: 10
          port: 2049
          timeout: 2
        servers:
          - name: nfs-01
            address: 192.168.10.100
            port: 2049
            weight: 10
            check: true
          - name: nfs-02
            address: 192.168.10.101
            port: 2049
            sorry: true

- name: The same with sub-second checks that nfsd itself must answer, on a server that really has the VIP
  linuxha.lvs.ipvs_director:
    directors:
      - name: nfs
        mode: gateway
        failback: manual
        check:
          {type: [tcp, nfs, vip], vip: 192.168.10.50, interval: 0.2, timeout: 0.1, fall: 4, retry_interval: 0.02,
           program: {interval: 3, timeout: 2.5, fall: 2}}
        servers:
          - name: nfs-01
            address: 192.168.10.100
            weight: 10
            check: true
          - name: nfs-02
            address: 192.168.10.101
            sorry: true

- name: A web service with an address of its own, and nothing else on this load balancer
  linuxha.lvs.ipvs_director:
    prune: true
    directors:
      - name: web
        address: 10.0.0.9
        port: 443
        balance: leastconn
        check:
          type: tcp
          interval: 2
        servers:
          - name: web-01
            address: 10.0.0.21
            check: true
          - name: web-02
            address: 10.0.0.22
            check: true

- name: A director that is not needed any more
  linuxha.lvs.ipvs_director:
    directors:
      - name: old
        state: absent
"""

RETURN = r"""
directors:
  description: Every director that this module owns on the host, in the words of the module's options.
  returned: success
  type: dict
  contains:
    before:
      description: What was there. A file that was changed by hand beyond recognition is left out.
      returned: success
      type: list
      elements: dict
    after:
      description: What is there now, or would be in check mode.
      returned: success
      type: list
      elements: dict
      sample:
        - name: nfs
          fwmark: 901928820
          balance: roundrobin
          mode: gateway
          servers:
            - name: nfs-01
              address: 192.168.10.100
              port: 2049
              weight: 10
              check: true
              sorry: false
running:
  description: Whether keepalived runs. If it does not, only files have been written.
  returned: success
  type: bool
  sample: true
reloaded:
  description: Whether keepalived was reloaded, or would be in check mode.
  returned: success
  type: bool
  sample: true
standbys:
  description: The sorry servers that are watched.
  returned: success
  type: list
  elements: dict
  contains:
    director:
      description: The director.
      returned: always
      type: str
      sample: nfs
    server:
      description: The sorry server.
      returned: always
      type: str
      sample: nfs-02
    alive:
      description:
        - Whether it passed its check when keepalived last looked.
        - None when keepalived does not run, and where it has just read the director anew and may not have looked yet.
      returned: always
      type: bool
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
      sample: /etc/keepalived/conf.d/nfs.conf
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

import typing as t

from ..module_utils._model.check import CHECK_TYPES
from ..module_utils._model.difference import Difference
from ..module_utils._model.director import (
    BALANCES,
    FAILBACKS,
    MODES,
    PROTOCOLS,
    STATES,
    Director,
    Wanted,
    read_directors,
)
from ..module_utils._model.tunnel import CHECKSUMS, TUNNEL_TYPES
from ..module_utils._plan.directors import DirectorPlan, parse_owned, plan_companions, plan_directors
from ..module_utils._plan.files import FileChange
from ..module_utils._plan.ipvs_table import differences, leftovers, refuse_while_failed_over, standbys
from ..module_utils._programs import server_check
from ..module_utils._result import Outcome, run
from ..module_utils._sentences import EntriesModule
from ..module_utils._system.files import Files
from ..module_utils._system.ipvs_table import IpvsTable
from ..module_utils._system.journal import Journal
from ..module_utils._system.keepalived import Keepalived
from ..module_utils._system.lock import host_lock
from ..module_utils._system.program import text_of
from ..module_utils._system.runner import Runner
from ..module_utils._system.transaction import transaction

CHECK = {
    "type": {"type": "list", "elements": "str", "choices": list(CHECK_TYPES)},
    "interval": {"type": "float", "default": 10},
    "timeout": {"type": "float"},
    "port": {"type": "int"},
    "source": {"type": "str"},
    "rise": {"type": "int", "default": 1},
    "fall": {"type": "int", "default": 1},
    "retry_interval": {"type": "float"},
    "program": {
        "type": "dict",
        "options": {
            "interval": {"type": "float", "required": True},
            "timeout": {"type": "float"},
            "fall": {"type": "int", "default": 1},
        },
    },
    "inhibit": {"type": "bool", "default": False},
    "uri": {"type": "str"},
    "statuscode": {"type": "int"},
    "vhost": {"type": "str"},
    "vip": {"type": "str"},
    "iface": {"type": "str"},
    "sorry": {"type": "bool", "default": True},
}
TUNNEL = {
    "type": {"type": "str", "choices": list(TUNNEL_TYPES), "default": "ipip"},
    "port": {"type": "int"},
    "checksum": {"type": "str", "choices": list(CHECKSUMS), "default": "none"},
}
SERVER = {
    "name": {"type": "str", "required": True},
    "address": {"type": "str", "required": True},
    "port": {"type": "int"},
    "weight": {"type": "int", "default": 1},
    "check": {"type": "bool", "default": False},
    "sorry": {"type": "bool", "default": False},
}
DIRECTOR = {
    "name": {"type": "str", "required": True},
    "address": {"type": "str"},
    "port": {"type": "int"},
    "protocol": {"type": "str", "choices": list(PROTOCOLS)},
    "fwmark": {"type": "int"},
    "balance": {"type": "str", "choices": list(BALANCES), "default": "roundrobin"},
    "mode": {"type": "str", "choices": list(MODES), "default": "nat"},
    "tunnel": {"type": "dict", "options": TUNNEL},
    "check": {"type": "dict", "options": CHECK},
    "persistence": {
        "type": "dict",
        "options": {"timeout": {"type": "int", "default": 300}, "netmask": {"type": "str"}},
    },
    "failback": {"type": "str", "choices": list(FAILBACKS), "default": "auto"},
    "servers": {"type": "list", "elements": "dict", "options": SERVER},
    "state": {"type": "str", "choices": list(STATES), "default": "present"},
}


class DirectorModule(EntriesModule[Wanted]):
    """Its complaints name the director and the server."""

    option = "directors"

    def read_entries(self, entries: t.Any) -> Wanted:
        return read_directors(entries)


def work(module: DirectorModule) -> Outcome:
    """Reads, plans, lets keepalived judge, applies, and tells."""
    files = Files()
    with host_lock(files, module.check_mode):
        return _work(module, files)


def _work(module: DirectorModule, files: Files) -> Outcome:
    wanted = module.wanted
    runner = Runner(module)
    keepalived, table = Keepalived(runner, files), IpvsTable(files, runner)
    journal = Journal(files, "ipvs_director")
    unfinished = journal.unfinished()
    texts = keepalived.read()
    plan = plan_directors(texts, wanted, module.params["prune"])
    first, last = plan_companions(files.read, text_of(server_check), plan.after)
    changes = [*first, *plan.changes, *last]
    running = keepalived.active()
    services = table.services()
    before = parse_owned(journal.well(texts)) if unfinished else plan.before
    if running:
        refuse_while_failed_over(before, plan.after, services)
    # Files that are right while the kernel is not, or a run that was killed before keepalived had read them.
    in_kernel = differences(plan.after, services, plan.gone) if running else []
    reload = running and bool(plan.changes or unfinished or in_kernel)
    warnings: list[str] = []
    files.refuse_links(changes)
    if changes and (keepalived.installed() or not module.check_mode):
        warnings = keepalived.test(texts, changes)
    changed = bool(changes or unfinished or reload)
    if changed and not module.check_mode:
        lost, patience = _lost(before, plan, table, unfinished), 10 + 0.1 * len(plan.after)
        recover = (lambda: keepalived.recover(lost, patience)) if running else (lambda: None)
        with transaction(files, changes, recover, journal):
            if reload:
                keepalived.reload()
                keepalived.wait(
                    lambda: differences(plan.after, table.services(), plan.gone, plan.touched), timeout=patience
                )
                services = table.services()
    found = standbys(plan.after, services if running else [], new=plan.touched if reload else ())
    return Outcome(
        changed=changed,
        values={
            "directors": {
                "before": [director.to_options() for director in plan.before],
                "after": [director.to_options() for director in plan.after],
            },
            "running": running,
            "reloaded": reload,
            "standbys": found,
            "differences": _words(changes, in_kernel),
        },
        diff=[change.diff() for change in changes],
        warnings=(*_warnings(warnings, found), *table.complaints),
    )


def _words(changes: t.Iterable[FileChange], in_kernel: t.Iterable[str]) -> list[dict[str, t.Any]]:
    """What is not as asked for, in files and in the kernel."""
    found = [change.difference() for change in changes]
    found += [Difference("IPVS table", line, "as the directors ask") for line in in_kernel]
    return [difference.to_options() for difference in found]


def _lost(
    before: t.Collection[Director], plan: DirectorPlan, table: IpvsTable, unfinished: bool
) -> t.Callable[[], list[str]]:
    """Tells, when a failure has put the old files back, what the kernel lacks of them that it had."""
    # What a run that was killed has changed is taken back too.
    lacked = [] if unfinished else leftovers(before, plan.after, table.services())
    return lambda: [line for line in leftovers(before, plan.after, table.services()) if line not in lacked]


def _warnings(complaints: list[str], found: list[dict[str, t.Any]]) -> tuple[str, ...]:
    """What a person should look at although all went well."""
    dead = [standby for standby in found if standby["alive"] is False]
    return (
        *("Wrong with keepalived's configuration before this run, and still: %s" % line for line in complaints),
        *(
            'director "%s": its sorry server "%s" does not pass its check; if the others fail now, nobody serves'
            % (standby["director"], standby["server"])
            for standby in dead
        ),
    )


def main() -> None:
    module = DirectorModule(
        argument_spec={
            "directors": {"type": "list", "elements": "dict", "required": True, "options": DIRECTOR},
            "prune": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    module.spec_is_met = True
    run(module, work)


if __name__ == "__main__":
    main()
