# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every check of the collection that nobody here wrote: antsibull-nox's own (antsibull-nox.toml), and those below.

`nox --list` names them, `nox -Rs SESSION` runs one again without installing anything.
"""

# /// script
# dependencies = ["nox>=2025.02.09", "antsibull-nox"]
# ///

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import antsibull_nox
import nox

TOP = Path(__file__).resolve().parent
CONSTRAINTS = ("-c", "tests/constraints.txt")
ANSIBLE_CORE = ("2.19", "2.20", "2.21")
# Of the checkout, but not of the collection: the session lint looks at them.
BESIDE = (".ci", ".config", "bench", "lab", "molecule", "noxfile.py", "scripts")

nox.options.envdir = ".cache/nox"
antsibull_nox.load_antsibull_nox_toml()


@nox.session
def types(session: nox.Session) -> None:
    """mypy on the collection, through its own import path, and on each program beside it."""
    session.install(*CONSTRAINTS, "mypy", "types-PyYAML", "ansible-core")
    place = TOP / ".cache" / "collections" / "ansible_collections" / "linuxha"
    place.mkdir(parents=True, exist_ok=True)
    if not (place / "lvs").exists():
        (place / "lvs").symlink_to(TOP)
    session.run("mypy", "-p", "ansible_collections.linuxha.lvs.plugins")
    packages = ("lab/lvslab", "lab/lvsmeasure", "lab/lvsmodule", "bench/lvsbench")
    session.run("mypy", *packages, env={"MYPYPATH": "lab:bench"})
    alone = ("scripts/lib/closing_line.py", "roles/nfs_server/files/tell_clients.py")
    for program in (*_programs(session, "python3?"), *alone):
        session.run("mypy", program, env={"MYPYPATH": "lab"})
    for program in ("failback", "tickle"):
        folder = f"roles/load_balancer/files/{program}"
        session.run("mypy", f"{folder}/__main__.py", env={"MYPYPATH": folder})
    folder = "playbooks/files/drill"
    drill = sorted(str(path.relative_to(TOP)) for path in (TOP / folder).glob("*.py"))
    session.run("mypy", *drill, env={"MYPYPATH": folder})


@nox.session
def programs(session: nox.Session) -> None:
    """ruff on the Python programs that have no ending in their names, which antsibull-nox does not take for Python."""
    session.install(*CONSTRAINTS, "ruff")
    names = _programs(session, "python3?")
    session.run("ruff", "check", *names)
    session.run("ruff", "format", "--check", *names)


@nox.session(python=False)
def shell(session: nox.Session) -> None:
    """shellcheck on every shell script."""
    session.run("shellcheck", "-x", *_programs(session, "bash|sh"), external=True)


def _programs(session: nox.Session, language: str) -> list[str]:
    """The files without an ending in their names whose first line names this language."""
    names = session.run("git", "ls-files", silent=True, external=True) or ""
    said = re.compile(rb"#!.*[/ ](%s)$" % language.encode())
    return [name for name in names.split() if not Path(name).suffix and said.match(_first_line(TOP / name))]


def _first_line(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.readline().strip()


@nox.session
def changelog(session: nox.Session) -> None:
    """antsibull-changelog: lint, or what is given after `--`."""
    session.install(*CONSTRAINTS, "antsibull-changelog", *(["ansible-core"] if session.posargs else []))
    session.run("antsibull-changelog", *(session.posargs or ("lint",)))


@nox.session(name="galaxy-importer")
def galaxy_importer(session: nox.Session) -> None:
    """Take a tarball of scripts/build as Galaxy does; what is only a warning there is an error here."""
    session.install(*CONSTRAINTS, "galaxy-importer")
    if len(session.posargs) != 1:
        session.error("Say which tarball: nox -s galaxy-importer -- TARBALL")
    tarball = Path(session.posargs[0]).resolve()
    config = {"GALAXY_IMPORTER_CONFIG": str(TOP / "tests" / "galaxy-importer.cfg")}
    with session.chdir(session.create_tmp()):
        told = session.run("python", "-m", "galaxy_importer.main", str(tarball), env=config, silent=True) or ""
    print(told)
    complaints = [line for line in told.splitlines() if re.match(r"(WARNING|ERROR|CRITICAL)\b", line)]
    if complaints:
        session.error("The importer complains:\n" + "\n".join(complaints))


def _only_the_collection() -> None:
    """Takes out of ansible-test's copy what is not of the collection."""
    for name in BESIDE:
        path = Path(name)
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    _bootstrap_without_network()


def _drop_leftovers() -> None:
    """Keeps ansible-test's own environments from being copied back as results."""
    # Where nothing was left there is no such folder.
    shutil.rmtree(Path("tests/output/.tmp"), ignore_errors=True)


def _bootstrap_without_network() -> None:
    """ansible-test fetches a script that installs pip, where it has none yet; Python brings its own."""
    cache = Path.home() / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for name in ("get_pip_24_2.py", "get_pip_25_2.py"):
        if not (cache / name).exists():
            (cache / name).write_text("import ensurepip\nensurepip.bootstrap(upgrade=True, default_pip=True)\n")


# With the Python that runs nox: ansible-test would also take every other one that it finds.
PYTHON = ("--venv", "--python", "{}.{}".format(*sys.version_info[:2]), "--color", "no")

# antsibull-nox's own sessions for them need docker or podman, and take ansible-core from git.
for version in ANSIBLE_CORE:
    for kind, prepare in (("sanity", _only_the_collection), ("units", _bootstrap_without_network)):
        antsibull_nox.add_ansible_test_session(
            name=f"ansible-test-{kind}-{version}",
            description=f"ansible-test {kind} with the newest ansible-core {version}",
            ansible_test_params=[kind, *PYTHON],
            default=False,
            ansible_core_version=version,
            ansible_core_source="pypi",
            callback_before=prepare,
            callback_after=_drop_leftovers,
        )


if __name__ == "__main__":
    nox.main()
