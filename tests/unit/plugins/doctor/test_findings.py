# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the doctor concludes: each cause by its name, and nothing that only follows from it."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.linuxha.lvs.plugins.plugin_utils._doctor.kinds import KINDS
from ansible_collections.linuxha.lvs.plugins.plugin_utils._doctor.report import as_text, diagnose
from ansible_collections.linuxha.lvs.plugins.plugin_utils._doctor.wire import questions
from ansible_collections.linuxha.lvs.tests.unit.fakes.examined import PROGRAMS, VIP, client, healthy, mac

Hosts = dict[str, t.Any]
LATER = {"what": "/etc/x.conf", "found": "is missing", "wanted": "the text", "boot": True}
NOW = {"what": "net.ipv4.vs.sloppy_tcp", "found": "1", "wanted": "0", "boot": False}


def pairs(hosts: Hosts) -> list[tuple[str, str]]:
    return [(finding["host"], finding["kind"]) for finding in diagnose(hosts)]


def silence(hosts: Hosts, server: str) -> None:
    """No program of the server answers, on the wire."""
    address = hosts[server]["survey"]["links"][1]["addresses"][0].partition("/")[0]
    for lb in ("lb1", "lb2"):
        for answer in [*hosts[lb]["wire"]["rpc"], *hosts[lb]["wire"]["vips"]]:
            if address in (answer.get("address"), answer.get("server")):
                answer["error"] = "Connection refused"


def test_healthy_hosts_have_none():
    assert diagnose(healthy()) == []
    assert as_text([], {"lb2": {}, "lb1": {}}) == "All is well on lb1, lb2."


def test_a_host_that_is_away_explains_its_silence():
    hosts = healthy()
    hosts["nfs-02"] = {}
    for lb in ("lb1", "lb2"):
        # Nobody knows its address, so nobody asks it.
        for key in ("rpc", "vips"):
            wire = hosts[lb]["wire"]
            wire[key] = [one for one in wire[key] if "192.168.10.101" not in one.values()]
    hosts["lb1"]["load_balancer"]["director"]["standbys"][0]["alive"] = False
    assert pairs(hosts) == [("nfs-02", "unreachable")]


@pytest.mark.parametrize(("part", "kind"), [("sysctl", "sysctl"), ("flow", "flow"), ("conf", "conf")])
def test_what_is_different_on_a_director(part, kind):
    hosts = healthy()
    hosts["lb2"]["load_balancer"][part]["differences"] = [LATER]
    (finding,) = diagnose(hosts)
    assert (finding["host"], finding["kind"], finding["boot"]) == ("lb2", kind, True)
    assert (finding["found"], finding["wanted"]) == ("/etc/x.conf: is missing", "the text")
    assert finding["why"].startswith("Only after the next boot of lb2: ")
    hosts["lb2"]["load_balancer"][part]["differences"] = [LATER, NOW]
    (finding,) = diagnose(hosts)
    assert (finding["boot"], finding["wanted"]) == (False, "/etc/x.conf: the text; net.ipv4.vs.sloppy_tcp: 0")


def test_a_role_that_stops_and_packages_that_are_missing():
    hosts = healthy()
    hosts["lb1"]["load_balancer"]["stopped"] = "Cannot read the file."
    hosts["web1"]["nfs_client"]["packages"] = ["nfs-common"]
    assert pairs(hosts) == [("lb1", "stopped"), ("web1", "packages")]
    hosts["lb1"] = {"stopped": "argument 'load_balancer_vips' is of type str"}
    assert pairs(hosts) == [("lb1", "stopped"), ("web1", "packages")]


def test_a_dead_standby_is_one_finding():
    hosts = healthy()
    silence(hosts, "nfs-02")
    hosts["nfs-02"]["nfs_server"]["units"][0]["active"] = "inactive"
    hosts["nfs-02"]["survey"]["rpc"] = []
    hosts["nfs-02"]["survey"]["exports"] = []
    hosts["nfs-02"]["nfs_server"]["unexported"] = ["/srv/nfs to 192.168.10.0/24"]
    for lb in ("lb1", "lb2"):
        hosts[lb]["load_balancer"]["director"]["standbys"][0]["alive"] = False
    assert pairs(hosts) == [("nfs-02", "service")]


def test_a_host_whose_programs_are_silent_is_one_finding():
    hosts = healthy()
    for lb in ("lb1", "lb2"):
        for answer in hosts[lb]["wire"]["rpc"][1:3]:
            answer["error"] = "Connection refused"
    (finding,) = diagnose(hosts)
    assert (finding["host"], finding["kind"]) == ("nfs-01", "rpc")
    assert finding["found"] == (
        "lockd does not answer at 192.168.10.100 port 32803/tcp: Connection refused; "
        "mountd does not answer at 192.168.10.100 port 20048/tcp: Connection refused"
    )


