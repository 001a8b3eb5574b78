# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""The command line."""

from __future__ import annotations

import argparse
import errno
from collections.abc import Callable
from pathlib import Path

from . import commands, engines, faults, lifecycle, more, signals, status
from .errors import Interrupted, LabError
from .packages import DISTS, ENGINES
from .paths import INVENTORY, SSH_CONFIG, cache_dir
from .say import warn
from .topology import NODES

_DESCRIPTION = """\
Boots five hosts (lb1, lb2, nfs-01, nfs-02, web1) on one LAN inside a network namespace, breaks them and mends them.
Engines: qemu (the distribution's kernel; fast with KVM) and uml (User-mode Linux: no KVM; its kernel is built once,
Linux 6.12, or what LVS_LAB_LINUX says: 6.1).
What takes long is built on first use and kept in $LVS_LAB_CACHE or ~/.cache/lvs-lab."""

_FAULTS = """freeze  the host hangs: no process of it runs, its addresses stay silent (SIGSTOP)
thaw    it goes on where it was (SIGCONT)
kill    power loss: everything in memory is gone
boot    power on again, on the same disks
reboot  an orderly reboot from inside (systemctl reboot)
unplug  the cable is pulled; the host itself goes on
plug    the cable is back"""


def _add_choice(parser: argparse.ArgumentParser) -> None:
    """The options that say which lab."""
    parser.add_argument(
        "--engine",
        choices=("auto", *ENGINES),
        default="auto",
        help="auto (default): qemu if KVM really works here, else uml",
    )
    parser.add_argument("--dist", choices=DISTS, default="bookworm", help="the nodes' Debian (default: bookworm)")


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    raw = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser(prog="lab", description=_DESCRIPTION, formatter_class=raw)
    sub = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    nodes = tuple(NODES)

    def add(name: str, text: str, **more: object) -> argparse.ArgumentParser:
        return sub.add_parser(name, help=text, description=str(more.get("description", text)), formatter_class=raw)

    up = add("up", "boot the nodes (and build what is missing); does nothing if they are up")
    _add_choice(up)
    up.add_argument("--nodes", nargs="+", choices=nodes, default=list(nodes), metavar="NODE", help="only these nodes")
    up.add_argument(
        "--from", type=Path, dest="folder", metavar="FOLDER", help="on the disks that `down --keep` has kept"
    )
    down = add("down", "end the nodes and delete everything but the cache; safe to call twice")
    down.add_argument("--keep", type=Path, metavar="FOLDER", help="power the nodes off, and keep their disks there")
    add("status", "which node is in which state").add_argument("--json", action="store_true", help="for machines")
    add("exec", "run a command as a host on the lab's LAN: lab exec -- ip neighbour").add_argument(
        "argv", nargs=argparse.REMAINDER, metavar="-- CMD..."
    )
    ssh = add("ssh", "log in on a node, or run a command on it")
    ssh.add_argument("node", choices=nodes, metavar="NODE")
    ssh.add_argument("argv", nargs=argparse.REMAINDER, metavar="CMD...")
    fault = add("fault", "break a node, or mend it", description=_FAULTS)
    fault.add_argument("node", choices=nodes, metavar="NODE")
    fault.add_argument("action", choices=faults.ACTIONS, metavar="|".join(faults.ACTIONS))
    fault.add_argument("--no-wait", action="store_true", help="boot, reboot: do not wait until ssh answers")
    capture = add("capture", "write every frame on the LAN to a pcap file, until Ctrl-C or for some seconds")
    capture.add_argument("file", metavar="FILE")
    capture.add_argument("--seconds", type=float, metavar="N", help="end by itself after N seconds")
    capture.add_argument(
        "--filter", default="", metavar="EXPR", help="a tcpdump expression, e.g. 'arp or tcp port 2049'"
    )
    packages = add("packages", "have running nodes offer more Debian packages, for apt-get install (downloaded once)")
    packages.add_argument("names", nargs="+", metavar="NAME", help="a package; what it depends on comes with it")
    packages.add_argument("--nodes", nargs="+", choices=nodes, metavar="NODE", help="only these nodes")
    _add_choice(add("build", "only fill the cache"))
    tree_of = add("tree", "print the folder with root.tar, a bare Debian without a kernel (built if missing)")
    tree_of.add_argument("--dist", choices=DISTS, default="bookworm", help="which Debian (default: bookworm)")
    add("inventory", f"print the Ansible inventory (a lab that is up has it in {INVENTORY}, which uses {SSH_CONFIG})")
    deps = add("deps", "print the Debian packages that this machine needs, one a line")
    deps.add_argument("--engine", choices=("auto", *ENGINES), default="auto", help="for this engine (default: auto)")
    deps.add_argument("--missing", action="store_true", help="only those that are not installed")
    return top


# Command -> what it does; returns the exit code, None for 0.
_COMMANDS: dict[str, Callable[[argparse.Namespace], int | None]] = {
    "up": lambda o: lifecycle.up(o.engine, o.dist, o.nodes, o.folder),
    "down": lambda o: lifecycle.down(o.keep),
    "status": lambda o: status.show(o.json),
    "exec": lambda o: commands.exec_inside(_without_dashes(o.argv)),
    "ssh": lambda o: commands.ssh(o.node, _without_dashes(o.argv)),
    "fault": lambda o: faults.inject(o.node, o.action, wait=not o.no_wait),
    "capture": lambda o: commands.capture(o.file, o.seconds, o.filter),
    "packages": lambda o: more.offer(o.names, o.nodes),
    "build": lambda o: lifecycle.build(o.engine, o.dist),
    "tree": lambda o: commands.debian_tree(o.dist),
    "inventory": lambda _o: commands.inventory(),
    "deps": lambda o: commands.deps(engines.choose(o.engine), o.missing),
}


def _without_dashes(argv: list[str]) -> list[str]:
    """The command after an optional --."""
    return argv[1:] if argv[:1] == ["--"] else argv


def main(argv: list[str]) -> int:
    """Run the command line; returns the exit code: 1 for an error with its sentence on stderr, 128+N for signal N."""
    options = parser().parse_args(argv)
    signals.install()
    try:
        return _COMMANDS[options.command](options) or 0
    except LabError as error:
        warn(f"lab: {error}")
        return 1
    except Interrupted as interrupted:
        warn("lab: interrupted.")
        return 128 + interrupted.signum
    except BrokenPipeError:
        return 1
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        where = error.filename or cache_dir()
        warn(f"lab: the disk is full ({where}): free some space, or point LVS_LAB_CACHE at another disk.")
        return 1
