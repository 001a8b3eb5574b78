# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role load_balancer writes into keepalived.conf, rendered in one run after its own preflight."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.linuxha.lvs.tests.unit.fakes.once import once
from ansible_collections.linuxha.lvs.tests.unit.roles.preflight_cases import ALOHA

COLLECTION = Path(__file__).resolve().parents[3]

FOUR = ["192.168.10.50"]
SIX = ["fd99::50"]
MANY = ["192.168.10.%d" % number for number in range(50, 80)]
NETWORKS = [{"local": "192.168.10.9", "prefixlen": 24}, {"local": "fd99::9", "prefixlen": 64}]
# As ipvsadm tells it.
HALVES = [
    "%s sync daemon (mcast=eth0, syncid=51, maxlen=1472, group=224.0.0.81)" % half for half in ("master", "backup")
]
OTHERS = ["master sync daemon (mcast=eth01, syncid=51)", "backup sync daemon (mcast=eth0, syncid=511)"]
LINKS = [{"ifname": "eth0", "addr_info": NETWORKS}, {"ifname": "eth1"}, {"ifname": "bond0"}]


def pair(
    name: str, vips: list[str], *, six: bool = False, size: int = 2, **variables: t.Any
) -> dict[str, dict[str, t.Any]]:
    """Directors of one group."""
    address = "fd99::1%d" if six else "192.168.10.1%d"
    return {
        "%s_%d" % (name, number): {
            "load_balancer_group": name,
            "load_balancer_address": address % number,
            "load_balancer_vips": vips,
            **variables,
        }
        for number in range(1, size + 1)
    }


HOSTS = {
    **pair("four", FOUR),
    **pair("six", SIX, six=True),
    **pair("mixed", [*SIX, *FOUR]),
    **pair("mixed_by_six", [*FOUR, *SIX], six=True),
    **pair("many", MANY),
    **pair("crowd", FOUR, size=6),
    **pair("multicast", [*FOUR, *SIX], load_balancer_vrrp_multicast=True),
    **pair("multicast_six", SIX, load_balancer_vrrp_multicast=True),
    # As "-e x=false" gives it.
    **pair("words", FOUR, load_balancer_vrrp_multicast="false", load_balancer_vrrp_preempt="false"),
    **pair("tracked", FOUR, load_balancer_vrrp_track_interfaces=["eth1", "eth0", "bond0", "eth1"]),
    **pair("tracked_itself", FOUR, load_balancer_vrrp_track_interfaces=["eth0"]),
    **pair("preempt", FOUR, load_balancer_vrrp_preempt=True),
    **pair("preempt_soon", FOUR, load_balancer_vrrp_preempt=True, load_balancer_vrrp_preempt_delay=5),
    **pair("unsynchronised", FOUR, load_balancer_sync_daemon="false"),
    **pair("told_both", FOUR, told={"stdout": "\n".join(HALVES)}),
    **pair("told_half", FOUR, told={"stdout": HALVES[0]}),
    **pair("told_others", FOUR, told={"stdout": "\n".join(OTHERS)}),
    **pair("slow", FOUR, load_balancer_vrrp_advert_interval=1),
    "alone": {"load_balancer_group": "", "load_balancer_address": "192.168.10.11", "load_balancer_vips": FOUR},
    # VRRP by multicast is of the family of the addresses, whatever the director's own address is.
    "alone_six": {"load_balancer_group": "", "load_balancer_address": "192.168.10.11", "load_balancer_vips": SIX},
}
# Only these write their file; of most groups the second one is there to be a peer.
WRITERS = [name for name in HOSTS if name.endswith("_1") or name in ("four_2", "mixed_by_six_2", "alone", "alone_six")]
FOUR_1 = """
vrrp_instance linuxha_lvs {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 150
    advert_int 0.25
    nopreempt
    unicast_src_ip 192.168.10.11
    unicast_peer {
        192.168.10.12
    }
    # Without it an advert from any address counts.
    check_unicast_src
    track_file {
        linuxha_lvs_isolated
    }
    virtual_ipaddress {
        192.168.10.50/32 dev eth0
    }
}
"""
PLAY = """
- hosts: "%(writers)s"
  gather_facts: false
  tasks:
    - ansible.builtin.include_role:
        name: linuxha.lvs.load_balancer
        tasks_from: preflight
        public: true
    - ansible.builtin.copy:
        dest: "{{ playbook_dir }}/{{ inventory_hostname }}.conf"
        mode: "0600"
        content: "{{ lookup('template', '%(roles)s/load_balancer/templates/keepalived.conf.j2') }}"
    - ansible.builtin.copy:
        dest: "{{ playbook_dir }}/{{ inventory_hostname }}.sync"
        mode: "0600"
        content: "{{ lookup('template', '%(roles)s/load_balancer/templates/sync.service.j2') }}"
    - ansible.builtin.copy:
        dest: "{{ playbook_dir }}/{{ inventory_hostname }}.syncs"
        mode: "0600"
        content: "{{ {'syncs': __load_balancer_syncs, 'lacking': __load_balancer_sync_lacking} | to_json }}"
      vars:
        __load_balancer_sync_read: "{{ told | default({}) }}"
    - ansible.builtin.copy:
        dest: "{{ playbook_dir }}/{{ inventory_hostname }}.json"
        mode: "0600"
        content: "{{ __load_balancer_failback_config.peers | to_json }}"
      when: load_balancer_group == 'crowd'
"""


