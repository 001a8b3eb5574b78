# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports: what exportfs would refuse, or read otherwise than it looks."""

from __future__ import annotations

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._model.export import export_errors
from hypothesis import given
from hypothesis import strategies as st

GOOD = {"path": "/srv/nfs", "fsid": "1", "clients": [{"host": "*"}]}


def said(*exports):
    return [str(error) for error in export_errors(exports)]


def to(*hosts):
    return said({**GOOD, "clients": [{"host": host} for host in hosts]})


def with_options(*options):
    return said({**GOOD, "clients": [{"host": "*", "options": list(options)}]})


@pytest.mark.parametrize("path", ["/", "/srv/a,b", "/srv/..a", "/srv/%h", "/srv/\u00e4"])
def test_paths(path):
    assert said({**GOOD, "path": path}) == []


@pytest.mark.parametrize(
    "path",
    ["", "srv", "//srv", "/srv/", "/srv//nfs", "/srv/.", "/srv/../nfs", "/a b", "/$HOME", "/a\n", "/a\x01", None, 7],
)
def test_paths_that_exportfs_would_write_otherwise(path):
    assert "must be absolute and without blanks" in said({**GOOD, "path": path})[0]


@pytest.mark.parametrize("fsid", [0, 1, "1", "root", 999999999, "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"])
def test_fsids(fsid):
    assert said({**GOOD, "fsid": fsid}) == []


@pytest.mark.parametrize("fsid", ["", "01", "0x1", -1, 1000000000, "one", True, None, "1\n"])
def test_fsids_that_are_none(fsid):
    assert "must be a number without zeros before it" in said({**GOOD, "fsid": fsid})[0]


def test_what_stands_twice():
    other = {**GOOD, "path": "/srv/other"}
    assert said(GOOD, GOOD) == [
        'export "/srv/nfs": path is "/srv/nfs", may stand only once',
        'export "/srv/nfs": fsid is "1", may stand only once, and export "/srv/nfs" has it too',
    ]
    assert "may stand only once" in said({**GOOD, "fsid": 0}, {**other, "fsid": "root"})[0]
    assert said(GOOD, {**other, "path": "/SRV/nfs", "fsid": 2}) == []


@pytest.mark.parametrize("clients", [[], None, "*", {}])
def test_without_a_client_it_would_be_open_to_all(clients):
    assert "must name at least one client" in said({**GOOD, "clients": clients})[0]


@pytest.mark.parametrize(
    "host",
    [
        "*",
        "web1",
        "web-1.example.org",
        "*.example.org",
        "web?.example.org",
        "@web",
        "gss/krb5p",
        "a_b",
        "10.0.0.7",
        "10.0.0.0/8",
        "10.0.0.7/8",
        "10.0.0.0/255.0.0.0",
        "0.0.0.0/0",
        "2001:DB8::/64",
        "::1",
    ],
)
def test_hosts(host):
    assert to(host) == []


@pytest.mark.parametrize(
    "host",
    [
        "",
        "-rw",
        "a b",
        "a(rw)",
        "a@b",
        "@",
        "/24",
        "a/b",
        "a:b",
        "10.0.0/8",
        "10.0.0.0/33",
        "999.1.1.1",
        "10.0.0.0/8:rw",
        "10.0.0.0/",
        "10.0.0.0/0.255.255.255",
        "2001:db8::/129",
        "fe80::1%eth0",
        "10.0.0.*",
        "*.10",
        "1?.0.0.1",
        "a\n",
    ],
)
def test_hosts_that_are_none(host):
    (sentence,) = to(host)
    assert sentence.startswith('export "/srv/nfs": clients[0]: host is "')


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("*", "*"),
        ("WEB1", "web1"),
        ("10.0.0.0/8", "10.9.9.9/255.0.0.0"),
        ("10.0.0.7", "10.0.0.7/32"),
        ("2001:db8:0::/48", "2001:DB8::/48"),
        ("*.A.org", "*.a.org"),
    ],
)
def test_one_host_in_two_spellings(one, other):
    assert to(one, "@web", other) == [
        'export "/srv/nfs": clients[2]: host is "%s", stands there twice: see clients[0]' % other
    ]


@pytest.mark.parametrize(
    "option",
    [
        "rw",
        "async",
        "insecure",
        "nohide",
        "nordirplus",
        "no_auth_nlm",
        "anonuid=4199999999",
        "anongid=0",
        "mp=/srv/a",
        "sec=sys:krb5:krb5i:krb5p",
        "refer=/a@h1+h2",
        "replicas=/a@2001:db8::1",
        "mountpoint",
        "xprtsec=tls:mtls",
    ],
)
def test_options(option):
    assert with_options(option) == []


@pytest.mark.parametrize(
    "option",
    [
        "",
        "RW",
        "rw,ro",
        "rw)",
        "fsid=2",
        "no_hide",
        "anonuid=4294967296",
        "anonuid=-2",
        "sec=krb6",
        "sec=sys:",
        "a\nb",
        "xprtsec=ssl",
        "mountpoint=srv",
        True,
        None,
    ],
)
def test_options_that_are_none(option):
    assert "is no option of exports(5) that may stand here" in with_options(option)[0]


@pytest.mark.parametrize("options", ["rw", "rw,sync", 7, {"rw": True}])
def test_options_that_are_no_list(options):
    (sentence,) = said({**GOOD, "clients": [{"host": "web1", "options": options}]})
    assert sentence.startswith('export "/srv/nfs" to "web1": options is ')
    assert sentence.endswith("must be a list such as [rw, sync]")


anything = st.none() | st.booleans() | st.integers() | st.text(max_size=5)


@given(
    st.lists(
        anything
        | st.dictionaries(
            st.sampled_from(["path", "fsid", "clients"]),
            anything | st.lists(anything | st.dictionaries(st.sampled_from(["host", "options"]), anything)),
        )
    )
)
def test_nothing_ends_in_a_traceback(exports):
    assert all(isinstance(sentence, str) for sentence in said(*exports))
