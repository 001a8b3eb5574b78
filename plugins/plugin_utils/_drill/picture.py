# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""The time line of a drill as pictures for a page: SVG whose width is the page's, and whose texts keep their size."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from html import escape

from .document import Drill, Mount, Operation
from .geometry import FLOOR, Scale, Span, Times, columns, slots
from .verdict import Document
from .words import MARKS, after, label, length, round_length

# Up to so many mounts, each lane has a line of its own for its name.
_ROOMY = 12
_NAME = 30
# An error, and a record that is lost or damaged.
SIGNS = {"e": "\u00d7", "l": "\u25c6"}
_SHORT = 18


@dataclass(frozen=True)
class Lane:
    """Pixels: `head` for its name, `up` for writes above the base line, `down` for reads below it."""

    head: int
    up: int
    down: int
    slices: int
    signs: int

    @property
    def height(self) -> int:
        return self.head + self.up + self.down + 4


_WIDE = Lane(head=22, up=44, down=26, slices=480, signs=48)
_DENSE = Lane(head=0, up=11, down=5, slices=240, signs=24)
_ALL = Lane(head=4, up=40, down=0, slices=360, signs=40)
_MARK = 17
# From this share of the width on, a label to the right of its line would leave a phone's screen.
_LATE = 0.62
_FOOT = 24


@dataclass(frozen=True)
class Frame:
    """What a lane is drawn by: `zero` in seconds since 1970, the span that is shown, and the sizes."""

    zero: float
    span: Span
    lane: Lane
    scale: Scale


def scale_of(drill: Drill) -> Scale:
    return Scale.over(one.seconds for mount in drill.mounts for one in mount.operations())


def lanes(drill: Drill, report: Document, when: Times, words: str) -> str:
    """One lane a mount.

    :param words: what the picture tells, for those who do not see it.
    """
    dense = len(drill.mounts) > _ROOMY
    frame = Frame(when.zero, when.near, _DENSE if dense else _WIDE, scale_of(drill))
    lane = frame.lane
    shown = _shown(report["marks"], frame.span)
    top = _MARK * len(shown) + 6
    bottom = top + lane.height * len(drill.mounts)
    below: list[str] = _axis(frame.span, top, bottom)
    areas: list[str] = []
    above: list[str] = []
    for number, (mount, told) in enumerate(zip(drill.mounts, report["mounts"])):
        head = top + number * lane.height
        base = head + lane.head + lane.up
        below += [*_stall(told, frame, base), *(() if dense else _grid(frame, base))]
        areas += _areas(mount, frame, base)
        above += [*_name(told, lane, head), *_signs(mount, frame, base + (3 if dense else 4))]
    # Names stand above the lines of the marks, which would cross them out.
    parts = [*below, *_stretched(areas, lane.slices, bottom), *_marks(report, frame.span, shown, bottom), *above]
    return _picture(parts, bottom + _FOOT, words, "lanes dense" if dense else "lanes")


def _shown(marks: Document, span: Span) -> list[str]:
    """Marks in the span; when the first client that writes is the last one as well, once is enough."""
    twice = marks["all_write"] == marks["first_write"]
    return [mark for mark in MARKS if span.holds(marks[mark]) and not (twice and mark == "all_write")]


def overview(drill: Drill, report: Document, when: Times, words: str) -> str:
    """All mounts in one lane, and what the close-up shows of it."""
    span = when.whole
    frame = Frame(when.zero, span, _ALL, scale_of(drill))
    shown = [mark for mark in ("fault", "healed") if span.holds(report["marks"][mark])]
    top = _MARK * len(shown) + 6
    base = top + _ALL.head + _ALL.up
    every = [one for mount in drill.mounts for one in mount.operations()]
    found = columns(every, when.zero, span, _ALL.slices)
    area = '<path class="w" d="%s"/>' % _area([-frame.scale.height(one, _ALL.up) for one in found], base)
    place = (_percent(span.share(when.near.start)), top, _percent(when.near.width / span.width), base - top)
    band = '<rect class="near" x="%s" y="%d" width="%s" height="%d"/>' % place
    parts = [*_axis(span, top, base), band, *_stretched([area], _ALL.slices, base)]
    parts += _glyphs("e", [one for one in every if one.error], frame, base - 4)
    parts += _marks(report, span, shown, base)
    return _picture(parts, base + _FOOT, words, "overview")


def _picture(parts: t.Iterable[str], height: int, words: str, kind: str) -> str:
    head = '<svg class="%s" role="img" aria-label="%s" width="100%%" height="%d">' % (kind, escape(words), height)
    return "\n".join([head, *parts, "</svg>"])


def _percent(share: float) -> str:
    return "%s%%" % round(share * 100, 2)


def _axis(span: Span, top: int, bottom: int) -> list[str]:
    parts = []
    for tick in span.ticks():
        share = span.share(tick)
        side = "start" if share < 0.04 else "end" if share > 0.96 else "middle"
        x = _percent(share)
        parts += [
            '<line class="tick" x1="%s" x2="%s" y1="%d" y2="%d"/>' % (x, x, top, bottom + 5),
            '<text class="axis" x="%s" y="%d" text-anchor="%s">%s</text>' % (x, bottom + 18, side, _tick(tick)),
        ]
    return parts


def _tick(seconds: float) -> str:
    return "0 s" if abs(seconds) < 1e-9 else "%+g s" % round(seconds, 6)


