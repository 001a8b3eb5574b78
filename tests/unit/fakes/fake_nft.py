# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host with nft, routing rules and systemd, which remember what they were told."""

from __future__ import annotations

import json
import os
import re
import typing as t

from ansible_collections.linuxha.lvs.plugins.module_utils._codec.nft import HEADER, Chain, Table, parse_file
from ansible_collections.linuxha.lvs.plugins.module_utils._system.processes import Processes

_NO_TABLE = "Error: No such file or directory\nlist table inet lvs_flows\n                ^^^^^^^^^\n"
_REPLACE = "add table inet lvs_flows\ndelete table inet lvs_flows\n"
_HOOK = re.compile(r"type (filter|route) hook (\w+) priority (\S+); policy accept;")
_PRIORITIES = {"raw": -300, "mangle": -150, "filter": 0}
_PROTOCOLS = {6: "tcp", 17: "udp", 1: "icmp", 58: "ipv6-icmp"}


TOOLS = ("nft", "systemctl", "ip")


class FrozenError(AssertionError):
    """Something wanted to change a host that must not change."""


class FakeHost:
    """Answers `nft`, `ip rule` and `systemctl` as the tools do; `fail` maps a command to what it says instead.

    The foreign table of nft is a file, so that a step that flushed it would be seen.
    """

    def __init__(self, root: t.Any, tools: t.Collection[str] = TOOLS) -> None:
        self.root = str(root)
        self.tools = set(tools)
        self.table: Table | None = None
        self.enabled: set[str] = set()
        self.active: set[str] = set()
        self.commands: list[str] = []
        self.fail: dict[str, str] = {}
        self.frozen = False
        self.ip_rules = {4: _kernels_rules(255, 254, 253), 6: _kernels_rules(255, 254)}
        os.makedirs(os.path.join(self.root, "run/systemd/system"))
        os.makedirs(os.path.join(self.root, "proc/net"))
        with open(os.path.join(self.root, "proc/net/if_inet6"), "w", encoding="utf-8"):
            pass

    def stand_in_for(self, module_class: t.Any, monkeypatch: t.Any) -> None:
        """Takes the place of AnsibleModule's two doors to the host."""

        def get_bin_path(_module: t.Any, arg: str, required: bool = False, opt_dirs: t.Any = None) -> str | None:
            return "/usr/sbin/" + arg if arg in self.tools else None

        def run_command(_module: t.Any, args: list[str], data: str | None = None, **_options: t.Any) -> t.Any:
            return self.run(args, data)

        monkeypatch.setattr(module_class, "get_bin_path", get_bin_path)
        monkeypatch.setattr(Processes, "run_command", run_command)

    def run(self, args: list[str], data: str | None) -> tuple[int, str, str]:
        """One command."""
        command = " ".join([os.path.basename(args[0]), *args[1:]])
        self.commands.append(command)
        if command in self.fail:
            return 1, "", self.fail[command]
        if args[0].endswith("/ip"):
            return self._ip(args[1:], data or "")
        return self._nft(args[1:], data or "") if args[0].endswith("/nft") else self._systemctl(*args[1:])

    def snapshot(self) -> t.Any:
        """All that there is on the host."""
        files = {}
        for folder, _folders, names in os.walk(self.root):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as handle:
                    files[path] = (handle.read(), os.stat(path).st_mtime_ns)
        return files, self.table, sorted(self.enabled), sorted(self.active), self.all_rules()

    def drop_ipv6(self) -> None:
        """A kernel without IPv6."""
        os.unlink(os.path.join(self.root, "proc/net/if_inet6"))
        self.ip_rules.pop(6, None)

    def all_rules(self) -> list[str]:
        """Every routing rule, of whomever; between two of one priority there is no order that counts."""
        return sorted(
            "%s %s" % (version, json.dumps(rule)) for version, rules in self.ip_rules.items() for rule in rules
        )

    def _write(self) -> None:
        if self.frozen:
            raise FrozenError(self.commands[-1])

    def _nft(self, args: list[str], data: str) -> tuple[int, str, str]:
        if args[-3:] == ["table", "inet", "lvs_flows"]:
            if self.table is None:
                return 1, "", _NO_TABLE
            return 0, listing(self.table) if args[0] == "-j" else "\n".join(self.table.lines()) + "\n", ""
        if args == ["-c", "-f", "-"]:
            self.parse(data)
            return 0, "", ""
        if args == ["-f", "-"]:
            table = self.parse(data)
            self._write()
            self.table = table
            return 0, "", ""
        raise AssertionError("nobody told the fake about nft %s" % args)

    def _ip(self, args: list[str], data: str) -> tuple[int, str, str]:
        version = int(args[0].removeprefix("-"))
        if version not in self.ip_rules:
            return 1, "", "RTNETLINK answers: Address family not supported by protocol\nDump terminated\n"
        if args[1:] == ["-N", "-d", "-j", "rule", "show"]:
            return 0, json.dumps(self.ip_rules[version]), ""
        if args[1:] == ["-batch", "-"]:
            return self._ip_batch(version, data, force=False)
        raise AssertionError("nobody told the fake about ip %s" % args)

    def _ip_batch(self, version: int, data: str, force: bool) -> tuple[int, str, str]:
        said = ""
        for number, line in enumerate(data.splitlines(), 1):
            words = line.split()
            if not words or line.startswith("#"):
                continue
            self._write()
            assert words[0] == "rule", line
            options = dict(zip(words[2::2], words[3::2]))
            rule = {
                "priority": int(options["pref"]), "src": "all", "fwmark": hex(int(options["fwmark"], 16)),
                "table": options["lookup"], "protocol": options["protocol"],
            }  # fmt: skip
            there = rule in self.ip_rules[version]
            if there == (words[1] == "add"):
                said += "RTNETLINK answers: %s\nCommand failed -:%d\n" % ("File exists" if there else "No such", number)
                if not force:
                    break
            elif there:
                self.ip_rules[version].remove(rule)
            else:
                self.ip_rules[version].append(rule)
        return (1 if said else 0), "", said

    @staticmethod
    def parse(text: str) -> Table | None:
        """The text's table; anything but a transaction that replaces this table whole is an accident."""
        body = text.removeprefix(HEADER)
        assert body.startswith(_REPLACE), body
        return parse_file(HEADER + body) if body != _REPLACE else None

    def _systemctl(self, verb: str, *args: str) -> tuple[int, str, str]:
        unit = args[-1] if args else ""
        if verb == "is-enabled":
            return (0, "enabled\n", "") if unit in self.enabled else (1, "disabled\n", "")
        if verb == "is-active":
            return (0, "active\n", "") if unit in self.active else (3, "inactive\n", "")
        self._write()
        if verb == "daemon-reload":
            return 0, "", ""
        path = os.path.join(self.root, "etc/systemd/system", unit)
        if not os.path.exists(path):
            return 1, "", "Failed to %s unit: Unit file %s does not exist." % (verb, unit)
        if verb == "start":
            self._start_unit(path)
        {
            "enable": lambda: self.enabled.add(unit),
            "disable": lambda: self.enabled.discard(unit),
            "start": lambda: self.active.add(unit),
            "stop": lambda: self.active.discard(unit),
        }[verb]()
        return 0, "", ""

    def _start_unit(self, path: str) -> None:
        with open(path, encoding="utf-8") as handle:
            lines = handle.read().splitlines()
        commands = [line.removeprefix("ExecStart=") for line in lines if line.startswith("ExecStart=")]
        assert commands == [line.removeprefix("ExecReload=") for line in lines if line.startswith("ExecReload=")]
        assert [command for command in commands if command.startswith("/usr/sbin/nft -f /")] == commands[-1:]
        for command in commands:
            with open(os.path.join(self.root, command.split(" ")[-1].removeprefix("/")), encoding="utf-8") as handle:
                text = handle.read()
            if command is commands[-1]:
                self.table = self.parse(text)
                continue
            found = re.fullmatch(r"-/usr/sbin/ip -([46]) -force -batch /\S+", command)
            assert found, command
            if int(found[1]) in self.ip_rules:
                self._ip_batch(int(found[1]), text, force=True)