def test_a_unit_that_will_not_start_explains_nothing_that_is_wrong_now():
    hosts = healthy()
    silence(hosts, "nfs-02")
    hosts["nfs-02"]["nfs_server"]["units"][0]["enabled"] = "disabled"
    assert {kind for _host, kind in pairs(hosts)} == {"service", "rpc", "vip"}


def test_a_standby_that_fails_its_check_for_no_reason_that_shows():
    hosts = healthy()
    hosts["lb2"]["load_balancer"]["director"]["standbys"][0]["alive"] = False
    assert pairs(hosts) == [("nfs-02", "standby")]


def test_an_active_server_that_is_not_in_the_pool():
    hosts = healthy()
    hosts["lb2"]["load_balancer"]["services"][0]["servers"] = []
    assert pairs(hosts) == [("nfs-01", "pool")]
    hosts["lb2"]["load_balancer"]["units"][0]["active"] = "failed"
    hosts["lb2"]["load_balancer"]["director"]["running"] = False
    assert pairs(hosts) == [("lb2", "balancer")]


def test_an_nfsd_that_runs_otherwise():
    hosts = healthy()
    hosts["nfs-02"]["nfs_server"]["faults"] = ["nfsd was to speak 3, 4.2 and speaks 3."]
    assert pairs(hosts) == [("nfs-02", "nfsd")]
    hosts["nfs-02"]["nfs_server"]["units"][0]["active"] = "inactive"
    assert pairs(hosts) == [("nfs-02", "service")]


def test_a_port_that_is_not_pinned():
    hosts = healthy()
    hosts["nfs-01"]["survey"]["rpc"] = [{**PROGRAMS[0], "port": 2050}, *PROGRAMS[1:]]
    (finding,) = diagnose(hosts)
    assert finding["found"] == "rpcbind knows nfsd over tcp at port 2050, not 2049"


def quota(port: int = 0, **changes: t.Any) -> Hosts:
    """Healthy hosts, of which nfs-02 has rquotad, registered at the port (0: not at all)."""
    hosts = healthy()
    known = {"port": 875, "unit": "quotarpc.service", "active": "active", "conf": "/etc/default/quota", "written": True}
    hosts["nfs-02"]["nfs_server"]["quota"] = {**known, **changes}
    if port:
        rows = [{"program": 100011, "version": 2, "protocol": name, "port": port} for name in ("tcp", "udp")]
        hosts["nfs-02"]["survey"]["rpc"] = [*PROGRAMS, *rows]
    return hosts


def test_rquotad_at_its_pinned_port_or_with_nothing_to_do():
    assert diagnose(quota(875)) == []
    # Debian's script starts none where no file system has quotas.
    assert diagnose(quota(active="inactive")) == []


@pytest.mark.parametrize(
    ("hosts", "found", "boot"),
    [
        (quota(4000), "rpcbind knows rquotad over tcp at port 4000, not 875; rquotad over udp at", False),
        (quota(4000, active="inactive", written=False), "rpcbind knows rquotad over tcp at port 4000, not 875", False),
        (quota(), "rpcbind knows rquotad over tcp at port none, not 875", False),
        (quota(active="failed"), "quotarpc.service is failed", False),
        (quota(875, written=False), "/etc/default/quota does not give rquotad its port", True),
        (quota(active="inactive", written=False), "/etc/default/quota does not give rquotad its port", True),
    ],
)
def test_rquotad_elsewhere(hosts, found, boot):
    (finding,) = diagnose(hosts)
    assert (finding["host"], finding["kind"], finding["boot"]) == ("nfs-02", "quota", boot)
    assert finding["found"].startswith(found)


def test_rquotad_is_not_held_against_an_rpcbind_that_is_away():
    hosts = quota()
    hosts["nfs-02"]["survey"]["rpc"] = []
    assert pairs(hosts) == [("nfs-02", "ports")]


def test_a_real_server_that_answers_arp():
    hosts = healthy()
    hosts["web1"]["wire"]["holders"][VIP]["macs"].append(mac("nfs-02"))
    assert pairs(hosts) == [("nfs-02", "holder")]
    hosts["nfs-02"]["nfs_server"]["arp"]["differences"] = [NOW]
    assert pairs(hosts) == [("nfs-02", "arp")]


def arp(key: str) -> dict[str, t.Any]:
    return {**NOW, "what": "net.ipv4.conf.all." + key}


GONE = {**NOW, "what": "address %s/32 on lo" % VIP, "found": "is missing", "wanted": "is there, scope host"}


