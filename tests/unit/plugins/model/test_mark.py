# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._errors import InputError
from ansible_collections.linuxha.lvs.plugins.module_utils._model.mark import check_marks, find_mark_collisions, mark_of
from hypothesis import given
from hypothesis import strategies as st


@given(st.text())
def test_a_mark_is_positive_and_leaves_the_top_bit_free(name: str) -> None:
    assert 1 <= mark_of(name) <= 0x7FFFFFFF


def test_the_marks_that_hosts_have_already_never_change() -> None:
    assert mark_of("nfs") == 901928820
    assert mark_of("web") == 1264474102


def test_two_names_that_meet_are_both_named() -> None:
    collisions = find_mark_collisions([("a", 7), ("b", 8), ("c", 7), ("a", 7)])
    assert [(collision.first, collision.second, collision.mark) for collision in collisions] == [("a", "c", 7)]
    with pytest.raises(InputError, match='director "c": fwmark is 7, which is also the mark of director "a"'):
        check_marks([("a", 7), ("c", 7)])


def test_different_marks_pass() -> None:
    check_marks([("a", 1), ("b", 2)])
