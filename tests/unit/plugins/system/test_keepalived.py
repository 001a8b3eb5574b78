# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.keepalived_holds import HOLDS
from ansible_collections.linuxha.lvs.plugins.module_utils._errors import InputError, ToolError, VerifyError
from ansible_collections.linuxha.lvs.plugins.module_utils._plan.files import FileChange
from ansible_collections.linuxha.lvs.plugins.module_utils._system.keepalived import FOLDER, MAIN, Keepalived
from ansible_collections.linuxha.lvs.plugins.module_utils._system.runner import Runner
from ansible_collections.linuxha.lvs.tests.unit.fakes.fake_keepalived import FakeKeepalived

NFS = FOLDER + "/nfs.conf"


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeKeepalived:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    return FakeKeepalived(tmp_path)


def try_out(host: FakeKeepalived, changes: list[FileChange]) -> list[str]:
    subject = keepalived(host)
    return subject.test(subject.read(), changes)


def keepalived(host: FakeKeepalived) -> Keepalived:
    return Keepalived(Runner(host), host.files())


@pytest.mark.parametrize("line", ["include conf.d/*.conf", "include /etc/keepalived/conf.d/*.conf", "include */*.conf"])
def test_a_main_file_that_reads_our_folder_is_good(host: FakeKeepalived, line: str) -> None:
    host.write(MAIN, line + "\n")
    host.write(NFS, "a\n")
    assert keepalived(host).read() == {MAIN: line + "\n", NFS: "a\n"}


@pytest.mark.parametrize(
    "line", ["", "# include conf.d/*.conf", "include *.conf", "include conf.d/nfs.conf", "include x/*.conf"]
)
def test_a_main_file_that_does_not_read_our_folder_is_refused_with_the_line_to_add(
    host: FakeKeepalived, line: str
) -> None:
    host.write(MAIN, line + "\n")
    with pytest.raises(InputError, match=r'add the line "include conf\.d/\*\.conf" to it'):
        keepalived(host).read()


def test_includes_are_followed_from_the_folder_of_the_file_that_names_them(host: FakeKeepalived) -> None:
    host.write(MAIN, "include site/all.conf\ninclude /etc/other.conf\ninclude missing.conf\n")
    host.write("/etc/keepalived/site/all.conf", "include ../conf.d/*.conf\ninclude all.conf\ninclude more.conf\n")
    host.write("/etc/keepalived/site/more.conf", "more\n")
    host.write("/etc/other.conf", "other\n")
    texts = keepalived(host).read()
    assert sorted(texts) == [MAIN, "/etc/keepalived/site/all.conf", "/etc/keepalived/site/more.conf", "/etc/other.conf"]


def test_a_bare_host_has_no_files(host: FakeKeepalived) -> None:
    assert keepalived(host).read() == {}


def test_a_main_file_with_braces_that_do_not_match_is_named(host: FakeKeepalived) -> None:
    host.write(MAIN, "global_defs {\n")
    with pytest.raises(InputError, match="Cannot read /etc/keepalived/keepalived.conf: line 1"):
        keepalived(host).read()


def test_the_candidate_is_tested_in_a_copy_that_goes_away(host: FakeKeepalived) -> None:
    host.write(MAIN, "include conf.d/*.conf\n")
    before = host.tree()
    with pytest.raises(ToolError, match=r"ended with status 5, and what is wrong is: \(conf\.d/nfs\.conf: Line 1\)"):
        try_out(host, [FileChange(NFS, None, "BROKEN\n")])
    assert host.tree() == before
    assert not any(os.path.exists(command[3]) for command in host.commands)


def test_the_folder_of_the_holds_need_not_be_there_yet(host: FakeKeepalived) -> None:
    host.write(MAIN, "include conf.d/*.conf\n")
    tracked = "track_file hold:nfs:nfs-01 {\n    file %s/nfs:nfs-01\n}\n"
    assert try_out(host, [FileChange(NFS, None, tracked % HOLDS)]) == []
    with pytest.raises(ToolError, match=r"realpath\(\) error 2"):
        try_out(host, [FileChange(NFS, None, tracked % "/var/lib/nowhere")])


def test_a_removed_file_is_not_in_the_candidate(host: FakeKeepalived) -> None:
    host.write(MAIN, "include conf.d/*.conf\n")
    host.write(NFS, "BROKEN\n")
    assert try_out(host, [FileChange(NFS, "BROKEN\n", None)]) == []


def test_a_host_without_main_file_is_tested_as_if_it_had_one(host: FakeKeepalived) -> None:
    with pytest.raises(ToolError, match="BROKEN"):
        try_out(host, [FileChange(NFS, None, "BROKEN\n")])


