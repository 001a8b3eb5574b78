# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.linuxha.lvs.plugins.module_utils._system.files import Files
from ansible_collections.linuxha.lvs.plugins.module_utils._system.runner import Runner
from ansible_collections.linuxha.lvs.plugins.modules import ipvs_info
from ansible_collections.linuxha.lvs.tests.unit.fakes.fake_keepalived import HEADER


class Ipvsadm:
    """Says what the test has put into the file `saved`; without it, the tool is not installed."""

    def __init__(self, root: Path) -> None:
        self._saved = root / "saved"

    def get_bin_path(self, arg: str, required: bool = False) -> str | None:
        return "/usr/sbin/" + arg if self._saved.exists() else None

    def run_command(
        self, args: list[str], *, data: str | None = None, environ_update: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        assert args == ["/usr/sbin/ipvsadm", "--save", "--numeric"]
        text = self._saved.read_text()
        return (1, "", "Permission denied") if text == "DENIED" else (0, text, "")


@pytest.fixture
def info(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> t.Callable[[], dict[str, t.Any]]:
    monkeypatch.setattr(ipvs_info, "Files", lambda: Files(str(tmp_path)))

    monkeypatch.setattr(ipvs_info, "Runner", lambda _module: Runner(Ipvsadm(tmp_path)))

    def run() -> dict[str, t.Any]:
        with patch_module_args({"_ansible_check_mode": True}), pytest.raises(SystemExit):
            ipvs_info.main()
        return t.cast("dict[str, t.Any]", json.loads(capsys.readouterr().out))

    return run


def test_a_host_without_ip_vs_has_nothing(info: t.Callable[[], dict[str, t.Any]]) -> None:
    result = info()
    assert not result["changed"]
    empty = {"available": False, "services": [], "directors": [], "left_out": [], "connections": [], "sysctls": {}}
    assert {key: result[key] for key in empty} == empty


def test_everything_is_read(tmp_path: Path, info: t.Callable[[], dict[str, t.Any]]) -> None:
    net, settings = tmp_path / "proc/net", tmp_path / "proc/sys/net/ipv4/vs"
    net.mkdir(parents=True)
    settings.mkdir(parents=True)
    (net / "ip_vs").write_text(HEADER + "FWM  00000007 fo\n  -> C0A80A64:0000      Route   10     1          0\n")
    (net / "ip_vs_conn").write_text(
        "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n"
        "TCP C0A80A14 032B C0A80A32 0801 C0A80A64 0801 ESTABLISHED     899\n"
    )
    (settings / "expire_nodest_conn").write_text("1\n")
    (settings / "sync_threshold").write_text("3\t50\n")
    (settings / "sync_qlen_max").write_text("-1\n")
    result = info()
    assert result["available"] is True
    assert (result["services"][0]["fwmark"], result["services"][0]["balance"]) == (7, "failover")
    assert result["services"][0]["servers"][0]["active_connections"] == 1
    assert result["connections"][0]["server"] == {"address": "192.168.10.100", "port": 2049}
    assert result["sysctls"] == {"expire_nodest_conn": 1, "sync_qlen_max": -1, "sync_threshold": "3 50"}


def test_a_table_that_cannot_be_read_is_a_sentence(tmp_path: Path, info: t.Callable[[], dict[str, t.Any]]) -> None:
    (tmp_path / "proc/net").mkdir(parents=True)
    (tmp_path / "proc/net/ip_vs").write_text("TCP nonsense\n")
    result = info()
    assert result["failed"]
    assert "Cannot read /proc/net/ip_vs: the line 'TCP nonsense' has an unknown form" in result["msg"]


PERSISTENT = "TCP  0A620003:0000 wrr persistent 15000 FFFFFF00\n  -> 0A630001:0000      Masq    1      0          0\n"


def test_directors_come_out(tmp_path: Path, info: t.Callable[[], dict[str, t.Any]]) -> None:
    (tmp_path / "proc/net").mkdir(parents=True)
    (tmp_path / "proc/net/ip_vs").write_text(HEADER + PERSISTENT)
    (tmp_path / "saved").write_text("-A -t 10.98.0.3:0 -s wrr -p 60 -M 255.255.255.0\n")
    result = info()
    assert result["left_out"] == []
    assert [director["name"] for director in result["directors"]] == ["tcp-10.98.0.3-0"]
    assert result["directors"][0]["persistence"] == {"timeout": 60, "netmask": "255.255.255.0"}


@pytest.mark.parametrize(("saved", "words"), [(None, "the package ipvsadm"), ("DENIED", "Permission denied")])
def test_what_only_ipvsadm_knows_is_told_when_it_does_not_say_it(
    tmp_path: Path, info: t.Callable[[], dict[str, t.Any]], saved: str | None, words: str
) -> None:
    (tmp_path / "proc/net").mkdir(parents=True)
    (tmp_path / "proc/net/ip_vs").write_text(HEADER + PERSISTENT)
    if saved:
        (tmp_path / "saved").write_text(saved)
    result = info()
    assert result["directors"] == []
    assert any(words in sentence for sentence in result["left_out"])
