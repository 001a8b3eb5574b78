# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One story, in this order: a server fails, comes back, is held out through everything, and is let in by a person."""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from conftest import PROGRAM, Director

from lvsmeasure import nodes
from lvsmeasure.cell import CLIENT, MOUNTS, probe_file
from lvsmeasure.stream import Stream
from lvsmodule.host import TOP, HostError, Node, wait_until
from lvsmodule.play import play

Directors = dict[str, Director]
MORE = ("-i", str(TOP / "molecule/inventory/failback.yml"))
LET_IN = (*MORE, "-e", "failback_director=nfs", "-e", "failback_server=nfs-01")
# What is done to a director; keepalived's checker is the first of its children.
DEEDS = {
    "reload": "systemctl reload keepalived",
    "restart": "systemctl restart keepalived",
    "its checker dies": "pkill -KILL --oldest --parent $(cat /run/keepalived.pid)",
    "all of it dies": "pkill -KILL keepalived; sleep 0.2; systemctl restart keepalived",
    "the agreement restarts": "systemctl restart linuxha-lvs-failback",
}


def lab(*words: str) -> None:
    subprocess.run([str(TOP / "lab/lab"), *words], check=True, timeout=300)


def everywhere(directors: Directors, what: str, serving: str, held: bool, limit: float = 60) -> None:
    def so() -> bool:
        try:
            return all(one.held() == held and one.serving() == [serving] for one in directors.values())
        except HostError:
            # It has only just booted.
            return False

    wait_until(what, so, limit)


def test_at_first_the_preferred_server_serves(directors: Directors) -> None:
    everywhere(directors, "nfs-01 serves", "nfs-01", held=False)
    assert sorted(one.status()["master"] for one in directors.values()) == [False, True]
    done = play("failback", *LET_IN)
    assert done.returncode != 0
    assert "nfs-01 is not held out of director nfs" in done.stdout + done.stderr


def test_both_directors_hold_a_server_out_that_failed(directors: Directors) -> None:
    lab("fault", "nfs-01", "kill")
    everywhere(directors, "both hold nfs-01 out", "nfs-02", held=True)
    records = [one.status()["records"]["nfs:nfs-01"] for one in directors.values()]
    assert records[0] == records[1]
    assert "left the pool" in records[0]["why"]


def test_one_that_cannot_serve_is_not_let_in(directors: Directors) -> None:
    done = play("failback", *LET_IN)
    assert done.returncode != 0
    assert "nfs-01 does not pass its checks" in done.stdout + done.stderr
    assert all(one.held() for one in directors.values())


def test_it_stays_out_when_it_is_back(directors: Directors) -> None:
    lab("fault", "nfs-01", "boot")
    wait_until("nfs-01 could serve", lambda: all(one.able() for one in directors.values()), 120)
    for one in directors.values():
        # Two intervals of its checks, all of them good.
        assert one.while_running("sleep 1") == [["nfs-02"]]


@pytest.mark.parametrize("name", ["lb1", "lb2"])
@pytest.mark.parametrize("deed", list(DEEDS))
def test_it_stays_out_whatever_happens_to_a_director(directors: Directors, name: str, deed: str) -> None:
    one = directors[name]
    seen = one.while_running(DEEDS[deed])
    assert [servers for servers in seen if servers not in ([], ["nfs-02"])] == [], seen
    everywhere(directors, "all is as it was", "nfs-02", held=True)


@pytest.mark.parametrize("name", ["lb1", "lb2"])
def test_it_stays_out_when_a_director_loses_power(directors: Directors, name: str) -> None:
    lab("fault", name, "kill")
    lab("fault", name, "boot")
    wait_until("keepalived runs", lambda: directors[name].serving() != [], 60)
    assert directors[name].serving() == ["nfs-02"]
    everywhere(directors, "all is as it was", "nfs-02", held=True)


