# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands: argument lists in the C locale, and failures as sentences."""

from __future__ import annotations

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._errors import ToolError
from ansible_collections.linuxha.lvs.plugins.module_utils._system.runner import Runner


class FakeModule:
    def __init__(self, rc=0, stdout="", stderr="", tools=("nft",)):
        self.answer = (rc, stdout, stderr)
        self.tools = tools
        self.calls = []

    def get_bin_path(self, arg, required=False):
        return "/usr/sbin/" + arg if arg in self.tools else None

    def run_command(self, args, data=None, environ_update=None):
        if isinstance(self.answer[0], Exception):
            raise self.answer[0]
        self.calls.append((args, data, environ_update["LC_ALL"]))
        return self.answer


def test_run_passes_the_list_the_input_and_the_c_locale():
    module = FakeModule(stdout="fine")
    assert Runner(module).run("nft", "-f", "-", purpose="load", data="table x").stdout == "fine"
    assert module.calls == [(["/usr/sbin/nft", "-f", "-"], "table x", "C")]


def test_failure_is_a_sentence_with_what_the_tool_said():
    runner = Runner(FakeModule(rc=1, stderr="line 1: bad\nline 2: worse\n"))
    with pytest.raises(ToolError) as caught:
        runner.run("nft", "-f", "x", purpose="load the flows")
    assert str(caught.value) == (
        "Cannot load the flows: nft -f x ended with status 1 and said: line 1: bad; line 2: worse"
    )
    assert caught.value.details["rc"] == 1


def test_missing_tool_names_its_package():
    with pytest.raises(ToolError, match="there is no nft on this host; install the package nftables"):
        Runner(FakeModule(tools=())).run("nft", purpose="load the flows")


def test_ask_gives_the_status_as_an_answer():
    rc, output = Runner(FakeModule(rc=3, stdout="inactive\n", tools=("systemctl",))).ask(
        "systemctl", "is-active", "x", purpose="ask"
    )
    assert (rc, output.stdout) == (3, "inactive\n")


@pytest.mark.parametrize("reason", [OSError(12, "Cannot allocate memory"), PermissionError(13, "Permission denied")])
def test_a_tool_that_cannot_be_started_is_a_sentence_that_a_transaction_can_catch(reason):
    for call in (Runner(FakeModule(rc=reason)).run, Runner(FakeModule(rc=reason)).ask):
        with pytest.raises(ToolError) as caught:
            call("nft", "-f", "x", purpose="load the flows")
        assert str(caught.value) == "Cannot load the flows: nft -f x could not be started: %s" % reason
        assert caught.value.details == {"cmd": ["nft", "-f", "x"]}
