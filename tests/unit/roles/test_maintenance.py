# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""playbooks/maintenance.yml itself, run against two directors that are folders."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.linuxha.lvs.tests.unit.fakes.maintained import POOLS, build, mark, read

COLLECTION = Path(__file__).resolve().parents[3]
HELD = {"held": True, "generation": 1, "by": "lb1", "why": "new disks", "person": True}
ONE_POOL = {"nfs": POOLS["nfs"]}


class Outcome(t.NamedTuple):
    """How a run ended, and what it said last."""

    status: int
    said: str
    state: dict[str, t.Any]

    @property
    def done(self) -> list[str]:
        return t.cast("list[str]", self.state["done"])


def inventory(folder: Path, unreachable: str) -> dict[str, t.Any]:
    """Both directors, and a server whose name in the inventory is not the one that it has in the directors."""
    hosts: dict[str, dict[str, t.Any]] = {
        name: {"ansible_python_interpreter": str(folder / name / "python")} for name in ("lb1", "lb2")
    }
    if unreachable:
        # Nobody listens at this port.
        hosts[unreachable].update(ansible_connection="ssh", ansible_host="127.0.0.1", ansible_port=1)
    servers = {"storage": {"ansible_host": "192.168.10.100"}}
    groups = {"load_balancers": {"hosts": hosts}, "nfs_servers": {"hosts": servers}}
    return {"all": {"vars": {"ansible_connection": "local"}, "children": groups}}


