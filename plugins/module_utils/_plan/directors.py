# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""From the directors that are wanted to the files that change. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._codec.keepalived import PROGRAM, owner_of, parse, render, service_keys
from .._codec.keepalived_blocks import BlockError
from .._codec.keepalived_foreign import secures_scripts, services_of
from .._codec.keepalived_holds import HOLDS_NOTE, HOLDS_TEXT
from .._errors import InputError, LvsError
from .._model.director import Director, Wanted, check_directors
from .._model.ipvs import ServiceKey
from .files import FileChange, plan_files

FOLDER = "/etc/keepalived/conf.d"


@dataclass(frozen=True)
class DirectorPlan:
    """What happens to the files, and what the kernel's table must then look like."""

    changes: list[FileChange]
    before: tuple[Director, ...]
    after: tuple[Director, ...]
    gone: tuple[ServiceKey, ...]
    touched: frozenset[str]


def path_of(name: str) -> str:
    """The file of the director with this name."""
    return "%s/%s.conf" % (FOLDER, name)


def plan_directors(texts: t.Mapping[str, str], wanted: Wanted, prune: bool) -> DirectorPlan:
    """The changes that lead from the files present to the directors wanted.

    :param texts: every file that keepalived reads, path to text; the first line tells which ones the collection owns.
    :param prune: whether directors that the collection owns and nobody wants go away.
    :raises InputError: a file is in the way that the collection does not own, or a service would be there twice.
    """
    owned = [path for path, text in texts.items() if _is_owned(path, text)]
    _refuse_foreign_files(texts, wanted)
    target: dict[str, str | None] = {path_of(name): None for name in wanted.absent}
    rendered = {path_of(director.name): (render(director), director) for director in wanted.present}
    target.update({path: text for path, (text, _director) in rendered.items()})
    if prune:
        target = {**dict.fromkeys(owned), **target}
    changes = plan_files(texts, target)
    changed = {change.path for change in changes}
    # Of a thousand files most say what is wanted already; parsing them again would tell nothing new.
    same = {path: director for path, (text, director) in rendered.items() if texts.get(path) == text}
    read = {path: same[path] if path in same else _parse(texts[path]) for path in owned}
    after = {path: director for path, director in read.items() if path not in target and director is not None}
    after.update({path_of(director.name): director for director in wanted.present})
    directors = tuple(after[path] for path in sorted(after))
    check_directors(directors)
    others = {path: text for path, text in texts.items() if path not in after and target.get(path, "") is not None}
    foreign = services_of(others)
    _refuse_doubles(directors, foreign)
    _refuse_insecure_scripts(directors, texts)
    kept = {key for director in directors for key in service_keys(director)}
    kept.update(key for keys in foreign.values() for key in keys)
    gone = {key for keys in services_of({c.path: c.before or "" for c in changes}).values() for key in keys} - kept
    return DirectorPlan(
        changes=changes,
        before=tuple(director for _path, director in sorted(read.items()) if director is not None),
        after=directors,
        gone=tuple(sorted(gone)),
        touched=frozenset(director.name for director in directors if path_of(director.name) in changed),
    )


def parse_owned(texts: t.Mapping[str, str]) -> list[Director]:
    """The directors in the files that the collection owns; what was changed beyond recognition is left out."""
    found = (_parse(text) for path, text in texts.items() if _is_owned(path, text))
    return [director for director in found if director is not None]


def _is_owned(path: str, text: str) -> bool:
    name = owner_of(text)
    return name is not None and path == path_of(name)


def _refuse_foreign_files(texts: t.Mapping[str, str], wanted: Wanted) -> None:
    for name in (*(director.name for director in wanted.present), *wanted.absent):
        path = path_of(name)
        if path in texts and not _is_owned(path, texts[path]):
            raise InputError(
                'director "%s": the file %s is there already and was not written by this module; '
                "move it away, or give the director another name" % (name, path)
            )


def _refuse_doubles(directors: t.Iterable[Director], foreign: t.Mapping[str, t.Iterable[ServiceKey]]) -> None:
    """keepalived's own test lets two blocks for one service pass; the kernel has room for one."""
    owners = {key: director.name for director in directors for key in service_keys(director)}
    for path, keys in sorted(foreign.items()):
        for key in keys:
            if key in owners:
                raise InputError(
                    'director "%s": %s is also a virtual_server of %s; one of the two must go'
                    % (owners[key], key, path)
                )


def _refuse_insecure_scripts(directors: t.Iterable[Director], texts: t.Mapping[str, str]) -> None:
    """keepalived runs no program at all before the main file has said that it must be secure."""
    users = [
        director
        for director in directors
        if director.failback == "manual" or (director.check and director.check.by_program)
    ]
    if users and texts and not any(_secures(text) for text in texts.values()):
        check = users[0].check
        kind = 'check.type is "%s"' % " and ".join(check.types if check else ())
        raise InputError(
            'director "%s": %s, for which keepalived has to run a program, but no file of keepalived '
            "says enable_script_security; add that line to global_defs in keepalived.conf"
            % (users[0].name, "failback is manual" if users[0].failback == "manual" else kind)
        )


def _secures(text: str) -> bool:
    try:
        return secures_scripts(text)
    except BlockError:
        return False


def plan_companions(
    read: t.Callable[[str], str | None], program: str, directors: t.Collection[Director]
) -> tuple[list[FileChange], list[FileChange]]:
    """What directors' files name must be there before them, and goes only after them.

    It is the program that makes the checks which keepalived cannot, and the folder of the holds, kept by a note in it:
    keepalived gives up a file that it should watch when there is no folder.

    :param read: tells what stands at a path now.
    :param program: its text.
    """
    by_program = any(director.check and director.check.by_program for director in directors)
    can_hold = any(director.held for director in directors)
    changes = [
        *plan_files({PROGRAM: read(PROGRAM)}, {PROGRAM: program if by_program else None}, mode=0o755),
        *plan_files({HOLDS_NOTE: read(HOLDS_NOTE)}, {HOLDS_NOTE: HOLDS_TEXT if can_hold else None}),
    ]
    return [one for one in changes if one.after is not None], [one for one in changes if one.after is None]


def _parse(text: str) -> Director | None:
    try:
        return parse(text)
    except LvsError:
        # Changed by hand into something that the module would not write. It is still ours to write anew.
        return None
