# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints one runner's line over every pytest run of scripts/test: closing_line.py RESULTS_FOLDER SECONDS."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree


def count(folder: Path) -> dict[str, int]:
    """Sums the tests of all JUnit files in the folder, by how they ended."""
    total = {"passed": 0, "failed": 0, "skipped": 0}
    for path in sorted(folder.glob("*.xml")):
        for suite in ElementTree.parse(path).getroot().iter("testsuite"):  # noqa: S314  our own pytest wrote it
            failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            skipped = int(suite.get("skipped", 0))
            total["failed"] += failed
            total["skipped"] += skipped
            total["passed"] += int(suite.get("tests", 0)) - failed - skipped
    return total


def main() -> int:
    """Prints the line; the status is 1 when a test failed."""
    total = count(Path(sys.argv[1]))
    words = ", ".join("%d %s" % (number, ending) for ending, number in total.items() if number)
    print("==== %s in %s.00s ====" % (words or "no tests ran", sys.argv[2]))
    return 1 if total["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