class Pair:
    """Two directors in a folder, and the playbook."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "ansible_collections" / "linuxha").mkdir(parents=True)
        (folder / "ansible_collections" / "linuxha" / "lvs").symlink_to(COLLECTION)

    def marked(self) -> list[str]:
        return [host for host in ("lb1", "lb2") if mark(self.folder, host).exists()]

    def run(self, host: str, action: str, *more: str, unreachable: str = "", playbook: str = "maintenance") -> Outcome:
        (self.folder / "inventory.json").write_text(json.dumps(inventory(self.folder, unreachable)), encoding="utf-8")
        # What a step is done to is another host than the one that goes through the steps.
        place = "{{ item | default((maintenance_step | default({})).director | default(inventory_hostname)) }}"
        extra = {
            "failback_program": ["linuxha-lvs-failback"],
            "maintenance_mark": "%s/%s/maintenance" % (self.folder, place),
            "maintenance_config": str(self.folder / "failback.json"),
            "maintenance_patience": 0,
        }
        argv = [sys.executable, "-m", "ansible.cli.playbook", "-i", "inventory.json", "linuxha.lvs.%s" % playbook]
        argv += ["-e", json.dumps(extra), "-e", "maintenance_host=%s maintenance_action=%s" % (host, action), *more]
        changes = {"ANSIBLE_COLLECTIONS_PATH": str(self.folder), "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORKS": "2"}
        changes["ANSIBLE_PIPELINING"] = "1"
        env = {**os.environ, **changes}
        done = subprocess.run(argv, cwd=self.folder, env=env, capture_output=True, text=True, check=False)
        failed = re.findall(r"^fatal: \[[^]]+\]: FAILED! => (\{.*\})$", done.stdout, flags=re.MULTILINE)
        said = re.findall(r'^ok: \[\w+\] => (\{\n    "msg": .*?^\})$', done.stdout, flags=re.MULTILINE | re.DOTALL)
        assert failed or said, done.stdout + done.stderr
        message = json.loads((failed if done.returncode else said)[-1])["msg"]
        text = message if isinstance(message, str) else "\n".join(message)
        return Outcome(done.returncode, text, read(self.folder))


@pytest.fixture(name="pair")
def _pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


def test_the_role_and_the_playbook_mean_the_same_mark() -> None:
    role = COLLECTION / "roles" / "load_balancer"
    known = yaml.safe_load((role / "vars" / "main.yml").read_text(encoding="utf-8"))
    ours = yaml.safe_load((COLLECTION / "playbooks" / "vars" / "maintenance.yml").read_text(encoding="utf-8"))
    assert ours["maintenance_mark"] == known["__load_balancer_maintenance"]
    unit = (role / "templates" / "failback-dropin.conf.j2").read_text(encoding="utf-8").partition("[Unit]\n")[2]
    assert "ConditionPathExists=!{{ __load_balancer_maintenance }}" in unit.splitlines()


def test_a_server_goes_out_and_comes_back(pair: Pair) -> None:
    build(pair.folder)
    out = pair.run("storage", "out", "--check")
    assert (out.status, out.done) == (0, [])
    assert out.said.startswith("nfs: nfs-01 would be held out, and nfs-02 would serve; now nfs-01 serves.\nweb: ")

    out = pair.run("storage", "out", "-e", 'maintenance_why="new disks"')
    assert (out.status, out.done) == (0, ["lb1 hold nfs nfs-01 new disks", "lb1 hold web nfs-01 new disks"])
    assert out.said.splitlines() == [
        "nfs: nfs-01 is held out, also over reboots, and nfs-02 serves.",
        "web: nfs-01 is held out, also over reboots, and nfs-02 serves.",
    ]
    out = pair.run("nfs-01", "back")
    assert out.status == 0
    assert out.done[2:] == ["lb1 release nfs nfs-01 maintenance", "lb1 release web nfs-01 maintenance"]
    assert out.said.splitlines() == [
        "nfs: nfs-01 is let in again, and nfs-01 serves.",
        "web: nfs-01 is let in again, and nfs-01 and nfs-02 serve.",
    ]


def test_it_looks_until_a_step_has_come_true(pair: Pair) -> None:
    build(pair.folder, pools=ONE_POOL, slow=3)
    out = pair.run("nfs-01", "out", "-e", "maintenance_patience=60")
    assert (out.status, out.done) == (0, ["lb1 hold nfs nfs-01 maintenance"])
    # Two directors in three looks.
    assert out.state["slow"] == -3


def half_done(pair: Pair, fault: str, **changes: t.Any) -> Outcome:
    """A server goes out of two directors, and something goes wrong on the way."""
    build(pair.folder, faults=[fault], **changes)
    out = pair.run("nfs-01", "out")
    assert out.status != 0
    return out


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        # keepalived does not do it.
        ("hold web", "after 0 seconds nfs-01 still serves director web on lb1, and"),
        # The service refuses it, and what undoes it as well.
        ("order web", "no director and server web:nfs-01 that can be held out. What was done"),
    ],
)
def test_a_server_that_does_not_leave_every_pool_comes_back_to_all(pair: Pair, fault: str, why: str) -> None:
    out = half_done(pair, fault)
    assert [line.rpartition(" ")[0] for line in out.done] == [
        "lb1 hold nfs nfs-01",
        "lb1 hold web nfs-01",
        "lb1 release web nfs-01",
        "lb1 release nfs nfs-01",
    ]
    assert out.said.startswith("Hold nfs-01 out of director web: %s" % why)
    assert "What was done is put back. web: nfs-01 is let in again" in out.said
    assert out.said.endswith("nfs: nfs-01 is let in again, and nfs-01 serves.")


def test_whom_another_server_has_replaced_only_a_person_lets_in_where_the_director_says_so(pair: Pair) -> None:
    out = half_done(pair, "hold web", failback="manual")
    assert [line.rpartition(" ")[0] for line in out.done] == [
        "lb1 hold nfs nfs-01",
        "lb1 hold web nfs-01",
        "lb1 release web nfs-01",
    ]
    assert "nfs-01 stays held out of director nfs, for another server has taken writes since" in out.said


def test_a_run_that_leaves_out_a_director_does_nothing(pair: Pair) -> None:
    build(pair.folder)
    out = pair.run("nfs-01", "out", "--limit", "storage")
    assert (out.status != 0, out.done) == (True, [])
    assert out.said.startswith("lb1, lb2: left out of this run, so nothing was done.")


def test_a_director_whose_partner_is_cut_off_stays(pair: Pair) -> None:
    build(pair.folder, faults=["isolated lb2"])
    out = pair.run("lb1", "out")
    assert (out.status != 0, out.done, pair.marked()) == (True, [], [])
    assert "lb2 sees neither a server nor another director" in out.said


def test_what_cannot_be_put_back_is_told(pair: Pair) -> None:
    # It comes to one director only, and when it is held out again, nobody serves any more.
    build(pair.folder, pools=ONE_POOL, faults=["table lb2"], records={"nfs:nfs-01": HELD}, able=["nfs-01"])
    out = pair.run("nfs-01", "back")
    assert out.status != 0
    assert out.done == ["lb1 release nfs nfs-01 maintenance", "lb1 hold nfs nfs-01 maintenance"]
    assert "nfs-01 does not serve director nfs on lb2. What was done could not be put back whole: nobody" in out.said


def test_nothing_is_done_to_a_standby(pair: Pair) -> None:
    build(pair.folder, pools=ONE_POOL)
    out = pair.run("nfs-02", "out")
    assert (out.status, out.done) == (0, [])
    assert out.said == (
        "nfs: nothing was changed, nfs-01 serves. nfs-02, the standby, may be switched off now; while it is away, "
        "nobody takes over for nfs-01."
    )


def test_a_standby_that_is_not_well_is_not_back(pair: Pair) -> None:
    build(pair.folder, pools=ONE_POOL, able=["nfs-01"])
    out = pair.run("nfs-02", "back")
    assert out.status != 0
    assert "after 0 seconds nfs-02 does not pass its checks in director nfs on lb1, and nfs-02 does not" in out.said
    assert out.said.endswith("Nothing was changed.")


def test_the_master_goes_out_and_comes_back(pair: Pair) -> None:
    build(pair.folder)
    out = pair.run("lb1", "out", "--check")
    assert (out.status, out.done, pair.marked()) == (0, [], [])

    out = pair.run("lb1", "out")
    assert (out.status, out.done, pair.marked(), out.state["master"]) == (0, ["lb1 stop"], ["lb1"], "lb2")
    assert mark(pair.folder, "lb1").read_text() == "maintenance\n"
    assert out.said.splitlines() == [
        "lb1: keepalived is stopped and stays so over reboots; lb2 has the virtual addresses.",
        "nfs: nfs-01 serves.",
        "web: nfs-01 and nfs-02 serve.",
    ]
    # The director that is out has an empty table and must not be waited for.
    out = pair.run("nfs-01", "out")
    assert (out.status, len(out.done)) == (0, 3), out.said

    out = pair.run("lb1", "back", "-e", "load_balancer_vrrp_preempt=true")
    assert (out.status, out.done[3:], pair.marked(), out.state["master"]) == (0, ["lb1 start"], [], "lb2")
    assert out.said.startswith(
        "lb1: keepalived runs again with the same servers; lb2 has the virtual addresses, and lb1 takes them if its "
    )


def test_a_director_that_cannot_go_is_put_back(pair: Pair) -> None:
    build(pair.folder, faults=["vrrp"])
    why = "lb1 still has 192.168.10.50, and of lb1, lb2 lb1 still has the virtual addresses"
    out = pair.run("lb1", "out")
    assert out.status != 0
    assert (out.done, pair.marked(), out.state["running"]) == (["lb1 stop", "lb1 start"], [], ["lb1", "lb2"])
    assert "after 0 seconds %s. What was done is put back. lb1: keepalived runs again" % why in out.said


def test_a_director_that_comes_back_with_other_servers_goes_out_again(pair: Pair) -> None:
    build(pair.folder, running=["lb1"], faults=["table lb2"])
    mark(pair.folder, "lb2").write_text("new disks\n")
    out = pair.run("lb2", "back")
    assert out.status != 0
    assert (out.done, pair.marked(), out.state["running"]) == (["lb2 start", "lb2 stop"], ["lb2"], ["lb1"])
    assert "in director nfs, nfs-02 serves on lb2, but nfs-01 serves on lb1" in out.said


def test_a_director_whose_unit_does_not_heed_the_mark_stays(pair: Pair) -> None:
    build(pair.folder, faults=["condition"])
    out = pair.run("lb2", "out")
    assert out.status != 0
    assert (out.done, pair.marked()) == ([], [])
    assert "Run linuxha.lvs.site first" in out.said


def test_one_director_answers(pair: Pair) -> None:
    build(pair.folder)
    out = pair.run("lb2", "out", unreachable="lb1")
    assert (out.status, out.done) == (2, [])
    assert out.said == "No director besides lb2 answers, so nobody would have the virtual addresses."
    out = pair.run("nfs-01", "out", unreachable="lb2")
    assert (out.status, len(out.done)) == (0, 2), out.said
    assert out.said.endswith("Not asked, for they do not answer: lb2.")


def test_the_failback_does_not_wait_for_a_director_in_maintenance(pair: Pair) -> None:
    build(pair.folder, running=["lb1"], records={"nfs:nfs-01": {**HELD, "person": False}})
    words = "failback_director=nfs failback_server=nfs-01"
    out = pair.run("", "", "-e", words, playbook="failback")
    assert (out.status, out.said) == (0, "nfs: nfs-01 serves again.")
