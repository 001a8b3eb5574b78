# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A load balancer without a kernel: a file tree, keepalived's test and service, and a table that follows the files."""

from __future__ import annotations

import glob
import ipaddress
import os
import re
import typing as t
from pathlib import Path

from ansible_collections.linuxha.lvs.plugins.module_utils._codec.keepalived_blocks import Node, parse_blocks
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.keepalived_foreign import includes_in
from ansible_collections.linuxha.lvs.plugins.module_utils._plan.directors import FOLDER, parse_owned
from ansible_collections.linuxha.lvs.plugins.module_utils._plan.files import FileChange
from ansible_collections.linuxha.lvs.plugins.module_utils._system.files import Files

from . import fake_ipvsadm

HEADER = """IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
"""
FORWARDS = {"DR": "Route", "NAT": "Masq", "TUN": "Tunnel"}


class FakeKeepalived:
    """A host below `root`. What goes wrong is set by its attributes; `frozen` forbids every change."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.installed = True
        self.status = "active"
        self.frozen = False
        self.down: set[str] = set()
        self.reload_fails = False
        self.dies_on_reload = False
        self.kernel_is_stuck = False
        self.has_ipvsadm = True
        # What ipvsadm says, which shows the tunnels.
        self.saved = ""
        self.commands: list[list[str]] = []
        self.write("/run/empty", "")
        self.write("/usr/bin/python3", "")
        (root / "usr/bin/python3").chmod(0o755)

    # What the host looks like

    def write(self, path: str, text: str) -> None:
        real = self.root / path.lstrip("/")
        real.parent.mkdir(parents=True, exist_ok=True)
        real.write_text(text, encoding="utf-8")

    def read(self, path: str) -> str | None:
        real = self.root / path.lstrip("/")
        return real.read_text(encoding="utf-8") if real.exists() else None

    def tree(self) -> dict[str, str]:
        """Every file below /etc, to see that nothing has changed."""
        etc = self.root / "etc"
        return {str(path): path.read_text(encoding="utf-8") for path in sorted(etc.rglob("*")) if path.is_file()}

    def files(self) -> Files:
        return _FrozenFiles(str(self.root)) if self.frozen else Files(str(self.root))

    def reloads(self) -> int:
        return sum(1 for command in self.commands if command[1:2] in (["reload"], ["restart"]))

    # What a module asks of AnsibleModule

    def get_bin_path(self, arg: str, required: bool = False) -> str | None:
        if arg == "keepalived":
            return "/usr/sbin/keepalived" if self.installed else None
        if arg == "ipvsadm" and not self.has_ipvsadm:
            return None
        return "/usr/bin/" + arg

    def run_command(
        self, args: list[str], *, data: str | None = None, environ_update: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        self.commands.append(args)
        tool = os.path.basename(args[0])
        if tool == "keepalived" and args[1:3] == ["-t", "-f"]:
            return self._config_test(args[3])
        if args == ["/usr/bin/ipvsadm", "--save", "--numeric"]:
            return 0, self.saved, ""
        if tool == "systemctl" and args[1] == "is-active":
            return (0 if self.status == "active" else 3, self.status + "\n", "")
        if tool == "systemctl" and args[1] in ("reload", "restart"):
            return self._reload(restart=args[1] == "restart")
        raise AssertionError("unexpected command: %r" % args)

    def _config_test(self, main: str) -> tuple[int, str, str]:
        found = []
        for name, text in _configuration(main, str(self.root)).items():
            if "BROKEN" in text:
                found.append("(%s: Line 1) Unknown keyword 'BROKEN'" % name)
            if "GRUMBLE" in text:
                found.append("WARNING - GRUMBLE in %s" % name)
            # As keepalived 2.3 does; 2.2 asks for no folder.
            for path in re.findall(r"^ *file \"?(/[^\"\s]+)", text, flags=re.MULTILINE):
                if not os.path.isdir(os.path.dirname(path)):
                    found.append("(%s) realpath() error 2 (No such file or directory) for %s" % (name, path))
        wrong = any("BROKEN" in line or "realpath" in line for line in found)
        return (5 if wrong else 0, "", "".join(line + "\n" for line in found))

    def _reload(self, *, restart: bool) -> tuple[int, str, str]:
        if self.frozen:
            raise AssertionError("a frozen host was reloaded")
        if self.reload_fails and not restart:
            self.reload_fails = False
            return 1, "", "Job for keepalived.service failed.\n"
        if self.dies_on_reload and not restart:
            self.dies_on_reload = False
            self.status = "failed"
            return 0, "", ""
        self.status = "active"
        if not self.kernel_is_stuck:
            self.follow()
        return 0, "", ""

    def follow(self) -> None:
        """keepalived has read its files: the kernel's table follows."""
        texts = _configuration(str(self.root / "etc/keepalived/keepalived.conf"), str(self.root)).values()
        self.write("/proc/net/ip_vs", table_of(texts, self.down))
        self.saved = fake_ipvsadm.save(parse_owned(Files(str(self.root)).read_folder(FOLDER, ".conf")))


