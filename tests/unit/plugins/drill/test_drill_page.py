# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a drill: well formed and safe whatever was collected, and true to the samples."""

from __future__ import annotations

import math
import re
import time
from html.parser import HTMLParser

import pytest
from ansible_collections.linuxha.lvs.plugins.filter.drill_page import drill_page
from ansible_collections.linuxha.lvs.plugins.plugin_utils._drill.document import Operation
from ansible_collections.linuxha.lvs.plugins.plugin_utils._drill.geometry import Scale, Span, columns
from ansible_collections.linuxha.lvs.tests.unit.plugins.drill.drills import BEGAN, FAULT, Says, drill
from hypothesis import given
from hypothesis import strategies as st

EVIL = [
    "</script><img onerror=alert(1) src=x>",
    "\"'><svg onload=alert(1)>",
    "</style><script>alert(1)</script>",
    "<!-- & &amp; ]]>",
    "javascript:alert(1)",
]
VOID = {"meta"}
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "main", "header", "section", "span", "h1", "h2", "h3", "p"),
    *("time", "dl", "div", "dt", "dd", "ul", "li", "svg", "rect", "line", "path", "text", "g", "table", "thead"),
    *("tbody", "tr", "th", "td", "details", "summary"),
}


class Page(HTMLParser):
    """What a browser would see; each tag must be known, and closed where it was opened."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        assert len(dict(attrs)) == len(attrs), attrs
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def text(self) -> str:
        return "".join(self.texts)

    def found(self, tag: str, kind: str = "") -> list[dict[str, str | None]]:
        return [
            attributes
            for name, attributes in self.tags
            if name == tag and (not kind or kind in (attributes.get("class") or "").split())
        ]


def safe(page: Page) -> None:
    """Nothing in it is fetched, followed or run."""
    for tag, attributes in page.tags:
        for name in attributes:
            assert not name.startswith("on"), (tag, attributes)
            assert name not in ("src", "href", "xlink:href", "action", "srcdoc", "background"), (tag, attributes)
        assert re.fullmatch(r"(width:\d+%)?", attributes.get("style") or ""), attributes
    assert [one["content"] for one in page.found("meta") if one.get("http-equiv")] == [
        "default-src 'none'; style-src 'unsafe-inline'"
    ]
    assert len(page.found("style")) == 1


def everywhere(document: Says, odd: str) -> Says:
    """The document with the text in each place that takes one."""
    hosts = document["hosts"]
    document["drill"].update(dict.fromkeys(("fault", "director", "vip", "interrupted"), odd))
    for host in hosts.values():
        host.update(kernel=odd, versions={odd: odd}, settings={odd: {odd: [odd]}})
    hosts["lb1"]["log"].append({"at": FAULT + 1, "line": odd})
    for mount in hosts["web1"]["mounts"]:
        mount.update(path=odd, version=odd, damaged=[1])
        mount["writes"][5][2] = odd
    hosts[odd] = hosts.pop("web1")
    hosts["web9" + odd] = {"failed": True, "msg": odd}
    return document


@pytest.mark.parametrize("odd", EVIL)
def test_nothing_of_the_document_breaks_out_of_its_text(odd: str) -> None:
    page = Page(drill_page(everywhere(drill(seconds=11), odd)))
    safe(page)
    assert page.text().count(odd) > 10


@given(st.text(max_size=12))
def test_the_page_is_well_formed_whatever_the_hosts_say(odd: str) -> None:
    safe(Page(drill_page(everywhere(drill(seconds=11), odd))))


def test_the_page_of_one_client_with_one_mount() -> None:
    page = Page(drill_page(drill()))
    safe(page)
    words = page.text()
    assert "The client hung for 0.61\u00a0s; no error, nothing lost." in words
    assert "✓ Passed" in words
    assert "Drill: nfs-01 of director nfs was cut off" in words
    (lanes,) = page.found("svg", "lanes")
    assert lanes["aria-label"] == (
        "The latency of 1 mount over time, a lane each. Marks: fault +0.00 s, detected +0.31 s, switched +0.42 s, "
        "first write +0.61 s, all write +0.61 s, healed +15.00 s. The longest stall is 0.61 s, on web1:/mnt/nfs-v3. "
        "The tables below tell the same in numbers."
    )
    assert len(page.found("svg", "overview")) == 1
    assert page.found("html") == [{"lang": "en"}]
    assert all(one.get("scope") in ("col", "row") for one in page.found("th"))


def test_a_drill_that_did_not_go_well_says_so_in_words_and_signs() -> None:
    document = drill()
    mount = document["hosts"]["web1"]["mounts"][0]
    mount["missing"] = [198]
    mount["writes"][210][2] = "EIO"
    page = Page(drill_page(document))
    words = page.text()
    assert "✗ Not passed" in words
    assert "1 EIO; lost: 198" in words
    assert page.texts.count("\u00d7") == 2 + 1
    assert page.texts.count("\u25c6") == 1 + 1


def test_without_clients_or_a_fault_the_page_says_what_it_lacks() -> None:
    words = Page(drill_page(drill(0))).text()
    assert "No client wrote, so there is nothing to draw." in words
    document = drill(seconds=11)
    del document["hosts"]["nfs-01"]["fault"]
    page = Page(drill_page(document))
    assert "Without a fault there is nothing to mark." in page.text()
    assert "Drill: cut on nfs-01 of director nfs\n" in page.text()
    assert page.found("line", "mark") == []
    assert page.found("rect", "stall") == []


@pytest.mark.parametrize("at", [2**53 - 2, -(2**53) + 2, 0])
def test_a_single_operation_at_any_time_can_be_drawn(at: int) -> None:
    document = drill()
    del document["hosts"]["nfs-01"]["fault"]
    document["hosts"]["web1"]["mounts"][0].update(writes=[[at, 0, ""]], reads=[])
    assert len(Page(drill_page(document)).found("svg", "lanes")) == 1


def test_marks_that_nobody_saw_are_not_drawn() -> None:
    document = drill()
    for host in ("lb1", "lb2"):
        document["hosts"][host].update(looks=[], log=[])
    page = Page(drill_page(document))
    assert not page.found("line", "switched") + page.found("line", "detected")
    assert page.text().count("not seen") == 2


@given(
    st.lists(st.tuples(st.floats(-0.3, 2), st.floats(0, 2)), min_size=6, max_size=6),
    st.booleans(),
)
def test_no_two_labels_share_a_row(moments: list[tuple[float, float]], planned: bool) -> None:
    document = drill(seconds=14)
    document["drill"]["fault"] = "switch" if planned else "cut"
    for host, (at, more) in zip(("lb1", "lb2"), moments):
        document["hosts"][host]["log"][1]["at"] = FAULT + at
        document["hosts"][host]["looks"][1]["at"] = FAULT + more
    document["hosts"]["nfs-01"]["fault"]["healed"] = FAULT + moments[2][1]
    pictures = re.findall(r"(?s)<svg class.*?</svg>\n(?=<h3|</section)", drill_page(document))
    assert pictures
    for picture in pictures:
        rows = [one["y"] for one in Page(picture).found("text", "label")]
        assert len(rows) == len(set(rows)), picture


@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0, 30)), max_size=60),
    st.integers(1, 300),
)
def test_thinning_loses_no_peak(samples: list[tuple[float, float]], count: int) -> None:
    operations = [Operation(at, at + took, "") for at, took in samples]
    found = columns(operations, 0, Span(0, 130.1), count)
    assert len(found) == count
    assert max(found) == max([max(one.seconds, 0.0001) for one in operations], default=0)
    for one in operations:
        assert found[min(count - 1, math.floor(one.begun / 130.1 * count))] >= one.seconds


@given(st.lists(st.floats(0, 1e6), min_size=1), st.integers(5, 60))
def test_heights_keep_the_order_of_latencies_and_their_room(latencies: list[float], room: int) -> None:
    scale = Scale.over(latencies)
    heights = [scale.height(one, room) for one in sorted(latencies)]
    assert heights == sorted(heights)
    assert all(0 <= height <= room for height in heights)
    assert scale.height(scale.top, room) == room


@given(st.floats(-1e6, 1e6), st.floats(0.001, 1e6))
def test_ticks_are_few_and_in_the_span(start: float, width: float) -> None:
    span = Span(start, start + width)
    ticks = span.ticks()
    assert 1 <= len(ticks) <= 6
    slack = width * 1e-3
    assert all(span.start - slack <= tick <= span.end + slack for tick in ticks)


def test_fifty_clients_with_thousands_of_samples_make_a_small_page_soon() -> None:
    document = drill(50, ("3", "4.2"), seconds=120)
    peak = document["hosts"]["web37"]["mounts"][1]["reads"][2000]
    peak[1] = 3.0
    for number in range(1, 51):
        for one in document["hosts"]["web%d" % number]["mounts"][0]["writes"][400:700]:
            one[2] = "EIO"
    started = time.process_time()
    text = drill_page(document)
    assert time.process_time() - started < 20
    assert len(text.encode()) < 1_000_000
    page = Page(text)
    safe(page)
    assert len(page.found("svg", "dense")) == 1
    assert len(page.found("text", "lane")) == 100
    assert "web37:/mnt/nfs-v4.2, NFS 4.2, longest stall 3.00 s" in page.text()


def test_a_long_log_is_cut_on_the_page() -> None:
    document = drill(seconds=11)
    document["hosts"]["lb1"]["log"] = [{"at": BEGAN + number, "line": "line %d" % number} for number in range(600)]
    words = Page(drill_page(document)).text()
    assert "What the directors logged (603 lines)" in words
    assert "The first 500; the report as JSON has them all." in words
