# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The company's repository, with the tarball installed in it, and its site.yml run once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parents[3] / "lab"))
sys.path.insert(0, str(Path(__file__).parent))

from company import HOSTS, Company

from lvsmodule.host import TOP, Node


@pytest.fixture(name="company", scope="session")
def _company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    company = Company(tmp_path_factory.mktemp("company") / "repository")
    shutil.copytree(TOP / "examples/company", company.place)
    (company.place / ".vault-password").write_text("example\n")
    # What it names is what was released last; the rest is as the README says.
    wanted = {"collections": [{"name": os.environ["LVS_TARBALL"], "type": "file"}]}
    (company.place / "requirements.yml").write_text(yaml.safe_dump(wanted))
    done = company.run(
        "ansible-galaxy", "collection", "install", "--offline", "-r", "requirements.yml", "-p", "collections"
    )
    assert done.returncode == 0, done.stderr
    return company


@pytest.fixture(name="site", scope="session")
def _site(company: Company) -> subprocess.CompletedProcess[str]:
    """What the first run of its site.yml said, as much of it as there is to say."""
    done = company.play("site.yml", "--diff", "-vv")
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr
    return done


@pytest.fixture(name="hosts", scope="session")
def _hosts(site: subprocess.CompletedProcess[str]) -> dict[str, Node]:
    """The company's hosts, by its names, with everything on them."""
    assert site.returncode == 0
    return {name: Node(node) for name, node in HOSTS.items()}
