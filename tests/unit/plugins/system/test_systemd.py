# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""systemctl, and hosts where systemd does not run."""

from __future__ import annotations

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._errors import ToolError
from ansible_collections.linuxha.lvs.plugins.module_utils._system.modules import KernelModules
from ansible_collections.linuxha.lvs.plugins.module_utils._system.runner import Runner
from ansible_collections.linuxha.lvs.plugins.module_utils._system.systemd import Systemd, dropin_path, unit_path
from ansible_collections.linuxha.lvs.tests.unit.fakes.fake_ip import FakeHost

UNIT = "linuxha-lvs-vips.service"


def _systemd(host):
    return Systemd(Runner(host), str(host.root))


def test_paths():
    assert unit_path("a.service") == "/etc/systemd/system/a.service"
    assert dropin_path("keepalived.service") == "/etc/systemd/system/keepalived.service.d/linuxha-lvs.conf"


def test_life_of_a_unit(tmp_path):
    host = FakeHost(tmp_path)
    systemd = _systemd(host)
    assert not systemd.is_enabled(UNIT)
    with pytest.raises(ToolError, match="Cannot start linuxha-lvs-vips.service: systemctl start .* not found"):
        systemd.start(UNIT)
    host.files.put(unit_path(UNIT), "[Unit]\n")
    systemd.daemon_reload()
    assert not systemd.is_enabled(UNIT)
    systemd.enable(UNIT)
    systemd.start(UNIT)
    assert systemd.is_enabled(UNIT)
    assert systemd.is_active(UNIT)
    systemd.stop(UNIT)
    systemd.disable(UNIT)
    assert not systemd.is_enabled(UNIT)
    assert not systemd.is_active(UNIT)
    assert "systemctl daemon-reload" in host.commands


class Busy:
    """A systemctl that gets no answer from systemd for some time."""

    def __init__(self, silent: int) -> None:
        self.silent = silent

    def get_bin_path(self, arg, required=False):
        return arg

    def run_command(self, args, **_options):
        self.silent -= 1
        if self.silent >= 0:
            return 1, "", "Failed to get unit file state for %s: Connection timed out" % args[-1]
        return 0, "enabled\n", ""


def test_a_systemd_that_is_busy_is_asked_again_and_not_taken_for_a_no(tmp_path, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    assert Systemd(Runner(Busy(3)), str(tmp_path)).is_enabled(UNIT)
    with pytest.raises(ToolError, match="Cannot ask systemd about .* Connection timed out"):
        Systemd(Runner(Busy(99)), str(tmp_path)).is_enabled(UNIT)


def test_without_a_running_systemd_nothing_is_started_but_units_are_enabled(tmp_path):
    host = FakeHost(tmp_path, booted=False)
    host.files.put(unit_path(UNIT), "[Unit]\n")
    systemd = _systemd(host)
    systemd.daemon_reload()
    systemd.start(UNIT)
    systemd.restart(UNIT)
    assert not systemd.is_active(UNIT)
    assert host.commands == []
    systemd.enable(UNIT)
    assert host.commands == ["systemctl enable --quiet %s" % UNIT]


def test_asking_for_ip_vs_loads_nothing(tmp_path):
    host = FakeHost(tmp_path)
    modules = KernelModules(Runner(host), str(tmp_path))
    assert not modules.has_ip_vs()
    assert host.commands == []
    modules.load("ip_vs")
    assert modules.has_ip_vs()
    assert modules.unload("ip_vs")
    assert not modules.has_ip_vs()


def test_a_module_that_is_in_use_stays(tmp_path):
    host = FakeHost(tmp_path)
    host.fail["modprobe -r"] = "modprobe: FATAL: Module ip_vs is in use."
    assert not KernelModules(Runner(host), str(tmp_path)).unload("ip_vs")
