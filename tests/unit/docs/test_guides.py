# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every example in the guides and READMEs is one that the roles, modules, filters and playbooks take."""

from __future__ import annotations

import ast
import functools
import os
import re
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

import jmespath
import promql_parser
import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.linuxha.lvs.plugins.filter.from_aloha import from_aloha
from ansible_collections.linuxha.lvs.plugins.filter.vips import vips
from ansible_collections.linuxha.lvs.plugins.module_utils._model.director import read_directors
from ansible_collections.linuxha.lvs.plugins.module_utils._model.flow import read_flows
from ansible_collections.linuxha.lvs.plugins.plugin_utils._doctor.kinds import KINDS
from ansible_collections.linuxha.lvs.plugins.plugin_utils._drill.plan import FAULTS
from ansible_collections.linuxha.lvs.tests.unit.docs.guides import (
    ALL_COMMANDS,
    PAGES,
    TOP,
    Block,
    blocks_of,
    extra_vars,
    in_language,
)
from ansible_collections.linuxha.lvs.tests.unit.fakes.status import said

Options = dict[str, t.Any]

GROUPS = {"load_balancers", "nfs_servers", "nfs_clients"}
ROLES = {path.name for path in (TOP / "roles").iterdir()}
PLAYBOOKS = {path.stem for path in (TOP / "playbooks").glob("*.yml")}
PLUGIN_FILES = sorted(path for kind in ("modules", "filter") for path in (TOP / "plugins" / kind).glob("*.py"))
PLUGINS = {path.stem for path in PLUGIN_FILES}
# Of node_exporter's collectors ipvs and textfile, and of Prometheus itself.
FOREIGN_METRICS = {
    "node_ipvs_backend_connections_active",
    "node_ipvs_backend_connections_inactive",
    "node_ipvs_backend_weight",
    "node_ipvs_connections_total",
    "node_ipvs_incoming_bytes_total",
    "node_ipvs_incoming_packets_total",
    "node_textfile_mtime_seconds",
    "up",
}
# Whose every line of text is ALOHA's.
ALOHA = re.compile(r"\s*(flow|outflow|director|sysctl) ")


def text_of(path: str) -> str:
    return (TOP / path).read_text(encoding="utf-8")


@functools.cache
def role_options(role: str) -> Options:
    specs = yaml.safe_load(text_of("roles/%s/meta/argument_specs.yml" % role))["argument_specs"]
    return t.cast("Options", specs["main"]["options"])


@functools.cache
def module_options(module: str) -> Options:
    """The options of the module's documentation, with those of the fragment that it shares."""
    sources = [text_of("plugins/modules/%s.py" % module)]
    documents = [yaml.safe_load(_literal(sources[0], "DOCUMENTATION"))]
    if "linuxha.lvs._directors" in documents[0].get("extends_documentation_fragment", ()):
        fragment = re.search(
            r'DOCUMENTATION = r"""\n(.*?)"""', text_of("plugins/doc_fragments/_directors.py"), re.DOTALL
        )
        assert fragment
        documents.append(yaml.safe_load(fragment[1]))
    merged = {name: option for document in documents for name, option in document.get("options", {}).items()}
    return t.cast("Options", _spec(merged))


def _literal(source: str, name: str) -> str:
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            return str(ast.literal_eval(node.value))
    raise AssertionError("no %s" % name)


def _spec(options: Options) -> Options:
    """Documented options as an argument spec has them."""
    kept = ("type", "elements", "choices", "required", "default")
    return {
        name: {key: option[key] for key in kept if key in option}
        | ({"options": _spec(option["suboptions"])} if "suboptions" in option else {})
        for name, option in options.items()
    }


def without_descriptions(options: Options) -> Options:
    return {
        name: {key: value for key, value in option.items() if key not in ("description", "options")}
        | ({"options": without_descriptions(option["options"])} if "options" in option else {})
        for name, option in options.items()
    }


def validate(spec: Options, values: Options, where: str) -> None:
    result = ArgumentSpecValidator(spec).validate(values)
    assert not result.error_messages, "%s: %s" % (where, result.error_messages)


