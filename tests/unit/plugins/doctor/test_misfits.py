# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the doctor concludes from hosts that do not fit together."""

from __future__ import annotations

import pytest
from ansible_collections.linuxha.lvs.plugins.plugin_utils._doctor.report import as_text, diagnose
from ansible_collections.linuxha.lvs.tests.unit.fakes.examined import healthy
from ansible_collections.linuxha.lvs.tests.unit.plugins.doctor.test_findings import pairs


def test_a_clock_that_does_not_answer_is_told():
    hosts = healthy()
    hosts["lb1"]["clocks"]["192.168.10.101"] = None
    assert "Not judged" not in as_text(diagnose(hosts), hosts)
    hosts["lb2"]["clocks"]["192.168.10.101"] = None
    assert "\nNot judged: the clock of 192.168.10.101" in as_text(diagnose(hosts), hosts)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"nfs-02": 1400}, [("nfs-02", "mtu")]),
        ({"lb1": 9000, "lb2": 9000}, [("lb1", "mtu"), ("lb2", "mtu")]),
        ({"lb1": 1400, "lb2": 9000}, [("lb1", "mtu"), ("lb2", "mtu")]),
    ],
)
def test_mtu(change, expected):
    hosts = healthy()
    for host, mtu in change.items():
        hosts[host]["survey"]["links"][1]["mtu"] = mtu
    assert pairs(hosts) == expected


def test_a_clock_is_held_against_all_others_also_that_of_the_one_who_asks():
    hosts = healthy()
    hosts["lb1"]["clocks"]["192.168.10.101"] = -5.0
    (finding,) = diagnose(hosts)
    assert (finding["host"], finding["found"]) == ("nfs-02", "its clock is 5.0 s behind that of the others")
    hosts = healthy()
    hosts["lb1"]["clocks"] = dict.fromkeys(hosts["lb1"]["clocks"], 3600.5)
    (finding,) = diagnose(hosts)
    assert (finding["host"], finding["found"]) == ("lb1", "its clock is 3600.5 s behind that of the others")
    hosts["lb1"]["clocks"] = dict.fromkeys(hosts["lb1"]["clocks"])
    hosts["lb2"]["clocks"]["192.168.10.101"] = 7.0
    assert pairs(hosts) == [("nfs-02", "clock")]


def test_an_old_kernel_matters_on_a_director():
    hosts = healthy()
    hosts["lb1"]["survey"]["kernel"] = hosts["nfs-01"]["survey"]["kernel"] = "5.4.0-200-generic"
    assert pairs(hosts) == [("lb1", "kernel")]
    hosts["lb1"]["survey"]["kernel"] = "5.14.0-503.el9"
    assert diagnose(hosts) == []


def test_who_configures_lo_of_a_server():
    hosts = healthy()
    hosts["nfs-02"]["survey"]["managers"] = {"NetworkManager": ["eth0", "lo"], "ifupdown": ["lo"]}
    hosts["lb1"]["survey"]["managers"] = {"systemd-networkd": ["lo"]}
    (finding,) = diagnose(hosts)
    assert (finding["host"], finding["found"]) == ("nfs-02", "NetworkManager configures lo")


def test_a_server_off_the_link():
    hosts = healthy()
    hosts["nfs-02"]["survey"]["links"][1]["addresses"] = ["10.0.0.101/24"]
    assert pairs(hosts) == [("nfs-02", "link")]


@pytest.mark.parametrize("vip", ["192.168.10.50", "2001:db8:0::50"])
def test_a_server_must_have_the_vip_of_its_director(vip):
    hosts = healthy()
    served = {"192.168.10.100": [vip], "192.168.10.101": [vip], "192.168.10.77": ["192.168.10.9"]}
    for name in ("lb1", "lb2"):
        hosts[name]["load_balancer"]["served"] = served
    for name in ("nfs-01", "nfs-02"):
        hosts[name]["vips"] = ["192.168.10.50", "2001:db8::50"]
    assert [pair for pair in pairs(hosts) if pair[1] == "unserved"] == []
    hosts["nfs-02"]["vips"].remove(vip.replace("0::", ":"))
    (finding,) = [one for one in diagnose(hosts) if one["kind"] == "unserved"]
    assert finding["host"] == "nfs-02"
    assert finding["found"] == "does not declare %s" % vip.replace("0::", ":")
