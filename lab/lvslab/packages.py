# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""Which Debian packages go where: into the image, into the image's own apt repository, onto this machine."""

from __future__ import annotations

DISTS = ("bookworm", "trixie")
ENGINES = ("qemu", "uml")
MIRROR = "http://deb.debian.org/debian"
# User-mode Linux's kernels: version -> the release whose source package linux-source-VERSION it is built from. The
# first one is the default.
KERNELS = {"6.12": "trixie", "6.1": "bookworm"}

# What a bare server has. None of the packages that the roles install: they must do that themselves.
# python3-apt is here because Ansible's apt module would otherwise install it first, on every node.
BASE = (
    "ca-certificates",
    "dbus",
    "iproute2",
    "iputils-ping",
    "kmod",
    "netbase",
    "openssh-server",
    "python3",
    "python3-apt",
    "systemd",
    "systemd-sysv",
    "udev",
)

# QEMU boots the distribution's own kernel; UML's is built here.
QEMU_KERNEL = ("linux-image-cloud-amd64", "initramfs-tools")

# What roles and tests may install inside the nodes, which have no way out of the lab's LAN.
REPO = (
    "conntrack",
    "iputils-arping",
    "ipvsadm",
    "keepalived",
    "nfs-common",
    "nfs-kernel-server",
    "nftables",
    "procps",
    "psmisc",
    "quota",
    "rpcbind",
    "strace",
    "tcpdump",
)

# program -> Debian package, needed on this machine whatever the engine.
_COMMON_TOOLS = {
    "debugfs": "e2fsprogs",
    "dpkg-scanpackages": "dpkg-dev",
    "ip": "iproute2",
    "mke2fs": "e2fsprogs",
    "mmdebstrap": "mmdebstrap",
    "nc": "netcat-openbsd",
    "setpriv": "util-linux",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "tar": "tar",
    "tcpdump": "tcpdump",
}
_ENGINE_TOOLS = {
    "qemu": {"qemu-img": "qemu-utils", "qemu-system-x86_64": "qemu-system-x86"},
    "uml": {
        "bc": "bc",
        "bison": "bison",
        "depmod": "kmod",
        "flex": "flex",
        "gcc": "gcc",
        "make": "make",
        "xz": "xz-utils",
    },
}
_COMMON_FILES = {"/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring"}
_ENGINE_FILES = {
    "qemu": {},
    "uml": {
        "/usr/include/gelf.h": "libelf-dev",
        "/usr/include/stdio.h": "libc6-dev",
    },
}


def image_packages(engine: str) -> tuple[str, ...]:
    """The packages that are installed in the image for this engine, sorted."""
    return tuple(sorted(BASE + (QEMU_KERNEL if engine == "qemu" else ())))


def needed_tools(engine: str) -> dict[str, str]:
    """Program name -> Debian package, for this machine."""
    return {**_COMMON_TOOLS, **_ENGINE_TOOLS[engine]}


def needed_files(engine: str) -> dict[str, str]:
    """Absolute path -> Debian package that brings it, for this machine."""
    return {**_COMMON_FILES, **_ENGINE_FILES[engine]}


def host_packages(engine: str) -> list[str]:
    """The Debian packages that this machine needs for the engine, sorted, each once."""
    return sorted({*needed_tools(engine).values(), *needed_files(engine).values()})
