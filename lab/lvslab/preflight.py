# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""What this machine must have before anything is touched. Every check raises LabError with what to do."""

from __future__ import annotations

import os
from pathlib import Path

from .errors import LabError
from .packages import DISTS, host_packages, needed_files, needed_tools
from .run import missing


def require_root() -> None:
    """Namespaces, taps and bridges need root."""
    if os.geteuid() != 0:
        raise LabError("The lab makes a network namespace and needs root: run it with sudo.")


def require_tun(device: str = "/dev/net/tun") -> None:
    """Taps need the tun device; containers often lack it."""
    try:
        os.close(os.open(device, os.O_RDWR | os.O_CLOEXEC))
    except OSError as error:
        raise LabError(
            f"{device} cannot be opened ({error.strerror}), and the nodes' network cards need it: run 'modprobe tun', "
            "or give the container --device /dev/net/tun and CAP_NET_ADMIN."
        ) from error


def missing_packages(engine: str) -> list[str]:
    """The Debian packages that the engine needs and this machine lacks, sorted."""
    tools = needed_tools(engine)
    absent = {tools[tool] for tool in missing(list(tools))}
    absent |= {package for path, package in needed_files(engine).items() if not Path(path).exists()}
    return sorted(absent)


def require_packages(engine: str) -> None:
    """All tools of the engine."""
    absent = missing_packages(engine)
    if absent:
        raise LabError(
            f"The lab's {engine} engine lacks {len(absent)} of {len(host_packages(engine))} packages: "
            f"apt-get install --no-install-recommends {' '.join(absent)}"
        )


def require_dist(dist: str) -> None:
    """A distribution that the lab can build."""
    if dist not in DISTS:
        raise LabError(f"There is no distribution {dist!r} in the lab: it has {' and '.join(DISTS)}.")
