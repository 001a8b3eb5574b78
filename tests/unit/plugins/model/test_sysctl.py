# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every net.ipv4.vs key: its bounds, its one spelling, and the nearest name."""

from __future__ import annotations

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._errors import InputError
from ansible_collections.linuxha.lvs.plugins.module_utils._model.sysctl import KEYS, find_key, normalise, parse_settings
from hypothesis import given
from hypothesis import strategies as st

GOOD = [
    ({"expire_nodest_conn": True}, {"expire_nodest_conn": 1}),
    ({"expire_nodest_conn": "1"}, {"expire_nodest_conn": 1}),
    ({"sync_threshold": "3   50"}, {"sync_threshold": "3 50"}),
    ({"sync_threshold": "3 0"}, {"sync_threshold": "3 0"}),
    ({"est_cpulist": "3,0,1,2,7"}, {"est_cpulist": "0-3,7"}),
    ({"est_cpulist": 2}, {"est_cpulist": "2"}),
    ({"est_nice": -20}, {"est_nice": -20}),
    ({"sync_ports": 64}, {"sync_ports": 64}),
    ({"conn_lfactor": -8}, {"conn_lfactor": -8}),
    ({}, {}),
]

BAD = [
    ({"expire_nodest_conn": 2}, "settings: expire_nodest_conn is 2, must be a whole number from 0 to 1"),
    ({"expire_nodest_conn": "yes please"}, 'expire_nodest_conn is "yes please"'),
    ({"expire_nodest_conn": "1\nkernel.panic = 1"}, "must be a whole number"),
    ({"expire_nodest_conn": 1.0}, "is 1.0"),
    ({"expire_nodest_conn": None}, "is None"),
    ({"expire_nodest_conn": [1]}, r"is \[1\]"),
    ({"conn_reuse_mode": True}, "conn_reuse_mode is True"),
    ({"conn_reuse_mode": 4}, "from 0 to 3"),
    ({"drop_entry": 4}, "from 0 to 3"),
    ({"sync_ports": 3}, "must be a power of two from 1 to 64"),
    ({"sync_ports": 0}, "must be a power of two"),
    ({"sync_ports": 128}, "must be a power of two"),
    ({"sync_threshold": "50 3"}, "threshold and a period above it"),
    ({"sync_threshold": "3"}, "two whole numbers"),
    ({"sync_threshold": 3}, "two whole numbers"),
    ({"sync_threshold": "3 5 7"}, "two whole numbers"),
    ({"est_cpulist": "3-1"}, "list of processors"),
    ({"est_cpulist": ""}, "list of processors"),
    ({"est_cpulist": True}, "list of processors"),
    ({"est_cpulist": "0-9999999"}, "list of processors"),
    ({"amemthresh": -1}, "from 0 to 2147483647"),
    ({"amemthresh": 2**31}, "from 0 to 2147483647"),
    ({"amemthresh": "²"}, "from 0 to 2147483647"),
    ({"expire_nodes_conn": 1}, 'did you mean "expire_nodest_conn"'),
    ({"net.ipv4.vs.sloppy_tcp": 1}, 'did you mean "sloppy_tcp"'),
    ({"sloppytcp": 1}, 'did you mean "sloppy_tcp"'),
    ({"kernel.panic": 1}, "the keys are am_droprate"),
    ({"../../kernel/panic": 1}, "is not a key below net.ipv4.vs"),
    ({1: 1}, '"1" is not a key'),
]


@pytest.mark.parametrize(("settings", "parsed"), GOOD)
def test_each_value_has_one_spelling(settings, parsed):
    assert parse_settings(settings) == parsed


@pytest.mark.parametrize(("settings", "sentence"), BAD)
def test_bad_settings_are_one_sentence_with_key_and_value(settings, sentence):
    with pytest.raises(InputError, match=sentence):
        parse_settings(settings)


@given(st.dictionaries(st.sampled_from(sorted(KEYS)) | st.text(), st.none() | st.integers() | st.text() | st.floats()))
def test_nothing_but_its_own_error(settings):
    try:
        parsed = parse_settings(settings)
    except InputError:
        return
    assert parse_settings(parsed) == parsed
    assert {name: normalise(name, str(value)) for name, value in parsed.items()} == parsed


def test_the_data_is_sound():
    assert len(KEYS) == 32
    assert list(KEYS) == sorted(KEYS)
    for key in KEYS.values():
        assert key.does.endswith(".")
        assert float(".".join(key.since.split(".")[:2])) >= 2
        if key.default is not None:
            assert key.parse(key.default, "x") == key.default


def test_the_kernel_flips_automatic_modes():
    assert find_key("drop_entry").same(1, 2)
    assert not find_key("drop_entry").same(1, 3)
    assert not find_key("conn_reuse_mode").same(1, 2)
