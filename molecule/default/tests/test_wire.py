# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of the packets, from the frames on the bridge since before the first change."""

from __future__ import annotations

import re
import typing as t

VIP = "192.168.10.50"
# The reset that tells a client of a dead server to connect anew, and the tickle that has the client ask for it.
OWN = "(tcp[tcpflags] & tcp-rst != 0 or (tcp[4:4] == 0 and tcp[8:4] == 0))"


def ask_for_the_vip(nodes: dict[str, t.Any]) -> None:
    """Makes every host but the directors ask again who has the VIP."""
    for node in ("web1",):
        nodes[node].check_output("ip neigh flush to %s; ping -c 1 -W 3 %s" % (VIP, VIP))


def test_requests_pass_through_the_director(capture: t.Any, macs: dict[str, str], master: str) -> None:
    to_director = "tcp dst port 2049 and dst host %s and ether dst %s" % (VIP, macs[master])
    forwarded = "tcp dst port 2049 and dst host %s and ether src %s and ether dst %s"
    assert len(capture.frames(to_director)) > 100
    assert len(capture.frames(forwarded % (VIP, macs[master], macs["nfs-01"]))) > 100
    assert len(capture.frames(forwarded % (VIP, macs[master], macs["nfs-02"]))) > 10


def test_replies_go_straight_from_server_to_client(capture: t.Any, macs: dict[str, str]) -> None:
    straight = "tcp src port 2049 and src host %s and ether src %s and ether dst %s"
    assert len(capture.frames(straight % (VIP, macs["nfs-01"], macs["web1"]))) > 100
    assert len(capture.frames(straight % (VIP, macs["nfs-02"], macs["web1"]))) > 10


def test_no_reply_passes_through_a_director(capture: t.Any, macs: dict[str, str]) -> None:
    for director in ("lb1", "lb2"):
        # Into a director: a reply that took the way back through it.
        assert capture.frames("src host %s and tcp and ether dst %s" % (VIP, macs[director])) == []
        # Out of a director: only what it says itself.
        sent = capture.frames("src host %s and tcp and ether src %s and not %s" % (VIP, macs[director], OWN))
        assert sent == []


def test_only_the_master_answers_arp_for_the_vip(
    capture: t.Any, nodes: dict[str, t.Any], macs: dict[str, str], master: str
) -> None:
    ask_for_the_vip(nodes)
    # Every ARP frame whose sender address is the VIP: replies, and announcements alike.
    frames = capture.frames("arp[14:4] = 0xc0a80a32")
    assert any("Reply" in frame for frame in frames)
    senders = {match.group(1) for frame in frames if (match := re.match(r"\S+ (\S+) >", frame))}
    assert senders == {macs[master]}, "VIP announced by %s, the master is %s" % (senders, macs[master])


def test_arp_was_asked_on_both_servers_too(capture: t.Any, macs: dict[str, str]) -> None:
    # The question reached every host of the bridge, or the silence above would prove nothing.
    broadcast = capture.frames("arp[6:2] = 1 and arp[24:4] = 0xc0a80a32 and ether dst ff:ff:ff:ff:ff:ff")
    assert len([frame for frame in broadcast if macs["web1"] in frame]) > 0
