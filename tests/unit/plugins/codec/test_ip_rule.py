# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the kernel's rules are ours, in the words of every version of ip."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.ip_rule import (
    IpRule,
    IpRuleError,
    parse_rules,
    render_batch,
    render_file,
    rules_for,
)
from ansible_collections.linuxha.lvs.plugins.module_utils._model.flow import read_flows
from ansible_collections.linuxha.lvs.plugins.module_utils._model.mark import table_mark

PIPES = {"capture_output": True, "text": True}
MARK = hex(table_mark(100))
OWN = {"priority": 10000, "src": "all", "fwmark": MARK, "table": "100", "protocol": "2"}


def parsed(*entries):
    return parse_rules(json.dumps(entries), 4)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"protocol": "kernel"},
        {"fwmark": str(table_mark(100))},
        {"fwmark": MARK + "/0xffffffff"},
        {"fwmask": "0xffffffff"},
    ],
)
def test_the_same_rule_in_other_words(change):
    assert parsed({**OWN, **change}) == (IpRule(4, 100),)


def test_a_rule_of_ours_elsewhere_or_of_another_protocol_is_another_one():
    assert parsed({**OWN, "priority": 5}) == (IpRule(4, 100, pref=5),)
    assert parsed({**OWN, "protocol": "0"}) == (IpRule(4, 100, protocol=0),)
    assert parsed({key: value for key, value in OWN.items() if key != "protocol"}) == (IpRule(4, 100, protocol=0),)


@pytest.mark.parametrize(
    "change",
    [
        {"fwmark": "0x1"},
        {"fwmark": MARK + "/0xff"},
        {"fwmask": "0xff"},
        {"table": "101"},
        {"table": "main"},
        {"src": "10.0.0.0", "srclen": 8},
        {"dst": "10.0.0.1"},
        {"iif": "lo"},
        {"not": None},
        {"tos": "0x10"},
        {"suppress_prefixlen": 0},
        {"goto": 10},
        {"a key of tomorrow": 1},
    ],
)
def test_what_says_more_or_less_is_somebody_elses(change):
    assert parsed({**OWN, **change}) == ()


def test_rules_without_a_mark_or_a_table_are_somebody_elses():
    assert parsed({"priority": 0, "src": "all", "table": "local"}, {"priority": 1, "src": "all", "fwmark": MARK}) == ()
    assert parse_rules("", 6) == ()


@pytest.mark.parametrize("text", ["no", "3", "[3]", '[{"src": "all", "fwmark": "x", "table": "1"}]'])
def test_what_is_no_list_of_rules_is_refused(text):
    with pytest.raises(IpRuleError):
        parse_rules(text, 4)


def flows(*tables):
    return read_flows(
        [
            {"name": "f%d" % number, "policy": "table", "table": table, "rules": [{"src": src}] if src else [{}]}
            for number, (table, src) in enumerate(tables)
        ]
    ).present


def test_one_rule_for_a_table_however_many_flows_lead_there():
    assert rules_for(flows((7, "10.0.0.0/8"), (7, "10.0.0.1"), (3, "::1"), (7, None)), (4, 6)) == (
        IpRule(4, 7),
        IpRule(6, 3),
        IpRule(6, 7),
    )
    assert rules_for(flows((3, "::1"), (7, None)), (4,)) == (IpRule(4, 7),)


def test_the_file_for_the_boot():
    assert render_file(()) is None
    assert render_file((IpRule(4, 100),)) == (
        "# Managed by linuxha.lvs.ipvs_flow: changes are overwritten\n"
        "rule add pref 10000 fwmark 0x38a12878 lookup 100 protocol 2\n"
    )


def has_real_rules():
    tools = os.getuid() == 0 and shutil.which("ip") and shutil.which("unshare")
    return bool(tools) and not subprocess.run(["unshare", "-n", "ip", "rule"], check=False, **PIPES).returncode


@pytest.mark.skipif(not has_real_rules(), reason="needs root, ip and a kernel with routing rules")
@pytest.mark.parametrize("version", [4, 6])
def test_the_kernel_takes_the_file_twice_and_says_what_was_asked(tmp_path, version):
    wanted = tuple(IpRule(version, table) for table in (1, 252, 256, 4294967295))
    (tmp_path / "rules").write_text(render_file(wanted))
    (tmp_path / "gone").write_text(render_batch(wanted[1:], "del"))
    ip = "ip -%d" % version
    script = (
        "{ip} rule add pref 10000 from all fwmark 7 lookup 100; {ip} -force -batch {rules} && echo clean;"
        "{ip} -force -batch {rules}; {ip} -N -d -j rule show; {ip} -batch {gone} && {ip} -N -d -j rule show"
    ).format(ip=ip, rules=tmp_path / "rules", gone=tmp_path / "gone")
    run = subprocess.run(["unshare", "-n", "sh", "-c", script], check=False, **PIPES)
    if "not supported" in run.stderr:
        pytest.skip("no rules for IPv%d in this kernel" % version)
    lines = [line for line in run.stdout.splitlines() if line]
    assert lines[0] == "clean", run.stderr
    assert parse_rules(lines[1], version) == wanted
    assert parse_rules(lines[2], version) == wanted[:1]
    assert any(entry.get("fwmark") == "0x7" for entry in json.loads(lines[2]))
