# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in the guides and in the README: blocks of YAML, commands, Python and text."""

from __future__ import annotations

import itertools
import re
import shlex
import textwrap
import typing as t
from pathlib import Path

import yaml

TOP = Path(__file__).resolve().parents[3]
GUIDES = sorted((TOP / "docs/docsite/rst").glob("*.rst"))
READMES = [TOP / "README.md", *sorted(TOP.glob("roles/*/README.md"))]
PAGES = [*READMES, TOP / "CONTRIBUTING.md", *sorted(TOP.glob("examples/*/README.md")), *GUIDES]

_RST = re.compile(r"^( *)\.\. code-block:: (\w+)\n\n((?:\1 +\S.*\n|\n)+)", re.MULTILINE)
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
# After an empty line or a heading.
_INDENTED = re.compile(r"(?:(?<=\n\n)|^#.*\n)((?: {4} *\S.*\n)+)", re.MULTILINE)
# What a command begins with, in a block that does not say that it holds commands.
_COMMAND = re.compile(r"(ansible|git |python3|scripts/|bench/|lab/|molecule |\. )")

_SETS = re.compile(r"[A-Z_]+=")


class Block(t.NamedTuple):
    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return "%s:%d" % (self.page, self.line)


def blocks_of(path: Path) -> list[Block]:
    """Every block of code of one page."""
    text, page = path.read_text(encoding="utf-8"), str(path.relative_to(TOP))

    def block(found: re.Match[str], language: str, code: int) -> Block:
        """Its line is that of its first line of code."""
        return Block(page, found.string.count("\n", 0, found.start(code)) + 1, language, textwrap.dedent(found[code]))

    if path.suffix == ".rst":
        return [block(found, found[2], 3) for found in _RST.finditer(text)]
    found = [block(one, one[1], 2) for one in _FENCE.finditer(text)]
    for one in _INDENTED.finditer(_FENCE.sub(lambda fence: "\n" * fence[0].count("\n"), text)):
        found.append(block(one, "console" if _COMMAND.match(one[1].lstrip()) else "text", 1))
    return found


BLOCKS = [block for path in PAGES for block in blocks_of(path)]


def in_language(language: str) -> list[Block]:
    return [block for block in BLOCKS if block.language == language]


def commands(block: Block) -> list[list[str]]:
    """The block's commands as words, without comments; several of one line are several."""
    words: list[list[str]] = []
    for line in block.text.replace("\\\n", " ").splitlines():
        one: list[str] = []
        for word in shlex.split(line, comments=True):
            if word in ("&&", "|", ";"):
                words.append(one)
                one = []
            else:
                one.append(word)
        words.append(one)
    # Variables of the environment come before the command.
    plain = [list(itertools.dropwhile(_SETS.match, one)) for one in words]
    return [one for one in plain if one]


def command_lines(block: Block) -> list[str]:
    """The same as a person types them, for a shell: continued lines as one, without comments."""
    lines = [" ".join(re.sub(r"(^|\s+)#.*", "", line).split()) for line in block.text.replace("\\\n", " ").splitlines()]
    return [line for line in lines if line]


ALL_COMMANDS = [(block, words) for block in in_language("console") for words in commands(block)]


def extra_vars(words: list[str]) -> dict[str, str]:
    """What a command of ansible-playbook gives with -e, as Ansible reads it (YAML for what begins with a brace)."""
    found: dict[str, str] = {}
    for option, value in zip(words, words[1:]):
        if option != "-e":
            continue
        if value.startswith("{"):
            found.update(yaml.safe_load(value))
        else:
            found.update(pair.partition("=")[::2] for pair in shlex.split(value))
    return found
