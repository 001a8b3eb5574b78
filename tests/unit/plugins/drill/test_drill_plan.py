# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who gets the fault of a drill, and what stands against it."""

from __future__ import annotations

import copy
import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.filter.drill_mounts import drill_mounts
from ansible_collections.linuxha.lvs.plugins.filter.drill_plan import drill_plan

POOL = {
    "servers": {"nfs-01": "192.168.10.100"},
    "standby": {"nfs-02": "192.168.10.101"},
    "serving": ["192.168.10.100"],
    "able": ["nfs-01", "nfs-02"],
}
KNOWN: dict[str, t.Any] = {
    "lb1": {"master": True, "pools": {"nfs": POOL}, "records": {}},
    "lb2": {"master": False, "pools": {"nfs": dict(POOL)}, "records": {}},
}
REQUEST = {
    "fault": "cut",
    "host": "",
    "director": "",
    "directors": ["lb1", "lb2"],
    "servers": {"nfs-01": "192.168.10.100", "nfs-02": "192.168.10.101"},
    "clients": ["web1"],
    "seconds": {"drill_hold": 20, "drill_after": "0"},
    "interval": "0.05",
    "limit": "",
}


def known(change: t.Callable[[dict[str, t.Any]], t.Any]) -> dict[str, t.Any]:
    changed = copy.deepcopy(KNOWN)
    change(changed)
    return changed


def both(key: str, value: t.Any) -> t.Callable[[dict[str, t.Any]], None]:
    def change(said: dict[str, t.Any]) -> None:
        for says in said.values():
            says["pools"]["nfs"][key] = value

    return change


def test_the_server_that_serves_gets_the_fault() -> None:
    assert drill_plan(KNOWN, REQUEST) == {
        "refusals": [],
        "director": "nfs",
        "server": "nfs-01",
        "address": "192.168.10.100",
        "host": "nfs-01",
        "master": "lb1",
        "standby": "nfs-02",
        "standby_host": "nfs-02",
        "standby_address": "192.168.10.101",
        "also": [],
    }


def test_also_when_it_is_the_standby_and_has_another_name() -> None:
    request = {**REQUEST, "servers": {"alpha": "192.168.10.100", "beta": "192.168.10.101"}}
    found = drill_plan(known(both("serving", ["192.168.10.101"])), request)
    assert (found["server"], found["host"], found["standby"]) == ("nfs-02", "beta", "nfs-01")
    assert (found["standby_host"], found["standby_address"]) == ("alpha", "192.168.10.100")


def second(**changes: t.Any) -> dict[str, t.Any]:
    """With a second director, under other names."""
    pool = {"servers": {"a": "192.168.10.100"}, "standby": {"b": "192.168.10.101"}, "serving": ["192.168.10.100"]}
    return known(
        lambda said: [says["pools"].update(db={**pool, "able": ["a", "b"], **changes}) for says in said.values()]
    )


def test_the_other_directors_of_the_same_server_are_told() -> None:
    assert drill_plan(second(), {**REQUEST, "director": "nfs"})["also"] == ["db"]
    assert drill_plan(second(serving=["192.168.10.101"]), {**REQUEST, "director": "nfs"})["also"] == []


@pytest.mark.parametrize(("fault", "refused"), [("cut", True), ("reboot", True), ("switch", False)])
def test_what_would_leave_another_directors_clients_without_a_server_is_refused(fault: str, refused: bool) -> None:
    found = drill_plan(second(able=["a"]), {**REQUEST, "director": "nfs", "fault": fault})
    words = "director db: nobody could take over from nfs-01, so its clients would hang."
    assert found["refusals"] == ([words] if refused else [])


HELD = {"nfs:nfs-02": {"held": True}}


