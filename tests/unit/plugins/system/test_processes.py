# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes of this machine: nothing that they print is lost, however slow they are."""

from __future__ import annotations

import sys

import pytest
from ansible.module_utils import basic
from ansible_collections.linuxha.lvs.plugins.module_utils._system.processes import Processes
from ansible_collections.linuxha.lvs.plugins.module_utils._system.runner import Runner

CODE = "import os, sys, time; time.sleep(%s); print(os.environ['LC_ALL'], sys.stdin.read()); sys.exit('no')"


@pytest.mark.parametrize("seconds", [0, 1.1])
def test_all_that_it_prints_its_input_and_its_end(seconds):
    found = Processes().run_command(
        [sys.executable, "-c", CODE % seconds], data="in", environ_update={"LC_ALL": "C", "LANG": "C"}
    )
    assert found == (1, "C in\n", "no\n")


def test_bytes_that_are_no_text_stop_nothing():
    code = "import sys; sys.stdout.buffer.write(b'a\\xffb')"
    assert Processes().run_command([sys.executable, "-c", code]) == (0, "a\ufffdb", "")


def test_what_cannot_be_started_is_an_error_of_the_system():
    with pytest.raises(FileNotFoundError):
        Processes().run_command(["/nonexistent/tool"])


def test_a_module_runs_its_commands_so(monkeypatch):
    def lossy(_self, *_args, **_kwargs):
        raise AssertionError("AnsibleModule.run_command loses output")

    monkeypatch.setattr(basic.AnsibleModule, "run_command", lossy)
    module = basic.AnsibleModule.__new__(basic.AnsibleModule)
    monkeypatch.setattr(basic.AnsibleModule, "get_bin_path", lambda _self, arg, **_options: "/bin/" + arg)
    assert Runner(module).run("echo", "said", purpose="say it").stdout == "said\n"
