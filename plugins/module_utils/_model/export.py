# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Exports: what exportfs would refuse, or read otherwise than it looks. From exports(5) and the source of nfs-utils."""

from __future__ import annotations

import ipaddress
import posixpath
import re
import typing as t

from .._errors import InputError, entry_error, quote

# Blanks, quotes and the like end or change the path in exports(5), and etab writes control characters in octal. With a
# "$" Ansible would make another folder.
_PATH = r"/[^\s\"#()$\\\x00-\x1f\x7f]*"
_PATH_WANTED = (
    "must be absolute and without blanks, quotes, backslashes, brackets, $ or #, in its shortest spelling: no slash at "
    "its end, none twice, no . and no .. between them"
)
# exportfs takes 010 for eight, and writes one of more than 31 bits as another number.
_FSID = r"0|[1-9][0-9]{0,8}|root|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_FSID_WANTED = 'must be a number without zeros before it, up to 999999999, "root" or a UUID'
# One that begins with a dash is read as options.
_NAME = r"[A-Za-z0-9_*?][A-Za-z0-9_.*?-]*"
_HOST_WANTED = 'must be a name, an address, a network such as 10.0.0.0/8, a netgroup such as @web, or "*"'
_FLAVOUR = r"(krb5[ip]?|unix|sys|null|none)"
# A number of more than 32 bits would become another one: 4294967296 is root.
_ID = r"([0-9]{1,9}|[1-3][0-9]{9}|4[01][0-9]{8})"
# Options of exports(5) that may be given; fsid has a key of its own.
_OPTION = (
    r"ro|rw|a?sync|(in)?secure|(in)?secure_locks|(no)?(hide|crossmnt)|nordirplus|anon[ug]id=" + _ID + "|"
    r"(no_)?(root_squash|all_squash|subtree_check|wdelay|acl|auth_nlm|pnfs|security_label)|"
    r"sec=" + _FLAVOUR + "(:" + _FLAVOUR + r")*|(refer|replicas)=[A-Za-z0-9@/._:+-]+|"
    r"(mountpoint|mp)(=/[A-Za-z0-9/._-]+)?|xprtsec=(none|tls|mtls)(:(none|tls|mtls))*"
)
# What an option and its opposite have in common.
_OPPOSITE = re.compile(r"^(no_|no(?=hide|crossmnt)|in(?=secure)|a(?=sync))|=.*|^r(?=[ow]\Z)")


def export_errors(exports: t.Sequence[t.Any]) -> t.Iterator[InputError]:
    """All that is wrong with the exports, as the role's argument spec lets them pass."""
    paths: dict[str, str] = {}
    fsids: dict[str, str] = {}
    for index, export in enumerate(exports):
        if not isinstance(export, t.Mapping):
            yield InputError("exports[%d]: must be a mapping of options, not %s" % (index, quote(export)))
            continue
        path, fsid = str(export.get("path")), str(export.get("fsid"))
        entry = "export %s" % quote(path)
        # normpath() leaves two slashes at the beginning as they are.
        if not re.fullmatch(_PATH, path) or path.startswith("//") or posixpath.normpath(path) != path:
            yield entry_error(entry, "path", path, _PATH_WANTED)
        if path in paths:
            yield entry_error(entry, "path", path, "may stand only once")
        if not re.fullmatch(_FSID, fsid):
            yield entry_error(entry, "fsid", fsid, _FSID_WANTED)
        same = "0" if fsid == "root" else fsid.lower()
        if same in fsids:
            yield entry_error(entry, "fsid", fsid, "may stand only once, and %s has it too" % fsids[same])
        paths.setdefault(path, entry)
        fsids.setdefault(same, entry)
        clients = export.get("clients")
        if not clients or not isinstance(clients, (list, tuple)):
            wanted = "must name at least one client: without any, exportfs lets every host in"
            yield entry_error(entry, "clients", clients, wanted)
        else:
            yield from _client_errors(clients, entry)


def _client_errors(clients: t.Sequence[t.Any], entry: str) -> t.Iterator[InputError]:
    seen: dict[str, int] = {}
    for index, client in enumerate(clients):
        place = "%s: clients[%d]" % (entry, index)
        if not isinstance(client, t.Mapping):
            yield InputError("%s: must be a mapping of options, not %s" % (place, quote(client)))
            continue
        host = str(client.get("host"))
        try:
            same = _one_spelling(host, place)
        except InputError as error:
            yield error
        else:
            if same in seen:
                yield entry_error(place, "host", host, "stands there twice: see clients[%d]" % seen[same])
            seen.setdefault(same, index)
        yield from _option_errors(client.get("options"), "%s to %s" % (entry, quote(host)))


def _one_spelling(host: str, entry: str) -> str:
    """What exportfs takes for the same client, in one spelling.

    :raises InputError: it is no client at all.
    """
    if re.fullmatch(r"@[A-Za-z0-9._-]+|gss/krb5[ip]?", host):
        return host
    # A client is told by its address; that it has no name with dots like these, nobody notices for long.
    if re.fullmatch(r"[0-9.*?]*[0-9][0-9.*?]*", host) and re.search("[*?]", host):
        raise entry_error(
            entry, "host", host, "but * and ? stand for parts of names; give a network such as 10.0.0.0/8"
        )
    if re.search("[/:]", host) or re.fullmatch("[0-9.]+", host):
        return _network(host, entry)
    if not re.fullmatch(_NAME, host):
        raise entry_error(entry, "host", host, _HOST_WANTED)
    return host.lower()


def _network(host: str, entry: str) -> str:
    try:
        network = ipaddress.ip_network(host, strict=False)
    except ValueError:
        raise entry_error(entry, "host", host, _HOST_WANTED) from None
    mask = host.partition("/")[2]
    # Python also reads 10.0.0.0/0.255.255.255, of which exportfs makes another mask.
    if "%" in host or (not mask.isdigit() and mask not in ("", str(network.netmask))):
        raise entry_error(entry, "host", host, _HOST_WANTED)
    return str(network)


def _option_errors(options: t.Any, entry: str) -> t.Iterator[InputError]:
    if options is None:
        return
    if not isinstance(options, (list, tuple)):
        yield entry_error(entry, "options", options, "must be a list such as [rw, sync]")
        return
    words = [str(option) for option in options]
    for word in words:
        if not re.fullmatch(_OPTION, word):
            yield InputError("%s: options: %s is no option of exports(5) that may stand here" % (entry, quote(word)))
    stems = [re.sub("^[ow]$", "access", _OPPOSITE.sub("", word)) for word in dict.fromkeys(words)]
    # After "sec=" come the options of that flavour, which may say otherwise.
    if "sec" not in stems and len(set(stems)) < len(stems):
        yield InputError("%s: of the options %s two contradict each other" % (entry, ", ".join(words)))