def test_absolute_includes_lead_into_the_copy(host: FakeKeepalived) -> None:
    host.write(MAIN, "include /etc/keepalived/conf.d/*.conf\n")
    with pytest.raises(ToolError, match="BROKEN"):
        try_out(host, [FileChange(NFS, None, "BROKEN\n")])


@pytest.mark.parametrize("place", ["/etc/keepalived/lvs.conf", "/etc/lvs/all.conf"])
@pytest.mark.parametrize(
    "line", ["include /etc/keepalived/conf.d/*.conf", "@lb1 includer {/x,/etc/keepalived}/*/*.conf"]
)
def test_so_do_those_of_included_files(host: FakeKeepalived, place: str, line: str) -> None:
    host.write(MAIN, "include %s\n" % place)
    host.write(place, line + "\n")
    host.write(NFS, "old\n")
    with pytest.raises(ToolError, match=r"what is wrong is: \(conf\.d/nfs\.conf: Line 1\) Unknown keyword 'BROKEN'"):
        try_out(host, [FileChange(NFS, "old\n", "BROKEN\n")])


def test_what_keepalived_says_already_is_told_but_not_held_against_the_change(host: FakeKeepalived) -> None:
    host.write(MAIN, "include conf.d/*.conf\n# GRUMBLE\n")
    assert try_out(host, [FileChange(NFS, None, "a\n")]) == ["WARNING - GRUMBLE in keepalived.conf"]


def test_a_new_warning_counts_even_with_status_0(host: FakeKeepalived) -> None:
    host.write(MAIN, "include conf.d/*.conf\n")
    with pytest.raises(ToolError, match="status 0, and what is wrong is: WARNING - GRUMBLE"):
        try_out(host, [FileChange(NFS, None, "GRUMBLE\n")])


@pytest.mark.parametrize("after", ["a\n", None])
def test_a_broken_file_can_be_mended_beside_a_fault_that_stays(host: FakeKeepalived, after: str | None) -> None:
    """The status changes, from bad to good: that is nothing to hold against the change."""
    host.write(MAIN, "include conf.d/*.conf\n# GRUMBLE\n")
    host.write(NFS, "BROKEN\n")
    assert try_out(host, [FileChange(NFS, "BROKEN\n", after)]) == ["WARNING - GRUMBLE in keepalived.conf"]


def test_a_status_that_gets_worse_without_a_word_counts(host: FakeKeepalived, monkeypatch: pytest.MonkeyPatch) -> None:
    host.write(MAIN, "include conf.d/*.conf\n# GRUMBLE\n")
    ends = iter([(4, "", "WARNING"), (5, "", "WARNING")])
    monkeypatch.setattr(host, "_config_test", lambda _main: next(ends))
    with pytest.raises(ToolError, match="status 4"):
        try_out(host, [FileChange(NFS, None, "a\n")])


def test_a_file_of_ours_that_somebody_has_left_open_can_be_mended(host: FakeKeepalived) -> None:
    host.write(MAIN, "include conf.d/*.conf\n")
    host.write(NFS, "# Managed by linuxha.lvs.ipvs_director: director nfs\ninclude x.conf\nvirtual_server {\n")
    assert sorted(keepalived(host).read()) == [NFS, MAIN]


def test_waiting_ends_when_the_kernel_has_been_right_three_times(host: FakeKeepalived) -> None:
    answers = [["a"], [], ["b"], [], [], [], ["never asked"]]
    keepalived(host).wait(lambda: answers.pop(0), timeout=10)
    assert answers == [["never asked"]]


def test_waiting_ends_with_what_is_still_wrong(host: FakeKeepalived) -> None:
    with pytest.raises(VerifyError, match="after 10 seconds the kernel is not as asked: no service"):
        keepalived(host).wait(lambda: ["no service"], timeout=10)


def test_a_keepalived_that_died_is_noticed(host: FakeKeepalived) -> None:
    host.status = "failed"
    with pytest.raises(VerifyError, match="keepalived stopped"):
        keepalived(host).wait(list, timeout=10)


@pytest.mark.parametrize(("status", "verb"), [("active", "reload"), ("failed", "restart")])
def test_recovery_reloads_or_starts_again(host: FakeKeepalived, status: str, verb: str) -> None:
    host.status = status
    keepalived(host).recover(list, timeout=10)
    assert [command[1:] for command in host.commands if command[1] != "is-active"] == [[verb, "keepalived"]]


def test_recovery_ends_when_the_kernel_has_followed(host: FakeKeepalived) -> None:
    answers = [["a"], [], [], [], ["never asked"]]
    keepalived(host).recover(lambda: answers.pop(0), timeout=10)
    assert answers == [["never asked"]]
    with pytest.raises(VerifyError, match="after 10 seconds the kernel is not as asked: no service"):
        keepalived(host).recover(lambda: ["no service"], timeout=10)
