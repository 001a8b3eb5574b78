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
from ansible_collections.linuxha.lvs.plugins.modules import host_survey_info

LINKS = [
    {"ifname": "lo", "mtu": 65536, "flags": ["LOOPBACK", "UP"], "address": "00:00:00:00:00:00", "addr_info": []},
    {},
    {
        "ifname": "eth0",
        "mtu": 1500,
        "flags": ["UP"],
        "address": "02:00:00:00:00:01",
        "addr_info": [{"family": "inet", "local": "192.168.10.11", "prefixlen": 24}],
    },
]
RPC = """   program vers proto   port  service
    100000    4   tcp    111  portmapper
    100003    3   tcp   2049  nfs
"""
NETWORKD = "  1 lo   loopback carrier  unmanaged\n  2 eth0 ether    routable configured\n"
SAYS = {"ip": json.dumps(LINKS), "rpcinfo": RPC, "networkctl": NETWORKD, "nmcli": "eth0:unmanaged\nlo:connected\n"}


class Tools:
    """Says what the test lets each tool say; a tool without a text is not installed."""

    def __init__(self, says: dict[str, str]) -> None:
        self._says = says

    def get_bin_path(self, arg: str, required: bool = False) -> str | None:
        return arg if arg in self._says else None

    def run_command(self, args: list[str], **_options: t.Any) -> tuple[int, str, str]:
        return 0, self._says[args[0]], ""


@pytest.fixture(name="survey")
def _survey(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> t.Callable[..., dict[str, t.Any]]:
    monkeypatch.setattr(host_survey_info, "Files", lambda: Files(str(tmp_path)))

    def run(says: dict[str, str], **texts: str) -> dict[str, t.Any]:
        for path, text in texts.items():
            place = tmp_path / path.replace("__", "/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        monkeypatch.setattr(host_survey_info, "Runner", lambda _module: Runner(Tools(says)))
        with patch_module_args({"_ansible_check_mode": True}), pytest.raises(SystemExit):
            host_survey_info.main()
        return t.cast("dict[str, t.Any]", json.loads(capsys.readouterr().out))

    return run


def test_all_of_a_server(survey: t.Callable[..., dict[str, t.Any]]) -> None:
    exports = "/srv/nfs\t192.168.10.0/24(rw)\n\n/srv/a\t*(ro)\n"
    found = survey(SAYS, var__lib__nfs__etab=exports, proc__fs__nfsd__threads="8\n")
    assert not found["changed"]
    assert [link["name"] for link in found["links"]] == ["lo", "eth0"]
    assert found["links"][1] == {
        "name": "eth0", "mac": "02:00:00:00:00:01", "mtu": 1500, "up": True, "addresses": ["192.168.10.11/24"],
    }  # fmt: skip
    assert found["managers"] == {"systemd-networkd": ["eth0"], "NetworkManager": ["lo"]}
    assert found["exports"] == ["/srv/a\t*(ro)", "/srv/nfs\t192.168.10.0/24(rw)"]
    assert found["rpc"][1] == {"program": 100003, "version": 3, "protocol": "tcp", "port": 2049}
    assert found["nfsd_threads"] == 8


def test_a_bare_host(survey: t.Callable[..., dict[str, t.Any]]) -> None:
    found = survey({"ip": "[]"}, run__network__ifstate="lo=lo\neth0=eth0\n")
    assert found["managers"] == {"ifupdown": ["lo", "eth0"]}
    assert (found["exports"], found["rpc"], found["nfsd_threads"], found["links"]) == ([], [], 0, [])


def test_a_tool_that_says_something_else(survey: t.Callable[..., dict[str, t.Any]]) -> None:
    assert "Cannot read what ip -json address show printed" in survey({"ip": "?"})["msg"]
    assert "there is no ip on this host; install the package iproute2" in survey({})["msg"]
