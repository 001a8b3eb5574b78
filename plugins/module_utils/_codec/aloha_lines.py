# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""ALOHA text as lines of words, each word with its place. Pure.

One line is one statement. Words are separated by blanks; `#` at the start of a word ends the line;
quotes keep blanks together.
"""

from __future__ import annotations

import difflib
import re
import typing as t

from .._errors import InputError

_LINE_END = re.compile(r"\r\n|\r|\n")
# A word: quoted pieces and characters that are neither blank nor quote, in any mixture.
_WORD = re.compile(r"""(?:"[^"]*"|'[^']*'|[^\s"'])+""")
_QUOTED = re.compile(r""""([^"]*)"|'([^']*)'""")
_BLANK = re.compile(r"\s+")
_SHOWN = 60


class AlohaError(InputError):
    """The text is not ALOHA's language; `line` and `column` (both from 1) say where."""

    def __init__(self, line: int, column: int, reason: str) -> None:
        super().__init__("line %d, column %d: %s" % (line, column, reason), line=line, column=column)
        self.line = line
        self.column = column
        self.reason = reason


class Word(t.NamedTuple):
    """One word and the place where it starts."""

    text: str
    line: int
    column: int

    def refuse(self, expected: str, known: t.Iterable[str] = ()) -> AlohaError:
        """The error for this word: what was expected, what stands there, and the known word that is nearest to it."""
        near = difflib.get_close_matches(self.text[:_SHOWN].lower(), list(known), n=1)
        hint = "; did you mean %s?" % near[0] if near else ""
        return self.error("expected %s, but %s stands there%s" % (expected, show(self.text), hint))

    def error(self, reason: str) -> AlohaError:
        """An error at this word."""
        return AlohaError(self.line, self.column, reason)


def show(text: str) -> str:
    """A word as a sentence can hold it: in quotes, short, and printable."""
    printable = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[:_SHOWN])
    return '"%s%s"' % (printable, "..." if len(text) > _SHOWN else "")


class Line:
    """The words of one line, read from left to right."""

    def __init__(self, words: list[Word], end: int) -> None:
        self._words = words
        self._next = 0
        self._end = end
        self.number = words[0].line

    @property
    def done(self) -> bool:
        """Whether every word has been read."""
        return self._next == len(self._words)

    def peek(self) -> str:
        """The next word's text, without reading it; empty at the end of the line."""
        return "" if self.done else self._words[self._next].text

    def word(self, expected: str) -> Word:
        """Reads the next word.

        :raises AlohaError: the line ends here.
        """
        if self.done:
            raise AlohaError(self.number, self._end, "expected %s, but the line ends there" % expected)
        self._next += 1
        return self._words[self._next - 1]

    def rest(self) -> list[Word]:
        """Reads all words that are left."""
        words = self._words[self._next :]
        self._next = len(self._words)
        return words

    def choose(self, words: t.Sequence[str], expected: str = "") -> Word:
        """Reads the next word, which must be one of `words`.

        :raises AlohaError: it is another word, or the line ends here.
        """
        expected = expected or either(words)
        word = self.word(expected)
        if word.text not in words:
            raise word.refuse(expected, words)
        return word

    def close(self) -> None:
        """Makes sure that nothing is left on the line.

        :raises AlohaError: there is.
        """
        if not self.done:
            raise self._words[self._next].refuse("the end of the line")


def either(words: t.Sequence[str]) -> str:
    """Words as a choice in a sentence: `a, b or c`."""
    return words[0] if len(words) == 1 else "%s or %s" % (", ".join(words[:-1]), words[-1])


def read_lines(text: str) -> t.Iterator[Line]:
    """The lines of the text that hold words; comments and empty lines are left out.

    :raises AlohaError: a quote is not closed on its line.
    """
    for number, raw in enumerate(_LINE_END.split(text.removeprefix("\ufeff")), start=1):
        words, end = _read_words(raw, number)
        if words:
            yield Line(words, end)


def _read_words(raw: str, number: int) -> tuple[list[Word], int]:
    words: list[Word] = []
    position = end = 0
    while position < len(raw):
        blank = _BLANK.match(raw, position)
        if blank:
            position = blank.end()
            continue
        if raw[position] == "#":
            break
        found = _WORD.match(raw, position)
        if found is None or raw[found.end() : found.end() + 1] in ('"', "'"):
            column = (found.end() if found else position) + 1
            raise AlohaError(number, column, "a quote opens here, but it is not closed on this line")
        words.append(Word(_QUOTED.sub(lambda m: m[1] or m[2] or "", found[0]), number, position + 1))
        position = end = found.end()
    return words, end + 1
