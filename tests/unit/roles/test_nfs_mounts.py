# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program that keeps clients waiting while what is to be exported is not mounted."""

from __future__ import annotations

import importlib.util
import json
import struct
import types
import typing as t
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parents[3] / "roles" / "nfs_server" / "files" / "nfs_mounts.py"
MOUNTINFO = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 147:0 / /srv/nfs rw,relatime shared:9 - ext4 /dev/drbd0 rw
31 22 147:1 / /srv/two\040words rw,relatime - xfs /dev/drbd1 rw
""".lstrip()
FOUR = ("192.168.10.20", 1023, "192.168.10.50", 2049, 7)
SIX = ("fd00::20", 700, "fd00::50", 2049, 2**32 - 1)


def listed(*knocks: t.Any) -> str:
    """What nft says of its table: an element with its time, as dynamic sets have them, and one without."""
    elements = [{"concat": list(one)} for one in knocks]
    with_times = [{"elem": {"val": one, "timeout": 900, "expires": 899}} for one in elements]
    sets = [{"set": {"name": "vips4", "elem": ["192.168.10.50"]}}, {"set": {"name": "knocked4", "elem": with_times}}]
    return json.dumps({"nftables": [{"metainfo": {}}, {"table": {}}, *sets, {"set": {"name": "knocked6"}}]})


@pytest.fixture(name="program")
def _program(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """The program; what it does is in its `done`."""
    spec = importlib.util.spec_from_file_location("nfs_mounts", PROGRAM)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    done: list[t.Any] = []

    def nft(*arguments: str) -> str:
        done.append(arguments[0])
        return listed(FOUR, SIX)

    monkeypatch.setattr(module, "done", done, raising=False)
    monkeypatch.setattr(module, "nft", nft)
    monkeypatch.setattr(module, "tell", done.append)
    monkeypatch.setattr(module, "AGAIN", 0.0)
    return module


def test_mount_points_are_read_as_the_kernel_spells_them(program: types.ModuleType) -> None:
    assert program.mounted(MOUNTINFO) == {"/", "/srv/nfs", "/srv/two words"}


def test_whom_the_table_has_silenced(program: types.ModuleType) -> None:
    assert program.read_knocked(listed(FOUR, SIX)) == {FOUR, SIX}
    assert program.read_knocked(listed()) == set()


@pytest.mark.parametrize(("knock", "acknowledged"), [(FOUR, 8), (SIX, 0)])
def test_the_packet_acknowledges_the_knock_and_has_a_right_checksum(
    knock: tuple[str, int, str, int, int], acknowledged: int, program: types.ModuleType
) -> None:
    packet = program.answer(knock)
    assert struct.unpack("!HHIIBB", packet[:14]) == (2049, knock[1], 0, acknowledged, 5 << 4, 0x12)
    ends = b"".join(program.socket.inet_pton(program.family_of(one), one) for one in (knock[2], knock[0]))
    data = ends + struct.pack("!II", len(packet), 6) + packet
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    # Over a packet with a right one the sum is all ones (RFC 1071).
    assert (total & 0xFFFF) + (total >> 16) == 0xFFFF


def test_the_number_is_known_in_either_order(program: types.ModuleType) -> None:
    assert [one[4] for one in program.either((*FOUR[:4], 0x01020304))] == [0x01020304, 0x04030201]


def test_the_silence_begins_once_and_ends_with_all_of_them_mounted(program: types.ModuleType) -> None:
    silence = program.Silence("/rules")
    silence.keep([])
    assert program.done == []
    silence.keep(["/srv/a", "/srv/b"])
    silence.keep(["/srv/b"])
    assert program.done == ["-f"]
    silence.keep([])
    silence.keep([])
    # Asked before the table goes, told after it: twice, since a packet may be lost.
    assert program.done == ["-f", "--json", program.FORGET, {FOUR, SIX}, {FOUR, SIX}]
    silence.keep(["/srv/a"])
    assert program.done[-1] == "-f"


class EndError(Exception):
    """The test has seen enough."""


def test_it_looks_whenever_something_is_mounted(
    program: types.ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    waited, mounts = tmp_path / "waited.json", tmp_path / "mountinfo"
    (tmp_path / "link").symlink_to("/srv/nfs")
    waited.write_text(json.dumps([str(tmp_path / "link")]))
    mounts.write_text(MOUNTINFO.splitlines()[0] + "\n")
    seen: list[list[str]] = []

    class Poll:
        def register(self, *_given: t.Any) -> None:
            pass

        def poll(self) -> None:
            if len(seen) == 2:
                raise EndError
            mounts.write_text(MOUNTINFO)

    monkeypatch.setattr(program, "MOUNTS", str(mounts))
    monkeypatch.setattr(program.select, "poll", Poll)
    monkeypatch.setattr(program.Silence, "keep", lambda _self, missing: seen.append(missing))
    with pytest.raises(EndError):
        program.main(str(waited), "/rules")
    assert seen == [["/srv/nfs"], []]
    # What an earlier one has left goes first.
    assert program.done == [program.FORGET]
