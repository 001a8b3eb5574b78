# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody else has written and loaded is as it was, to the byte."""

from __future__ import annotations

from lvsmodule.host import NFS, Node

EXTRA = {"name": "extra", "address": "10.98.0.9", "port": 80, "servers": [{"name": "s", "address": "10.99.0.9"}]}


def test_files_of_others_are_as_they_were(lb2: Node) -> None:
    assert lb2.run("sha256sum --check --quiet /root/foreign.before") == ""


def test_the_table_of_others_is_as_it_was(lb2: Node) -> None:
    assert lb2.run("nft list table inet office") == lb2.run("cat /root/office.before")


def test_prune_removes_only_what_the_collection_owns(lb2: Node) -> None:
    lb2.done("ipvs_director", directors=[EXTRA])
    assert "TCP 0A620009:0050" in lb2.pool()
    result = lb2.done("ipvs_director", directors=[NFS], prune=True)
    assert [director["name"] for director in result["directors"]["after"]] == ["nfs"]
    pool = lb2.pool()
    assert pool["TCP C0A80A3C:0050"] == ["C0A80A3D:0050"]
    assert pool["TCP C0A80A3C:0019"] == ["C0A80A3E:09DD"]
    assert "TCP 0A620009:0050" not in pool
    lb2.done("ipvs_flow", flows=[{"name": "f", "policy": "permit", "rules": [{"proto": "udp"}]}])
    lb2.done("ipvs_flow", flows=[{"name": "f", "state": "absent"}])
    test_files_of_others_are_as_they_were(lb2)
    test_the_table_of_others_is_as_it_was(lb2)


def test_a_broken_file_of_others_stops_nothing_and_is_told(lb2: Node) -> None:
    lb2.write("/etc/keepalived/others/typo.conf", "virtual_server 192.168.10.60 81 {\n    lvs_shed rr\n}\n")
    try:
        result = lb2.module("ipvs_director", directors=[EXTRA])
        told = " ".join([result.get("msg", ""), *result.get("warnings", [])])
        assert "lvs_shed" in told
    finally:
        lb2.run("rm /etc/keepalived/others/typo.conf")
        lb2.done("ipvs_director", directors=[NFS], prune=True)
