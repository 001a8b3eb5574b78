# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packets take the way of their flow's routing table, come they in or go they out, and still do so after a boot.

lb1 gets three neighbours in network namespaces of its own: `first` and `second` are two ways to the same far addresses,
`client` sends packets through lb1. The ordinary tables lead to `first`, table 100 to `second`.
"""

from __future__ import annotations

import subprocess
import typing as t

import pytest

from lvsmodule.host import TOP, HostError, Node, wait_until

FAR = {4: "198.51.100.9", 6: "2001:db8:9::9"}
TABLE = 100
SENT = {
    "name": "far-out", "policy": "table", "table": TABLE, "direction": "out",
    "rules": [{"proto": "udp", "dst": address} for address in FAR.values()],
}  # fmt: skip
PASSING = {
    "name": "far-in", "policy": "table", "table": TABLE,
    "rules": [
        {"action": "ignore", "proto": "udp", "dstport": "7"},
        *({"iface": "client", "dst": address} for address in FAR.values()),
    ],
}  # fmt: skip
GONE = [{"name": flow["name"], "state": "absent"} for flow in (SENT, PASSING)]
SYSCTLS = ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding")
OURS = "pref 10000 fwmark 0x38a12878 lookup 100 protocol 2"
UNIT = "linuxha-lvs-flows"

SET_UP = """
set -e
number=1
for name in first second client; do
  ip netns add $name
  ip link add $name type veth peer name inside netns $name
  ip link set $name up
  ip address add 10.201.$number.1/24 dev $name
  ip address add fd00:201:$number::1/64 dev $name nodad
  ip -n $name link set lo up
  ip -n $name link set inside up
  ip -n $name address add 10.201.$number.2/24 dev inside
  ip -n $name address add fd00:201:$number::2/64 dev inside nodad
  ip -n $name route add default via 10.201.$number.1
  ip -n $name route add default via fd00:201:$number::1
  number=$((number + 1))
done
for name in first second; do
  printf 'table inet seen {\\nchain arrived {\\ntype filter hook prerouting priority -400;\\n%s\\n%s\\n}\\n}\\n' \\
    'ip daddr 198.51.100.9 counter' 'ip6 daddr 2001:db8:9::9 counter' | ip netns exec $name nft -f -