@pytest.fixture(scope="module", name="written")
def _written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return once(tmp_path_factory, "keepalived", _run)


def _run(folder: Path) -> dict[str, str]:
    (folder / "ansible_collections" / "linuxha").mkdir(parents=True)
    (folder / "ansible_collections" / "linuxha" / "lvs").symlink_to(COLLECTION)
    everywhere = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "load_balancer_aloha": ALOHA,
        "load_balancer_interface": "eth0",
        "__load_balancer_conf_read": {"content": ""},
        "__load_balancer_links_read": {"stdout": json.dumps(LINKS)},
        "__load_balancer_os_release": {"content": base64.b64encode(b"ID=debian\n").decode()},
    }
    groups: dict[str, dict[str, t.Any]] = {}
    for name, variables in HOSTS.items():
        if variables["load_balancer_group"]:
            groups.setdefault(variables["load_balancer_group"], {"hosts": {}})["hosts"][name] = {}
    inventory = {"all": {"hosts": HOSTS, "vars": everywhere, "children": groups}}
    (folder / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
    (folder / "play.yml").write_text(
        PLAY % {"writers": ",".join(WRITERS), "roles": COLLECTION / "roles"}, encoding="utf-8"
    )
    argv = [sys.executable, "-m", "ansible.cli.playbook", "-i", "inventory.json", "play.yml"]
    changes = {"ANSIBLE_COLLECTIONS_PATH": str(folder), "ANSIBLE_NOCOLOR": "1"}
    done = subprocess.run(argv, cwd=folder, env={**os.environ, **changes}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.is_file()}


@pytest.fixture(scope="module", name="texts")
def _texts(written: dict[str, str]) -> dict[str, str]:
    return {name: written[name + ".conf"] for name in WRITERS}


def block(text: str, name: str) -> list[str] | None:
    """The lines of a block inside vrrp_instance, if it is there."""
    found = re.search(r"^    %s \{\n(.*?)^    \}\n" % name, text, flags=re.MULTILINE | re.DOTALL)
    return [line.strip() for line in found[1].splitlines()] if found else None


def test_a_pair(texts: dict[str, str]) -> None:
    assert FOUR_1 in texts["four_1"]
    other = texts["four_2"]
    assert "priority 140\n" in other
    assert "unicast_src_ip 192.168.10.12\n" in other
    assert block(other, "unicast_peer") == ["192.168.10.11"]


@pytest.mark.parametrize(
    ("host", "carried", "others"),
    [
        ("six_1", "fd99::50/128 dev eth0", None),
        ("mixed_1", "192.168.10.50/32 dev eth0", ["fd99::50/128 dev eth0"]),
        ("mixed_by_six_1", "fd99::50/128 dev eth0", ["192.168.10.50/32 dev eth0"]),
        ("many_1", "192.168.10.50/32 dev eth0", ["%s/32 dev eth0" % vip for vip in MANY[1:]]),
        ("multicast_1", "192.168.10.50/32 dev eth0", ["fd99::50/128 dev eth0"]),
        ("multicast_six_1", "fd99::50/128 dev eth0", None),
        ("alone", "192.168.10.50/32 dev eth0", None),
        ("alone_six", "fd99::50/128 dev eth0", None),
    ],
)
def test_an_advert_carries_one_address_and_all_move(
    texts: dict[str, str], host: str, carried: str, others: list[str] | None
) -> None:
    text = texts[host]
    assert text.count("vrrp_instance ") == 1
    assert block(text, "virtual_ipaddress") == [carried]
    assert block(text, "virtual_ipaddress_excluded") == others


@pytest.mark.parametrize(
    ("host", "source", "peers"),
    [
        ("six_1", "fd99::11", ["fd99::12"]),
        ("mixed_1", "192.168.10.11", ["192.168.10.12"]),
        ("mixed_by_six_2", "fd99::12", ["fd99::11"]),
        ("words_1", "192.168.10.11", ["192.168.10.12"]),
    ],
)
def test_unicast_between_the_directors(texts: dict[str, str], host: str, source: str, peers: list[str]) -> None:
    assert "    unicast_src_ip %s\n" % source in texts[host]
    assert block(texts[host], "unicast_peer") == peers
    assert "    check_unicast_src\n" in texts[host]


@pytest.mark.parametrize("host", ["multicast_1", "multicast_six_1", "alone", "alone_six"])
def test_multicast_has_no_word_of_unicast(texts: dict[str, str], host: str) -> None:
    """keepalived takes each of its words without a peer for a mistake."""
    assert "unicast" not in texts[host]


@pytest.mark.parametrize(
    ("host", "tracked"), [("four_1", None), ("tracked_1", ["eth1", "bond0"]), ("tracked_itself_1", None)]
)
def test_tracked_interfaces(texts: dict[str, str], host: str, tracked: list[str] | None) -> None:
    """The interface of VRRP is tracked anyway, and keepalived refuses a file that names it once more."""
    assert block(texts[host], "track_interface") == tracked


@pytest.mark.parametrize(
    ("host", "line"),
    [
        ("four_1", "nopreempt"),
        ("words_1", "nopreempt"),
        ("preempt_1", "preempt_delay 60"),
        ("preempt_soon_1", "preempt_delay 5"),
    ],
)
def test_preemption(texts: dict[str, str], host: str, line: str) -> None:
    """keepalived refuses a file with both words."""
    assert re.findall(r"^    ((?:no)?preempt.*)$", texts[host], flags=re.MULTILINE) == [line]


def test_a_director_without_a_partner_listens_for_none(texts: dict[str, str]) -> None:
    """It is there again in the moment in which keepalived is; the word nopreempt would be an error then."""
    said = re.findall(r"^    (state|priority|(?:no)?preempt)(.*)$", texts["alone"], flags=re.MULTILINE)
    assert said == [("state", " MASTER"), ("priority", " 255")]
    assert "    state BACKUP\n" in texts["four_1"]


def test_keepalived_itself_synchronises_no_connections(texts: dict[str, str]) -> None:
    """It would wait for ever when it becomes master and backup again before the kernel has let the daemon run."""
    assert "lvs_sync_daemon" not in "".join(texts.values())


@pytest.mark.parametrize(
    ("host", "syncs"), [("four_1", True), ("alone", False), ("unsynchronised_1", False), ("words_1", True)]
)
def test_only_partners_tell_each_other_of_connections(written: dict[str, str], host: str, syncs: bool) -> None:
    assert json.loads(written[host + ".syncs"])["syncs"] is syncs


@pytest.mark.parametrize(
    ("host", "group"), [("four_1", ""), ("mixed_1", ""), ("multicast_1", ""), ("six_1", " --mcast-group ff12::81")]
)
def test_both_halves_of_the_daemon_run_on_every_director(written: dict[str, str], host: str, group: str) -> None:
    words = " --mcast-interface eth0 --syncid 51%s\n" % group
    begun = [line for line in written[host + ".sync"].splitlines(keepends=True) if line.startswith("ExecStart=")]
    assert begun == ["ExecStart=/usr/sbin/ipvsadm --start-daemon %s%s" % (half, words) for half in ("master", "backup")]


@pytest.mark.parametrize(
    ("host", "lacks"),
    [
        ("four_1", ["master", "backup"]),
        ("told_both_1", []),
        ("told_half_1", ["backup"]),
        ("told_others_1", ["master", "backup"]),
        ("alone", []),
    ],
)
def test_a_half_that_does_not_run_as_declared_is_told(written: dict[str, str], host: str, lacks: list[str]) -> None:
    told = json.loads(written[host + ".syncs"])["lacking"]
    assert [one["what"] for one in told] == ["the sync daemon " + half for half in lacks]
    assert all(one["wanted"] == "runs on eth0 with syncid 51" and one["boot"] is False for one in told)


def test_a_director_without_a_partner_follows_nothing(texts: dict[str, str]) -> None:
    """Whoever has no partner keeps the addresses, whatever it sees."""
    assert "track_file" not in texts["alone"]


def test_adverts_in_hundredths_of_a_second(texts: dict[str, str]) -> None:
    assert "    advert_int 1.00\n" in texts["slow_1"]


@pytest.mark.parametrize("line", ["vrrp_version 3", "vrrp_priority -20", "vrrp_no_swap", "vrrp_garp_master_delay 1"])
def test_for_all_of_vrrp(texts: dict[str, str], line: str) -> None:
    top, _brace, _rest = texts["alone"].partition("\n}\n")
    assert "\n    %s\n" % line in top + "\n"


def test_the_failback_service_has_each_director_with_its_own_address(written: dict[str, str]) -> None:
    peers = json.loads(written["crowd_1.json"])
    assert peers == {"crowd_%d" % number: "192.168.10.1%d" % number for number in range(2, 7)}


def test_every_block_is_closed(texts: dict[str, str]) -> None:
    for name, text in texts.items():
        assert text.count("{") == text.count("}"), name
        assert text.endswith("\n}\n\ninclude conf.d/*.conf\n"), name