def merge(one: t.Any, two: t.Any) -> t.Any:
    """As the role does: key by key, lists replaced."""
    if isinstance(one, dict) and isinstance(two, dict):
        return {**one, **{key: merge(one.get(key), value) for key, value in two.items()}}
    return two


def merged(pasted: list[Options], written: list[Options]) -> list[Options]:
    found = {entry["name"]: entry for entry in pasted}
    for entry in written:
        found[entry["name"]] = merge(found.get(entry["name"], {}), entry)
    return list(found.values())


def check_variables(values: Options, where: str) -> None:
    """Variables of the roles, as Ansible would check them and as the modules would read them."""
    for name in values:
        owners = [role for role in ROLES if name in role_options(role)]
        assert owners, "%s: no role has the variable %s" % (where, name)
    for role in ROLES:
        own = {name: value for name, value in values.items() if name in role_options(role)}
        validate(without_descriptions(role_options(role)), own, where)
    seed = yaml.safe_load(text_of("examples/infrastructure/inventory/group_vars/load_balancers.yml"))
    pasted = from_aloha(values.get("load_balancer_aloha", seed["load_balancer_aloha"]))
    directors = merged(pasted["directors"], values.get("load_balancer_directors", []))
    flows = merged(pasted["flows"], values.get("load_balancer_flows", []))
    assert read_directors(directors).present
    assert read_flows(flows).present
    assert vips(directors, flows), where


def check_task(task: Options, where: str) -> None:
    modules = [key.removeprefix("linuxha.lvs.") for key in task if key.startswith("linuxha.lvs.")]
    for module in modules:
        values, spec = task["linuxha.lvs." + module] or {}, module_options(module)
        # What a template gives is not known here, only where it goes.
        templates = {name for name, value in values.items() if isinstance(value, str) and "{{" in value}
        assert templates <= set(spec), where
        rest = {name: value for name, value in values.items() if name not in templates}
        validate({name: option for name, option in spec.items() if name not in templates}, rest, where)
    for value in task.get("vars", {}).values():
        if isinstance(value, str) and ALOHA.match(value):
            assert from_aloha(value)["directors"]


def check_play(play: Options, where: str) -> None:
    assert {"hosts"} <= set(play), "%s: a play has hosts" % where
    for role in play.get("roles", []):
        assert role["role"].removeprefix("linuxha.lvs.") in ROLES, where
        check_variables(role.get("vars", {}), where)
    for task in play.get("tasks", []):
        check_task(task, where)


def check_inventory(document: Options, where: str) -> None:
    children = document["all"]["children"]
    assert set(children) <= GROUPS, where
    assert all(set(host) <= {"ansible_host"} for group in children.values() for host in group["hosts"].values()), where


def check_rules(document: Options, where: str) -> None:
    known = FOREIGN_METRICS | {re.split(r"[{ ]", line)[0] for line in written_metrics()}
    for rule in document["groups"][0]["rules"]:
        assert set(rule) >= {"alert", "expr", "annotations"}, where
        promql_parser.parse(rule["expr"])
        names = set(re.findall(r"\b(?:up\b|(?:linuxha|node)_\w+)", re.sub(r'"[^"]*"', "", rule["expr"])))
        assert names <= known, "%s: %s" % (where, names - known)


@functools.cache
def written_metrics() -> tuple[str, ...]:
    """What the guide's program writes of what the directors' service says."""
    (block,) = (block for block in in_language("python") if "linuxha_lvs_master" in block.text)
    with tempfile.TemporaryDirectory() as folder:
        service, file = Path(folder, "service"), Path(folder, "linuxha_lvs.prom")
        service.write_text("import json\nprint(json.dumps(%r))\n" % said("lb1"), encoding="utf-8")
        program = block.text
        for name, value in (("SERVICE", [sys.executable, str(service)]), ("FILE", str(file))):
            program, count = re.subn("(?m)^%s = .*$" % name, "%s = %r" % (name, value), program)
            assert count == 1, "%s has no %s" % (block, name)
        subprocess.run([sys.executable, "-c", program], check=True)
        return tuple(file.read_text(encoding="utf-8").splitlines())


