# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands against letting a server in again."""

from __future__ import annotations

import copy
import re
import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.filter.failback_refusals import failback_refusals

RECORD = {"held": True, "generation": 1, "by": "lb1", "since": 1.5, "why": "it left", "person": False}
POOLS = {"nfs": {"servers": {"nfs-01": "192.168.10.100"}, "serving": ["192.168.10.101"], "able": ["nfs-01"]}}


def said(name: str, master: bool) -> dict[str, t.Any]:
    return {"name": name, "master": master, "pools": POOLS, "records": {"nfs:nfs-01": RECORD}, "peers": {}}


KNOWN = {"lb1": said("lb1", True), "lb2": said("lb2", False)}


def changed(host: str, *path: str, to: t.Any) -> dict[str, t.Any]:
    known: t.Any = copy.deepcopy(KNOWN)
    place = known[host]
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return t.cast("dict[str, t.Any]", known)


def test_nothing_stands_against_a_server_that_is_held_and_able() -> None:
    assert failback_refusals(KNOWN, "nfs", "nfs-01") == []
    assert failback_refusals({"lb1": KNOWN["lb1"]}, "nfs", "nfs-01") == []


@pytest.mark.parametrize(
    ("known", "names", "words"),
    [
        (KNOWN, ("", "nfs-01"), "Say which server shall serve again"),
        (KNOWN, ("nfs", None), "Say which server shall serve again"),
        ({}, ("nfs", "nfs-01"), "No director answers"),
        (changed("lb1", "master", to=False), ("nfs", "nfs-01"), r"answer \(lb1, lb2\) none has the virtual addresses"),
        (changed("lb2", "master", to=True), ("nfs", "nfs-01"), r"\(lb1, lb2\) lb1 and lb2 have the virtual addresses"),
        (KNOWN, ("web", "nfs-01"), "web is no director whose servers can be held out; there is nfs"),
        (KNOWN, ("nfs", "nfs-09"), "nfs-09 is not held out of director nfs"),
        (changed("lb1", "records", "nfs:nfs-01", to={**RECORD, "held": False}), ("nfs", "nfs-01"), "is not held out"),
        (changed("lb2", "records", to={}), ("nfs", "nfs-01"), "lb2 does not know what lb1 has decided"),
        (changed("lb1", "pools", "nfs", "able", to=[]), ("nfs", "nfs-01"), "nfs-01 does not pass its checks on lb1"),
    ],
)
def test_each_reason_is_one_sentence(known: t.Any, names: tuple[t.Any, t.Any], words: str) -> None:
    (sentence,) = failback_refusals(known, *names)
    assert re.search(words, sentence), sentence


def test_what_no_service_says_is_no_traceback() -> None:
    with pytest.raises(AnsibleFilterError, match="what the directors say lacks"):
        failback_refusals({"lb1": {}}, "nfs", "nfs-01")
