# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keepalived's own test lets pass, seen with keepalived 2.2.7: it ended with status 0 and said nothing."""

from __future__ import annotations

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._plan.keepalived_faults import faults

MAIN = "/etc/keepalived/keepalived.conf"
OTHER = "/etc/keepalived/conf.d/other.conf"
SERVICE = "virtual_server %s {\n    lvs_sched rr\n%s}\n"
MISC = "    real_server 10.0.0.2 {\n        MISC_CHECK {\n            misc_path %s\n        }\n    }\n"


def service(key: str, inner: str = "protocol TCP\n") -> str:
    return SERVICE % (key, inner)


FAULTY: dict[str, tuple[dict[str, str], list[str]]] = {
    "a file that is included and missing": (
        {MAIN: "include conf.d/web.conf\n"},
        [MAIN + ": it includes /etc/keepalived/conf.d/web.conf, which is not there"],
    ),
    "a mark twice in one file": (
        {OTHER: service("fwmark 5") + service("fwmark 5")},
        ["%s: fwmark 5 has a virtual_server in %s already" % (OTHER, OTHER)],
    ),
    "a mark twice in two files": (
        {MAIN: service("fwmark 5"), OTHER: service("fwmark 5")},
        ["%s: fwmark 5 has a virtual_server in %s already" % (MAIN, OTHER)],
    ),
    "an address twice": (
        {MAIN: service("10.0.0.1 80"), OTHER: service("10.0.0.1 80")},
        ["%s: tcp 10.0.0.1:80 has a virtual_server in %s already" % (MAIN, OTHER)],
    ),
    "an address twice, spelled otherwise, behind a name": (
        {MAIN: "$VIP=fd00:0:0::9\n" + service("$VIP 080"), OTHER: service("fd00::9 80")},
        ["%s: tcp [fd00::9]:80 has a virtual_server in %s already" % (MAIN, OTHER)],
    ),
    "one of several files in braces": (
        {MAIN: "include conf.d/{other,web}.conf\n", OTHER: ""},
        [MAIN + ": it includes /etc/keepalived/conf.d/web.conf, which is not there"],
    ),
    "a program that is missing": (
        {OTHER: service("10.0.0.1 80", MISC % "/opt/missing")},
        [OTHER + ": it runs /opt/missing, which is missing"],
    ),
    "a program with arguments in quotes": (
        {OTHER: service("10.0.0.1 80", MISC % '"/opt/missing 10.0.0.2 --port 80"')},
        [OTHER + ": it runs /opt/missing, which is missing"],
    ),
    "a script of VRRP": (
        {OTHER: 'vrrp_script chk {\n    script "/opt/missing -v"\n}\n'},
        [OTHER + ": it runs /opt/missing, which is missing"],
    ),
    "all of them": (
        {MAIN: "include a.conf\n" + service("fwmark 5"), OTHER: service("fwmark 5", MISC % "/opt/missing")},
        [
            OTHER + ": it runs /opt/missing, which is missing",
            MAIN + ": it includes /etc/keepalived/a.conf, which is not there",
            "%s: fwmark 5 has a virtual_server in %s already" % (MAIN, OTHER),
        ],
    ),
}
GOOD = {
    "a pattern that finds nothing": {MAIN: "include conf.d/*.conf\n"},
    "a file that is there": {MAIN: "include conf.d/other.conf\n", OTHER: ""},
    "one address, two ports": {MAIN: service("10.0.0.1 80"), OTHER: service("10.0.0.1 81")},
    "one address, two protocols": {MAIN: service("10.0.0.1 80"), OTHER: service("10.0.0.1 80", "protocol UDP\n")},
    "one address, and one without protocol": {MAIN: service("10.0.0.1 80"), OTHER: service("10.0.0.1 80", "")},
    "a file behind a name": {MAIN: "$DIR=conf.d\ninclude ${DIR}/other.conf\n", OTHER: ""},
    "a program that is there": {MAIN: service("10.0.0.1 80", MISC % "/opt/check")},
    "a comment": {MAIN: "# include a.conf\n! include b.conf\n"},
}


def look(path: str) -> str | None:
    return "is missing" if "missing" in path else None


@pytest.mark.parametrize("what", FAULTY)
def test_each_fault_has_a_sentence(what: str) -> None:
    texts, sentences = FAULTY[what]
    assert sorted(faults(texts, look)) == sorted(sentences)


@pytest.mark.parametrize("what", GOOD)
def test_what_is_good_has_none(what: str) -> None:
    assert faults(GOOD[what], look) == []
