# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: drill_report
short_description: What the clients saw of a drill, and when what happened
version_added: 1.0.0
author: "linuxha.lvs contributors (@linuxha)"
description:
  - Makes a report of what was collected of a drill, in which a fault is made, or a switch ordered, while clients
    write and read.
  - All times of the report are seconds from the fault, or from the order of a planned switch, by the clock of the
    first client. Without a fault they are seconds from the beginning of the drill.
  - A stall is the longest time for which a mount waited for a good answer. It is the longest operation, or the time
    between two good answers without the pause that the client makes anyway, and overlaps the time after the fault. An
    error does not end it.
  - A host whose part is not whole is left out, and RV(_value.unread) says why. Such a drill is not good.
  - It is there for the playbooks of this collection; what it takes and gives may change with any release.
options:
  _input:
    description:
      - What was collected.
      - RV(ignore:drill) has C(fault), C(host), C(began) and C(ended), and may have C(director), C(vip),
        C(deadline), C(limit), the seconds for which a client may hang, and C(interrupted), which is empty or says why
        the drill did not run to its end.
      - RV(ignore:hosts) is host to what it says, with its C(role), V(director), V(server) or V(client), and what
        follows. All times are seconds since 1970 by the host's own clock; C(offset) is what is added to have them by
        the first client's.
      - A director has C(looks), each the servers in the kernel's table from then on and whether it has the VIP, and
        the lines of its C(log).
      - A server has its C(address), and the one with the fault C(fault), when it was C(made) and C(healed).
      - A client has C(mounts), each with its C(path), C(version), C(interval), C(writes) and C(reads), which are
        lists of when an operation began, the seconds that it took and the name of its error, if any; C(UNFINISHED) is
        one that never ended. C(missing) and C(damaged) are places in C(writes), C(lacking) is a server to the places
        of acknowledged records that it has not.
      - Every host may have C(kernel), C(versions) and C(settings).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Say it in one line
  ansible.builtin.debug:
    msg: "{{ (collected | linuxha.lvs.drill_report).verdict }}"
  vars:
    collected:
      drill: {fault: cut, host: nfs-01, began: 1764150400.0, ended: 1764150404.0}
      hosts:
        nfs-01: {role: server, address: 192.168.10.100, fault: {made: 1764150402.0, healed: 1764150404.0}}
        web1:
          role: client
          mounts:
            - path: /mnt
              version: "4.2"
              interval: 0.5
              writes: [[1764150401.5, 0.004, ""], [1764150402.0, 0.61, ""], [1764150403.0, 0.004, ""]]
              missing: []
"""

RETURN = r"""
_value:
  description: The report.
  type: dict
  contains:
    verdict:
      description: How the drill ended, in one line, the worst first.
      type: str
      sample: Clients hung for 0.61 s at most (median 0.55 s); no error, nothing lost.
    good:
      description:
        - Whether the drill ran to its end with a fault that is undone, is known of every host, every mount came back,
          and no operation failed or record was lost, left behind or damaged. How long a stall may be, the reader
          decides.
      type: bool
    fault:
      description:
        - What was done, where, and when, with the moments in UTC. RV(ignore:made) is V(none) where no fault was made.
          RV(ignore:serves) is the server to which clients were led at the end, empty where nobody knows.
      type: dict
      sample:
        kind: cut
        host: nfs-01
        role: server
        director: nfs
        vip: 192.168.10.50
        made: "2025-11-26T09:46:50Z"
        began: "2025-11-26T09:46:40Z"
        ended: "2025-11-26T09:47:40Z"
        deadline: 60
        limit: 1.5
        serves: nfs-02
        interrupted: ""
    marks:
      description:
        - When what happened; V(none) is what nobody saw.
        - C(detected) is the first log line in which keepalived of any director tells that a check of the server
          failed, C(switched) the first look in which a director with the VIP sends clients to another server.
        - C(first_write) and C(all_write) are when the first and the last of the mounts had its first good write after
          the switch, or after the fault where no switch was seen.
        - After a fault of a director, C(detected) is when another one logs that it takes over, C(switched) when it
          has the VIP.
      type: dict
      sample: {fault: 0.0, detected: 0.31, switched: 0.42, first_write: 0.55, all_write: 0.61, healed: 15.0}
    summary:
      description:
        - The numbers of clients, mounts and operations, the longest stall of all mounts and the median of their
          stalls, errors, operations that never ended, and acknowledged records that are lost or damaged, or only on
          another server than the one that serves at the end (RV(ignore:apart)).
      type: dict
      sample:
        clients: 2
        mounts: 2
        operations: 4768
        worst: 0.61
        median: 0.55
        errors: 0
        unfinished: 0
        lost: 0
        apart: 0
        damaged: 0
    mounts:
      description:
        - What each mount saw. RV(ignore:stall) is its longest stall, RV(ignore:stall_at) when that began,
          RV(ignore:stall_by) whether it is a V(write) or a V(read); RV(ignore:write) and RV(ignore:read) are the
          longest of each kind, RV(ignore:usual) is the median of the writes before the fault.
        - RV(ignore:back) says whether it wrote again, and no operation was left without an end;
          RV(ignore:checked) whether anybody looked for lost records.
      type: list
      elements: dict
      sample:
        - client: web1
          path: /mnt/nfs-v3
          version: "3"
          stall: 0.61
          stall_at: 0.0
          stall_by: write
          write: 0.61
          read: 0.3
          usual: 0.004
          first_write: 0.61
          back: true
          writes: 1190
          reads: 1194
          errors: {}
          unfinished: 0
          checked: true
          lost: 0
          apart: 0
          damaged: 0
          lost_records: []
          apart_records: []
          damaged_records: []
          behind_records: []
    logs:
      description: What was logged, in the order of time.
      type: list
      elements: dict
      sample:
        - {at: 0.31, host: lb1, line: "keepalived: TCP_CHECK on service [192.168.10.100]:none:0 failed."}
    versions:
      description: Host to its kernel and the versions of its programs.
      type: dict
      sample: {lb1: {kernel: 6.1.0-37-amd64, keepalived: 2.2.7}}
    settings:
      description: Host to its settings, where it has any.
      type: dict
      sample: {lb1: {expire_nodest_conn: 1}}
    unread:
      description: Host to the reason why nothing is read of it.
      type: dict
      sample: {}
    notes:
      description: What the reader should know of how far the report can be trusted, one sentence each.
      type: list
      elements: str
      sample:
        - The clock of lb2 was not compared, so its times may be off.
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.plugin_utils._drill.document import told
from ansible_collections.linuxha.lvs.plugins.plugin_utils._drill.report import build


def drill_report(collected: t.Any) -> dict[str, t.Any]:
    """The report.

    :raises AnsibleFilterError: what was collected is no drill.
    """
    try:
        return build(told(collected))
    except ValueError as error:
        raise AnsibleFilterError("drill_report: %s" % error) from error


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"drill_report": drill_report}
