# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which family a host belongs to; tests/unit/roles/test_distributions.py has whole files, through the roles."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.filter.os_release import FilterModule
from hypothesis import given
from hypothesis import strategies as st

judge = FilterModule().filters()["os_release"]


@pytest.mark.parametrize(
    ("text", "family", "name"),
    [
        ("ID=debian\nPRETTY_NAME='Debian GNU/Linux 12 (bookworm)'", "debian", "Debian GNU/Linux 12 (bookworm)"),
        ("ID=\"devuan\" \nID_LIKE=debian  \nVERSION_ID='5'\n", "debian", "no known system"),
        ("NAME=x\nID=rhel\nVERSION_ID=9", "redhat", "no known system"),
        ('ID="ol"\nID_LIKE="fedora"\nVERSION_ID="10.1"\n', "redhat", "no known system"),
        ('ID="ol"\nID_LIKE="fedora"\nVERSION_ID="8.10"\n', "", "no known system"),
        ("ID=centos\nVERSION_ID=", "redhat", "no known system"),
        ("ID=fedora\nVERSION_ID=rawhide", "redhat", "no known system"),
        ("#ID=debian\nMY_ID=debian\nVARIANT_ID=debian\nID=debianish\nPRETTY_NAME=\n", "", "no known system"),
        ('PRETTY_NAME="Tom\'s"\nID=arch', "", "Tom's"),
        ("", "", "no known system"),
    ],
)
def test_family_and_name(text: str, family: str, name: str) -> None:
    assert judge(text) == {"family": family, "name": name}


@given(st.text() | st.lists(st.sampled_from(["ID=", "VERSION_ID=", "debian", "rhel", "8", '"', "\n"])).map("".join))
def test_every_text_is_judged(text: str) -> None:
    assert judge(text)["family"] in ("debian", "redhat", "")


@pytest.mark.parametrize("value", [None, 5, ["ID=debian"]])
def test_what_is_no_text_is_an_error(value: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match="expected the text of /etc/os-release, not "):
        judge(value)
