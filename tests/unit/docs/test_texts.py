# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples that are neither YAML nor a command: each is what its program takes, or what ours says."""

from __future__ import annotations

import re
import shutil
import subprocess
import typing as t

import jinja2
import pytest
import yaml
from ansible_collections.linuxha.lvs.plugins.plugin_utils._doctor.report import as_text, diagnose
from ansible_collections.linuxha.lvs.tests.unit.docs.guides import PAGES, TOP, Block, blocks_of, in_language
from ansible_collections.linuxha.lvs.tests.unit.fakes.examined import healthy

CLIENT = TOP / "roles/nfs_client"


def text_with(word: str) -> Block:
    (block,) = (block for block in in_language("text") if word in block.text)
    return block


@pytest.mark.parametrize("block", in_language("nft"), ids=str)
def test_nft_takes_the_rules(block: Block) -> None:
    # In namespaces of its own, so that it needs no root and meets nobody's tables.
    argv = ["unshare", "-Urn", shutil.which("nft") or "/usr/sbin/nft", "-c", "-f", "-"]
    done = subprocess.run(argv, input=block.text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), block


def test_there_are_rules() -> None:
    assert [block.page for block in in_language("nft")] == ["roles/load_balancer/README.md"]


def unit_options(version: str) -> list[str]:
    """What the role's mount unit has for a mount that says no more than its version."""
    strict = {"trim_blocks": True, "undefined": jinja2.StrictUndefined}
    environment = jinja2.Environment(**strict, autoescape=False)  # noqa: S701 - a mount unit is no HTML
    environment.filters["regex_replace"] = lambda value, pattern, new: re.sub(pattern, new, value)
    template = environment.from_string((CLIENT / "templates/mount.j2").read_text(encoding="utf-8"))
    defaults: dict[str, t.Any] = yaml.safe_load((CLIENT / "defaults/main.yml").read_text(encoding="utf-8"))
    mount = {"path": "/mnt", "server": "192.168.10.50", "export": "/srv/nfs", "version": version}
    unit = template.render(**defaults, __nfs_client_mount=mount)
    # What fstab says with x-systemd.mount-timeout.
    assert "\nTimeoutSec=infinity\n" in unit
    (options,) = re.findall(r"^Options=(.*)$", unit, re.MULTILINE)
    return options.split(",")


def test_fstab_mounts_as_the_role_does() -> None:
    source, path, kind, options, dump, check = text_with(":/srv/nfs /mnt ").text.split()
    assert (source, path, kind, dump, check) == ("192.168.10.50:/srv/nfs", "/mnt", "nfs", "0", "0")
    fstab = options.split(",")
    # These two are of fstab alone: a mount unit says them in its own words.
    assert sorted(fstab) == sorted([*unit_options("4.2"), "_netdev", "x-systemd.mount-timeout=infinity"])
    # "With vers=3 add mountproto=tcp."
    assert {"vers=3", "mountproto=tcp"} == set(unit_options("3")) - set(fstab)


def test_the_doctor_says_what_the_guide_shows() -> None:
    hosts = healthy()
    hosts["nfs-02"]["nfs_server"]["arp"]["differences"] = [
        {"what": "net.ipv4.conf.all.arp_ignore", "found": "0", "wanted": "1", "boot": False}
    ]
    assert text_with("1. nfs-02: arp").text.strip() in as_text(diagnose(hosts), hosts)


def test_cron_starts_the_program_where_the_guide_puts_it() -> None:
    schedule, _user, program = text_with(" root ").text.strip().rpartition(" root ")
    assert len(schedule.split()) == 5
    assert "``%s``" % program in (TOP / "docs/docsite/rst/production.rst").read_text(encoding="utf-8")


def test_each_text_is_one_that_a_test_looks_at() -> None:
    """ALOHA's are in test_guides.py, the table of the status in test_status.py, DRBD's configuration in none."""
    known = ("flow nfs director", ":/srv/nfs /mnt ", "1. nfs-02: arp", " root ", "DIRECTOR  SERVER", "resource nfs {")
    drawn = ("1. NFS call", "_model  <-")
    texts = [
        block for path in PAGES for block in blocks_of(path) if block.language not in ("yaml", "console", "python")
    ]
    unknown = [
        str(block)
        for block in texts
        if block.language != "nft" and not any(word in block.text for word in known + drawn)
    ]
    assert unknown == []