def _grid(frame: Frame, base: int) -> list[str]:
    """The powers of ten, with labels where they have room above what operations usually take."""
    parts = ['<line class="base" x1="0" x2="100%%" y1="%d" y2="%d"/>' % (base, base)]
    free = base - 22
    for decade in frame.scale.decades():
        y = base - frame.scale.height(decade, frame.lane.up)
        parts.append('<line class="grid" x1="0" x2="100%%" y1="%d" y2="%d"/>' % (y, y))
        if y <= free:
            text = '<text class="decade" x="100%%" dx="-3" y="%d" text-anchor="end">%s</text>'
            parts.append(text % (y + 10, round_length(decade)))
            free = y - 11
    return parts


def _areas(mount: Mount, frame: Frame, base: int) -> list[str]:
    lane, scale = frame.lane, frame.scale
    writes, reads = (columns(ones, frame.zero, frame.span, lane.slices) for ones in (mount.writes, mount.reads))
    return [
        '<path class="w" d="%s"/>' % _area([-scale.height(one, lane.up) for one in writes], base),
        '<path class="r" d="%s"/>' % _area([scale.height(one, lane.down) for one in reads], base),
    ]


def _area(heights: list[int], base: int) -> str:
    """The outline of the columns, without a word on those that are as high as the one before."""
    path, now = "M0 %d" % base, 0
    for slot, height in enumerate(heights):
        if height != now:
            path += "%sV%d" % ("H%d" % slot if slot else "", base + height)
            now = height
    return path + "H%dV%dZ" % (len(heights), base)


def _stretched(areas: list[str], slices: int, height: int) -> list[str]:
    """What may be stretched to the page's width, which texts may not."""
    box = 'viewBox="0 0 %d %d" preserveAspectRatio="none"' % (slices, height)
    return ['<svg x="0" y="0" width="100%%" height="%d" %s>' % (height, box), *areas, "</svg>"]


def _stall(told: Document, frame: Frame, base: int) -> list[str]:
    """A tint behind the longest stall."""
    span, lane = frame.span, frame.lane
    if told["stall"] is None:
        return []
    start, end = max(told["stall_at"], span.start), min(told["stall_at"] + told["stall"], span.end)
    if start >= end:
        return []
    place = (_percent(span.share(start)), base - lane.up, _percent((end - start) / span.width), lane.up + lane.down)
    return ['<rect class="stall" x="%s" y="%d" width="%s" height="%d"/>' % place]


def _name(told: Document, lane: Lane, head: int) -> list[str]:
    name = "%s:%s" % (told["client"], told["path"])
    full = "%s, NFS %s, longest stall %s" % (name, told["version"] or "?", length(told["stall"]))
    title = "<title>%s</title>" % escape(full)
    if not lane.head:
        text = '<text class="lane" x="-6" y="%d" text-anchor="end">%s%s</text>'
        return [text % (head + 11, title, escape(_clipped(name, _SHORT)))]
    stall = "no stall seen" if told["stall"] is None else "stall %s" % length(told["stall"])
    return [
        '<text class="lane" x="0" y="%d">%s%s</text>' % (head + 16, title, escape(_clipped(name, _NAME))),
        '<text class="worst" x="100%%" y="%d" text-anchor="end">%s</text>' % (head + 16, stall),
    ]


def _clipped(name: str, room: int) -> str:
    """The name without its midst: both ends tell mounts apart."""
    if len(name) <= room:
        return name
    return name[: room // 2] + "…" + name[len(name) - room + room // 2 + 1 :]


def _signs(mount: Mount, frame: Frame, y: int) -> list[str]:
    """Operations with an error, and writes that are lost or damaged."""
    places = {*mount.missing, *mount.damaged}
    lost = [mount.writes[place] for place in sorted(places) if place < len(mount.writes)]
    wrong = [one for one in mount.operations() if one.error]
    return [*_glyphs("e", wrong, frame, y), *_glyphs("l", lost, frame, y)]


def _glyphs(kind: str, operations: t.Iterable[Operation], frame: Frame, y: int) -> list[str]:
    moments = slots((one.begun - frame.zero for one in operations), frame.span, frame.lane.signs)
    texts = ['<text x="%s" y="%d">%s</text>' % (_percent(frame.span.share(at)), y, SIGNS[kind]) for at in moments]
    return ['<g class="%s" text-anchor="middle">%s</g>' % (kind, "".join(texts))] if texts else []


def _marks(report: Document, span: Span, shown: list[str], bottom: int) -> list[str]:
    """Each mark's label has a row of its own, so that no width lets two of them meet.

    In the order of time no line crosses a label, which stands to the right of its own line. Only those too far right
    for that are written to the left, the last one uppermost.
    """
    kind = report["fault"]["kind"]
    at = {mark: report["marks"][mark] for mark in sorted(shown, key=lambda mark: float(report["marks"][mark]))}
    late = [mark for mark in at if span.share(at[mark]) > _LATE]
    parts = []
    for row, mark in enumerate([*reversed(late), *(mark for mark in at if mark not in late)]):
        x, y = _percent(span.share(at[mark])), row * _MARK
        side = 'dx="-5" text-anchor="end"' if mark in late else 'dx="5"'
        words = "%s%s" % (label(mark, kind), "" if mark == "fault" else " " + after(at[mark]))
        parts += [
            '<line class="mark %s" x1="%s" x2="%s" y1="%d" y2="%d"/>' % (mark, x, x, y + 3, bottom),
            '<text class="label %s" x="%s" y="%d" %s>%s</text>' % (mark, x, y + 13, side, escape(words)),
        ]
    return parts


def said_of_scale(scale: Scale) -> str:
    """What the heights of the picture mean."""
    return "logarithmic, from %s or less to %s" % (round_length(FLOOR), round_length(scale.top))
