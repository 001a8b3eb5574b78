# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""Keys, command lines and files that the lab writes."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from lvslab import access, cache, engines, image, kernel, overlay, packages, tree
from lvslab.engines import Assets
from lvslab.errors import LabError
from lvslab.topology import NODES

UML = Assets("uml", Path("/c/linux"), None, Path("/c/root.img"), Path("/c/data.img"))
TCG = Assets("qemu", Path("/c/vmlinuz"), Path("/c/initrd.img"), Path("/c/root.img"), Path("/c/data.img"), "tcg")
DISKS = Path("/c/nodes")


def test_a_key_ignores_the_order_and_nothing_else() -> None:
    assert cache.key_of({"a": 1, "b": ["x"]}) == cache.key_of({"b": ["x"], "a": 1})
    assert cache.key_of({"a": 1, "b": ["x"]}) != cache.key_of({"a": 1, "b": ["y"]})


def test_the_kernels_key_follows_options_source_and_builder() -> None:
    key = kernel.kernel_key("CONFIG_A=y\nCONFIG_B=m\n", "6.12", 1)
    assert key == kernel.kernel_key("# a comment\nCONFIG_B=m\nCONFIG_A=y\n", "6.12", 1)
    others = {
        kernel.kernel_key("CONFIG_A=y\n", "6.12", 1),
        kernel.kernel_key("CONFIG_A=y\nCONFIG_B=m\n", "6.1", 1),
        kernel.kernel_key("CONFIG_A=y\nCONFIG_B=m\n", "6.12", 2),
    }
    assert len(others | {key}) == 4


def test_a_kernel_that_the_lab_does_not_have_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LVS_LAB_LINUX", "6.2")
    with pytest.raises(LabError, match=r"'6\.2', and the lab builds Linux 6\.12 and 6\.1\."):
        kernel.current_key()
    monkeypatch.setenv("LVS_LAB_LINUX", "")
    assert kernel.wanted_version() == "6.12"


def test_each_image_has_its_own_key() -> None:
    keys = {tree.tree_key(engine, dist) for engine in packages.ENGINES for dist in packages.DISTS}
    assert len(keys) == 4
    pair = ["host", "user"]
    assert image.root_key("uml", "t", "k", pair) != image.root_key("uml", "t", "k2", pair)
    assert image.root_key("uml", "t", "k", pair) != image.root_key("uml", "t", "k", ["host", "other"])


def test_an_option_that_the_kernel_dropped_is_named() -> None:
    wanted = "# comment\nCONFIG_A=y\nCONFIG_M=m\nCONFIG_N=n\nCONFIG_GONE=m\nCONFIG_WEAK=y\n"
    final = "CONFIG_A=y\nCONFIG_M=y\n# CONFIG_N is not set\nCONFIG_WEAK=m\n"
    assert kernel.lost_options(wanted, final) == ["CONFIG_GONE=m", "CONFIG_WEAK=y"]


def test_an_interrupted_build_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LVS_LAB_CACHE", str(tmp_path))

    def broken(target: Path) -> None:
        (target / "half").write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.obtain("thing", "0123", 1, broken)
    assert not list(tmp_path.glob("*thing*"))
    built = cache.obtain("thing", "0123", 1, lambda target: (target / "whole").touch())
    assert (built / "whole").exists()
    assert cache.obtain("thing", "0123", 1, broken) == built  # there: nothing is built


def test_what_a_killed_build_left_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LVS_LAB_CACHE", str(tmp_path))
    (tmp_path / ".building-kernel-1").mkdir()
    cache.obtain("thing", "0123", 1, lambda _target: None)
    assert not (tmp_path / ".building-kernel-1").exists()


def test_a_disk_that_is_too_small_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=str(tmp_path)):
        cache.need_space(tmp_path, 1 << 60, "building the moon")


def test_only_servers_have_the_data_disk() -> None:
    for node in NODES.values():
        line = engines.command(node, DISKS, UML)
        assert any(word.startswith("ubd1=") for word in line) is node.data
        assert ("systemd.wants=srv-nfs.mount" in line) is node.data


def test_on_two_processors_each_pair_is_apart_and_the_client_from_those_who_serve_it() -> None:
    place = {name: node.slot % 2 for name, node in NODES.items()}
    assert place["lb1"] != place["lb2"]
    assert place["nfs-01"] != place["nfs-02"]
    assert place["web1"] not in (place["lb1"], place["nfs-01"])
    assert len({node.slot for node in NODES.values()}) == len(NODES)