def test_check_mode_lets_nobody_in(directors: Directors) -> None:
    done = play("failback", *LET_IN, "--check")
    assert done.returncode == 0, done.stdout
    assert "nfs-01 would serve again" in done.stdout
    everywhere(directors, "nfs-02 serves as before", "nfs-02", held=True, limit=5)


def test_a_person_lets_it_in_also_on_a_director_that_is_away(directors: Directors) -> None:
    wait_until("nfs-01 could serve", lambda: all(one.able() for one in directors.values()), 60)
    away, here = sorted(directors.values(), key=lambda one: bool(one.status()["master"]))
    lab("fault", away.host.name, "kill")
    done = play("failback", *LET_IN, "-e", 'failback_why="its disks are as they were"')
    assert done.returncode == 0, done.stdout
    assert "they take it over when they are back" in done.stdout
    assert (here.held(), here.serving()) == (False, ["nfs-01"])
    lab("fault", away.host.name, "boot")
    everywhere(directors, "the other one knows it too", "nfs-01", held=False)
    assert away.status()["records"]["nfs:nfs-01"]["why"] == "its disks are as they were"


# Hosts that must be switched off.


def test_the_status_is_one_table() -> None:
    done = play("status", *MORE)
    assert done.returncode == 0, done.stdout + done.stderr
    said = " ".join(done.stdout.split())
    assert "lb1 and lb2 answer and agree." in said, done.stdout
    assert "nfs nfs-01 primary serves pass" in said, done.stdout
    asked = play("status", *MORE, "-e", "status_query=directors[].servers[?serving].name[]")
    assert asked.returncode == 0, asked.stdout + asked.stderr
    assert '"nfs-01"' in asked.stdout
    assert '"nfs-02"' not in asked.stdout


def maintenance(host: str, action: str, *options: str) -> subprocess.CompletedProcess[str]:
    return play(
        "maintenance", *MORE, "-e", "maintenance_host=%s" % host, "-e", "maintenance_action=%s" % action, *options
    )


def test_a_server_goes_out_and_comes_back(directors: Directors) -> None:
    tried = maintenance("nfs-01", "out", "--check")
    assert tried.returncode == 0, tried.stdout + tried.stderr
    everywhere(directors, "nfs-01 serves as before", "nfs-01", held=False, limit=5)
    done = maintenance("nfs-01", "out", "-e", 'maintenance_why="new disks"')
    assert done.returncode == 0, done.stdout + done.stderr
    everywhere(directors, "nfs-02 serves", "nfs-02", held=True, limit=5)
    assert all(one.status()["records"]["nfs:nfs-01"]["why"] == "new disks" for one in directors.values())
    refused = maintenance("nfs-02", "out")
    assert refused.returncode != 0
    assert "nfs-02" in refused.stdout + refused.stderr
    done = maintenance("nfs-01", "back")
    assert done.returncode == 0, done.stdout + done.stderr
    everywhere(directors, "nfs-01 serves again", "nfs-01", held=False, limit=5)


def test_a_director_stays_out_over_a_reboot_and_comes_back(directors: Directors) -> None:
    (name,) = (name for name, one in directors.items() if one.status()["master"])
    (other,) = set(directors) - {name}
    done = maintenance(name, "out")
    assert done.returncode == 0, done.stdout + done.stderr
    assert directors[other].status()["master"]
    lab("fault", name, "reboot")
    wait_until("its agreement runs", lambda: directors[name].host.ask(PROGRAM + " status").returncode == 0, 120)
    assert directors[name].host.ask("systemctl is-active keepalived").returncode != 0
    refused = play("site", *MORE, "--limit", name)
    assert refused.returncode != 0
    assert "is in maintenance" in refused.stdout + refused.stderr
    assert maintenance(other, "out").returncode != 0
    done = maintenance(name, "back")
    assert done.returncode == 0, done.stdout + done.stderr
    everywhere(directors, "nfs-01 serves on both", "nfs-01", held=False)
    assert directors[other].status()["master"]


