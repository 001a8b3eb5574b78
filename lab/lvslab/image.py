# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""Disk images: the read-only base of all nodes' roots, and the one that both data disks start from."""

from __future__ import annotations

import shutil
from pathlib import Path

from . import cache, kernel, keys, overlay, tree
from .run import run
from .say import Step

ROOT_REVISION = 1  # raise it when the steps below change what they produce
DATA_REVISION = 1
ROOT_HEADROOM_MB = 700  # for what roles install and write in a node
DATA_MB = 128
DATA_LABEL = "lvsdata"
PROBES = ("probe-v3.dat", "probe-v4.dat", *(f"probe-{number}.dat" for number in range(8)))
PROBE_BYTES = 1 << 20
MKE2FS = ("mke2fs", "-q", "-F", "-t", "ext4", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0")


def root_key(engine: str, tree_key: str, kernel_key: str, key_pair: list[str], revision: int = ROOT_REVISION) -> str:
    """The cache key: the tree, the kernel whose modules go in (\"\" for the distribution's), the ssh keys, the
    overlay.
    """
    return cache.key_of(
        {
            "engine": engine,
            "tree": tree_key,
            "kernel": kernel_key,
            "keys": key_pair,
            "files": overlay.files(),
            "masked": [*overlay.MASKED_UNITS, *overlay.MASKED_GENERATORS],
            "enabled": list(overlay.ENABLED_UNITS),
            "headroom": ROOT_HEADROOM_MB,
            "revision": revision,
        }
    )


def obtain_root(engine: str, dist: str, kernel_dir: Path | None) -> Path:
    """The cache folder with ``root.img`` (and ``vmlinuz``, ``initrd.img`` for QEMU), built first if need be.

    ``kernel_dir`` is the cache folder of the UML kernel, None for QEMU.
    """
    key_dir = keys.obtain()
    key = root_key(
        engine,
        tree.tree_key(engine, dist),
        kernel.current_key() if kernel_dir else "",
        [keys.public(key_dir, keys.HOST_KEY), keys.public(key_dir, keys.USER_KEY)],
    )
    kind = f"image-{dist}-{engine}"
    if cache.entry(kind, key).is_dir():
        return cache.entry(kind, key)
    tar = tree.obtain(engine, dist) / "root.tar"
    return cache.obtain(kind, key, 3 * cache.GIB, lambda target: _build_root(target, tar, kernel_dir, key_dir))


def _build_root(target: Path, tar: Path, kernel_dir: Path | None, key_dir: Path) -> None:
    """Unpack the tree, write the overlay, make the file system."""
    step = Step("root image")
    root = target / "root"
    root.mkdir(mode=0o755)
    run(["tar", "--numeric-owner", "--xattrs", "--xattrs-include=*", "-xpf", str(tar), "-C", str(root)])
    if kernel_dir:
        modules = root / "usr" / "lib" / "modules"
        shutil.copytree(kernel_dir / "modules", modules, symlinks=True, dirs_exist_ok=True)
    else:
        shutil.copy2(root / "vmlinuz", target / "vmlinuz")
        shutil.copy2(root / "initrd.img", target / "initrd.img")
        shutil.rmtree(root / "boot")  # QEMU reads the kernel from the cache
        (root / "boot").mkdir()
    write_overlay(root, key_dir)
    # Reads the repository's index now, so that a role's first install need not.
    run(["chroot", str(root), "apt-get", "-q", "update"])
    run(["chroot", str(root), "apt-cache", "gencaches"])
    used_mb = int(run(["du", "-sm", str(root)]).stdout.split()[0])
    size_mb = used_mb + used_mb // 8 + ROOT_HEADROOM_MB
    run([*MKE2FS, "-L", "lvsroot", "-d", str(root), str(target / "root.img"), f"{size_mb}M"])
    shutil.rmtree(root)
    step.done()


def write_overlay(root: Path, key_dir: Path) -> None:
    """Turn the Debian tree at ``root`` into a lab node."""
    for path, text in overlay.files().items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        file.write_text(text, encoding="utf-8")
        file.chmod(0o644)
    for unit in overlay.MASKED_UNITS:
        _mask(root / "etc/systemd/system" / unit)
    for generator in overlay.MASKED_GENERATORS:
        _mask(root / "etc/systemd/system-generators" / generator)
    run(["chroot", str(root), "systemctl", "enable", *overlay.ENABLED_UNITS])
    for stale in (root / "etc/ssh").glob("ssh_host_*"):
        stale.unlink()
    _install(key_dir / keys.HOST_KEY, root / "etc/ssh" / keys.HOST_KEY, 0o600)
    _install(key_dir / f"{keys.HOST_KEY}.pub", root / "etc/ssh" / f"{keys.HOST_KEY}.pub", 0o644)
    (root / "root/.ssh").mkdir(mode=0o700, exist_ok=True)
    _install(key_dir / f"{keys.USER_KEY}.pub", root / "root/.ssh/authorized_keys", 0o600)
    (root / "srv/nfs").mkdir(parents=True, exist_ok=True)
    # Without PAM, sshd refuses an account whose password field begins with '!'.
    shadow = root / "etc/shadow"
    shadow.write_text(
        "".join(
            "root:*:" + line.split(":", 2)[2] if line.startswith("root:") else line
            for line in shadow.read_text(encoding="utf-8").splitlines(keepends=True)
        ),
        encoding="utf-8",
    )


def _mask(path: Path) -> None:
    """Make ``path`` a link to /dev/null."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to("/dev/null")


def _install(source: Path, target: Path, mode: int) -> None:
    """Copy a file and set its mode."""
    shutil.copyfile(source, target)
    target.chmod(mode)


def obtain_data() -> Path:
    """The cache folder with ``data.img``, built first if need be.

    Both servers' data disks start as copies of this one file system: inode numbers and generations are then equal on
    both, as with block replication, so an NFS file handle that one server gave out is valid on the other after a
    failover.
    """
    ingredients = {
        "mb": DATA_MB,
        "probes": list(PROBES),
        "bytes": PROBE_BYTES,
        "label": DATA_LABEL,
        "revision": DATA_REVISION,
    }
    return cache.obtain("data", cache.key_of(ingredients), cache.GIB, _build_data)


def _build_data(target: Path) -> None:
    """Make the file system with its probe files, all writable by everybody."""
    step = Step("data image")
    root = target / "root"
    root.mkdir()
    for name in PROBES:
        (root / name).write_bytes(bytes(PROBE_BYTES))
        (root / name).chmod(0o666)
    image = target / "data.img"
    run([*MKE2FS, "-L", DATA_LABEL, "-d", str(root), str(image), f"{DATA_MB}M"])
    # mke2fs -d does not take over the mode of the top folder.
    run(["debugfs", "-w", "-R", "set_inode_field / mode 041777", str(image)])
    shutil.rmtree(root)
    step.done()
