# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""The root file system's packages: a Debian tree with an apt repository inside, as one tar file."""

from __future__ import annotations

from pathlib import Path

from . import cache
from .packages import MIRROR, REPO, image_packages
from .paths import cache_dir
from .run import run, stream
from .say import Step

REVISION = 1  # raise it when the steps below change what they produce
REPO_DIR = "opt/lab-repo"
PEAK = 3 * cache.GIB

# Documentation and translations are half the files of a minimal system, and unpacking files is slow in the nodes too.
DPKG_OPTIONS = (
    "force-unsafe-io",
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/locale/*",
    "path-exclude=/usr/share/doc/*",
    "path-include=/usr/share/doc/*/copyright",
)

# Runs outside the tree with mmdebstrap's own apt configuration: downloads what the nodes may install, with all that it
# depends on and that is not installed yet.
_DOWNLOAD = (
    'set -e; mkdir -p "$1/{repo}/partial"; '
    'APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get --yes --download-only '
    '-o Dir::Cache::archives="$1/{repo}/" -o APT::Keep-Downloaded-Packages=true install {packages}; '
    'rm -rf "$1/{repo}/partial" "$1/{repo}/lock"; '
    'cd "$1/{repo}" && dpkg-scanpackages --multiversion . > Packages'
)


def tree_key(engine: str, dist: str, revision: int = REVISION) -> str:
    """The cache key: which packages of which distribution, installed or offered, and this builder's revision."""
    return cache.key_of(
        {
            "dist": dist,
            "installed": list(image_packages(engine)),
            "offered": list(REPO),
            "dpkg": list(DPKG_OPTIONS),
            "revision": revision,
        }
    )


def obtain(engine: str, dist: str) -> Path:
    """The cache folder with ``root.tar``, built first if need be."""
    return cache.obtain(
        f"tree-{dist}-{engine}", tree_key(engine, dist), PEAK, lambda target: _build(target, engine, dist)
    )


def mmdebstrap_command(engine: str, dist: str, tar: Path) -> list[str]:
    """The command line that makes the tar file."""
    return [
        "mmdebstrap",
        "--mode=root",
        "--variant=minbase",
        "--format=tar",
        *(f"--dpkgopt={option}" for option in DPKG_OPTIONS),
        "--include=" + ",".join(image_packages(engine)),
        "--customize-hook=" + _DOWNLOAD.format(repo=REPO_DIR, packages=" ".join(REPO)),
        dist,
        str(tar),
        f"deb {MIRROR} {dist} main",
    ]


def _build(target: Path, engine: str, dist: str) -> None:
    """Run mmdebstrap; its work tree lies in ``target`` too, so that it is swept with it."""
    work = target / "work"
    work.mkdir(mode=0o711)  # apt's download user has to pass through
    target.chmod(0o711)
    step = Step(f"{dist} packages: download and install (about 75 s)")
    stream(
        mmdebstrap_command(engine, dist, target / "root.tar"),
        cache_dir() / "log" / f"tree-{dist}-{engine}.log",
        lambda line: step.tick(0, line.removeprefix("I: ")[:60]),
        env={"TMPDIR": str(work), "LC_ALL": "C.UTF-8"},
    )
    run(["rm", "-rf", str(work)])
    step.done()
