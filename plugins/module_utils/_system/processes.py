# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Starts processes and reads all that they print.

Not AnsibleModule.run_command: it looks for output for a second at a time, and when nothing has come in one of them, it
asks whether the process has ended. A process that prints and ends just between the two has its output thrown away, with
status 0. On a busy host that happens, and an empty answer would be taken for an empty table, or a unit that is off.
"""

from __future__ import annotations

import os
import subprocess


class Processes:
    """The processes of this host."""

    def run_command(
        self,
        args: list[str],
        *,
        data: str | None = None,
        environ_update: dict[str, str] | None = None,
    ) -> tuple[int, str, str]:
        """Runs one to its end; returns its exit status, its output and its complaints.

        The words are those of AnsibleModule.run_command, whose place it takes.

        :param data: text for its standard input, which else is empty.
        :raises OSError: it could not be started.
        """
        # ansible-core 2.21's pylint wants run_command here, which is what must not be used, see above.
        done = subprocess.run(  # pylint: disable=ansible-bad-function
            args,
            input=(data or "").encode(),
            capture_output=True,
            check=False,
            env={**os.environ, **(environ_update or {})},
        )
        return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
