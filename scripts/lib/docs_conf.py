# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# scripts/docs puts this behind the conf.py that antsibull-docs makes.
import re
import typing as t

from docutils import nodes

# The site is built without the network: where Ansible's own documentation has the labels that pages refer to.
intersphinx_mapping: dict[str, t.Any] = {}
ANSIBLE = "https://docs.ansible.com/ansible/latest/"
BUILTIN = "ansible_collections.ansible.builtin."
PAGES = {
    "common_return_values": "reference_appendices/common_return_values.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
}


def point_to_ansible(_app: t.Any, _env: t.Any, node: t.Any, content: t.Any) -> t.Any:
    """Makes a reference to a label of Ansible's documentation a link."""
    label = node.get("reftarget", "")
    page = PAGES.get(label)
    if label.startswith(BUILTIN):
        page = "collections/ansible/builtin/%s.html" % label.removeprefix(BUILTIN)
    if page is None:
        return None
    link = nodes.reference("", "", internal=False, refuri=ANSIBLE + page)
    link += content
    return link


def name_sections(_app: t.Any, docname: str, source: list[str]) -> None:
    """Has the list of pages beside the text show the sections, and the collection's name as it is written."""
    if docname != "index":
        return
    lines: list[str] = []
    section = ""
    for line in source[0].replace("Linuxha.Lvs\n", "linuxha.lvs\n").splitlines():
        if lines and re.fullmatch(r"[-~]{3,}", line):
            section = lines[-1]
        lines.append(line)
        if line.startswith(".. toctree::") and section != "Description":
            lines.append("    :caption: " + section)
    source[0] = "\n".join(lines)


def setup(app: t.Any) -> None:
    app.connect("missing-reference", point_to_ansible)
    app.connect("source-read", name_sections)


html_static_path = ["static"]
html_css_files = ["docs.css"]
