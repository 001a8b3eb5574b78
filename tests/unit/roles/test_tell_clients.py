# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program that tells clients of version 3 of a restart, against clients on loopback: one answers, others do not."""

from __future__ import annotations

import importlib.util
import socket
import struct
import threading
import time
import types
import typing as t
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parents[3] / "roles" / "nfs_server" / "files" / "tell_clients.py"
LIVE, BROKEN = "127.0.0.2", "127.0.0.3"
SILENT = ["127.0.1.%d" % number for number in range(1, 13)]
ACCEPTED = struct.pack(">5I", 1, 0, 0, 0, 0)


class Client(threading.Thread):
    """rpcbind and statd of a client, both at one port; a broken one answers what means nothing."""

    def __init__(self, address: str, port: int = 0, broken: bool = False) -> None:
        super().__init__(daemon=True)
        self.broken = broken
        self.told: list[tuple[str, int, float]] = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, port))
        self.address, self.port = self.socket.getsockname()

    def run(self) -> None:
        while True:
            message, sender = self.socket.recvfrom(8800)
            if not message:
                return
            program = struct.unpack(">I", message[12:16])[0]
            result = b""
            if program == 100024:
                length = struct.unpack(">I", message[40:44])[0]
                name, state = message[44 : 44 + length].decode(), struct.unpack(">I", message[-4:])[0]
                self.told.append((name, state, time.monotonic()))
            elif not self.broken:
                place = ("%s.%d.%d" % (self.address, self.port // 256, self.port % 256)).encode()
                result = struct.pack(">I", len(place)) + place + b"\0" * (-len(place) % 4)
            self.socket.sendto(message[:4] + ACCEPTED + result, sender)

    def stop(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"", (self.address, self.port))
        self.join()
        self.socket.close()


@pytest.fixture(name="program")
def _program(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location("tell_clients", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    # Ports below 1024 and the kernel's number of the restart are root's.
    monkeypatch.setattr(module, "SOURCE_PORTS", range(41023, 40600, -1), raising=False)
    monkeypatch.setattr(module, "next_state", lambda _path: 7)
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    return module


@pytest.fixture(name="clients")
def _clients(program: types.ModuleType, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[dict[str, Client]]:
    live = Client(LIVE)
    clients = {LIVE: live, BROKEN: Client(BROKEN, live.port, broken=True)}
    monkeypatch.setattr(program, "RPCBIND", live.port, raising=False)
    for client in clients.values():
        client.start()
    yield clients
    for client in clients.values():
        client.stop()


def run(program: types.ModuleType, monkeypatch: pytest.MonkeyPatch, *clients: str) -> None:
    monkeypatch.setattr("sys.argv", ["tell_clients.py", "/nowhere/state", "127.0.0.9", *clients])
    program.main()


def test_a_live_client_does_not_wait_for_silent_ones(
    program: types.ModuleType,
    clients: dict[str, Client],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    started = time.monotonic()
    run(program, monkeypatch, *SILENT, LIVE)
    took = time.monotonic() - started
    assert [(name, state) for name, state, _when in clients[LIVE].told] == [("127.0.0.1", 7), ("127.0.0.9", 7)]
    # Three tries from each of two addresses; one after the other, twelve would cost twelve times that.
    one_silent = 2 * 3 * 0.2
    assert max(when for _name, _state, when in clients[LIVE].told) - started < one_silent
    assert took < 3 * one_silent
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [*SILENT, LIVE]
    assert lines[-1] == "127.0.0.2: told as 2 of 127.0.0.1, 127.0.0.9; []"
    assert all(": told as 0 of " in line and "did not answer" in line for line in lines[:-1])


def test_more_clients_than_threads_are_all_told(
    program: types.ModuleType,
    clients: dict[str, Client],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(program, "THREADS", 2)
    run(program, monkeypatch, *SILENT[:3], LIVE)
    assert len(clients[LIVE].told) == 2
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_an_answer_that_means_nothing_keeps_nobody_from_being_told(
    program: types.ModuleType,
    clients: dict[str, Client],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(program, monkeypatch, BROKEN, "no..host", LIVE)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("127.0.0.3: told as 0 of 127.0.0.1, 127.0.0.9; ")
    assert lines[1].startswith("no..host: not told, its address is unknown: ")
    assert len(clients[LIVE].told) == 2
