# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""systemd: where its files lie, and the verbs of systemctl. Files are written through a transaction, not here."""

from __future__ import annotations

import os
import re
import time

from .._errors import ToolError
from .runner import Runner

_UNITS = "/etc/systemd/system"
# A systemd that is busy (it reads its units anew, say) may not answer at once.
_TRIES = 5
_NO_UNIT = re.compile(r"No such file|not found|not exist|not be found|not been booted with systemd")


def unit_path(unit: str) -> str:
    """Where a unit of our own lies: `linuxha-lvs-vips.service`."""
    return "%s/%s" % (_UNITS, unit)


def dropin_path(unit: str, name: str = "linuxha-lvs") -> str:
    """Where our addition to somebody else's unit lies."""
    return "%s/%s.d/%s.conf" % (_UNITS, unit, name)


class Systemd:
    """systemctl. Where systemd does not run (a container, an image being built) units are enabled, never started."""

    def __init__(self, runner: Runner, root: str = "/") -> None:
        self._runner = runner
        self._root = root

    def is_running(self) -> bool:
        """Whether systemd runs this host; the test that sd_booted(3) describes."""
        return os.path.isdir(os.path.join(self._root, "run/systemd/system"))

    def is_enabled(self, unit: str) -> bool:
        """Whether the unit starts at boot; a unit that does not exist does not."""
        return self.word("is-enabled", unit) == "enabled"

    def is_active(self, unit: str) -> bool:
        """Whether the unit runs now; a oneshot with RemainAfterExit counts once it has run well."""
        return self.is_running() and self.word("is-active", unit) == "active"

    def daemon_reload(self) -> None:
        """Makes systemd read changed unit files."""
        if self.is_running():
            self._runner.run("systemctl", "daemon-reload", purpose="make systemd read the changed units")

    def enable(self, unit: str) -> None:
        """Starts the unit at every boot from now on."""
        self._runner.run("systemctl", "enable", "--quiet", unit, purpose="enable %s" % unit)

    def disable(self, unit: str) -> None:
        """Does not start the unit at boot any more."""
        self._runner.run("systemctl", "disable", "--quiet", unit, purpose="disable %s" % unit)

    def start(self, unit: str) -> None:
        """Starts the unit and waits until it has started."""
        self._act("start", unit)

    def stop(self, unit: str) -> None:
        """Stops the unit and waits until it has stopped."""
        self._act("stop", unit)

    def restart(self, unit: str) -> None:
        """Stops and starts the unit."""
        self._act("restart", unit)

    def reload(self, unit: str) -> None:
        """Makes the unit's program read its configuration again."""
        self._act("reload", unit)

    def _act(self, verb: str, unit: str) -> None:
        if self.is_running():
            self._runner.run("systemctl", verb, unit, purpose="%s %s" % (verb, unit))

    def word(self, verb: str, unit: str) -> str:
        """The word that systemctl says; empty when there is no such unit.

        :raises ToolError: systemd did not answer. Taking that for a "no" would enable or start what is well.
        """
        for _try in range(_TRIES):
            # The exit status mixes "no" with "no such unit"; the word on stdout does not.
            status, output = self._runner.ask("systemctl", verb, unit, purpose="ask systemd about %s" % unit)
            if output.stdout.strip() or _NO_UNIT.search(output.stderr):
                return output.stdout.strip()
            time.sleep(1)
        said = output.stderr.strip().replace("\n", "; ") or "nothing"
        raise ToolError(
            "Cannot ask systemd about %s: systemctl %s %s ended with status %d and said: %s"
            % (unit, verb, unit, status, said),
            cmd=["systemctl", verb, unit], rc=status, stdout=output.stdout, stderr=output.stderr,
        )  # fmt: skip
