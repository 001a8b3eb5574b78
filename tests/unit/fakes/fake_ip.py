# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host with addresses, units and modules behind the commands ip, systemctl and modprobe.

It keeps state, refuses what the real tools refuse, and can be frozen: then any command that changes something fails
the test.
"""

from __future__ import annotations

import ipaddress
import json
import re
from pathlib import Path

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._system.processes import Processes
from ansible_collections.linuxha.lvs.tests.unit.fakes.fake_sysctl import FakeFiles, FakeProcSys


def _network(one: dict) -> tuple:
    return one["if"], ipaddress.ip_interface("%s/%d" % (one["local"], one["prefixlen"])).network


class FakeHost:
    """Stands for AnsibleModule towards a Runner."""

    def __init__(self, root: Path, *, booted: bool = True) -> None:
        self.root = root
        self.proc = FakeProcSys(root)
        self.files = FakeFiles(root)
        self.tools = {"ip", "systemctl", "modprobe"}
        self.commands: list[str] = []
        self.frozen = False
        self.fail: dict[str, str] = {}
        self.enabled: set[str] = set()
        self.active: set[str] = set()
        self.addresses: list[dict] = []
        self.add("lo", "127.0.0.1", 8, "host")
        self.add("lo", "::1", 128, "host")
        self.add("eth0", "192.168.10.101", 24, "global")
        for name in ("all", "lo", "eth0"):
            self.proc.add_interface(name)
        (root / "run").mkdir(parents=True)
        if booted:
            (root / "run/systemd/system").mkdir(parents=True)

    def stand_in_for(self, module_class: type, monkeypatch: pytest.MonkeyPatch) -> None:
        """Runs the commands of every AnsibleModule."""
        monkeypatch.setattr(module_class, "get_bin_path", lambda _self, arg, **_rest: self.get_bin_path(arg))
        monkeypatch.setattr(Processes, "run_command", lambda _self, args, **rest: self.run_command(args, **rest))

    def freeze(self) -> None:
        self.frozen = self.proc.frozen = self.files.frozen = True

    def add(
        self, interface: str, address: str, length: int, scope: str = "global", preferred: int = 4294967295
    ) -> None:
        self.addresses.append(
            {"if": interface, "local": address, "prefixlen": length, "scope": scope, "preferred_life_time": preferred}
        )

    def on_lo(self) -> list[str]:
        return sorted(
            "%s/%d" % (one["local"], one["prefixlen"])
            for one in self.addresses
            if one["if"] == "lo" and one["local"] not in ("127.0.0.1", "::1")
        )

    def snapshot(self) -> tuple:
        files = {
            str(path.relative_to(self.root)): path.read_text()
            for path in (self.root / "etc").rglob("*")
            if path.is_file()
        }
        addresses = sorted(self.addresses, key=lambda one: json.dumps(one, sort_keys=True))
        return files, self.proc.dump(), json.dumps(addresses), set(self.enabled), set(self.active)

    def get_bin_path(self, arg: str, required: bool = False) -> str | None:
        return "/usr/sbin/" + arg if arg in self.tools else None

    def run_command(self, args, *, data=None, environ_update=None):
        words = [args[0].rsplit("/", 1)[1], *args[1:]]
        line = " ".join(words)
        self.commands.append(line)
        for pattern, said in self.fail.items():
            if re.search(pattern, line):
                return 1, "", said
        return getattr(self, "_" + words[0])(words[1:], data)

    def _changes(self, what: str) -> None:
        if self.frozen:
            raise AssertionError("%s on a frozen host" % what)

    def _ip(self, words, data):
        if words == ["-j", "addr", "show"]:
            return 0, self._show(), ""
        if words != ["-batch", "-"]:
            raise AssertionError("unexpected: ip %s" % words)
        for number, line in enumerate(data.splitlines(), 1):
            self._changes("ip " + line)
            said = self._address(line.split())
            if said:
                return 1, "", "RTNETLINK answers: %s\nCommand failed -:%d\n" % (said, number)
        return 0, "", ""

    def _show(self) -> str:
        names = dict.fromkeys(one["if"] for one in self.addresses)
        links = [{}]  # what old versions print for a link that is left out
        for name in names:
            own = [one for one in self.addresses if one["if"] == name]
            info = [dict(one, family="inet6" if ":" in one["local"] else "inet") for one in own]
            links.append({"ifname": name, "addr_info": info})
        return json.dumps(links)

    def _remove(self, gone: dict) -> None:
        """As a kernel with promote_secondaries=0: the first IPv4 address of a network takes all later ones with it."""
        network = ipaddress.ip_interface("%s/%d" % (gone["local"], gone["prefixlen"])).network
        later = self.addresses[self.addresses.index(gone) + 1 :]
        own = [one for one in self.addresses if _network(one) == (gone["if"], network)]
        self.addresses.remove(gone)
        if network.version == 4 and own[0] is gone:
            for one in later:
                if _network(one) == (gone["if"], network):
                    self.addresses.remove(one)

    def _address(self, words):
        verb, (address, length) = words[1], words[2].split("/")
        interface = words[words.index("dev") + 1]
        for pattern, said in self.fail.items():
            if re.search(pattern, " ".join(words)):
                return said
        same = [
            one
            for one in self.addresses
            if (one["if"], one["local"], one["prefixlen"]) == (interface, address, int(length))
        ]
        if verb == "del":
            if not same:
                return "Cannot assign requested address"
            self._remove(same[0])
            return ""
        preferred = 0 if "preferred_lft" in words else 4294967295
        if same:  # replace mends lifetimes, but never the scope
            same[0]["preferred_life_time"] = preferred
            return ""
        self.add(
            interface,
            address,
            int(length),
            words[words.index("scope") + 1] if "scope" in words else "global",
            preferred,
        )
        return ""

    def _systemctl(self, words, data):
        words = [word for word in words if word != "--quiet"]
        verb, unit = words[0], words[-1]
        if verb == "is-enabled":
            known = unit in self.enabled
            there = self.files.read("/etc/systemd/system/" + unit) is not None
            said = "enabled" if known else "disabled" if there else "not-found"
            return (0 if known else 1), said + "\n", ""
        if verb == "is-active":
            return (0, "active\n", "") if unit in self.active else (3, "inactive\n", "")
        self._changes("systemctl " + verb)
        return self._unit(verb, unit)

    def _unit(self, verb, unit):
        if verb in ("enable", "start") and self.files.read("/etc/systemd/system/" + unit) is None:
            return 1, "", "Unit %s not found." % unit
        if verb == "enable":
            self.enabled.add(unit)
        elif verb == "disable":
            self.enabled.discard(unit)
        elif verb == "start":
            self.active.add(unit)
        elif verb == "stop" and unit in self.active:
            self.active.discard(unit)
            for line in re.findall(
                r"^ExecStop=-/usr/sbin/ip (.*)$", self.files.read("/etc/systemd/system/" + unit), re.M
            ):
                self._address(line.split())
        return 0, "", ""

    def _modprobe(self, words, data):
        self._changes("modprobe")
        if words == ["ip_vs"]:
            if not self.proc.has_ip_vs():
                self.proc.load_ip_vs()
        elif words == ["-r", "ip_vs"]:
            self.proc.unload_ip_vs()
        else:
            raise AssertionError(words)
        return 0, "", ""
