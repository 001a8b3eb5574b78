# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""An AnsibleModule whose list of entries is read by the model, so that complaints name the entry."""

from __future__ import annotations

import abc
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ._errors import InputError, quote

Wanted = t.TypeVar("Wanted")


class EntriesModule(AnsibleModule, abc.ABC, t.Generic[Wanted]):
    """Reads one option, a list of entries, before the argument spec does.

    The spec alone says "value of mode must be one of ..., found in directors"; which of a hundred directors it was,
    only the model's reader can tell. The reader is also stricter than the spec, and much faster with a thousand
    entries, so what it has read the spec need not look at. What it cannot read (a number that came as a word, a list
    as a text with commas) the spec converts as ever, and then it is read again.
    """

    # The option's name; subclasses set it.
    option = ""
    _read: Wanted | None = None
    _written: t.Any = None
    _complaint: str | None = None
    spec_is_met = False

    def __init__(self, **options: t.Any) -> None:
        """Takes what an AnsibleModule takes."""
        try:
            super().__init__(**options)
        except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError):
            # The argument spec trips over what the reader has a sentence for (a flag where a mapping belongs).
            if self._complaint is None:
                raise
            self.fail_json(self._complaint)

    @abc.abstractmethod
    def read_entries(self, entries: t.Any) -> Wanted:
        """What the entries ask for; the modules say how.

        :raises InputError: what is wrong with them, in a sentence.
        """

    @property
    def wanted(self) -> Wanted:
        """What the entries ask for.

        :raises InputError: what is wrong with them, in a sentence.
        """
        if self._read is None:
            self._read = self._read_list(self.params[self.option])
        return self._read

    def _read_list(self, written: t.Any) -> Wanted:
        # A text or a mapping would be gone through too, and an empty one would ask for nothing: prune takes all away.
        if not isinstance(written, list):
            raise InputError("%s is %s, must be a list" % (self.option, quote(written)))
        return self.read_entries(written)

    def _load_params(self) -> None:
        super()._load_params()
        if self.option not in self.params:
            return
        self._written = self.params[self.option]
        try:
            self._read = self._read_list(self._written)
        except InputError as error:
            self._complaint = str(error)
        else:
            self.params[self.option] = []

    def _put_back(self) -> None:
        """Log and result show what was asked for, as it was written."""
        if self._written is not None:
            self.params[self.option] = self._written

    def _log_invocation(self) -> None:
        # What could not be read yet is read once more, as the spec has converted it.
        if self._read is not None:
            self._put_back()
        super()._log_invocation()

    def exit_json(self, **kwargs: t.Any) -> t.NoReturn:
        self._put_back()
        super().exit_json(**kwargs)

    def fail_json(self, msg: str, **kwargs: t.Any) -> t.NoReturn:
        if not self.spec_is_met and self._complaint:
            msg = self._complaint
        self._put_back()
        super().fail_json(msg, **kwargs)
