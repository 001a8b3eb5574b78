# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""What keepalived needs to hold a server out: a file that it watches, and checks of that file."""

from __future__ import annotations

from .._model.director import Director, Server

# A file there, with any text, holds its server out. The role load_balancer has the program that writes it.
HOLDS = "/var/lib/linuxha-lvs/failback"
HOLDS_NOTE = HOLDS + "/README"
HOLDS_TEXT = """\
A file DIRECTOR:SERVER in this folder holds the server out of the director. The service linuxha-lvs-failback writes and
removes it; a person says so with the playbook linuxha.lvs.failback. keepalived watches this folder: do not remove it.
"""


def track_lines(director: Director) -> list[str]:
    """The blocks that name the files; they stand before the director's service."""
    lines = []
    for server in director.held:
        file = '    file "%s"' % _path(director, server)
        lines += ["track_file %s {" % _name(director, server), file, "    weight 0", "}"]
    return lines


def hold_lines(director: Director, server: Server) -> list[str]:
    """One check of the file, or two, which only together hold a server out for good.

    FILE_CHECK knows the file from the first moment of a start, and at once when it changes; but a reload takes the
    server in until it has read the file. MISC_CHECK keeps its state over a reload; but it starts as good. With "auto"
    a server that is held out fails its other checks, which keep their state too, and a program each time is saved.
    """
    if server not in director.held:
        return []
    file_check = ["FILE_CHECK {", "    track_file %s" % _name(director, server), "    weight 0", "}"]
    if director.failback == "auto":
        return file_check
    return [
        *file_check,
        "MISC_CHECK {",
        '    misc_path "/usr/bin/test ! -s %s"' % _path(director, server),
        "    misc_timeout 3",
        "    user root",
        "    retry 0",
        # The other program is as dear, and the file's own check is quick.
        *(["    delay_loop 1", "    delay_before_retry 1"] if director.check and director.check.program else []),
        "}",
    ]


def _path(director: Director, server: Server) -> str:
    return "%s/%s:%s" % (HOLDS, director.name, server.name)


def _name(director: Director, server: Server) -> str:
    return "hold:%s:%s" % (director.name, server.name)
