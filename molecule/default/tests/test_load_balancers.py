# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directors: keepalived, the IPVS table, the flow's mark and the sysctls, as the running kernel has them."""

from __future__ import annotations

import json
import typing as t

import pytest

DIRECTORS = ("lb1", "lb2")


@pytest.mark.parametrize("node", DIRECTORS)
def test_services_run_and_start_at_boot(nodes: dict[str, t.Any], node: str) -> None:
    for unit in ("keepalived", "linuxha-lvs-flows", "linuxha-lvs-tickle", "linuxha-lvs-sync"):
        service = nodes[node].service(unit)
        assert service.is_running, unit
        assert service.is_enabled, unit


@pytest.mark.parametrize("node", DIRECTORS)
def test_connections_are_told_and_heard(nodes: dict[str, t.Any], node: str) -> None:
    """By both halves at all times: a keepalived that stops a half which has not run yet waits for ever."""
    told = nodes[node].check_output("ipvsadm --list --daemon")
    assert sorted(line.split(",")[0] for line in told.splitlines()) == [
        "backup sync daemon (mcast=eth0",
        "master sync daemon (mcast=eth0",
    ]
    assert "lvs_sync_daemon" not in nodes[node].file("/etc/keepalived/keepalived.conf").content_string


def table_of(host: t.Any) -> dict[int, list[list[str]]]:
    """The kernel's table: mark to the words of its servers' lines."""
    table: dict[int, list[list[str]]] = {}
    for line in host.file("/proc/net/ip_vs").content_string.splitlines()[3:]:
        words = line.split()
        if words[0] == "FWM":
            table[int(words[1], 16)] = []
        else:
            table[list(table)[-1]].append(words[1:4])
    return table


@pytest.mark.parametrize("node", DIRECTORS)
def test_active_server_alone_is_in_the_pool_and_both_are_watched(nodes: dict[str, t.Any], node: str) -> None:
    table = table_of(nodes[node])
    assert sorted(mark >> 31 for mark in table) == [0, 1], table
    for mark, servers in table.items():
        watched = [["C0A80A64:0000", "Route", "1"], ["C0A80A65:0000", "Route", "1"]]
        assert sorted(servers) == (watched if mark >> 31 else [["C0A80A64:0000", "Route", "10"]]), table


@pytest.mark.parametrize("node", DIRECTORS)
def test_flow_marks_with_the_mark_that_the_director_serves(nodes: dict[str, t.Any], node: str) -> None:
    marks = [mark for mark in table_of(nodes[node]) if not mark >> 31]
    rules = json.loads(nodes[node].check_output("nft -j list table inet lvs_flows"))
    wanted = [
        statement["mangle"]["value"]
        for item in rules["nftables"]
        for statement in item.get("rule", {}).get("expr", [])
        if "mangle" in statement and statement["mangle"]["key"] == {"meta": {"key": "mark"}}
    ]
    assert len(marks) == 1
    assert marks == wanted


@pytest.mark.parametrize("node", DIRECTORS)
@pytest.mark.parametrize("key", ["expire_nodest_conn", "expire_quiescent_template"])
def test_sysctls_of_the_note_hold(nodes: dict[str, t.Any], node: str, key: str) -> None:
    assert nodes[node].file("/proc/sys/net/ipv4/vs/" + key).content_string.strip() == "1"


def test_one_director_holds_the_vip(master: str) -> None:
    assert master in DIRECTORS


# A client that asks the NFS server a few times whether it is there, so that the backup hears of it, and once more.
CLIENT = """
import pathlib, socket, struct, time
end = socket.create_connection(("192.168.10.50", 2049), 10)
def call():
    end.sendall(struct.pack("!11I", 0x80000028, 1, 0, 2, 100003, 3, 0, 0, 0, 0, 0))
    return len(end.recv(100))
for _time in range(10):
    call()
print("port", "%04X" % end.getsockname()[1], flush=True)
while not pathlib.Path("/run/late-again").exists():
    time.sleep(0.1)
print("answer", call(), flush=True)
"""


