# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""The User-mode Linux kernel, built from Debian's kernel source; $LVS_LAB_LINUX says which version."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from . import cache
from .errors import LabError
from .packages import KERNELS, MIRROR
from .paths import LAB_DIR, cache_dir
from .run import run, stream
from .say import Step

REVISION = 1  # raise it when the steps below change what they produce
CONFIG = LAB_DIR / "uml.config"
EXPECTED_FILES = 92450  # files in the unpacked source
EXPECTED_OBJECTS = 2080  # lines that make prints for this configuration
PEAK = 3 * cache.GIB
_OBJECT = re.compile(r"^  [A-Z]+ (\[M\])?\s")


def wanted_version() -> str:
    """The kernel's version that $LVS_LAB_LINUX asks for. Raises LabError if the lab does not have it."""
    version = os.environ.get("LVS_LAB_LINUX") or next(iter(KERNELS))
    if version not in KERNELS:
        raise LabError(f"LVS_LAB_LINUX is {version!r}, and the lab builds Linux {' and '.join(KERNELS)}.")
    return version


def kernel_key(config: str, version: str, revision: int = REVISION) -> str:
    """The cache key: the configuration's options (not its comments), the kernel's version (6.12: whichever 6.12.N the
    mirror has when it is built) and this builder's revision.
    """
    options = sorted(line for line in config.splitlines() if line.startswith("CONFIG_"))
    return cache.key_of({"config": options, "source": version, "revision": revision})


def current_key() -> str:
    """The key of the kernel that this checkout makes."""
    return kernel_key(CONFIG.read_text(encoding="utf-8"), wanted_version())


def obtain() -> Path:
    """The cache folder with ``linux`` (the executable kernel) and ``modules/VERSION``, built first if need be."""
    version = wanted_version()
    return cache.obtain(f"kernel-{version}", current_key(), PEAK, lambda target: _build(target, version))


def _build(target: Path, version: str) -> None:
    """Download, unpack, configure, compile; leave only the results in ``target``."""
    source = target / "source"
    source.mkdir()
    log = cache_dir() / "log"
    _unpack(_download(target, version, log), source, log)
    _configure(source, log / "kernel-config.log")
    make = Step("kernel 4/5: compile (about 15 minutes of CPU)", EXPECTED_OBJECTS)
    stream(
        ["make", "ARCH=um", f"-j{os.cpu_count() or 1}", "linux", "modules"],
        log / "kernel-make.log",
        lambda line: make.tick(1 if _OBJECT.match(line) else 0),
        cwd=source,
    )
    make.done()
    install = Step("kernel 5/5: install the modules")
    stream(
        ["make", "ARCH=um", "modules_install", "INSTALL_MOD_PATH=" + str(target / "install"), "INSTALL_MOD_STRIP=1"],
        log / "kernel-install.log",
        lambda _line: install.tick(0),
        cwd=source,
    )
    install.done()
    collect(source, target / "install", target)
    shutil.rmtree(target / "install")
    shutil.rmtree(source)
    run(["rm", "-rf", str(target / "package")])


def _download(target: Path, version: str, log: Path) -> Path:
    """The source's archive, from the package of the release that has it: this machine's own may be another one."""
    package, folder = f"linux-source-{version}", target / "package"
    target.chmod(0o711)  # apt's download user has to pass through
    release = KERNELS[version]
    step = Step(f"kernel 1/5: download {package} (150 MB)")
    options = ("--mode=root", "--variant=extract", "--format=directory", f"--include={package}")
    stream(
        ["mmdebstrap", *options, release, str(folder), f"deb {MIRROR} {release} main"],
        log / "kernel-download.log",
        lambda line: step.tick(0, line.removeprefix("I: ")[:60]),
        env={"TMPDIR": str(target), "LC_ALL": "C.UTF-8"},
    )
    step.done()
    return folder / "usr" / "src" / f"{package}.tar.xz"


def _unpack(archive: Path, source: Path, log: Path) -> None:
    step = Step("kernel 2/5: unpack the source", EXPECTED_FILES)
    stream(
        ["tar", "--no-same-owner", "--strip-components=1", "-xvf", str(archive), "-C", str(source)],
        log / "kernel-unpack.log",
        lambda line: step.tick(1 if line else 0),
    )
    step.done()


def _configure(source: Path, log: Path) -> None:
    """Merge our options over UML's defaults, and make sure that none of them was dropped for a missing dependency."""
    step = Step("kernel 3/5: configure")
    wanted = CONFIG.read_text(encoding="utf-8")
    (source / "lab.config").write_text(wanted, encoding="utf-8")
    for number, command in enumerate(
        (
            ["make", "ARCH=um", "x86_64_defconfig"],
            ["./scripts/kconfig/merge_config.sh", "-m", ".config", "lab.config"],
            ["make", "ARCH=um", "olddefconfig"],
        )
    ):
        stream(command, log.with_suffix(f".{number}.log"), lambda _line: step.tick(0), cwd=source)
    lost = lost_options(wanted, (source / ".config").read_text(encoding="utf-8"))
    if lost:
        raise LabError(f"The kernel's configuration dropped {', '.join(lost)}: mend lab/uml.config.")
    step.done()


def lost_options(wanted: str, final: str) -> list[str]:
    """The options (NAME=value) of ``wanted`` that the ``final`` .config does not have; =m may have become =y."""
    have = dict(line.split("=", 1) for line in final.splitlines() if line.startswith("CONFIG_"))
    lost = []
    for line in wanted.splitlines():
        if not line.startswith("CONFIG_"):
            continue
        name, value = line.split("=", 1)
        accepted = {"n": (None,), "m": ("m", "y")}.get(value, (value,))
        if have.get(name) not in accepted:
            lost.append(line)
    return lost


def collect(source: Path, install: Path, target: Path) -> None:
    """Move the results of a finished build to ``target``: ``linux``, ``config``, ``modules/VERSION``."""
    shutil.copy2(source / "linux", target / "linux")
    run(["strip", "--strip-debug", str(target / "linux")])
    shutil.copy2(source / ".config", target / "config")
    shutil.move(str(install / "lib" / "modules"), str(target / "modules"))
    for version in (target / "modules").iterdir():
        for link in ("build", "source"):  # they point at the source tree, which is about to go
            (version / link).unlink(missing_ok=True)
