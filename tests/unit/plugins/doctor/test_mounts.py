# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the doctor concludes of file systems that exports wait for."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.linuxha.lvs.plugins.plugin_utils._doctor.report import diagnose
from ansible_collections.linuxha.lvs.tests.unit.fakes.examined import healthy


def pairs(hosts: dict[str, t.Any]) -> list[tuple[str, str]]:
    return [(finding["host"], finding["kind"]) for finding in diagnose(hosts)]


def test_an_export_that_waits_for_its_mount():
    hosts = healthy()
    hosts["nfs-02"]["nfs_server"]["unmounted"] = ["/srv/nfs", "/srv/other"]
    (finding,) = diagnose(hosts)
    assert (finding["host"], finding["kind"], finding["boot"]) == ("nfs-02", "unmounted", False)
    assert finding["found"] == "nothing is mounted at /srv/nfs, /srv/other"


@pytest.mark.parametrize(
    ("unmounted", "found"),
    [
        ((), [("nfs-01", "shared"), ("nfs-02", "shared")]),
        (("nfs-01",), []),
        (("nfs-02",), []),
        (("nfs-01", "nfs-02"), [("nfs-01", "unmounted"), ("nfs-02", "unmounted")]),
    ],
)
def test_a_file_system_of_which_one_server_has_it(unmounted, found):
    hosts = healthy()
    for name in ("nfs-01", "nfs-02"):
        hosts[name]["nfs_server"].update(mounted_on="one", mount_points=["/srv/nfs"])
        hosts[name]["nfs_server"]["unmounted"] = ["/srv/nfs"] if name in unmounted else []
    assert pairs(hosts) == found


def test_servers_of_other_addresses_have_their_own_file_systems():
    hosts = healthy()
    for name, vip in (("nfs-01", "192.168.10.61"), ("nfs-02", "192.168.10.62")):
        hosts[name] = {
            "vips": [vip],
            "survey": hosts[name]["survey"],
            "nfs_server": {"mounted_on": "one", "mount_points": ["/srv/nfs"], "unmounted": []},
        }
    assert not {kind for _host, kind in pairs(hosts)} & {"shared", "unmounted"}
