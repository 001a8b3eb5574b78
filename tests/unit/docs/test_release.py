# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a release changes in more than one place: all of them speak of the last one, or none of any."""

from __future__ import annotations

import re

import pytest
import yaml
from ansible_collections.linuxha.lvs.tests.unit.docs.guides import PAGES, TOP

RELEASES = yaml.safe_load((TOP / "changelogs/changelog.yaml").read_text(encoding="utf-8"))["releases"]
NEWEST = max(RELEASES, key=lambda version: [int(number) for number in version.split(".")], default=None)
REQUIREMENTS = sorted(TOP.glob("examples/*/requirements.yml"))


def test_the_site_has_a_changelog_from_the_first_release_on() -> None:
    config = yaml.safe_load((TOP / "docs/docsite/config.yml").read_text(encoding="utf-8"))
    assert config["changelog"]["write_changelog"] is bool(RELEASES)
    assert (TOP / "CHANGELOG.md").exists() is bool(RELEASES)


def test_the_commands_install_the_newest_release() -> None:
    found = {
        "%s: %s" % (page.relative_to(TOP), version)
        for page in PAGES
        for version in re.findall(r"install .*linuxha\.lvs\.git(\S*)", page.read_text(encoding="utf-8"))
        if version != ("," + NEWEST if NEWEST else "")
    }
    assert not found


@pytest.mark.parametrize("path", REQUIREMENTS, ids=str)
def test_the_requirements_name_the_newest_release(path) -> None:
    (entry,) = yaml.safe_load(path.read_text(encoding="utf-8"))["collections"]
    assert entry.get("version") == NEWEST


def test_a_released_version_has_no_fragment() -> None:
    """antsibull-changelog takes them away; one that is left would be told again."""
    version = yaml.safe_load((TOP / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    assert version not in RELEASES or not (TOP / "changelogs/fragments" / (version + ".yml")).exists()