def test_the_pages_have_examples() -> None:
    assert len(PAGES) >= 18
    assert len(in_language("yaml")) >= 15
    assert len(ALL_COMMANDS) >= 60
    silent = {str(path.relative_to(TOP)) for path in PAGES} - {block.page for block, _words in ALL_COMMANDS}
    assert silent == {
        *("roles/%s/README.md" % role for role in ROLES),
        *("docs/docsite/rst/%s.rst" % name for name in ("second_by_second", "settings", "what_the_lab_showed")),
    }


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TOP)))
def test_no_block_is_overlooked(path: Path) -> None:
    text, blocks = path.read_text(encoding="utf-8"), blocks_of(path)
    lines = text.splitlines()
    for block in blocks:
        assert lines[block.line - 1].strip() == block.text.splitlines()[0].strip(), block
    if path.suffix == ".rst":
        assert len(blocks) == len(re.findall(r"^ *\.\. (?:code|code-block|sourcecode)::|^(?! *\.\.).*::$", text, re.M))
        return
    assert all(block.language for block in blocks), "a fence does not say what it holds"
    seen = {block.line + number for block in blocks for number in range(block.text.count("\n"))}
    assert [line for number, line in enumerate(lines, 1) if line.startswith("    ") and number not in seen] == []
    assert sum(line.startswith("```") for line in lines) == 2 * sum("```" in lines[block.line - 2] for block in blocks)


@pytest.mark.parametrize("block", in_language("yaml"), ids=str)
def test_yaml_is_what_it_is_for(block: Block) -> None:
    document, where = yaml.safe_load(block.text), str(block)
    if isinstance(document, list):
        for entry in document:
            (check_task if "hosts" not in entry else check_play)(entry, where)
    elif "groups" in document:
        check_rules(document, where)
    elif "all" in document:
        check_inventory(document, where)
    else:
        check_variables(document, where)


@pytest.mark.parametrize("path", PLUGIN_FILES, ids=lambda path: path.stem)
def test_examples_in_the_documentation_have_options_that_are_there(path: Path) -> None:
    """That they run is seen on the lab's hosts (molecule/directors)."""
    tasks = yaml.safe_load(_literal(path.read_text(encoding="utf-8"), "EXAMPLES"))
    assert tasks
    for task in tasks:
        check_task(task, path.stem)


@pytest.mark.parametrize("block", [one for one in in_language("yaml") if "hosts: localhost" in one.text], ids=str)
def test_plays_for_the_controller_run(block: Block, tmp_path: Path) -> None:
    book = tmp_path / "play.yml"
    book.write_text(block.text, encoding="utf-8")
    argv = [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", "-c", "local", str(book)]
    (tmp_path / "ansible_collections" / "linuxha").mkdir(parents=True)
    (tmp_path / "ansible_collections" / "linuxha" / "lvs").symlink_to(TOP)
    env = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(tmp_path)}
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=tmp_path, env=env)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("block", [one for one in in_language("text") if ALOHA.match(one.text)], ids=str)
def test_what_is_alohas_can_be_pasted(block: Block) -> None:
    assert any(from_aloha(block.text).values())


@pytest.mark.parametrize(
    ("block", "words"), ALL_COMMANDS, ids=lambda value: value[0] if isinstance(value, list) else str(value)
)
def test_commands_name_what_is_there(block: Block, words: list[str]) -> None:
    program = words[0]
    if program.startswith(("scripts/", "bench/", "lab/")):
        assert (TOP / program).is_file(), block
    if program == "scripts/test":
        assert all((TOP / "molecule" / name).is_dir() for name in following(words, "--scenario")), block
        assert all((TOP / "scripts/stages" / name).is_file() for name in following(words, "--only")), block
    if program == "ansible-playbook":
        check_playbook(words, block)
    if program.startswith("ansible") and block.page.startswith("examples/"):
        folder = (TOP / block.page).parent
        files = [*following(words, "-i"), *following(words, "-r")]
        assert all((folder / name).exists() for name in files), "%s: %s" % (block, files)
    for unit in re.findall(r"linuxha-lvs-[a-z-]+", " ".join(words)):
        assert unit in things_on_hosts(), "%s: %s" % (block, unit)
    for word in ("hold", "release", "status"):
        if program == "python3" and words[3:4] == [word]:
            assert "linuxha-lvs-failback %s" % word in text_of("roles/load_balancer/files/failback/__main__.py")


