# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real main() of ipvs_flow on a host of its own. Test files make fixtures of the two functions."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args
from ansible_collections.linuxha.lvs.plugins.module_utils._system.flows import FlowHost
from ansible_collections.linuxha.lvs.plugins.modules import ipvs_flow
from ansible_collections.linuxha.lvs.tests.unit.fakes.fake_nft import FakeHost


def flow_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    """A host below a folder of its own, which the module takes for the machine that it runs on."""
    root = tmp_path / "host"
    fake = FakeHost(root)
    monkeypatch.setattr(ipvs_flow, "FlowHost", lambda runner: FlowHost(runner, str(root)))
    fake.stand_in_for(AnsibleModule, monkeypatch)
    return fake


def run_flows(*flows: t.Any, check: bool = False, **options: t.Any) -> None:
    """Runs the module to its end, which is a SystemExit."""
    with patch_module_args({"flows": list(flows), "_ansible_check_mode": check, "_ansible_diff": True, **options}):
        ipvs_flow.main()


def flow_play(host: FakeHost, capsys: pytest.CaptureFixture[str]) -> t.Callable[..., dict[str, t.Any]]:
    """Runs the module and returns what it printed."""

    def play(*flows: t.Any, **options: t.Any) -> dict[str, t.Any]:
        with pytest.raises(SystemExit):
            run_flows(*flows, **options)
        result = t.cast("dict[str, t.Any]", json.loads(capsys.readouterr().out))
        result.pop("invocation", None)
        return result

    return play
