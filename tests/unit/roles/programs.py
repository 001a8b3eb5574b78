# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs that are a folder of modules, loaded as they are."""

from __future__ import annotations

import importlib.util
import sys
import types
import typing as t
from pathlib import Path

FILES = Path(__file__).resolve().parents[3] / "roles" / "load_balancer" / "files"


def load(program: str | Path, modules: t.Sequence[str]) -> types.SimpleNamespace:
    """The program's modules, its `__main__` as `PROGRAM_main`. They import by plain names, theirs only meanwhile.

    :param program: a folder, below the role's files where it is not whole.
    :param modules: each after those that it imports.
    """
    loaded: dict[str, types.ModuleType] = {}
    kept, path = {name: sys.modules.get(name) for name in modules}, list(sys.path)
    try:
        for name in modules:
            called = "%s_main" % program if name == "__main__" else name
            spec = importlib.util.spec_from_file_location(called, FILES / program / ("%s.py" % name))
            assert spec is not None
            assert spec.loader is not None
            module = loaded[called] = importlib.util.module_from_spec(spec)
            if name != "__main__":
                sys.modules[name] = module
            spec.loader.exec_module(module)
    finally:
        sys.path[:] = path
        for name, before in kept.items():
            if name != "__main__":
                sys.modules.pop(name, None)
            if before is not None:
                sys.modules[name] = before
    return types.SimpleNamespace(**loaded)