def _kernels_rules(*tables: int) -> list[dict[str, t.Any]]:
    return [
        {"priority": 0 if table == 255 else 33020 - table, "src": "all", "table": str(table), "protocol": "2"}
        for table in tables
    ]


def listing(table: Table) -> str:
    """The table as `nft -j list table` prints it."""
    entries: list[dict[str, t.Any]] = [{"metainfo": {"version": "1.0.6"}}, {"table": {"name": "lvs_flows"}}]
    entries += [{"chain": _chain(chain)} for chain in table.chains.values()]
    for chain in table.chains.values():
        for rule in chain.rules:
            entry = {"chain": chain.name, "expr": [_expression(statement) for statement in rule.statements]}
            entries.append({"rule": {**entry, **({"comment": rule.comment} if rule.comment else {})}})
    return json.dumps({"nftables": entries})


def _chain(chain: Chain) -> dict[str, t.Any]:
    if not chain.hook:
        return {"name": chain.name}
    kind, hook, priority = t.cast("re.Match[str]", _HOOK.fullmatch(chain.hook)).groups()
    number = _PRIORITIES.get(priority) if priority in _PRIORITIES else int(priority)
    return {"name": chain.name, "type": kind, "hook": hook, "prio": number, "policy": "accept"}


def _expression(statement: str) -> dict[str, t.Any]:
    words = statement.split(" ")
    if words[0] == "jump":
        return {"jump": {"target": words[1]}}
    if statement == "reject with tcp reset":
        return {"reject": {"type": "tcp reset"}}
    if words[:3] == ["meta", "mark", "set"]:
        return {"mangle": {"key": {"meta": {"key": "mark"}}, "value": int(words[3], 16)}}
    if len(words) == 1:
        return {words[0]: None}
    left: dict[str, t.Any]
    if words[0] in ("iifname", "oifname"):
        left, rest = {"meta": {"key": words[0]}}, words[1:]
    elif words[0] == "meta":
        left, rest = {"meta": {"key": words[1]}}, words[2:]
    else:
        left, rest = {"payload": {"protocol": words[0], "field": words[1]}}, words[2:]
    operator = "!=" if rest[0] == "!=" else "=="
    return {"match": {"op": operator, "left": left, "right": _value(" ".join(rest).removeprefix("!= "), statement)}}


def _value(text: str, statement: str) -> t.Any:
    if text.startswith("{"):
        parts = [_value(part, statement) for part in text.strip("{} ").split(", ")]
        return {"set": parts} if len(parts) > 1 else parts[0]
    if text.startswith('"'):
        return text.strip('"')
    if text.startswith("0x"):
        return int(text, 16)
    if "addr" in statement:
        address, _slash, length = text.partition("/")
        return {"prefix": {"addr": address, "len": int(length)}} if length else address
    if "-" in text:
        return {"range": [int(end) for end in text.split("-")]}
    return _PROTOCOLS.get(int(text), int(text)) if "l4proto" in statement else int(text)
