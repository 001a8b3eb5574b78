# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds a lock on a file and writes to it until it is ended; says which writes took over a second, and all errors."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from pathlib import Path

folder = Path(sys.argv[1])
# The locked file itself is written to: a client that has lost the lock fails there.
record = os.open(folder / sys.argv[2], os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)
fcntl.lockf(record, fcntl.LOCK_EX)
print("locked inode %d" % os.fstat(record).st_ino, flush=True)
number = 0
while True:
    start = time.monotonic()
    try:
        os.write(record, b"%09d\n" % number)
        os.fsync(record)
        number += 1
    except OSError as error:
        print("error %s" % error, flush=True)
    took = time.monotonic() - start
    if took > 1:
        print("stall %.1f until write %d" % (took, number), flush=True)
    if number % 20 == 1:
        print("written %d" % number, flush=True)
    time.sleep(0.1)