def following(words: list[str], option: str) -> list[str]:
    return [value for one, value in zip(words, words[1:]) if one == option]


def check_playbook(words: list[str], where: Block) -> None:
    names = [word for word in words[1:] if word.startswith(("linuxha.lvs.", "playbooks/"))]
    own = [word for word in words[1:] if word.endswith(".yml") and (TOP / where.page).parent.joinpath(word).is_file()]
    if where.page.startswith("examples/") and not names:
        assert set(own) - set(following(words, "-i")), "%s: no playbook beside the page in %s" % (where, words)
        return
    assert len(names) == 1, "%s: one playbook in %s" % (where, words)
    name = names[0].removeprefix("linuxha.lvs.").removeprefix("playbooks/").removesuffix(".yml")
    assert name in PLAYBOOKS, "%s: there is no playbook %s" % (where, names[0])
    text = text_of("playbooks/%s.yml" % name) + text_of("playbooks/vars/%s.yml" % name)
    given = extra_vars(words)
    for key in given:
        assert key.startswith(name + "_"), "%s: %s" % (where, key)
        assert re.search(r"\b%s\b" % key, text), "%s: %s does not know %s" % (where, name, key)
    if "status_query" in given:
        jmespath.compile(given["status_query"])
    assert given.get("drill_fault", "cut") in FAULTS, where
    assert given.get("maintenance_action", "out") in ("out", "back"), where


@functools.cache
def things_on_hosts() -> frozenset[str]:
    """Units and programs that roles and modules put on hosts."""
    files = [
        path for folder in ("roles", "plugins") for path in (TOP / folder).rglob("*") if path.suffix in (".py", ".yml")
    ]
    text = " ".join(path.read_text(encoding="utf-8") for path in files)
    return frozenset(re.findall(r"linuxha-lvs-[a-z]+(?:-[a-z]+)?", text)) | {"linuxha-lvs-metrics"}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TOP)))
def test_names_of_the_collection_are_there(path: Path) -> None:
    known = ROLES | PLUGINS | PLAYBOOKS | {"docsite", "git", "lvs"}
    named = set(re.findall(r"linuxha\.lvs\.([a-z_]+)", path.read_text(encoding="utf-8")))
    assert named <= known, named - known


@pytest.mark.parametrize("path", [page for page in PAGES if page.suffix == ".md"], ids=str)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), "%s links to %s" % (path, target)


def test_each_kind_of_finding_is_in_the_guide() -> None:
    by_finding = text_of("docs/docsite/rst/troubleshooting.rst").partition("\nBy finding\n")[2]
    assert sorted(re.findall(r"^   \* - ``(\w+)``$", by_finding, re.MULTILINE)) == sorted(KINDS)


def test_the_monitoring_program_writes_what_it_was_told() -> None:
    lines = written_metrics()
    assert all(re.fullmatch(r'\w+(\{(\w+="[^"]+",?)+\})? [01]', line) for line in lines), lines
    assert {
        "linuxha_lvs_master 1",
        'linuxha_lvs_peer_heard{peer="lb2"} 1',
        'linuxha_lvs_server_held{director="nfs",server="nfs-01"} 1',
        'linuxha_lvs_server_serving{director="nfs",server="nfs-01"} 0',
        'linuxha_lvs_server_able{director="web",server="web-02"} 0',
    } <= set(lines)


def test_the_readme_names_all_that_there_is() -> None:
    section = text_of("README.md").partition("## What is in it")[2].partition("\n## ")[0]
    named = set(re.findall(r"`([a-z_*]+)`", section))
    prefixes = {name[:-1] for name in named if name.endswith("*")}
    there = PLUGINS | ROLES | PLAYBOOKS
    assert {name for name in there - named if not name.startswith(tuple(prefixes))} == set()
    assert {name for name in named - there if not name.endswith("*")} <= {"linuxha.lvs.lvs", "module_defaults"}
