# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""The two ways to run a node: command lines as pure functions, and the choice between them."""

from __future__ import annotations

import fcntl
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from . import image, kernel
from .errors import LabError
from .paths import UML_DIR, UML_START
from .run import run
from .topology import CONTROLLER, NETMASK, Node

UML_MEMORY_MB = 384
QEMU_MEMORY_MB = 512
_KVM_GET_API_VERSION = 0xAE00
_KVM_CREATE_VM = 0xAE01
_KVM_API = 12


@dataclass(frozen=True)
class Assets:
    """What a boot needs from the cache. ``initrd`` is None for UML; ``accel`` is kvm or tcg for QEMU, \"\" for UML."""

    engine: str
    kernel: Path
    initrd: Path | None
    root: Path
    data: Path
    accel: str = ""


def kvm_works(device: str = "/dev/kvm", cpuinfo: str = "/proc/cpuinfo") -> bool:
    """Whether KVM can run a distribution's kernel.

    The device file says nothing: there are hosts where it is there and even makes a machine, but whose processor has no
    virtualisation of its own, so that a real kernel hangs or QEMU ends over a register that it may not set.
    """
    if not has_virtualisation(Path(cpuinfo).read_text(encoding="utf-8")):
        return False
    try:
        handle = os.open(device, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        if fcntl.ioctl(handle, _KVM_GET_API_VERSION, 0) != _KVM_API:
            return False
        os.close(fcntl.ioctl(handle, _KVM_CREATE_VM, 0))
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def has_virtualisation(cpuinfo: str) -> bool:
    """Whether the text of /proc/cpuinfo lists Intel's or AMD's virtualisation among the processor's flags."""
    flags = next((line.split(":", 1)[1].split() for line in cpuinfo.splitlines() if line.startswith("flags")), [])
    return "vmx" in flags or "svm" in flags


def to_record(assets: Assets) -> dict[str, str]:
    """The assets as the state file keeps them.

    A node must boot again on the very files that its disks are layers over, also when the cache has newer ones by then.
    """
    return {name: str(value) for name, value in asdict(assets).items() if value is not None}


def from_record(record: dict[str, str]) -> Assets:
    """The assets that a state file holds. Raises LabError if another version of the lab wrote it."""
    if not {"engine", "kernel", "root", "data", "accel"} <= set(record):
        raise LabError("The lab's state file does not say what its nodes boot from: run 'lab down', then 'lab up'.")
    initrd = Path(record["initrd"]) if "initrd" in record else None
    paths = {name: Path(record[name]) for name in ("kernel", "root", "data")}
    return Assets(engine=record["engine"], initrd=initrd, accel=record["accel"], **paths)


def choose(wanted: str) -> str:
    """The engine for ``auto``, qemu or uml: QEMU where KVM works, else UML (QEMU without KVM is four times slower)."""
    if wanted != "auto":
        return wanted
    return "qemu" if kvm_works() else "uml"


def obtain(engine: str, dist: str) -> Assets:
    """Everything a boot needs, built first if it is not in the cache."""
    if engine == "uml":
        kernel_dir = kernel.obtain()
        root = image.obtain_root(engine, dist, kernel_dir)
        return Assets(engine, kernel_dir / "linux", None, root / "root.img", image.obtain_data() / "data.img")
    root = image.obtain_root(engine, dist, None)
    accel = "kvm" if kvm_works() else "tcg"
    data = image.obtain_data() / "data.img"
    return Assets(engine, root / "vmlinuz", root / "initrd.img", root / "root.img", data, accel)


def kernel_arguments(node: Node) -> list[str]:
    """The node's identity and its network, as systemd reads them from the kernel's command line on either engine."""
    arguments = [
        "rw",
        "quiet",
        f"systemd.hostname={node.name}",
        f"systemd.machine_id={node.machine_id}",
        f"ip={node.address}::{CONTROLLER}:{NETMASK}:{node.name}:eth0:none",
    ]
    if node.data:
        arguments.append("systemd.wants=srv-nfs.mount")
    return arguments


def disks(node: Node, folder: Path, engine: str) -> dict[str, Path]:
    """Role (root, data) -> the file of the node's own copy-on-write layer."""
    suffix = "cow" if engine == "uml" else "qcow2"
    roles = ("root", "data") if node.data else ("root",)
    return {role: folder / f"{node.name}-{role}.{suffix}" for role in roles}


def prepare_disks(node: Node, folder: Path, assets: Assets) -> None:
    """Make the copy-on-write layers that the engine does not make by itself, unless they are there."""
    if assets.engine == "uml":
        return
    for role, path in disks(node, folder, assets.engine).items():
        base = assets.root if role == "root" else assets.data
        if not path.exists():
            run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", str(base), str(path)])


def command(node: Node, folder: Path, assets: Assets) -> list[str]:
    """The command line that boots the node, its console on stdout; run it inside the namespace."""
    return _uml(node, folder, assets) if assets.engine == "uml" else _qemu(node, folder, assets)


def environment(node: Node, assets: Assets) -> dict[str, str]:
    """What the command needs in its environment beside what is there."""
    return {"LVS_LAB_KERNEL": str(assets.kernel), "LVS_LAB_SLOT": str(node.slot)} if assets.engine == "uml" else {}


def _uml(node: Node, folder: Path, assets: Assets) -> list[str]:
    layers = disks(node, folder, "uml")
    drives = [f"ubd0={layers['root']},{assets.root}"]
    if node.data:
        drives.append(f"ubd1={layers['data']},{assets.data}")
    return [
        str(UML_START),
        f"mem={UML_MEMORY_MB}M",
        f"umid={node.name}",
        f"uml_dir={UML_DIR}",
        *drives,
        "root=/dev/ubda",
        f"vec0:transport=tap,ifname={node.tap},depth=128,gro=1,mac={node.mac}",
        "con=null",
        "con0=null,fd:1",
        "ssl=null",
        *kernel_arguments(node),
    ]


def _qemu(node: Node, folder: Path, assets: Assets) -> list[str]:
    accel = (
        ["-accel", "kvm", "-cpu", "host"] if assets.accel == "kvm" else ["-accel", "tcg,thread=multi", "-cpu", "max"]
    )
    drives: list[str] = []
    for path in disks(node, folder, "qemu").values():
        # The host never loses power in a test, only the nodes do: no need for its disk to flush. The base is read-only
        # for everybody, and User-mode Linux nodes on the same cache lock it.
        options = "format=qcow2,if=virtio,cache=unsafe,discard=unmap,backing.file.locking=off"
        drives += ["-drive", f"file={path},{options}"]
    append = ["root=/dev/vda", "console=ttyS0", "net.ifnames=0", *kernel_arguments(node)]
    return [
        "qemu-system-x86_64",
        *("-name", node.name, *accel, "-smp", "1", "-m", str(QEMU_MEMORY_MB)),
        *("-nodefaults", "-display", "none", "-serial", "stdio", "-monitor", "none"),
        *("-kernel", str(assets.kernel), "-initrd", str(assets.initrd), "-append", " ".join(append)),
        *drives,
        *("-netdev", f"tap,id=lan,ifname={node.tap},script=no,downscript=no"),
        *("-device", f"virtio-net-pci,netdev=lan,mac={node.mac},romfile="),
        *("-device", "virtio-rng-pci"),
    ]