def table_of(texts: t.Iterable[str], down: t.Collection[str] = ()) -> str:
    """/proc/net/ip_vs once keepalived has read the texts; the servers with the addresses in `down` fail their check."""
    lines = []
    for text in texts:
        for node in parse_blocks(text):
            if node.keyword == "virtual_server":
                lines += _service(node, down)
    return HEADER + "".join(line + "\n" for line in lines)


def _service(node: Node, down: t.Collection[str]) -> list[str]:
    scheduler = node.value("lvs_sched")
    if node.words[1] == "fwmark":
        head = "FWM  %08X %s" % (int(node.words[2]), scheduler)
    else:
        head = "%s  %s %s" % (node.value("protocol"), _endpoint(node.words[1:]), scheduler)
    if node.value("persistence_timeout"):
        head += " persistent %d %s" % (250 * int(node.value("persistence_timeout")), _mask(node))
    forward = FORWARDS[node.value("lvs_method") or ""]
    alive = [server for server in node.all("real_server") if server.words[1] not in down]
    lines = [_destination(server.words[1:], forward, int(server.value("weight") or 1)) for server in alive]
    if not lines:
        lines = [_destination(server.words[1:], forward, 1) for server in node.all("sorry_server")]
    return [head, *lines]


def _mask(node: Node) -> str:
    """The kernel shows the number for IPv4; for IPv6 it turns the bytes of the length round."""
    mask = node.value("persistence_granularity")
    if ":" in node.all("real_server")[0].words[1]:
        return "%02X000000" % int(mask or 128)
    return "%08X" % int(ipaddress.IPv4Address(mask or "255.255.255.255"))


class _FrozenFiles(Files):
    def put(self, path: str, text: str | None, mode: int = 0o644) -> None:
        raise AssertionError("a frozen host was written to: %s" % path)

    def apply(self, changes: t.Sequence[FileChange]) -> None:
        for change in changes:
            self.put(change.path, change.after)


def _configuration(main: str, host: str) -> dict[str, str]:
    """The main file and what it includes, named from the main file's folder.

    An absolute path is one on the host, unless it leads into the copy that is tested.
    """
    home, texts = os.path.dirname(main), dict[str, str]()
    waiting = [main] if os.path.exists(main) else []
    while waiting:
        path = waiting.pop(0)
        texts[os.path.relpath(path, home)] = text = Path(path).read_text(encoding="utf-8")
        for include in includes_in(text):
            pattern = os.path.join(os.path.dirname(path), include)
            if not pattern.startswith(home.removesuffix("/etc/keepalived")):
                pattern = host + pattern
            waiting += sorted(glob.glob(pattern))
    return texts


def _endpoint(words: t.Sequence[str]) -> str:
    address = ipaddress.ip_address(words[0])
    port = int(words[1]) if len(words) > 1 else 0
    if address.version == 6:
        return "[%s]:%04X" % (address.exploded, port)
    return "%08X:%04X" % (int(address), port)


def _destination(words: t.Sequence[str], forward: str, weight: int) -> str:
    return "  -> %s      %-7s %-6d 0          0         " % (_endpoint(words), forward, weight)
