# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""An AnsibleModule whose complaints about options name the entry, as the model's do."""

from __future__ import annotations

import copy
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ._errors import InputError


class SentenceModule(AnsibleModule):
    """Says of a wrong option which entry it stands in.

    The argument spec alone says "value of mode must be one of ..., found in directors"; which of a hundred directors
    it was, only the model's reader can tell. So when the argument spec has something to complain about, the reader
    gets the parameters as the user wrote them, and its sentence goes first.
    """

    spec_is_met = False

    _as_written: t.Any = None

    def read_params(self, params: t.Mapping[str, t.Any]) -> None:
        """Reads the parameters as the module's work does; the modules say how.

        :raises InputError: what is wrong with them, in a sentence.
        """

    def _load_params(self) -> None:
        super()._load_params()
        # What the argument spec cannot read, it takes out of the parameters.
        self._as_written = copy.deepcopy(self.params)

    def fail_json(self, msg: str, **kwargs: t.Any) -> t.NoReturn:
        if not self.spec_is_met:
            try:
                self.read_params(self._as_written)
            except InputError as error:
                msg = str(error)
            except (KeyError, TypeError, AttributeError):
                # Not even of the shape that the reader expects; the argument spec's own words must do.
                pass
        super().fail_json(msg, **kwargs)
