# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""While a file system that an export waits for is not mounted, clients of the virtual addresses hear nothing.

    linuxha-lvs-nfs-mounts PATHS RULES       PATHS is a file with the list of paths, in JSON; RULES one for nft with the
                                             table inet linuxha_nfs_mounts

nfsd asks mountd for each export of which it knows nothing. While nothing is mounted at the path of one with the option
"mountpoint", mountd leaves the question open, nfsd takes two minutes to give it up, and meanwhile asks nothing else: so
clients that come before the file system wait for minutes after it. Those whose packets the table drops ask nothing. The
table remembers who they are, and the numbers that they have sent. When everything is mounted it goes, and each of
them gets a SYN that acknowledges these. Who waits for a connection takes it for the answer, and sends (RFC 9293,
3.10.7.3); who has one says with an acknowledgement that it has (RFC 9293, 3.10.7.4). This host knows neither's
connection, resets it, and the client connects anew at once, instead of when its next retransmission is due: TCP doubles
the time between two of them, so that would be as late again as the file system was.
"""

from __future__ import annotations

import json
import os
import re
import select
import socket
import struct
import subprocess
import sys
import time
import typing as t

MOUNTS, NFT, TABLE = "/proc/self/mountinfo", "/usr/sbin/nft", "linuxha_nfs_mounts"
FORGET = "add table inet %s; delete table inet %s" % (TABLE, TABLE)
SYN_ACK = 0x12
# Seconds after which who has not heard the first one is told once more.
AGAIN = 0.5

# The client and its port, the virtual address and its port, and the sequence number of a packet.
Knock = tuple[str, int, str, int, int]


def mounted(mountinfo: str) -> set[str]:
    """The mount points of its text (proc(5)), in which blanks and the like are octal numbers."""
    points = (line.split(" ")[4] for line in mountinfo.splitlines())
    return {re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), point) for point in points}


def read_knocked(listed: str) -> set[Knock]:
    """Whom the table has silenced, as nft lists it in JSON (libnftables-json(5))."""
    found = set()
    for entry in json.loads(listed)["nftables"]:
        for one in entry.get("set", {}).get("elem", []):
            value = one["elem"]["val"] if isinstance(one, dict) and "elem" in one else one
            if isinstance(value, dict) and len(value.get("concat", [])) == 5:
                client, port, vip, vip_port, number = value["concat"]
                found.add((client, int(port), vip, int(vip_port), int(number)))
    return found


def family_of(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def answer(knock: Knock) -> bytes:
    """A TCP packet (RFC 9293) to the client: a SYN with the number 0 that acknowledges the knock's number."""
    client, port, vip, vip_port, number = knock
    ends = b"".join(socket.inet_pton(family_of(one), one) for one in (vip, client))
    body = struct.pack("!HHIIBBHHH", vip_port, port, 0, (number + 1) % 2**32, 5 << 4, SYN_ACK, 1024, 0, 0)
    total = sum(struct.unpack("!%dH" % ((len(ends) + 20) // 2), ends + body)) + len(body) + socket.IPPROTO_TCP
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return body[:16] + struct.pack("!H", ~total & 0xFFFF) + body[18:]


def either(knock: Knock) -> tuple[Knock, Knock]:
    """The knock, and the one that it is if nft shows its number's bytes in the network's order (1.0.6 does)."""
    return knock, (*knock[:4], int.from_bytes(knock[4].to_bytes(4, "big"), "little"))


def tell(knocked: set[Knock]) -> None:
    """Answers each of them. A wrong answer does no harm.

    :raises OSError: the kernel does not take it.
    """
    for vip in {knock[2] for knock in knocked}:
        with socket.socket(family_of(vip), socket.SOCK_RAW, socket.IPPROTO_TCP) as sender:
            sender.bind((vip, 0))
            for knock in knocked:
                if knock[2] == vip:
                    for one in either(knock):
                        sender.sendto(answer(one), (knock[0], 0))


def nft(*arguments: str) -> str:
    """What nft said.

    :raises subprocess.CalledProcessError: it failed; what it says is in the journal.
    """
    return subprocess.run([NFT, *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


class Silence:
    """Whether this host is silent, which it is in the kernel's own words."""

    def __init__(self, rules: str) -> None:
        self._rules = rules
        self._silent = False

    def keep(self, missing: list[str]) -> None:
        """Begins or ends it."""
        if missing and not self._silent:
            nft("-f", self._rules)
            say("silent, for nothing is mounted at %s" % ", ".join(missing))
        elif self._silent and not missing:
            knocked = read_knocked(nft("--json", "--numeric", "list", "table", "inet", TABLE))
            nft(FORGET)
            for pause in (0.0, AGAIN):
                time.sleep(pause)
                tell(knocked)
            say("everything is mounted; %d connections were told" % len({knock[:4] for knock in knocked}))
        self._silent = bool(missing)


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def ready() -> None:
    """Tells systemd that nfsd may start (sd_notify(3))."""
    place = os.environ.get("NOTIFY_SOCKET", "")
    if place:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.sendto(b"READY=1", "\0" + place[1:] if place.startswith("@") else place)


def main(waited: str, rules: str) -> t.NoReturn:
    silence = Silence(rules)
    with open(waited, encoding="utf-8") as file:
        # As the kernel names them: the option "mountpoint" may lead through symbolic links.
        paths = [os.path.realpath(path) for path in json.load(file)]
    # What an earlier one has left would be taken for clients of today.
    nft(FORGET)
    with open(MOUNTS, encoding="utf-8", errors="surrogateescape") as mounts:
        change = select.poll()
        change.register(mounts, select.POLLPRI | select.POLLERR)
        while True:
            mounts.seek(0)
            there = mounted(mounts.read())
            silence.keep([path for path in paths if path not in there])
            ready()
            change.poll()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
