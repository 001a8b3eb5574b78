# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real main() of nfs_arp_suppress and of lvs_sysctl, each on a host of its own. Test files make the fixtures."""

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args
from ansible_collections.linuxha.lvs.plugins.module_utils._system.modules import KernelModules
from ansible_collections.linuxha.lvs.plugins.module_utils._system.systemd import Systemd
from ansible_collections.linuxha.lvs.plugins.modules import lvs_sysctl, nfs_arp_suppress
from ansible_collections.linuxha.lvs.tests.unit.fakes.fake_ip import FakeHost

Play = t.Callable[..., "dict[str, t.Any]"]


def _host(module: t.Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    root = tmp_path / "host"
    fake = FakeHost(root)
    monkeypatch.setattr(module, "Files", lambda: fake.files)
    monkeypatch.setattr(module, "ProcSys", lambda: fake.proc)
    monkeypatch.setattr(module, "Systemd", lambda runner: Systemd(runner, str(root)))
    fake.stand_in_for(AnsibleModule, monkeypatch)
    return fake


def arp_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    """A server below a folder of its own, which the module takes for the machine that it runs on."""
    return _host(nfs_arp_suppress, tmp_path, monkeypatch)


def sysctl_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    """A director, likewise."""
    monkeypatch.setattr(lvs_sysctl, "KernelModules", lambda runner: KernelModules(runner, str(tmp_path / "host")))
    return _host(lvs_sysctl, tmp_path, monkeypatch)


def run_arp(vips: list[str], check: bool = False, **options: t.Any) -> None:
    """Runs nfs_arp_suppress, whose VIPs are all of the host, to its end, which is a SystemExit."""
    options = {"prune": True, **options}
    with patch_module_args({"vips": vips, "_ansible_check_mode": check, "_ansible_diff": True, **options}):
        nfs_arp_suppress.main()


def run_sysctl(settings: dict[str, t.Any], check: bool = False, **options: t.Any) -> None:
    """Runs lvs_sysctl to its end, likewise."""
    with patch_module_args({"settings": settings, "_ansible_check_mode": check, "_ansible_diff": True, **options}):
        lvs_sysctl.main()


def player(run: t.Callable[..., None], capsys: pytest.CaptureFixture[str]) -> Play:
    """Runs the module and returns what it printed."""

    def play(wanted: t.Any, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        with pytest.raises(SystemExit):
            run(wanted, check, **options)
        result = t.cast("dict[str, t.Any]", json.loads(capsys.readouterr().out))
        result.pop("invocation", None)
        return result

    return play


def refuses_link(host: t.Any, run: t.Callable[[], dict[str, t.Any]], path: str) -> None:
    """Asserts that a run which would write the file refuses a symbolic link in its place."""
    link = host.files.real(path)
    os.makedirs(os.path.dirname(link), exist_ok=True)
    os.symlink("elsewhere.conf", link)
    done = run()
    assert done["msg"].startswith("Cannot change %s: it is a symbolic link to elsewhere.conf" % path)
    assert done["msg"].endswith("Nothing has been changed.")
    assert os.readlink(link) == "elsewhere.conf"
