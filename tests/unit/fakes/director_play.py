# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The real main() of ipvs_director on a host that is only a folder. Test files make a fixture of the function."""

from __future__ import annotations

import copy
import json
import typing as t
from pathlib import Path

import pytest
from ansible.module_utils import basic
from ansible.module_utils.common.parameters import PASS_VARS
from ansible.module_utils.testing import patch_module_args
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.proc_ip_vs import parse_services
from ansible_collections.linuxha.lvs.plugins.module_utils._model.ipvs import Service
from ansible_collections.linuxha.lvs.plugins.module_utils._system.processes import Processes
from ansible_collections.linuxha.lvs.plugins.modules import ipvs_director

from .fake_keepalived import FakeKeepalived

MAIN = "/etc/keepalived/keepalived.conf"
MAIN_TEXT = "# by hand, äöü\nglobal_defs {\n  router_id lb1\n}\ninclude conf.d/*.conf\n"
FOREIGN = "virtual_server 10.9.9.9 80 {\n    protocol TCP\n    lvs_sched rr\n    lvs_method NAT\n}\n"


# Since ansible-core 2.21 a task asks for it when it is to be shown.
INVOCATION = {"_ansible_inject_invocation": True} if "inject_invocation" in PASS_VARS else {}


def run_directors(*directors: t.Any, check: bool = False, prune: bool = False) -> None:
    """Runs the module to its end, which is a SystemExit."""
    # Tasks bring JSON: a copy, so that no test sees what the module did to its options.
    args = {"directors": copy.deepcopy(list(directors)), "prune": prune, "_ansible_check_mode": check}
    with patch_module_args({**args, **INVOCATION}):
        ipvs_director.main()


class DirectorPlay:
    """Runs the module against the host, as a task does."""

    def __init__(
        self, host: FakeKeepalived, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.host = host
        self._capsys = capsys
        monkeypatch.setattr(ipvs_director, "Files", host.files)
        monkeypatch.setattr(
            basic.AnsibleModule, "get_bin_path", lambda _self, *args, **_kwargs: host.get_bin_path(*args)
        )
        monkeypatch.setattr(Processes, "run_command", lambda _self, *args, **kwargs: host.run_command(*args, **kwargs))
        monkeypatch.setattr("time.sleep", lambda _seconds: None)

    def run(self, *directors: dict[str, t.Any], check: bool = False, prune: bool = False) -> dict[str, t.Any]:
        with pytest.raises(SystemExit):
            run_directors(*directors, check=check, prune=prune)
        return t.cast("dict[str, t.Any]", json.loads(self._capsys.readouterr().out))

    def done(self, *directors: dict[str, t.Any], **options: t.Any) -> dict[str, t.Any]:
        result = self.run(*directors, **options)
        assert not result.get("failed"), result["msg"]
        return result

    def kernel(self) -> list[Service]:
        """The table of the host's kernel."""
        return parse_services(self.host.read("/proc/net/ip_vs") or "")

    def refused(self, *directors: dict[str, t.Any], **options: t.Any) -> str:
        result = self.run(*directors, **options)
        assert result.get("failed")
        assert "Traceback" not in json.dumps(result)
        return str(result["msg"])


def director_play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> DirectorPlay:
    """A host whose keepalived runs, with a main file and another file that somebody wrote."""
    host = FakeKeepalived(tmp_path)
    host.write(MAIN, MAIN_TEXT)
    host.write("/etc/keepalived/conf.d/hand.conf", FOREIGN)
    host.follow()
    return DirectorPlay(host, monkeypatch, capsys)
