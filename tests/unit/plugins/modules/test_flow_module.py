# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole of ipvs_flow against a host of its own."""

from __future__ import annotations

import os

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.nft import Chain, NftRule, Table
from ansible_collections.linuxha.lvs.plugins.module_utils._plan.flows import FLOWS_PATH, UNIT
from ansible_collections.linuxha.lvs.tests.unit.fakes.fake_nft import TOOLS, FakeHost
from ansible_collections.linuxha.lvs.tests.unit.fakes.flow_play import flow_host, flow_play

host = pytest.fixture(flow_host)
play = pytest.fixture(flow_play)

SEED = {
    "name": "nfs",
    "policy": "director",
    "director": "nfs",
    "rules": [{"action": "match", "iface": "eth0", "dst": "192.168.10.50"}],
}
DENY = {"name": "deny", "policy": "deny", "rules": [{"src": "10.0.0.0/8"}]}
SKIP = {"name": "skip", "rules": [{"src": "10.0.0.0/8"}]}


def path(host, name):
    return host.root + name


def read(host, name):
    with open(path(host, name), encoding="utf-8") as handle:
        return handle.read()


def names(result, when="after"):
    return [flow["name"] for flow in result["flows"][when]]


def test_first_run(host, play):
    done = play(SEED)
    assert done["changed"]
    assert done["flows"] == {"before": [], "after": [{**SEED, "direction": "in"}]}
    assert done["rules"]["before"] == []
    assert '\t\tjump flow-nfs comment "director nfs"' in done["rules"]["after"]
    assert host.table.lines() == done["rules"]["after"]
    assert host.enabled == host.active == {UNIT}
    assert "\n".join(done["rules"]["after"]) in read(host, FLOWS_PATH)
    # Judged before anything was written, and read back before systemd was told.
    assert host.commands.index("nft -c -f -") < host.commands.index("nft -f -")
    assert host.commands[host.commands.index("nft -f -") + 1] == "nft -j list table inet lvs_flows"


@pytest.mark.parametrize("check", [True, False])
def test_second_run_changes_nothing(host, play, check):
    first = play(SEED)
    host.frozen = True
    before = host.snapshot()
    second = play(SEED, check=check)
    assert not second["changed"]
    assert second["diff"] == []
    assert second["rules"] == {"before": first["rules"]["after"], "after": first["rules"]["after"]}
    assert host.snapshot() == before


@pytest.mark.parametrize("tools", [TOOLS, ("systemctl",), ()])
def test_check_mode_on_a_bare_host_predicts_the_first_run(host, play, tools):
    host.tools, host.frozen = set(tools), True
    before = host.snapshot()
    predicted = play(SEED, DENY, check=True)
    assert host.snapshot() == before
    host.tools, host.frozen = set(TOOLS), False
    assert play(SEED, DENY) == predicted


def test_reading_does_not_load_nf_tables(host, play):
    os.makedirs(path(host, "/proc/sys/kernel"))
    os.makedirs(path(host, "/lib/modules/6.1"))
    for name, text in (
        ("/proc/modules", "ext4 1 0 - Live\n"),
        ("/proc/sys/kernel/osrelease", "6.1\n"),
        ("/lib/modules/6.1/modules.dep", "kernel/net/netfilter/nf_tables.ko: x.ko\n"),
    ):
        with open(path(host, name), "w", encoding="utf-8") as handle:
            handle.write(text)
    assert play(SEED, check=True)["changed"]
    assert not [command for command in host.commands if "nft" in command]


def test_a_table_that_somebody_flushed_comes_back(host, play):
    first = play(SEED)
    host.table = None
    again = play(SEED)
    assert again["changed"]
    assert again["rules"] == first["rules"]
    assert host.table.lines() == first["rules"]["after"]
    assert [entry["after_header"] for entry in again["diff"]] == ["table inet lvs_flows (kernel)"]


def test_a_rule_that_somebody_added_goes_away(host, play):
    play(SEED)
    right = host.table
    chain = right.chains["flow-nfs"]
    host.table = Table([*right.chains.values(), Chain(chain.name, (NftRule(("accept",)), *chain.rules))])
    assert play(SEED)["changed"]
    assert host.table == right


def test_a_unit_that_is_off_is_started(host, play):
    play(SEED)
    host.active.clear()
    host.enabled.clear()
    assert play(SEED)["changed"]
    assert host.active == host.enabled == {UNIT}
    assert not play(SEED)["changed"]


def test_flows_that_are_not_named_stay_where_they_are(host, play):
    play(DENY, SEED, SKIP)
    other = {**SEED, "name": "other", "director": "other"}
    done = play({**SEED, "policy": "permit", "director": None}, other)
    assert names(done) == ["deny", "nfs", "other", "skip"]
    assert names(play({"name": "deny", "state": "absent"})) == ["nfs", "other", "skip"]
    assert names(play(SKIP, prune=True)) == ["skip"]