@pytest.mark.parametrize(
    ("differences", "there", "kinds"),
    [
        # Without the address, nothing can be served at it.
        ([GONE], False, ["arp"]),
        ([GONE, arp("arp_ignore")], False, ["arp"]),
        # An answer to ARP takes no packet from the server: something else does, a firewall say.
        ([arp("arp_ignore")], True, ["arp", "vip"]),
        # With the VIP as sender, a server's own questions are not answered by the director that has the VIP.
        ([arp("arp_announce")], True, ["arp"]),
        # Nothing of this is in force yet.
        ([{**GONE, "boot": True}], True, ["arp", "vip"]),
    ],
)
def test_arp_hides_what_follows_from_it_and_no_more(differences, there, kinds):
    hosts = healthy()
    hosts["nfs-01"]["nfs_server"]["arp"]["differences"] = differences
    if not there:
        hosts["nfs-01"]["survey"]["links"][0]["addresses"].remove(VIP + "/32")
    hosts["lb1"]["wire"]["vips"][0]["error"] = "it did not answer within 2 s"
    hosts["lb2"]["load_balancer"]["services"][0]["servers"] = []
    standby = {"director": "nfs", "server": "nfs-01", "alive": False}
    hosts["lb2"]["load_balancer"]["director"]["standbys"].append(standby)
    # A VIP that is not served explains the checks that fail.
    assert pairs(hosts) == [("nfs-01", kind) for kind in kinds]


def test_arp_does_not_hide_a_pool_that_lacks_a_server_for_another_reason():
    hosts = healthy()
    hosts["nfs-01"]["nfs_server"]["arp"]["differences"] = [arp("arp_ignore")]
    hosts["lb2"]["load_balancer"]["services"][0]["servers"] = []
    assert pairs(hosts) == [("nfs-01", "arp"), ("nfs-01", "pool")]


def test_a_lost_address_hides_only_what_is_asked_of_that_address():
    hosts = healthy()
    for host in ("lb1", "lb2", "nfs-01", "nfs-02"):
        hosts[host]["vips"].append("192.168.10.51")
        hosts[host]["survey"]["links"][0]["addresses"].append("192.168.10.51/32")
    hosts["nfs-01"]["nfs_server"]["arp"]["differences"] = [GONE]
    hosts["nfs-01"]["survey"]["links"][0]["addresses"].remove(VIP + "/32")
    for lb in ("lb1", "lb2"):
        first = hosts[lb]["wire"]["vips"][0]
        first["error"] = "it did not answer within 2 s"
        hosts[lb]["wire"]["vips"].append({**first, "vip": "192.168.10.51"})
    named = [(finding["host"], finding["kind"], finding["found"][:29]) for finding in diagnose(hosts)]
    assert ("nfs-01", "vip", "does not serve 192.168.10.51:") in named
    assert ("nfs-01", "vip", "does not serve 192.168.10.50:") not in named


def test_nobody_or_a_stranger_has_the_vip():
    hosts = healthy()
    hosts["lb1"]["survey"]["links"][1]["addresses"].pop()
    assert [(one["host"], one["found"]) for one in diagnose(hosts)] == [("lb1", "answers ARP for %s" % VIP)]
    for host in ("lb1", "lb2", "web1"):
        hosts[host]["wire"]["holders"][VIP]["macs"] = []
    assert pairs(hosts) == [("lb1", "holder"), ("lb2", "holder")]
    del hosts["lb1"]
    hosts["web1"]["wire"]["holders"][VIP]["macs"] = [mac("lb1")]
    assert diagnose(hosts) == []
    hosts = healthy()
    hosts["web1"]["wire"]["holders"][VIP]["macs"] = ["aa:bb:cc:dd:ee:ff"]
    assert "aa:bb:cc:dd:ee:ff" in diagnose(hosts)[0]["host"]


def test_both_directors_have_the_vip():
    hosts = healthy()
    hosts["lb2"]["survey"]["links"][1]["addresses"].append(VIP + "/32")
    assert pairs(hosts) == [("lb1", "holder"), ("lb2", "holder")]


def test_an_address_in_another_spelling_is_the_same():
    hosts = healthy()
    for document in hosts.values():
        document["vips"] = ["FD00:0:0::50"] if document["vips"] else []
        document["survey"]["links"][1]["addresses"].append("fd00::%s/64" % len(document["survey"]["kernel"]))
    hosts["lb1"]["survey"]["links"][1]["addresses"].append("fd00::50/128")
    assert diagnose(hosts) == []


