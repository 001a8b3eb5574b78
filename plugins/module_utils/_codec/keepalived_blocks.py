# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""keepalived's configuration language: text to blocks. What a block means is for others."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from .._errors import LvsError

# A quoted string, a brace, a comment up to the end of the line, or a word.
_TOKEN = re.compile(
    r"""(?P<quoted>"[^"\n]*"|'[^'\n]*')|(?P<brace>[{}])|(?P<comment>[#!][^\n]*)|(?P<word>[^\s{}#!"']+)"""
)
# The rest of such a line is one pattern, in which braces are words to choose from.
_INCLUDE = re.compile(r"\s*(?:@\S+\s+)?(include[rmwba]?)\s+([^#!]*)")


class BlockError(LvsError):
    """The text is not in keepalived's language; the sentence names the line."""


@dataclass
class Node:
    """One statement: its words, the comments on the lines before it and, if it has braces, what stands in them."""

    words: tuple[str, ...]
    line: int
    comments: tuple[str, ...] = ()
    children: list[Node] | None = None

    @property
    def keyword(self) -> str:
        return self.words[0] if self.words else ""

    def all(self, keyword: str) -> list[Node]:
        """The statements in the braces that start with this keyword."""
        return [child for child in self.children or [] if child.keyword == keyword]

    def value(self, keyword: str) -> str | None:
        """The first word after the keyword of the first such statement in the braces."""
        for child in self.all(keyword):
            return child.words[1] if len(child.words) > 1 else ""
        return None


@dataclass
class _Reader:
    """Where the reading stands: the blocks that are open, and the comments that wait for their statement."""

    root: Node = field(default_factory=lambda: Node(words=(), line=0, children=[]))
    comments: list[str] = field(default_factory=list)
    stack: list[Node] = field(default_factory=list)

    def add(self, words: list[str], line: int) -> None:
        """A statement has ended."""
        if words:
            self._siblings().append(Node(tuple(words), line, tuple(self.comments)))
            self.comments.clear()
            words.clear()

    def descend(self, words: list[str], line: int) -> None:
        """A brace opens: after words, or alone on a line for the statement before it."""
        self.add(words, line)
        siblings = self._siblings()
        if not siblings or siblings[-1].children is not None:
            raise BlockError("line %d: a brace opens where no statement stands before it" % line)
        siblings[-1].children = []
        self.stack.append(siblings[-1])

    def ascend(self, words: list[str], line: int) -> None:
        """A brace closes."""
        self.add(words, line)
        if not self.stack:
            raise BlockError("line %d: a brace closes that none has opened" % line)
        self.stack.pop()
        self.comments.clear()

    def _siblings(self) -> list[Node]:
        """The statements of the block that is open now."""
        siblings = (self.stack[-1] if self.stack else self.root).children
        return [] if siblings is None else siblings


def parse_blocks(text: str) -> list[Node]:
    """The statements of a keepalived file, in order.

    :raises BlockError: braces do not match.
    """
    reader = _Reader()
    words: list[str] = []
    number = 0
    for number, line in enumerate(text.split("\n"), 1):
        include = _INCLUDE.match(line) if "include" in line else None
        if include:
            reader.add([include[1], include[2].strip().strip("\"'")], number)
            continue
        for token in _TOKEN.finditer(line):
            value = token.group()
            if token.lastgroup == "comment":
                if not words:
                    reader.comments.append(value[1:].strip())
                break
            if value == "{":
                reader.descend(words, number)
            elif value == "}":
                reader.ascend(words, number)
            elif words or not value.startswith("@"):
                # "@host" before a statement limits it to one host; the statement counts here all the same.
                words.append(value[1:-1] if token.lastgroup == "quoted" else value)
        reader.add(words, number)
    if reader.stack:
        node = reader.stack[-1]
        raise BlockError("line %d: %s opens a brace that never closes" % (node.line, node.keyword))
    return reader.root.children or []


def walk(nodes: t.Iterable[Node]) -> t.Iterator[Node]:
    """Every statement, those in braces too."""
    for node in nodes:
        yield node
        yield from walk(node.children or [])