done
ip route add 198.51.100.0/24 via 10.201.1.2
ip route add 198.51.100.0/24 via 10.201.2.2 table 100
ip -6 route add 2001:db8:9::/64 via fd00:201:1::2
ip -6 route add 2001:db8:9::/64 via fd00:201:2::2 table 100
sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
"""
# The routes of table 100 go with their interface; after a boot there is nothing left of all that.
TAKE_DOWN = "for name in first second client; do ip link delete $name; ip netns delete $name; done 2>/dev/null; true"
SEND = """python3 -c 'import socket; socket.socket(socket.%s, socket.SOCK_DGRAM).sendto(b"x", ("%s", %d))'; sleep 0.2"""


@pytest.fixture(scope="module")
def ways(lb1: Node) -> t.Iterator[Node]:
    """lb1 with two ways to the far addresses."""
    old = lb1.run("sysctl " + " ".join(SYSCTLS))
    lb1.run(SET_UP)
    yield lb1
    lb1.run(TAKE_DOWN)
    lb1.run("sysctl -qw " + " ".join('"%s"' % line for line in old.splitlines()))


@pytest.fixture
def flows(lb1: Node) -> t.Iterator[dict[str, t.Any]]:
    """The flows to the table, beside those that were there; then those that were there alone."""
    before = everything(lb1)
    yield lb1.done("ipvs_flow", flows=[SENT, PASSING])
    lb1.done("ipvs_flow", flows=GONE)
    assert everything(lb1) == before


def everything(node: Node) -> str:
    """The flows' table, their unit's files and all routing rules."""
    files = "/etc/linuxha-lvs/flows.* /etc/systemd/system/%s.service" % UNIT
    return node.run("ip rule; ip -6 rule; nft list table inet lvs_flows; ls %s; cat %s" % (files, files))


def rules(node: Node) -> list[str]:
    """Our routing rules."""
    lines = node.run("for version in 4 6; do ip -$version -N -d rule | grep ' 0x38a12878 ' || true; done")
    return [" ".join(line.split()) for line in lines.splitlines()]


def way(node: Node, version: int, sender: str, port: int = 9) -> str:
    """By which neighbour a packet to the far address goes."""

    def seen() -> dict[str, int]:
        counted = {}
        for name in ("first", "second"):
            lines = node.run("ip netns exec %s nft list table inet seen" % name).splitlines()
            (line,) = [line for line in lines if FAR[version] in line]
            counted[name] = int(line.split(" packets ")[1].split()[0])
        return counted

    before = seen()
    prefix = "" if sender == "host" else "ip netns exec client "
    node.run(prefix + SEND % ("AF_INET" if version == 4 else "AF_INET6", FAR[version], port))
    after = seen()
    (name,) = [name for name in after if after[name] != before[name]]
    return name


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("sender", ["host", "client"])
def test_without_the_flow_the_ordinary_way(ways: Node, version: int, sender: str) -> None:
    assert way(ways, version, sender) == "first"


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("sender", ["host", "client"])
def test_with_the_flow_the_way_of_its_table(ways: Node, flows: dict[str, t.Any], version: int, sender: str) -> None:
    assert flows["ip_rules"] == {"before": [], "after": ["ipv4 " + OURS, "ipv6 " + OURS]}
    assert way(ways, version, sender) == "second"


@pytest.mark.usefixtures("flows")
@pytest.mark.parametrize("version", [4, 6])
def test_what_the_flow_ignores_goes_the_ordinary_way(ways: Node, version: int) -> None:
    assert way(ways, version, "client", port=7) == "first"


def test_a_second_run_changes_nothing(lb1: Node, flows: dict[str, t.Any]) -> None:
    again = lb1.done("ipvs_flow", flows=[SENT, PASSING])
    assert not again["changed"]
    assert again["flows"]["before"] == again["flows"]["after"] == flows["flows"]["after"]


def test_rules_of_others_stay(lb1: Node) -> None:
    foreign = "pref 10000 fwmark 7 lookup 100"
    lb1.run("ip rule add %s; ip -6 rule add %s" % (foreign, foreign))
    try:
        before = everything(lb1)
        lb1.done("ipvs_flow", flows=[SENT, PASSING])
        lb1.done("ipvs_flow", flows=GONE)
        assert everything(lb1) == before
    finally:
        lb1.run("ip rule delete %s; ip -6 rule delete %s" % (foreign, foreign))


@pytest.mark.parametrize(
    "spoil",
    [
        "nft delete table inet lvs_flows; ip rule delete %s; ip -6 rule delete %s" % (OURS, OURS),
        "ip -6 rule delete %s" % OURS,
        "true",
    ],
)
@pytest.mark.usefixtures("flows")
def test_the_unit_brings_back_what_is_not_there(ways: Node, spoil: str) -> None:
    ways.run(spoil)
    ways.run("systemctl restart %s" % UNIT)
    assert len(rules(ways)) == 2
    assert [way(ways, version, "host") for version in (4, 6)] == ["second", "second"]
    assert not ways.done("ipvs_flow", flows=[SENT, PASSING])["changed"]


@pytest.mark.usefixtures("flows")
def test_systemd_networkd_leaves_the_rules_alone(lb1: Node) -> None:
    # One that it has no reason to keep, to see that it does clean up.
    lb1.run("ip rule add pref 20000 fwmark 7 lookup 100")
    try:
        lb1.run("systemctl restart systemd-networkd")
        wait_until("networkd has cleaned up", lambda: "20000:" not in lb1.run("ip rule"))
        assert len(rules(lb1)) == 2
    finally:
        lb1.ask("ip rule delete pref 20000 fwmark 7 lookup 100")


@pytest.mark.usefixtures("flows")
def test_they_are_there_again_after_a_sudden_boot_and_before_keepalived(lb1: Node) -> None:
    for fault in ("kill", "boot"):
        subprocess.run([TOP / "lab/lab", "fault", lb1.name, fault], check=True, capture_output=True)
    wait_until("lb1 is up", lambda: lb1.ask("systemctl is-active keepalived").returncode == 0, 120)
    assert len(rules(lb1)) == 2
    again = lb1.done("ipvs_flow", flows=[SENT, PASSING])
    assert (again["changed"], again["diff"]) == (False, [])
    since = {
        unit: int(lb1.run("systemctl show --value --property ExecMainStartTimestampMonotonic " + unit))
        for unit in (UNIT, "keepalived")
    }
    assert 0 < since[UNIT] < since["keepalived"], since
    assert lb1.run("systemctl show --value --property Result %s" % UNIT).strip() == "success"


def test_a_wrong_table_touches_nothing(lb1: Node) -> None:
    before = everything(lb1)
    with pytest.raises(HostError, match="which is the kernel's own table main"):
        lb1.done("ipvs_flow", flows=[{**SENT, "table": 254}])
    assert everything(lb1) == before
