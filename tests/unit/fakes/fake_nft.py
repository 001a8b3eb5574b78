# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host with nft and systemd: a kernel table and units that remember what they were told."""

from __future__ import annotations

import json
import os
import re
import typing as t

from ansible_collections.linuxha.lvs.plugins.module_utils._codec.nft import HEADER, Chain, Table, parse_file

_NO_TABLE = "Error: No such file or directory\nlist table inet lvs_flows\n                ^^^^^^^^^\n"
_REPLACE = "add table inet lvs_flows\ndelete table inet lvs_flows\n"
_HOOK = re.compile(r"type filter hook (\w+) priority (\S+); policy accept;")
_PRIORITIES = {"raw": -300, "mangle": -150, "filter": 0}
_PROTOCOLS = {6: "tcp", 17: "udp", 1: "icmp", 58: "ipv6-icmp"}


class FrozenError(AssertionError):
    """Something wanted to change a host that must not change."""


class FakeHost:
    """Answers `nft` and `systemctl` as the tools do; `fail` maps a command to what it says instead of working."""

    def __init__(self, root: t.Any, tools: t.Collection[str] = ("nft", "systemctl")) -> None:
        self.root = str(root)
        self.tools = set(tools)
        self.table: Table | None = None
        self.enabled: set[str] = set()
        self.active: set[str] = set()
        self.commands: list[str] = []
        self.fail: dict[str, str] = {}
        self.frozen = False
        self.foreign = "table ip other"
        os.makedirs(os.path.join(self.root, "run/systemd/system"))

    def stand_in_for(self, module_class: t.Any, monkeypatch: t.Any) -> None:
        """Takes the place of AnsibleModule's two doors to the host."""

        def get_bin_path(_module: t.Any, arg: str, required: bool = False, opt_dirs: t.Any = None) -> str | None:
            return "/usr/sbin/" + arg if arg in self.tools else None

        def run_command(
            _module: t.Any, args: list[str], data: str | None = None, environ_update: t.Any = None
        ) -> t.Any:
            return self.run(args, data)

        monkeypatch.setattr(module_class, "get_bin_path", get_bin_path)
        monkeypatch.setattr(module_class, "run_command", run_command)

    def run(self, args: list[str], data: str | None) -> tuple[int, str, str]:
        """One command."""
        command = " ".join([os.path.basename(args[0]), *args[1:]])
        self.commands.append(command)
        if command in self.fail:
            return 1, "", self.fail[command]
        return self._nft(args[1:], data or "") if args[0].endswith("/nft") else self._systemctl(*args[1:])

    def snapshot(self) -> t.Any:
        """All that there is on the host."""
        files = {}
        for folder, _folders, names in os.walk(self.root):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as handle:
                    files[path] = (handle.read(), os.stat(path).st_mtime_ns)
        return files, self.table, sorted(self.enabled), sorted(self.active)

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
        (command,) = [line.removeprefix("ExecStart=") for line in lines if line.startswith("ExecStart=")]
        with open(os.path.join(self.root, command.removeprefix("/usr/sbin/nft -f /")), encoding="utf-8") as handle:
            self.table = self.parse(handle.read())


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
    hook, priority = t.cast("re.Match[str]", _HOOK.fullmatch(chain.hook)).groups()
    number = _PRIORITIES.get(priority) if priority in _PRIORITIES else int(priority)
    return {"name": chain.name, "type": "filter", "hook": hook, "prio": number, "policy": "accept"}


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