def test_a_connection_that_is_heard_of_too_late_is_forgotten(nodes: dict[str, t.Any], master: str) -> None:
    """The sync daemon tells up to two seconds late, also of a server that this director has just taken out."""
    (backup,) = (nodes[name] for name in DIRECTORS if name != master)
    client = nodes["web1"]
    (mark,) = (mark for mark in table_of(backup) if not mark >> 31)
    swap = f"ipvsadm -d -f {mark} -r 192.168.10.{{}} && ipvsadm -a -f {mark} -r 192.168.10.{{}} -g -w 10"
    try:
        backup.check_output("systemctl stop linuxha-lvs-tickle && " + swap.format(100, 101))
        client.check_output(f"rm -f /run/late-again; cat >/run/late.py <<'E'\n{CLIENT}\nE")
        client.check_output("nohup python3 /run/late.py >/run/late.out 2>&1 &")
        port = client.check_output("timeout 10 sh -c 'until grep port /run/late.out; do sleep 0.1; done'").split()[1]
        entry = f"grep -Eq ' {port} C0A80A32 0801 C0A80A64 0801 ESTABLISHED +8[0-9][0-9]' /proc/net/ip_vs_conn"
        # Bound to no server of its table, it would stay for a quarter of an hour.
        backup.check_output(f'timeout 10 sh -c "until {entry}; do sleep 0.1; done"')
        backup.check_output("systemctl start linuxha-lvs-tickle")
        backup.check_output(
            f"timeout 10 sh -c 'while grep -q \" {port} C0A80A32\" /proc/net/ip_vs_conn; do sleep 0.1; done'"
        )
        client.check_output("touch /run/late-again")
        # Nobody but the backup was told.
        assert (
            client.check_output("timeout 10 sh -c 'until grep answer /run/late.out; do sleep 0.1; done'") == "answer 28"
        )
    finally:
        client.run("touch /run/late-again")
        backup.check_output("systemctl start linuxha-lvs-tickle; " + swap.format(101, 100))
    told = backup.check_output("journalctl -q -u linuxha-lvs-tickle --since -30s --no-pager")
    assert "the kernel was told to forget " in told


# Connects again and again, and says how long those took that had to wait, and what went wrong.
ASKER = """
import json, socket, time
end, waits, wrong = time.time() + 4, [], []
while time.time() < end:
    begun = time.time()
    try:
        socket.create_connection(("192.168.10.50", 2049), 5).close()
    except OSError as error:
        wrong.append(str(error))
    if time.time() - begun > 0.25:
        waits.append(time.time() - begun)
    time.sleep(0.02)
print(json.dumps([waits, wrong]))
"""


def test_who_connects_while_no_server_is_there_is_not_refused_and_asks_again_at_once(
    nodes: dict[str, t.Any], master: str
) -> None:
    """keepalived takes one server out before it puts the next one in; here it takes longer, so that it is met."""
    (mark,) = (mark for mark in table_of(nodes[master]) if not mark >> 31)
    server = f"-f {mark} -r 192.168.10.100"
    client = nodes["web1"]
    client.check_output(f"cat >/run/asker.py <<'E'\n{ASKER}\nE")
    client.check_output("nohup python3 /run/asker.py >/run/asker.out 2>&1 &")
    nodes[master].check_output(f"sleep 1; ipvsadm -d {server}; sleep 0.3; ipvsadm -a {server} -g -w 10")
    said = client.check_output("timeout 10 sh -c 'until grep . /run/asker.out; do sleep 0.1; done'")
    waits, wrong = json.loads(said)
    # A connection that was just being made may be reset.
    assert not [words for words in wrong if "refused" in words]
    # By itself it would ask again after a second.
    assert min(waits, default=9.0) < 0.9
    told = nodes[master].check_output("journalctl -q -u linuxha-lvs-tickle --since -20s --no-pager")
    assert "no server was there for a moment: asked for " in told
