# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Directors, flows and sysctls as a text of ALOHA's language: the way back from `aloha.parse`. Pure.

Every value becomes one word, and what was written is read again: so nothing that a user wrote can become another
statement, and what the language cannot say is found here and not on the ALOHA.
"""

from __future__ import annotations

import re
import typing as t
from decimal import Decimal

from .._errors import InputError, entry_error, quote
from .._model.mark import mark_of
from .aloha import parse
from .aloha_difference import difference

_OPTIONS = {"tcp": "tcpcheck", "http": "httpcheck", "icmp": "icmpcheck", "arp": "arpcheck"}
_ON_CHECK = ("interval", "timeout", "source", "port", "rise", "fall", "inhibit")
# What of a check only this collection has.
_OURS_ALONE = ("vip", "retry_interval", "program")
_ON_OPTION = ("uri", "statuscode", "vhost", "iface")
_CONDITIONS = ("iface", "proto", "src", "dst", "srcport", "dstport", "icmptype")
_NO_WORD = "for which ALOHA has no word"
# Options that are on or off; off is what they are anyway.
_FLAGS = ("check", "sorry", "inhibit")
# Half a surrogate pair is no character; no file could hold it.
_ONE_WORD = re.compile(r"[^\s\"'#\\\x00-\x1f\x7f\ud800-\udfff]+")
_ONE_BLANK = re.compile(r"%s( %s)*" % (_ONE_WORD.pattern, _ONE_WORD.pattern))
_QUOTABLE = re.compile(r"[^\"\n\r\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]*")

Entry = t.Mapping[str, t.Any]


def write(wanted: t.Any) -> str:
    """The text for `{directors, flows, sysctls}`; each part may be missing.

    What is at its default is left out where ALOHA has no word for it.

    :raises InputError: something there cannot be said in ALOHA's language; the sentence names entry, key and value.
    """
    whole = _mapping(wanted, "the input", ("directors", "flows", "sysctls"))
    blocks = [_flow(entry, "flows[%d]" % index) for index, entry in enumerate(_list(whole, "flows", "the input"))]
    blocks += [_director(e, "directors[%d]" % index) for index, e in enumerate(_list(whole, "directors", "the input"))]
    blocks.append(_sysctls(whole.get("sysctls", {})))
    text = "\n".join(block for block in blocks if block)
    try:
        parse(text)
    except InputError as error:
        # Each entry alone was good, so two of them do not go together: one name twice, say.
        raise InputError("Cannot write these entries into one ALOHA text: %s" % error) from error
    return text


def _director(values: t.Any, where: str) -> str:
    known = (
        "name",
        "address",
        "port",
        "protocol",
        "fwmark",
        "balance",
        "mode",
        "check",
        "persistence",
        "failback",
        "servers",
        "state",
    )
    entry, place = _named(values, where, "director", known)
    _forget_own_mark(entry, place, "name")
    if entry.get("failback") == "auto":
        del entry["failback"]
    head = ["director", _word(place, "name", entry["name"])]
    if "address" in entry:
        head.append(_endpoint(place, entry))
        head += [_word(place, key, entry[key]).upper() for key in ("protocol",) if key in entry]
    unsaid = ("fwmark", "state", "failback")
    _refuse(entry, place, unsaid if "address" in entry else ("port", "protocol", *unsaid))
    lines = [" ".join(head)]
    if "balance" in entry:
        # leastconn-localitybased-replication is three words there.
        lines.append("  balance " + _word(place, "balance", entry["balance"]).replace("-", " "))
    if "mode" in entry:
        lines.append("  mode " + _word(place, "mode", entry["mode"]))
    if "check" in entry:
        entry["check"] = _read_check(entry["check"], place)
        lines += _check(entry["check"], place)
    if "persistence" in entry:
        persistence = _mapping(entry["persistence"], place + ": persistence", ("timeout", "netmask"))
        lines.append("  option persistence" + _pairs(place, "persistence.", persistence, ("timeout", "netmask")))
    for index, server in enumerate(_list(entry, "servers", place)):
        lines.append(_server(server, "%s: servers[%d]" % (place, index)))
    return _checked(lines, place, "directors", entry)


def _read_check(values: t.Any, place: str) -> dict[str, t.Any]:
    check = _mapping(values, place + ": check", ("type", *_ON_CHECK, *_ON_OPTION, *_OURS_ALONE, "sorry"))
    # On is the default; off has to be said.
    if values.get("sorry") is False:
        raise entry_error(place, "check.sorry", False, _NO_WORD)
    if check.get("sorry") is True:
        check.pop("sorry")
    _refuse(check, place, (*_OURS_ALONE, "sorry"), "check.")
    return check


def _check(check: Entry, place: str) -> list[str]:
    lines = []
    kinds = check.get("type")
    kind = kinds[0] if isinstance(kinds, (list, tuple)) and len(kinds) == 1 else kinds
    if kind is not None and (not isinstance(kind, str) or kind not in _OPTIONS):
        raise entry_error(place, "check.type", kinds, _NO_WORD)
    timers = {key: check[key] for key in _ON_CHECK if key in check}
    if timers or kind is None:
        lines.append("  check" + _pairs(place, "check.", timers, _ON_CHECK))
    if kind is not None:
        lines.append("  option " + _OPTIONS[kind] + _pairs(place, "check.", check, _ON_OPTION))
    else:
        _refuse(check, place, _ON_OPTION, "check.")
    return lines


def _server(values: t.Any, where: str) -> str:
    entry, place = _named(values, where, "server", ("name", "address", "port", "weight", "check", "sorry"))
    if "address" not in entry:
        raise InputError("%s: address is missing" % place)
    words = ["  server", _word(place, "name", entry["name"]), _endpoint(place, entry)]
    return " ".join(words) + _pairs(place, "", entry, ("weight", "check", "sorry"))


def _flow(values: t.Any, where: str) -> str:
    known = ("name", "policy", "director", "fwmark", "table", "direction", "rules", "state")
    entry, place = _named(values, where, "flow", known)
    if entry.get("direction") == "in":
        entry.pop("direction")
    _forget_own_mark(entry, place, "director")
    _refuse(entry, place, ("fwmark", "state"))
    words = ["outflow" if entry.get("direction") == "out" else "flow", _word(place, "name", entry["name"])]
    if "policy" in entry:
        words.append(_word(place, "policy", entry["policy"]))
        words += [_word(place, key, entry[key]) for key in ("director", "table") if key in entry]
    lines = [" ".join(words)]
    for index, rule in enumerate(_list(entry, "rules", place)):
        lines.append("  " + _rule(rule, "%s: rules[%d]" % (place, index)))
    return _checked(lines, place, "flows", entry)


def _rule(values: t.Any, place: str) -> str:
    rule = _mapping(values, place, ("action", *_CONDITIONS, "not"))
    negated = rule.get("not", [])
    words = [_word(place, "action", rule.get("action", "match"))]
    if not isinstance(negated, (list, tuple)) or not all(isinstance(key, str) and key in rule for key in negated):
        raise entry_error(place, "not", negated, "must be a list of keys that the rule has")
    for key in _CONDITIONS:
        if key in rule:
            words += ["not"] * (key in negated) + [key, _word(place, key, rule[key])]
    return " ".join(words)


def _sysctls(settings: t.Any) -> str:
    if not isinstance(settings, t.Mapping):
        raise InputError("sysctls: must be a mapping, not %s" % quote(settings))
    return "".join(_sysctl(key, value) for key, value in settings.items())


def _sysctl(key: t.Any, value: t.Any) -> str:
    # As lvs_sysctl takes it.
    text = _text(int(value) if isinstance(value, bool) else value)
    if not isinstance(key, str) or text is None:
        raise entry_error("sysctls", _key(key), value, _NO_WORD)
    word = text if _ONE_BLANK.fullmatch(text) else _word("sysctls", key, text)
    return _checked(["sysctl %s=%s" % (_word("sysctls", key, key), word)], "sysctls", "sysctls", {key: text})


# One entry, one value


def _named(values: t.Any, where: str, kind: str, known: t.Collection[str]) -> tuple[dict[str, t.Any], str]:
    """The entry without what says nothing, and what errors call it."""
    entry = _mapping(values, where, known)
    if "name" not in entry:
        raise InputError("%s: name is missing" % where)
    if entry.get("state") == "present":
        entry.pop("state")
    inside = where.rpartition(": ")[0]
    return entry, "%s%s %s" % (inside + ": " if inside else "", kind, quote(entry["name"]))


def _mapping(values: t.Any, place: str, known: t.Collection[str]) -> dict[str, t.Any]:
    if not isinstance(values, t.Mapping):
        raise InputError("%s: must be a mapping, not %s" % (place, quote(values)))
    for key in values:
        if key not in known:
            raise entry_error(place, _key(key), values[key], _NO_WORD)
    # A flag that is off, and a key without a value, say nothing.
    return {
        key: value for key, value in values.items() if value is not None and (value is not False or key not in _FLAGS)
    }


def _key(key: t.Any) -> str:
    return key if isinstance(key, str) else quote(key)


def _forget_own_mark(entry: dict[str, t.Any], place: str, key: str) -> None:
    """The mark that the director has by its name need not be said."""
    if "fwmark" in entry and key in entry:
        _word(place, key, entry[key])
        if entry["fwmark"] == mark_of(str(entry[key])):
            entry.pop("fwmark")


def _list(entry: Entry, key: str, place: str) -> t.Sequence[t.Any]:
    values = entry.get(key, [])
    if not isinstance(values, (list, tuple)):
        raise entry_error(place, key, values, "must be a list")
    return values


def _refuse(entry: Entry, place: str, keys: t.Iterable[str], prefix: str = "") -> None:
    for key in keys:
        if key in entry:
            raise entry_error(place, prefix + key, entry[key], _NO_WORD)


def _endpoint(place: str, entry: Entry) -> str:
    address = _word(place, "address", entry["address"])
    if "port" not in entry:
        return address
    return ("[%s]:%s" if ":" in address else "%s:%s") % (address, _word(place, "port", entry["port"]))


def _pairs(place: str, prefix: str, entry: Entry, keys: t.Iterable[str]) -> str:
    """` key value` for each key that is there; a flag stands alone."""
    words = ""
    for key in keys:
        if key in entry:
            value = entry[key]
            words += " " + key if value is True else " %s %s" % (key, _word(place, prefix + key, value))
    return words


def _word(place: str, key: str, value: t.Any) -> str:
    """The value as one word.

    :raises InputError: it cannot be one.
    """
    if isinstance(value, float):
        return _time(value)
    text = _text(value)
    if text is not None and _ONE_WORD.fullmatch(text):
        return text
    if not text or not _QUOTABLE.fullmatch(text):
        raise entry_error(place, key, value, "which cannot stand on a line of ALOHA's text")
    return '"%s"' % text


def _text(value: t.Any) -> str | None:
    """A text or a whole number as text; None for what is neither, or too long for a line."""
    try:
        return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else None
    except ValueError:
        # Python writes no number of more than 4300 digits.
        return None


def _time(value: float) -> str:
    """Seconds with at most six decimals, or microseconds."""
    number = Decimal(repr(value))
    if not number.is_finite():
        return str(value)
    exponent = number.as_tuple().exponent
    short = isinstance(exponent, int) and exponent >= -6
    text = format(number if short else number * 1_000_000, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if short else text + "us"


def _checked(lines: list[str], place: str, part: t.Literal["directors", "flows", "sysctls"], entry: Entry) -> str:
    """The lines as text, if reading them gives an entry of the same shape.

    :raises InputError: it does not.
    """
    text = "".join(line + "\n" for line in lines)
    try:
        found = parse(text)[part]
    except InputError as error:
        raise InputError("%s: ALOHA's language cannot say it: %s" % (place, error)) from error
    read = found[0] if isinstance(found, list) and len(found) == 1 else found
    different = difference(entry, read)
    if different:
        raise entry_error(place, different, entry.get(different), _NO_WORD)
    return text
