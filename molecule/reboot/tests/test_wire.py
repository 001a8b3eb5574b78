# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From power-on to power-off no server ever spoke for the VIP, though it was asked all the time.

The name of the file makes these tests the last ones: they look at the frames of all rounds.
"""

from __future__ import annotations

import json
import time
import typing as t
from pathlib import Path

import pytest
from rounds import DIRECTORS, SERVERS, say

from lvslab.topology import NODES
from lvsmeasure import nodes

VIP_HEX = "0xc0a80a32"
ABOUT_THE_VIP = "arp and arp[14:4] = " + VIP_HEX
ASKED_FOR_THE_VIP = "arp and arp[6:2] = 1 and arp[24:4] = " + VIP_HEX
# Between two questions, on a machine that boots five hosts at once; no boot is that short.
LONGEST_GAP = 4.0

# What a careless set-up does: the address at boot, and the settings some time after the network is there. When all is
# up it looks as it should.
LATE_UNIT = """[Unit]
After=network-online.target
Wants=network-online.target
[Service]
Type=oneshot
WorkingDirectory=/proc/sys/net/ipv4/conf/all
ExecStart=/bin/sh -ec 'sleep 3; echo 1 >arp_ignore; echo 2 >arp_announce'
[Install]
WantedBy=multi-user.target
"""
CARELESS = (
    """[Service]
ExecStart=
ExecStart=/usr/sbin/ip addr replace %s/32 dev lo scope host
"""
    % nodes.VIP
)
MAKE_LATE = """set -e
mkdir -p /etc/systemd/system/linuxha-lvs-vips.service.d
cat >/etc/systemd/system/linuxha-lvs-vips.service.d/careless.conf <<'END'
%sEND
cat >/etc/systemd/system/late.service <<'END'
%sEND
mv /etc/sysctl.d/90-linuxha-lvs-arp.conf /root
systemctl daemon-reload
systemctl enable --quiet late.service
""" % (CARELESS, LATE_UNIT)
MAKE_GOOD = """set -e
systemctl disable --quiet late.service
rm -r /etc/systemd/system/linuxha-lvs-vips.service.d /etc/systemd/system/late.service
mv /root/90-linuxha-lvs-arp.conf /etc/sysctl.d
systemctl daemon-reload
"""


def sent_by(hosts: t.Sequence[str]) -> str:
    """The filter for frames that come from one of the hosts, or that name its hardware address as the VIP's."""
    macs = [NODES[node].mac.replace(":", "") for node in hosts]
    claims = ["(arp[8:4] = 0x%s and arp[12:2] = 0x%s)" % (mac[:8], mac[8:]) for mac in macs]
    return "(%s)" % " or ".join([*("ether src %s" % NODES[node].mac for node in hosts), *claims])


def moment(frame: str) -> float:
    return float(frame.split(maxsplit=1)[0])


@pytest.fixture(scope="module")
def careless(run_folder: Path) -> Path:
    """Where the test that breaks a server on purpose remembers when that was."""
    return run_folder / "careless.json"


def test_the_vip_was_asked_for_all_the_time(asked: float, capture: t.Any) -> None:
    frames = capture.frames(ASKED_FOR_THE_VIP + " and ether dst ff:ff:ff:ff:ff:ff")
    # From before the first round until now.
    moments = [asked, *(found for frame in frames if (found := moment(frame)) > asked), time.time()]
    gaps = [later - earlier for earlier, later in zip(moments, moments[1:])]
    assert max(gaps) < LONGEST_GAP, "for %.1f s nobody asked for the VIP" % max(gaps)
    assert len(moments) > 2 * (moments[-1] - asked), "the VIP was asked for %d times only" % len(moments)


def test_the_directors_answered(capture: t.Any) -> None:
    for node in DIRECTORS:
        assert capture.frames("%s and %s" % (ABOUT_THE_VIP, sent_by([node]))), "%s never had the VIP" % node


def test_no_server_ever_spoke_for_the_vip(capture: t.Any, careless: Path) -> None:
    frames = capture.frames("%s and %s" % (ABOUT_THE_VIP, sent_by(SERVERS)))
    if careless.exists():
        begin, end = json.loads(careless.read_text(encoding="utf-8"))
        frames = [frame for frame in frames if not begin < moment(frame) < end]
    assert not frames, "a server's hardware address was given out as the VIP's:\n%s" % "\n".join(frames)


def test_a_server_whose_settings_come_late_would_be_seen(capture: t.Any, careless: Path) -> None:
    """The test above can fail: here a server is what the collection is there to prevent."""
    (_active, standby) = SERVERS
    begin = time.time()
    say("%s is made to suppress ARP too late" % standby)
    nodes.ssh(standby, "sh", "-s", data=MAKE_LATE)
    try:
        nodes.lab("fault", standby, "reboot")
        nodes.wait_until("the late settings are there", lambda: settings(standby) == ["1", "2"], 60)
    finally:
        nodes.ssh(standby, "sh", "-s", data=MAKE_GOOD)
        nodes.lab("fault", standby, "reboot")
        careless.write_text(json.dumps([begin, time.time()]), encoding="utf-8")
    frames = capture.frames("%s and %s" % (ABOUT_THE_VIP, sent_by([standby])))
    assert [frame for frame in frames if moment(frame) > begin], "nobody saw it"


def settings(node: str) -> list[str]:
    folder = "/proc/sys/net/ipv4/conf/all/"
    return nodes.ssh(node, "cat", folder + "arp_ignore", folder + "arp_announce").split()