def test_flows_of_the_file_survive_a_flush_of_the_kernel(host, play):
    play(DENY, SEED)
    host.table = None
    assert names(play(SEED)) == ["deny", "nfs"]


def test_the_last_flow_takes_everything_with_it(host, play):
    play(SEED)
    done = play({"name": "nfs", "state": "absent"})
    assert done["changed"]
    assert done["flows"]["after"] == done["rules"]["after"] == []
    assert (host.table, host.enabled, host.active) == (None, set(), set())
    assert not os.path.exists(path(host, FLOWS_PATH))
    host.frozen = True
    assert not play({"name": "nfs", "state": "absent"})["changed"]


def settled(snapshot, journal=True):
    """What is to be as before. The lock stays; the journal only where the old state could not be put back."""
    files = {
        name: text
        for name, (text, _time) in snapshot[0].items()
        if not name.endswith("/run/linuxha-lvs.lock") and (journal or not name.endswith("ipvs_flow.unfinished"))
    }
    return files, *snapshot[1:]


@pytest.mark.parametrize(
    "command",
    [
        "nft -c -f -",
        "nft -f -",
        "systemctl daemon-reload",
        "systemctl enable --quiet %s" % UNIT,
        "systemctl start %s" % UNIT,
    ],
)
@pytest.mark.parametrize("flows", [(), (DENY,)])
def test_a_step_that_fails_leaves_nothing_behind(host, play, command, flows):
    if flows:
        play(*flows)
        host.active.clear()
        host.enabled.clear()
        os.unlink(path(host, "/etc/systemd/system/" + UNIT))
    before = host.snapshot()
    host.fail[command] = "no, said the fake"
    failed = play(SEED, DENY)
    assert failed["failed"]
    assert "no, said the fake" in failed["msg"]
    host.fail.clear()
    assert settled(host.snapshot(), command not in ("nft -f -", "systemctl daemon-reload")) == settled(before)
    done = play(SEED, DENY)
    assert done["changed"]
    assert not play(SEED, DENY)["changed"]


def test_a_kernel_that_holds_something_else_is_found_out(host, play, monkeypatch):
    play(DENY)
    right = host.table
    monkeypatch.setattr(host, "parse", lambda text: right if "flow-nfs" in text else FakeHost.parse(text))
    before = host.snapshot()
    failed = play(SEED)
    assert failed["msg"].startswith("The kernel's table inet lvs_flows is not what was asked for: it lacks ")
    assert failed["msg"].endswith("The old state is back; nothing has changed.")
    assert host.snapshot()[1:] == before[1:]
    assert "flow-nfs" not in read(host, FLOWS_PATH)


def test_a_damaged_file_is_mended_from_the_kernel_or_refused(host, play):
    play(DENY, SEED)
    with open(path(host, FLOWS_PATH), "a", encoding="utf-8") as handle:
        handle.write("what?\n")
    assert names(play(SEED)) == ["deny", "nfs"]
    with open(path(host, FLOWS_PATH), "a", encoding="utf-8") as handle:
        handle.write("what?\n")
    host.table = None
    failed = play(SEED)
    assert failed["failed"]
    assert "Cannot tell which flows to keep: /etc/linuxha-lvs/flows.nft is damaged" in failed["msg"]
    assert names(play(SEED, prune=True)) == ["nfs"]


def test_real_run_without_nft_says_what_to_install(host, play):
    host.tools = {"systemctl"}
    failed = play(SEED)
    assert failed["msg"] == "Cannot check the flows: there is no nft on this host; install the package nftables."
    assert not os.path.exists(path(host, FLOWS_PATH))


def test_wrong_input_touches_nothing(host, play):
    host.frozen = True
    failed = play({**SEED, "rules": [{"dst": "10.0.0.1/33"}]})
    assert failed["msg"] == (
        'flow "nfs": rules[0]: dst is "10.0.0.1/33", must be an IPv4 or IPv6 address, or a network such as 10.0.0.0/8'
    )
    assert host.commands == []


def test_the_argument_specs_complaints_name_the_flow(play):
    assert play({**SEED, "policy": "deni"})["msg"].startswith('flow "nfs": policy is "deni", must be one of permit, ')


@pytest.mark.parametrize("check", [False, True])
def test_a_link_in_a_files_place_is_refused(host, play, check):
    link = path(host, FLOWS_PATH)
    os.makedirs(os.path.dirname(link))
    os.symlink("elsewhere.nft", link)
    done = play(SEED, check=check)
    assert done["msg"].startswith("Cannot change %s: it is a symbolic link to elsewhere.nft" % FLOWS_PATH)
    assert done["msg"].endswith("Nothing has been changed.")
    assert os.readlink(link) == "elsewhere.nft"
    assert host.table is None
