# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever the modules write, keepalived and nft themselves can read: some hundred entries of every kind."""

from __future__ import annotations

import io
import sys
import tarfile
import typing as t
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from lvsmodule.host import TOP, Node

sys.path.insert(0, str(Path(TOP, ".cache/collections")))

from ansible_collections.linuxha.lvs.plugins.module_utils._codec.keepalived import render
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.nft import render_file
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.nft_flows import make_table
from ansible_collections.linuxha.lvs.plugins.module_utils._model.director import Director
from ansible_collections.linuxha.lvs.plugins.module_utils._model.flow import read_flows
from ansible_collections.linuxha.lvs.tests.unit.fakes.directors import directors
from ansible_collections.linuxha.lvs.tests.unit.fakes.flows import flow_lists

FOLDER = "/root/lvs-renders"
MAIN = "global_defs {\n    enable_script_security\n    script_user root\n}\ninclude conf.d/*.conf\n"


def examples(strategy: st.SearchStrategy[t.Any], number: int) -> list[t.Any]:
    """As many values as asked for, the same ones at each run."""
    found: list[t.Any] = []

    @seed(2049)
    @settings(max_examples=number, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strategy)
    def collect(value: t.Any) -> None:
        found.append(value)

    collect()
    return found


def apart(director: Director, index: int) -> Director:
    """The same director under a name, an address and a mark that no other one has."""
    place = divmod(index, 250)
    prefix = "10.2.%d.%d" if director.ip_version == 4 else "2001:db8:1::%x:%x"
    options = {**director.to_options(), "name": "%s-%d" % (director.name[:58], index)}
    if director.address is None:
        options["fwmark"] = 100000 + index
    else:
        options["address"] = prefix % place
    return Director.from_options(options, "directors[%d]" % index)


def send(host: Node, texts: dict[str, str]) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in texts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    host.run(f"rm -rf {FOLDER}; mkdir {FOLDER}; tar -xzf - -C {FOLDER}", buffer.getvalue())


def test_keepalived_reads_every_director(lb2: Node) -> None:
    made = [apart(director, index) for index, director in enumerate(examples(directors(), 300))]
    assert len(made) == 300
    texts = {"conf.d/%s.conf" % director.name: render(director) for director in made}
    send(lb2, {"keepalived.conf": MAIN, **texts})
    done = lb2.ask("LC_ALL=C keepalived --config-test --use-file %s/keepalived.conf" % FOLDER)
    said = (done.stdout + done.stderr).decode()
    assert (done.returncode, said) == (0, "")


def test_keepalived_would_have_said_something(lb2: Node) -> None:
    """Else its silence above would mean nothing."""
    texts = [render(apart(director, index)) for index, director in enumerate(examples(directors(), 20))]
    broken = texts[-1].replace("lvs_sched", "lvs_shed")
    send(lb2, {"keepalived.conf": MAIN, **{"conf.d/%d.conf" % n: text for n, text in enumerate([*texts, broken])}})
    done = lb2.ask("LC_ALL=C keepalived --config-test --use-file %s/keepalived.conf" % FOLDER)
    assert "lvs_shed" in (done.stdout + done.stderr).decode()


def test_nft_reads_every_list_of_flows(lb2: Node) -> None:
    lists = examples(flow_lists(6), 120)
    texts = {"%03d.nft" % index: render_file(make_table(read_flows(one).present)) for index, one in enumerate(lists)}
    send(lb2, texts)
    before = lb2.run("nft list ruleset")
    said = lb2.run("cd %s; for file in *.nft; do nft --check --file $file || echo wrong: $file; done" % FOLDER)
    assert said == ""
    assert lb2.run("nft list ruleset") == before