def test_the_client_still_writes() -> None:
    client = Node("web1")
    client.run("timeout 100 sh -c 'echo done > /mnt/nfs-v4/failback && cat /mnt/nfs-v4/failback'")


# The same hosts with the seed's text: a server comes back by itself.


def test_the_directors_go_back_to_the_seed(directors: Directors) -> None:
    done = play("site", "--limit", "load_balancers")
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(one.status()["pools"]["nfs"]["failback"] == "auto" for one in directors.values())
    everywhere(directors, "nfs-01 serves as before", "nfs-01", held=False)


@pytest.mark.parametrize("deed", ["reload", "restart", "all of it dies"])
def test_a_dead_server_is_never_beside_the_standby(directors: Directors, deed: str) -> None:
    if directors["lb1"].serving() == ["nfs-01"]:
        lab("fault", "nfs-01", "kill")
    everywhere(directors, "nfs-02 serves", "nfs-02", held=True)
    for one in directors.values():
        seen = one.while_running(DEEDS[deed])
        assert [servers for servers in seen if servers not in ([], ["nfs-02"])] == [], seen
    everywhere(directors, "all is as it was", "nfs-02", held=True)


def test_it_comes_back_by_itself(directors: Directors) -> None:
    lab("fault", "nfs-01", "boot")
    everywhere(directors, "nfs-01 serves again", "nfs-01", held=False, limit=120)


# Without a partner.


def longest_wait(command: str) -> float:
    """The longest that a client waits for a record while this happens on lb1."""
    nodes.install_probe(CLIENT)
    name = secrets.token_hex(4)
    streams = [Stream(CLIENT, "%s/%s" % (mount, probe_file(version)), name, 0.1) for version, mount in MOUNTS.items()]
    try:
        wait_until("the clients write steadily", lambda: all(one.steady() for one in streams), 150)
        begun = time.time()
        Node("lb1").run(command)
        time.sleep(8)
    finally:
        for one in streams:
            one.stop()
    writes = [write for one in streams for write in one.writes]
    assert not [write for write in writes if write.error]
    return max(write.seconds for write in writes if write.end > begun)


def test_alone_a_director_restarts_and_nobody_notices(directors: Directors) -> None:
    lab("fault", "lb2", "kill")
    done = play("site", "--limit", "lb1", "-e", "load_balancer_group=")
    assert done.returncode == 0, done.stdout + done.stderr
    # It still runs as it was started when it had a partner.
    directors["lb1"].host.run("systemctl restart keepalived")
    for deed in ("restart", "all of it dies"):
        waited = longest_wait(DEEDS[deed])
        print("%s: %.2f s" % (deed, waited))
        assert waited < 1.0, deed
        assert directors["lb1"].serving() == ["nfs-01"]


def test_it_gives_the_addresses_up_when_it_has_got_a_partner(directors: Directors) -> None:
    lab("fault", "lb2", "boot")
    done = play("site", "--limit", "load_balancers")
    assert done.returncode == 0, done.stdout + done.stderr
    lb1, lb2 = directors["lb1"].host, directors["lb2"].host
    # Whoever had them meanwhile: lb1 did not know yet that there is another one.
    lb2.run("systemctl stop keepalived")
    wait_until("lb1 has the addresses", lambda: directors["lb1"].status()["master"], 10)
    lb2.run("systemctl start keepalived")
    everywhere(directors, "nfs-01 serves on both", "nfs-01", held=False)
    assert directors["lb1"].status()["master"]
    # It was started as one without a partner.
    assert b"--dont-release-vrrp" in lb1.run("cat /proc/$(cat /run/keepalived.pid)/cmdline").encode()
    lb1.run("systemctl stop keepalived")
    wait_until("lb2 has the addresses", lambda: directors["lb2"].status()["master"], 10)
    assert not directors["lb1"].status()["master"]
    lb1.run("systemctl start keepalived")
    everywhere(directors, "nfs-01 serves on both", "nfs-01", held=False)
