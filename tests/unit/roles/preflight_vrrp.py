# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the preflight of a director must say about VRRP and the directors' secret; preflight_cases.py has all else."""

from __future__ import annotations

from ansible_collections.linuxha.lvs.tests.unit.roles.preflight_cases import director

# Whoever keeps a keepalived.conf of their own answers for its VRRP.
KEPT = {"load_balancer_manage_keepalived_conf": False, "load_balancer_vrrp_track_interfaces": ["eth7"]}
NFS_CHECK = [{"name": "nfs", "check": {"type": ["tcp", "nfs"], "interval": 3, "timeout": 2.5}}]
INCLUDE = "include conf.d/*.conf\n"

VRRP_CASES = {
    "router_id_too_high": director("load_balancer_vrrp_id is 256", load_balancer_vrrp_id=256),
    "priority_too_high": director("load_balancer_vrrp_priority is 255", load_balancer_vrrp_priority=255),
    "advert_interval_zero": director("load_balancer_vrrp_advert_interval is 0", load_balancer_vrrp_advert_interval=0),
    "advert_interval_zero_point_three": director(load_balancer_vrrp_advert_interval=0.29),
    "advert_interval_between_hundredths": director(
        "load_balancer_vrrp_advert_interval is 0.255, must be 0.01 to 40 seconds in steps of 0.01",
        load_balancer_vrrp_advert_interval=0.255,
    ),
    "advert_interval_too_long": director(
        "load_balancer_vrrp_advert_interval is 40.01", load_balancer_vrrp_advert_interval=40.01
    ),
    "preempt_delay_too_long": director(
        "load_balancer_vrrp_preempt_delay is 1001, must be 0 to 1000", load_balancer_vrrp_preempt_delay=1001
    ),
    "failback_key": director(load_balancer_failback_key="k3y!" * 8),
    "failback_key_too_short": director("has 31 characters, must have 32 to 256", load_balancer_failback_key="k" * 31),
    "failback_key_with_a_space": director("has 33 characters, must have", load_balancer_failback_key="k" * 32 + " "),
    "failback_key_with_a_newline": director("has 33 characters, must have", load_balancer_failback_key="k" * 32 + "\n"),
    "backup_only_a": director(
        "backup_only is 1, and the sync daemon's backup half runs on every director",
        load_balancer_group="backup_only",
        load_balancer_sysctls={"backup_only": 1},
    ),
    "backup_only_b": director(
        load_balancer_group="backup_only", load_balancer_sync_daemon=False, ansible_host="192.168.10.12"
    ),
    "backup_only_alone": director(load_balancer_sysctls={"backup_only": 1}),
    "tracked_interfaces": director(load_balancer_vrrp_track_interfaces=["eth1", "lo"]),
    "tracked_interfaces_unknown": director(
        "load_balancer_vrrp_track_interfaces names bond9, eth7, but this host has eth0, eth1, lo",
        load_balancer_vrrp_track_interfaces=["eth1", "eth7", "bond9"],
    ),
    "families_a": director(
        "sends VRRP from 192.168.10.11 by unicast, and a packet stays in its IP version; these directors have an "
        "address of the other one: fd99::12",
        load_balancer_group="families",
    ),
    "families_b": director("other one: 192.168.10.11", load_balancer_group="families", ansible_host="fd99::12"),
    "families_by_multicast_a": director(load_balancer_group="families_by_multicast", load_balancer_vrrp_multicast=True),
    "families_by_multicast_b": director(
        load_balancer_group="families_by_multicast", load_balancer_vrrp_multicast=True, ansible_host="fd99::12"
    ),
    "six_by_unicast_a": director(
        "an IPv4 packet of VRRP must carry a virtual address, and all of them are IPv6: fd99::50",
        load_balancer_group="six_by_unicast",
        load_balancer_vips=["fd99::50"],
    ),
    "six_by_unicast_b": director(
        "an IPv4 packet of VRRP", load_balancer_group="six_by_unicast", load_balancer_vips=["fd99::50"]
    ),
    "six_alone": director(load_balancer_vips=["fd99::50"]),
    "conf_kept_a": director(conf=INCLUDE, load_balancer_group="conf_kept", load_balancer_vips=["fd99::50"], **KEPT),
    "conf_kept_b": director(conf=INCLUDE, load_balancer_group="conf_kept", ansible_host="fd99::12", **KEPT),
    "conf_insecure": director(
        "The director nfs has a check that is a program, or failback: manual",
        conf=INCLUDE,
        load_balancer_directors=[{"name": "nfs", "failback": "manual"}],
        **KEPT,
    ),
    "conf_insecure_by_check": director(
        "does not say enable_script_security", conf=INCLUDE, load_balancer_directors=NFS_CHECK, **KEPT
    ),
    "conf_secure": director(
        conf="global_defs {\n\tenable_script_security\n}\n" + INCLUDE, load_balancer_directors=NFS_CHECK, **KEPT
    ),
    # It may say so, and is not read here.
    "conf_with_another": director(conf=INCLUDE + "include others/*.conf\n", load_balancer_directors=NFS_CHECK, **KEPT),
}
