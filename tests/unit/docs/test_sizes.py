# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No file and no function is longer than a person reads at once."""

from __future__ import annotations

import ast
import typing as t
from pathlib import Path

import pytest
from ansible_collections.linuxha.lvs.tests.unit.docs.guides import TOP

# Lines.
FILE, FUNCTION = 400, 50
FOLDERS = ("bench", "docs", "examples", "lab", "meta", "molecule", "playbooks", "plugins", "roles", "scripts", "tests")
KINDS = {".py", ".yml", ".j2", ".rst", ".md", ".sh", ".css", ""}
FILES = sorted(
    path
    for path in [*TOP.glob("*.*"), *(path for folder in FOLDERS for path in (TOP / folder).rglob("*"))]
    if path.is_file() and path.suffix in KINDS and not any(part.startswith((".", "__")) for part in path.parts[-4:])
)


def is_python(path: Path) -> bool:
    """Also a program that has no ending in its name."""
    return path.suffix == ".py" or (not path.suffix and path.read_bytes().split(b"\n")[0].endswith(b"python3"))


def functions(path: Path) -> t.Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, (node.end_lineno or 0) - node.lineno + 1


@pytest.mark.parametrize("folder", ["", *FOLDERS])
def test_no_file_is_too_long(folder: str) -> None:
    of_folder = [path for path in FILES if path.relative_to(TOP).parts[:-1][:1] == ((folder,) if folder else ())]
    assert of_folder
    lengths = {str(path): path.read_text(encoding="utf-8").count("\n") for path in of_folder}
    assert {path: length for path, length in lengths.items() if length > FILE} == {}


def test_no_function_is_too_long() -> None:
    found = [(str(path), *one) for path in FILES if is_python(path) for one in functions(path)]
    assert len(found) > 1000
    assert str(TOP / "lab" / "uml-start") in {path for path, _name, _lines in found}
    assert [one for one in found if one[2] > FUNCTION] == []