def test_uml_is_started_by_the_script_that_starts_it_again_when_it_reboots() -> None:
    line = engines.command(NODES["nfs-01"], DISKS, UML)
    assert Path(line[0]).name == "uml-start"
    assert Path(line[0]).is_file()
    assert engines.environment(NODES["nfs-01"], UML) == {"LVS_LAB_KERNEL": "/c/linux", "LVS_LAB_SLOT": "2"}
    assert "ubd0=/c/nodes/nfs-01-root.cow,/c/root.img" in line
    assert any("ifname=tap-nfs-01,depth=128,gro=1,mac=02:00:c0:a8:0a:64" in word for word in line)
    assert "ip=192.168.10.100::192.168.10.1:255.255.255.0:nfs-01:eth0:none" in line


@pytest.mark.parametrize(("accel", "cpu"), [("kvm", "host"), ("tcg", "max")])
def test_qemu_gets_the_same_identity_on_either_accelerator(accel: str, cpu: str) -> None:
    assets = Assets("qemu", TCG.kernel, TCG.initrd, TCG.root, TCG.data, accel)
    line = engines.command(NODES["nfs-02"], DISKS, assets)
    assert line[line.index("-accel") + 1].split(",")[0] == accel
    assert line[line.index("-cpu") + 1] == cpu
    append = line[line.index("-append") + 1].split()
    assert set(engines.kernel_arguments(NODES["nfs-02"])) <= set(append)
    assert "net.ifnames=0" in append
    drives = [word for word in line if word.startswith("file=")]
    assert [drive.split(",")[0] for drive in drives] == [
        "file=/c/nodes/nfs-02-root.qcow2",
        "file=/c/nodes/nfs-02-data.qcow2",
    ]


@pytest.mark.parametrize("assets", [UML, TCG])
def test_assets_survive_the_state_file(assets: Assets) -> None:
    assert engines.from_record(engines.to_record(assets)) == assets


def test_a_state_without_assets_is_an_error_with_a_sentence() -> None:
    with pytest.raises(LabError, match="lab down"):
        engines.from_record({})


def test_nodes_are_told_apart() -> None:
    for feature in ("name", "address", "mac", "tap", "machine_id"):
        assert len({getattr(node, feature) for node in NODES.values()}) == len(NODES)
    for node in NODES.values():
        assert len(node.tap) <= 15
        assert len(node.machine_id) == 32
        int(node.machine_id, 16)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("processor : 0\nflags\t\t: fpu vmx sse\n", True),
        ("flags : fpu svm\n", True),
        ("flags : fpu sse\nbugs : vmx\n", False),
        ("", False),
    ],
)
def test_kvm_needs_a_processor_that_virtualises(text: str, answer: bool, tmp_path: Path) -> None:
    assert engines.has_virtualisation(text) is answer
    (tmp_path / "cpuinfo").write_text(text)
    assert not engines.kvm_works(device=str(tmp_path / "none"), cpuinfo=str(tmp_path / "cpuinfo"))


def test_the_inventory_has_the_groups_of_the_collection() -> None:
    read = yaml.safe_load(access.inventory(NODES.values()))["all"]
    assert {group: list(body["hosts"]) for group, body in read["children"].items()} == {
        "load_balancers": ["lb1", "lb2"],
        "nfs_servers": ["nfs-01", "nfs-02"],
        "nfs_clients": ["web1"],
    }
    assert read["children"]["nfs_servers"]["hosts"]["nfs-02"] == {"ansible_host": "192.168.10.101"}
    assert read["vars"]["ansible_ssh_common_args"] == "-F /run/lvs-lab/ssh_config"


def test_ssh_knows_a_node_by_name_and_by_address() -> None:
    text = access.ssh_config([NODES["lb1"]], Path("/k/id"))
    assert "Host lb1 192.168.10.11\n" in text
    assert "Host fd00:10::11\n  HostName fd00:10::11\n" in text
    assert "ProxyCommand ip netns exec lvslab nc %h %p" in text
    assert "IdentityFile /k/id" in text
    assert access.known_hosts("ssh-ed25519 AAAA comment") == "lab-node ssh-ed25519 AAAA\n"


def test_nothing_that_a_role_installs_is_in_the_image() -> None:
    for engine in packages.ENGINES:
        assert not set(packages.image_packages(engine)) & {"keepalived", "nftables", "ipvsadm", "nfs-kernel-server"}
    assert {"keepalived", "nftables", "ipvsadm", "nfs-kernel-server", "nfs-common"} <= set(packages.REPO)


def test_every_tool_of_an_engine_comes_from_a_listed_package() -> None:
    assert "qemu-system-x86" in packages.host_packages("qemu")
    assert "qemu-system-x86" not in packages.host_packages("uml")
    assert {"mmdebstrap", "flex", "bison", "bc", "libelf-dev"} <= set(packages.host_packages("uml"))


def test_every_node_knows_the_others_by_name() -> None:
    hosts = overlay.files()["etc/hosts"]
    for node in NODES.values():
        assert f"{node.address} {node.name}\n" in hosts
