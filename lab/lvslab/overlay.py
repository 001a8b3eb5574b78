# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""What is written over the Debian tree to make it a lab node: configuration files and masks, as data."""

from __future__ import annotations

from .topology import NODES
from .tree import REPO_DIR

# Units that cost boot time and that a lab node does not miss: no consoles to log in on, no logins through PAM, no
# clock to keep, no pstore, no first boot. What a role may rely on (sysctl, modules-load, networkd, its wait-online)
# stays.
MASKED_UNITS = (
    "apt-daily-upgrade.timer",
    "apt-daily.timer",
    "cryptsetup.target",
    "dev-hugepages.mount",
    "dev-mqueue.mount",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "getty-static.service",
    "getty.target",
    "getty@tty1.service",
    "integritysetup.target",
    "kmod-static-nodes.service",
    "modprobe@configfs.service",
    "modprobe@dm_mod.service",
    "modprobe@drm.service",
    "modprobe@efi_pstore.service",
    "modprobe@fuse.service",
    "modprobe@loop.service",
    "proc-sys-fs-binfmt_misc.automount",
    "sshd-unix-local.socket",
    "sys-fs-fuse-connections.mount",
    "sys-kernel-config.mount",
    "sys-kernel-debug.mount",
    "sys-kernel-tracing.mount",
    "systemd-ask-password-console.path",
    "systemd-ask-password-wall.path",
    "systemd-binfmt.service",
    "systemd-firstboot.service",
    "systemd-initctl.socket",
    "systemd-journal-flush.service",
    "systemd-journald-audit.socket",
    "systemd-machine-id-commit.service",
    "systemd-networkd-persistent-storage.service",
    "systemd-pcrphase-sysinit.service",
    "systemd-pcrphase.service",
    "systemd-pstore.service",
    "systemd-random-seed.service",
    "systemd-remount-fs.service",
    "systemd-repart.service",
    "systemd-rfkill.socket",
    "systemd-sysusers.service",
    "systemd-tmpfiles-clean.timer",
    "systemd-tmpfiles-setup-dev-early.service",
    "systemd-tmpfiles-setup-dev.service",
    "systemd-tpm2-setup-early.service",
    "systemd-tpm2-setup.service",
    "systemd-update-utmp-runlevel.service",
    "systemd-update-utmp.service",
    "systemd-user-sessions.service",
    "veritysetup.target",
)

# Generators run on every boot and on every daemon-reload, which roles do often. Needed: debug (systemd.wants= on the
# kernel's command line), fstab, and sysv (Debian's ipvsadm has an init script only).
MASKED_GENERATORS = (
    "systemd-bless-boot-generator",
    "systemd-cryptsetup-generator",
    "systemd-getty-generator",
    "systemd-gpt-auto-generator",
    "systemd-hibernate-resume-generator",
    "systemd-integritysetup-generator",
    "systemd-rc-local-generator",
    "systemd-run-generator",
    "systemd-ssh-generator",
    "systemd-system-update-generator",
    "systemd-tpm2-generator",
    "systemd-veritysetup-generator",
)

ENABLED_UNITS = (
    "systemd-networkd.service",
    "systemd-networkd-wait-online.service",
    "systemd-network-generator.service",
    "ssh.service",
)

# systemd.wants= on the command line of the nodes that have the disk pulls this unit in, so the others never wait for
# it.
_DATA_MOUNT = """[Unit]
Description=Replicated data

[Mount]
What=/dev/disk/by-label/lvsdata
Where=/srv/nfs
Type=ext4
Options=noatime
"""

_APT = """\
APT::Install-Recommends "false";
Acquire::Languages "none";
DPkg::Use-Pty "false";
"""

_SSHD = """# A lab node has keys only, and no names to look up.
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PrintMotd no
HostKey /etc/ssh/ssh_host_ed25519_key
MaxStartups 100
MaxSessions 100
"""

# udev's full coldplug asks about every tty and memory device; the nodes need their disks, their NIC and, under QEMU,
# the modules for them.
_TRIGGER = """\
[Service]
ExecStart=
ExecStart=-udevadm trigger --action=add --subsystem-match=net --subsystem-match=block \\
    --subsystem-match=virtio --subsystem-match=pci
"""

# User-mode Linux calls its NIC vec0; the note that the project implements says eth0.
_LINK = """[Match]
OriginalName=vec0

[Link]
Name=eth0
"""

# From the kernel's command line systemd 257 makes a network without link-local addresses, as older ones did not. But
# without one a host asks nobody for the hardware address of an IPv6 neighbour, except in a packet of its own.
_LINK_LOCAL = """[Network]
LinkLocalAddressing=ipv6
"""


def hosts_file() -> str:
    """/etc/hosts with all nodes, since there is no name server on the LAN."""
    lines = ["127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback"]
    lines += [f"{node.address} {node.name}" for node in NODES.values()]
    return "\n".join(lines) + "\n"


def files() -> dict[str, str]:
    """Path below the root -> text, for every file that is written (mode 0644)."""
    return {
        "etc/hosts": hosts_file(),
        "etc/hostname": "localhost\n",
        "etc/machine-id": "",
        "etc/resolv.conf": "",
        "etc/fstab": "# The root comes from the kernel's command line; /srv/nfs is srv-nfs.mount.\n",
        "etc/apt/sources.list": f"deb [trusted=yes] file:/{REPO_DIR} ./\n",
        "etc/apt/apt.conf.d/90lab": _APT,
        "etc/default/locale": "LANG=C.UTF-8\n",
        "etc/ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\nSubsystem sftp /usr/lib/openssh/sftp-server\n",
        "etc/ssh/sshd_config.d/lab.conf": _SSHD,
        "etc/systemd/journald.conf.d/lab.conf": "[Journal]\nStorage=volatile\nRuntimeMaxUse=16M\nAudit=no\n",
        "etc/systemd/network/10-lab.link": _LINK,
        "etc/systemd/network/70-eth0.network.d/lab.conf": _LINK_LOCAL,
        "etc/systemd/system.conf.d/lab.conf": "[Manager]\nDefaultTimeoutStopSec=20s\n",
        "etc/systemd/system/srv-nfs.mount": _DATA_MOUNT,
        "etc/systemd/system/systemd-udev-trigger.service.d/lab.conf": _TRIGGER,
    }
