# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""The root file system's packages: a Debian tree with an apt repository inside, as one tar file.

And more packages, for hosts that run: each set of them is a repository of its own, so that the tree stays what it is.
"""

from __future__ import annotations

from pathlib import Path

from . import cache
from .packages import MIRROR, REPO, image_packages
from .paths import cache_dir
from .run import run, stream
from .say import Step

REVISION = 1  # raise it when the steps below change what they produce
MORE_REVISION = 1
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


def more_key(engine: str, dist: str, names: list[str], revision: int = MORE_REVISION) -> str:
    """The cache key of more packages: their names in any order, and the tree in which they are to be installed."""
    return cache.key_of({"tree": tree_key(engine, dist), "names": sorted(set(names)), "revision": revision})


def obtain_more(engine: str, dist: str, names: list[str]) -> Path:
    """The cache folder of an apt repository with these packages and all that the tree lacks for them."""
    key = more_key(engine, dist, names)
    if cache.entry(f"more-{dist}", key).is_dir():
        return cache.entry(f"more-{dist}", key)
    tar = obtain(engine, dist) / "root.tar"
    return cache.obtain(f"more-{dist}", key, PEAK, lambda target: _build_more(target, tar, dist, sorted(set(names))))


def apt_in(root: Path) -> list[str]:
    """This machine's apt-get, with the sources, the keys and the installed packages of the tree at ``root``."""
    return ["apt-get", "-q", "-o", f"Dir={root}", "-o", f"Dir::State::status={root}/var/lib/dpkg/status"]


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


def _build_more(target: Path, tar: Path, dist: str, names: list[str]) -> None:
    """Ask the unpacked tree's own apt what it lacks, and download that."""
    step = Step(f"more {dist} packages: {' '.join(names)}")
    root = target / "root"
    archives = root / "var" / "cache" / "apt" / "archives"
    for folder in (target, root):
        folder.mkdir(mode=0o711, exist_ok=True)  # apt's download user has to pass through
        folder.chmod(0o711)
    run(["tar", "--numeric-owner", "-xpf", str(tar), "-C", str(root)])
    log = cache_dir() / "log" / f"more-{dist}.log"
    wanted = ["--yes", "--no-install-recommends", "--download-only", "install", *names]
    for argv in (["update"], wanted):
        stream([*apt_in(root), *argv], log, lambda line: step.tick(0, line[:60]), env={"LC_ALL": "C.UTF-8"})
    for package in archives.glob("*.deb"):
        package.rename(target / package.name)
    cache.remove_tree(root)
    index = run(["sh", "-c", 'cd "$1" && dpkg-scanpackages --multiversion .', "sh", str(target)]).stdout
    (target / "Packages").write_text(index, encoding="utf-8")
    target.chmod(0o755)
    step.done()
