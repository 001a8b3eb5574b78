# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""sysctl.d: what is written is read back, however the separators are used."""

from __future__ import annotations

from ansible_collections.linuxha.lvs.plugins.module_utils._codec.sysctl_conf import parse, render
from hypothesis import given
from hypothesis import strategies as st

part = st.builds("{}{}".format, st.sampled_from("ab9"), st.text("ab9_.", max_size=6))
keys = st.lists(part, min_size=1, max_size=4).map(lambda parts: "/".join(["net", *parts]))
values = st.lists(st.text("1a,=-", min_size=1, max_size=4), min_size=1, max_size=2).map(" ".join)


@given(st.dictionaries(keys, values))
def test_parse_reads_what_render_writes(settings):
    assert parse(render("x", settings)) == settings


@given(st.text())
def test_parse_never_fails(text):
    parse(text)


def test_the_file_as_a_person_sees_it():
    text = render("lvs_sysctl", {"net/ipv4/vs/sloppy_tcp": "1", "net/ipv4/conf/eth0.100/arp_ignore": "1"})
    assert text.splitlines() == [
        "# Managed by linuxha.lvs.lvs_sysctl: changes made here are overwritten.",
        "net/ipv4/conf/eth0.100/arp_ignore = 1",
        "net.ipv4.vs.sloppy_tcp = 1",
    ]


def test_foreign_spellings():
    text = "; note\n# note\n-net.ipv4.conf.eth0/100.arp_ignore=1\nnet/ipv4/vs/sync_threshold =  3\t50 \nno setting\n"
    assert parse(text) == {"net/ipv4/conf/eth0.100/arp_ignore": "1", "net/ipv4/vs/sync_threshold": "3 50"}