def test_exports():
    hosts = healthy()
    hosts["nfs-02"]["survey"]["exports"] = []
    hosts["nfs-02"]["nfs_server"]["unexported"] = ["/srv/nfs to 192.168.10.0/24 (fsid=1)"]
    assert pairs(hosts) == [("nfs-02", "exports")]
    hosts["nfs-02"]["nfs_server"]["unexported"] = []
    hosts["nfs-02"]["survey"]["exports"] = ["/srv/nfs\t192.168.10.0/24(rw,sync,root_squash,fsid=7)"]
    assert pairs(hosts) == [("nfs-01", "exports"), ("nfs-02", "exports")]
    assert "fsid=7" in next(one["found"] for one in diagnose(hosts) if one["host"] == "nfs-02")


def test_what_one_server_alone_exports_is_its_own():
    hosts = healthy()
    hosts["nfs-02"]["survey"]["exports"].append("/srv/scans\t192.168.10.0/24(ro,sync,fsid=900)")
    assert diagnose(hosts) == []


def test_a_clients_way_is_told_when_nothing_else_explains_it():
    hosts = healthy()
    hosts["web1"]["wire"]["rpc"][0]["error"] = "it did not answer within 2 s"
    assert pairs(hosts) == [("web1", "path")]
    hosts["web2"] = {"groups": ["nfs_client"]}
    assert pairs(hosts) == [("web1", "path"), ("web2", "unreachable")]
    hosts["lb1"]["load_balancer"]["flow"]["differences"] = [NOW]
    assert pairs(hosts) == [("lb1", "flow"), ("web2", "unreachable")]


def other_service() -> Hosts:
    """A second pair with a VIP, a link and an MTU of its own, and clients on neither link."""
    hosts = healthy()
    for name, twin in (("lb3", "lb1"), ("nfs-03", "nfs-01"), ("nfs-04", "nfs-02")):
        text = json.dumps(hosts[twin]).replace("192.168.10.", "10.7.0.").replace("02:00:c0", "02:00:0a")
        hosts[name] = json.loads(text)
        hosts[name]["survey"]["links"][1]["mtu"] = 9000
    hosts["web9"] = {**client("web1"), "wire": {}}
    hosts["web9"]["survey"]["links"][1].update(addresses=["172.16.0.9/24"], mtu=1300)
    return hosts


def test_two_services_have_nothing_to_do_with_each_other():
    hosts = other_service()
    assert diagnose(hosts) == []
    asked = questions("lb3", hosts)
    assert asked["holders"] == ["10.7.0.50"]
    assert {one["address"] for one in asked["rpc"]} == {"10.7.0.100", "10.7.0.101"}
    assert asked["vips"] == [
        {"server": "10.7.0.%d" % number, "vip": "10.7.0.50", "port": 2049} for number in (100, 101)
    ]
    assert questions("web9", hosts)["holders"] == []


def test_a_server_that_is_on_the_link_of_another_services_vip_only():
    hosts = other_service()
    hosts["nfs-03"]["survey"]["links"][1]["addresses"] = ["192.168.10.77/24"]
    hosts["nfs-03"]["survey"]["links"][1]["mtu"] = 1500
    assert ("nfs-03", "link") in pairs(hosts)


def test_each_ip_version_is_asked_from_an_address_of_its_own():
    hosts = healthy()
    for number, document in enumerate(hosts.values(), 1):
        document["vips"] = [*document["vips"], "fd00::50"] if document["vips"] else []
        document["survey"]["links"][1]["addresses"] += ["fd00::%d/64" % number, "fe80::%d/64" % number]
    asked = questions("lb2", hosts)
    assert asked["vips"] == [
        {"server": server, "vip": vip, "port": 2049}
        for vip, pair in ((VIP, ("192.168.10.100", "192.168.10.101")), ("fd00::50", ("fd00::3", "fd00::4")))
        for server in pair
    ]
    assert asked["clocks"] == ["192.168.10.%d" % number for number in (11, 100, 101, 20)]


def test_a_narrow_network_wins_over_the_one_around_it():
    hosts = healthy()
    for document in hosts.values():
        wide = {"name": "mgmt0", "mac": "", "mtu": 1400, "up": True, "addresses": ["192.168.99.1/16"]}
        document["survey"]["links"].insert(1, wide)
    assert diagnose(hosts) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_why_and_how_to_mend(kind):
    assert KINDS[kind].why.endswith(".")
    assert KINDS[kind].mend
    assert set(KINDS[kind].explains) <= set(KINDS)


def test_the_text_has_all_of_a_finding():
    hosts = healthy()
    hosts["nfs-02"]["survey"]["links"][1]["mtu"] = 1400
    text = as_text(diagnose(hosts), hosts)
    assert text.startswith("1 finding on 5 hosts\n\n1. nfs-02: mtu\n   is         eth0 has the MTU 1400\n")
    assert "HOST" not in text
    assert max(map(len, text.splitlines())) <= 120