@pytest.mark.parametrize(
    ("request_change", "change", "words"),
    [
        ({"fault": "explode"}, None, 'one of stop, cut, freeze, reboot, switch; it is "explode"'),
        ({"clients": []}, None, "no host in the group nfs_clients"),
        ({"director": "web"}, None, 'one of nfs; it is "web"'),
        ({"host": "nfs-02"}, None, "nfs-02 does not serve director nfs, nfs-01 does"),
        ({"servers": {"nfs-02": "192.168.10.101"}}, None, "nfs-01 serves, and is no host of the group nfs_servers"),
        ({"servers": {"nfs-01": "192.168.10.100"}}, None, "nfs-02 would take over, and is no host of the group"),
        ({"fault": "switch"}, both("serving", ["192.168.10.101"]), "a sorry server, which cannot be held out"),
        ({"seconds": {"drill_hold": "20s"}}, None, 'drill_hold is "20s"; it must be a whole number of seconds'),
        ({"seconds": {"drill_after": -1}}, None, 'drill_after is "-1"'),
        ({"seconds": {"drill_before": 3601}}, None, "up to 3600"),
        ({"interval": "50ms"}, None, 'drill_interval is "50ms"; it must be a number of seconds'),
        ({"interval": 0}, None, "from 0.005 to 60"),
        ({"limit": "1s"}, None, 'drill_limit is "1s"; it must be a number of seconds, or empty.'),
        ({"limit": "1."}, None, 'drill_limit is "1."'),
        ({}, lambda said: said.pop("lb2"), "lb2: the service linuxha-lvs-failback does not answer"),
        ({}, lambda said: said["lb1"].update(master=False), "No director has the virtual addresses"),
        ({}, lambda said: said["lb2"].update(master=True), "lb1 and lb2 have the virtual addresses"),
        ({}, both("able", ["nfs-01"]), "nobody could take over from nfs-01, so its clients would hang"),
        ({}, lambda said: said["lb1"].update(records=HELD), "nobody could take over from nfs-01"),
        ({}, both("serving", []), "not exactly one server serves"),
        ({}, lambda said: said["lb2"]["pools"]["nfs"].update(serving=[]), "lb2 has another server for its clients"),
    ],
)
def test_it_is_refused(request_change: dict[str, t.Any], change: t.Any, words: str) -> None:
    found = drill_plan(known(change or (lambda _said: None)), {**REQUEST, **request_change})
    assert set(found) == {"refusals"}
    (sentence,) = found["refusals"]
    assert words in sentence


def test_what_an_older_service_says_is_an_error_with_what_to_do() -> None:
    with pytest.raises(AnsibleFilterError, match="run linuxha.lvs.site first"):
        drill_plan({"lb1": {"master": True}, "lb2": {"master": False}}, REQUEST)


FOUND = """{"filesystems": [
 {"target":"/mnt/v3", "source":"192.168.10.50:/srv/nfs/home", "options":"rw,vers=3,proto=tcp,addr=192.168.10.50"},
 {"target":"/mnt/other", "source":"192.168.10.7:/x", "options":"rw,vers=4.2,addr=192.168.10.7"},
 {"target":"/mnt/v4", "source":"192.168.10.50:/", "options":"rw,vers=4.2,proto=tcp,addr=192.168.10.50"},
 {"target":"/mnt/copy", "source":"192.168.10.50:/srv/nfs", "options":"ro,vers=4.2,addr=192.168.10.50"},
 {"target":"/mnt/v6", "source":"[fd00::50]:/srv/nfs", "options":"rw,vers=4.1,addr=fd00::50"}
]}"""
VIPS = ["192.168.10.50", "fd00:0::50"]
RUN = "1a2b3c4d"
NAME = "/.linuxha-lvs-drill-1a2b3c4d/web1-"


V3, V6, ROOT = ("/mnt/v3", "/srv/nfs/home"), ("/mnt/v6", "/srv/nfs"), ("/mnt/v4", "/srv/nfs")


@pytest.mark.parametrize(
    ("fsid", "places"),
    [(1, [V3, V6]), ("root", [V3, ROOT, ("/mnt/v6", "/srv/nfs/srv/nfs")])],
)
def test_mounts_of_exports_through_the_virtual_addresses_are_tried(fsid: t.Any, places: list[tuple[str, str]]) -> None:
    found = drill_mounts(FOUND, "web1", VIPS, [{"path": "/srv/nfs", "fsid": fsid}], RUN)
    versions = {"/mnt/v3": "3", "/mnt/v4": "4.2", "/mnt/v6": "4.1"}
    assert [(one["path"], one["version"]) for one in found] == [(path, versions[path]) for path, _folder in places]
    for number, (one, (path, folder)) in enumerate(zip(found, places)):
        assert (one["file"], one["stored"]) == (path + NAME + str(number), folder + NAME + str(number))


@pytest.mark.parametrize("source", ["/etc", "/srv/nfs/../../etc", "/srv/nfsroot", "/"])
def test_the_servers_make_nothing_outside_of_their_exports(source: str) -> None:
    text = FOUND.replace("192.168.10.50:/srv/nfs/home", "192.168.10.50:" + source)
    found = drill_mounts(text, "web1", VIPS, [{"path": "/srv/nfs", "fsid": 1}], RUN)
    assert [one["path"] for one in found] == ["/mnt/v6"]


def test_a_client_without_mounts_has_none() -> None:
    assert drill_mounts("", "web1", VIPS, [], RUN) == []


@pytest.mark.parametrize("text", ["nonsense", "{}", "[]", '{"filesystems": [{"target": "/mnt"}]}'])
def test_what_findmnt_never_said_is_an_error(text: str) -> None:
    with pytest.raises(AnsibleFilterError, match="cannot read the mounts of web1"):
        drill_mounts(text, "web1", VIPS, [], RUN)
