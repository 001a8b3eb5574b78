# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on the client: proof.py FILE TEXT writes, fsyncs and reads the text back from the server, and prints it."""

from __future__ import annotations

import mmap
import os
import sys


def main(path: str, text: str) -> None:
    """One whole use of a mount."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.write(descriptor, text.encode())
    os.fsync(descriptor)
    os.close(descriptor)
    # Past the client's cache, so that the server is what answers.
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECT)
    page = mmap.mmap(-1, mmap.PAGESIZE)
    count = os.readv(descriptor, [page])
    os.close(descriptor)
    os.unlink(path)
    print(page[:count].decode())


if __name__ == "__main__":
    main(*sys.argv[1:])
