# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the preflights are given, one host each, and what they must say."""

from __future__ import annotations

import typing as t

ALOHA = """
flow nfs director nfs
match iface eth0 dst 192.168.10.50
director nfs
balance roundrobin
mode gateway
check interval 10 port 2049 timeout 2
option tcpcheck
server nfs-01 192.168.10.100:2049 weight 10 check
server nfs-02 192.168.10.101:2049 sorry
sysctl expire_nodest_conn=0
"""
BOTH_ACTIVE = ALOHA.replace(" sorry", "")
# What "ip -json address show" prints, as far as it matters: sit0 is the empty entry that iproute2 leaves for it.
LINKS = [
    {"ifname": "lo", "addr_info": [{"family": "inet", "local": "127.0.0.1", "prefixlen": 8}]},
    {},
    {
        "ifname": "eth0",
        "addr_info": [
            {"family": "inet", "local": "192.168.10.11", "prefixlen": 24},
            {"family": "inet6", "local": "fd99::11", "prefixlen": 64},
        ],
    },
    {"ifname": "eth1", "addr_info": [{"family": "inet", "local": "10.9.0.11", "prefixlen": 24}]},
]
OURS = "# Managed by the role linuxha.lvs.load_balancer: a change made here is lost at its next run.\n"

READLINK = ["readlink", "--canonicalize-missing", "--"]
GREP = ["grep", "--no-messages", "--with-filename", "--count", "--fixed-strings"]
GREP += ["# Managed by the role linuxha.lvs.nfs_client"]


def export(**changes: t.Any) -> dict[str, t.Any]:
    return {
        "path": "/srv/nfs",
        "fsid": "1",
        "clients": [{"host": "192.168.10.0/24", "options": ["rw", "sync"]}],
        **changes,
    }


def mount(**changes: t.Any) -> dict[str, t.Any]:
    return {"path": "/mnt/nfs", "server": "192.168.10.50", "export": "/srv/nfs", "version": "3", **changes}


class Case(t.NamedTuple):
    """A host: its role, its variables, the keepalived.conf on it, and what the refusal says (nothing: all is well)."""

    role: str
    variables: dict[str, t.Any]
    says: str = ""
    conf: str = ""


def director(says: str = "", conf: str = "", **variables: t.Any) -> Case:
    known = {"load_balancer_aloha": ALOHA, "ansible_host": "192.168.10.11", "load_balancer_group": ""}
    return Case("load_balancer", {**known, **variables}, says, conf)


def server(says: str = "", **variables: t.Any) -> Case:
    return Case("nfs_server", {"nfs_server_exports": [export()], "nfs_server_group": "none", **variables}, says)


def client(says: str = "", **changes: t.Any) -> Case:
    return Case("nfs_client", {"nfs_client_mounts": [mount(**changes)]}, says)


CASES = {
    "the_notes_own_text": director(),
    "two_active_servers": director("More than one active server in director nfs", load_balancer_aloha=BOTH_ACTIVE),
    "two_active_servers_wanted": director(load_balancer_aloha=BOTH_ACTIVE, load_balancer_allow_active_active=True),
    "two_active_servers_of_failover": director(
        load_balancer_aloha=BOTH_ACTIVE, load_balancer_directors=[{"name": "nfs", "balance": "failover"}]
    ),
    "yaml_adds_a_second_active_server": director(
        "More than one active server in director nfs",
        load_balancer_directors=[
            {
                "name": "nfs",
                "servers": [{"name": name, "address": "192.168.10.10%s" % name[-1]} for name in ("nfs-01", "nfs-02")],
            }
        ],
    ),
    "flow_to_nowhere": director(
        "there is no such director; add", load_balancer_directors=[{"name": "nfs", "state": "absent"}]
    ),
    "group_without_the_host": director(
        'load_balancer_group is "lvs", but this host is not in a group of that name', load_balancer_group="lvs"
    ),
    "no_virtual_address": director("There is no virtual IP address", load_balancer_aloha=""),
    "name_instead_of_address": director("these are not IP addresses: lb1.example.org", ansible_host="lb1.example.org"),
    "interface_by_the_virtual_address": director(load_balancer_address="192.168.10.99"),
    "interface_with_the_directors_address": director("on the link of eth1 (10.9.0.11/24)", ansible_host="10.9.0.11"),
    "name_and_an_address_for_vrrp": director(ansible_host="lb1.example.org", load_balancer_address="192.168.10.11"),
    "flow_of_an_unknown_interface": director(
        "A flow waits for packets of the interface ens18, but this host has eth0, eth1, lo: no packet would reach",
        load_balancer_aloha=ALOHA.replace("iface eth0", "iface ens18"),
    ),
    "flow_that_ignores_an_unknown_interface": director(
        load_balancer_flows=[
            {
                "name": "more",
                "policy": "permit",
                "rules": [
                    {"iface": "ens18", "action": "ignore"},
                    {"iface": "ens19", "not": ["iface"]},
                    {"iface": "eth1"},
                ],
            }
        ]
    ),
    "unknown_interface": director('load_balancer_interface is "eth7"', load_balancer_interface="eth7"),
    "server_off_the_link": director(
        "these are not: 10.0.0.9", load_balancer_aloha=ALOHA.replace("192.168.10.101", "10.0.0.9")
    ),
    "address_off_the_link": director("these are not: 10.0.0.50", load_balancer_vips=["10.0.0.50/32"]),
    "sysctl_misspelt": director("expire_nodest_conn", load_balancer_sysctls={"expire_nodest_con": 1}),
    "mode_unknown": director('"direct"', load_balancer_directors=[{"name": "nfs", "mode": "direct"}]),
    "balance_unknown": director('"robin"', load_balancer_directors=[{"name": "nfs", "balance": "robin"}]),
    "servers_no_list": director("servers", load_balancer_directors=[{"name": "nfs", "servers": "nfs-01"}]),
    "moved_address_too_wide": director("10.0.0.50/24", load_balancer_vips=["10.0.0.50/24"]),
    "director_twice": director(
        'load_balancer_directors: "nfs" is the name of more than one entry',
        load_balancer_directors=[{"name": "nfs", "mode": "gateway"}, {"name": "nfs", "balance": "failover"}],
    ),
    "flow_twice": director(
        'load_balancer_flows: "nfs" is the name of more than one entry',
        load_balancer_flows=[{"name": "nfs", "policy": "skip"}, {"name": "nfs", "policy": "permit"}],
    ),
    "director_without_a_name": director(
        "load_balancer_directors: an entry has no name", load_balancer_directors=[{"mode": "gateway"}]
    ),
    "flow_without_a_name": director(
        "load_balancer_flows: an entry has no name", load_balancer_flows=[{"policy": "skip"}]
    ),
    "our_keepalived_conf": director(conf=OURS),
    "foreign_keepalived_conf": director("was not written by this role", conf="global_defs {\n}\n"),
    "foreign_conf_kept": director(conf="include conf.d/*.conf\n", load_balancer_manage_keepalived_conf=False),
    "foreign_conf_ignores_us": director("does not include the directors", load_balancer_manage_keepalived_conf=False),
    "director_in_maintenance": director(
        "maintenance_host=director_in_maintenance -e maintenance_action=back",
        __load_balancer_maintenance_read={"stat": {"exists": True}},
    ),
    "director_that_is_not_in_maintenance": director(__load_balancer_maintenance_read={"stat": {"exists": False}}),
    "good_server": server(),
    "no_fsid": server("missing required arguments: fsid", nfs_server_exports=[{"path": "/srv/nfs", "clients": []}]),
    "fsid_no_number": server('fsid is "one"', nfs_server_exports=[export(fsid="one")]),
    "fsid_twice": server("may stand only once", nfs_server_exports=[export(), export(path="/srv/other")]),
    "fsid_root_is_zero": server(
        "may stand only once", nfs_server_exports=[export(fsid="root"), export(path="/srv/other", fsid="0")]
    ),
    "path_breaks_out": server("must be absolute", nfs_server_exports=[export(path='/srv" *(rw)\n"/')]),
    "path_ends_in_newline": server("must be absolute", nfs_server_exports=[export(path="/srv\n")]),
    "option_unknown": server(
        '"no_rot_squash" is no option',
        nfs_server_exports=[export(clients=[{"host": "*", "options": ["no_rot_squash"]}])],
    ),
    "option_breaks_out": server(
        "is no option", nfs_server_exports=[export(clients=[{"host": "*", "options": ["ro) *(rw"]}])]
    ),
    "host_breaks_out": server('host is "a b"', nfs_server_exports=[export(clients=[{"host": "a b"}])]),
    # exportfs takes a line without a client for one to everybody.
    "export_to_nobody": server(
        'export "/srv/nfs": clients is [], must name at least one', nfs_server_exports=[export(clients=[])]
    ),
    # exportfs and the kernel write paths without detours, so the role would never find its own.
    "path_with_slash_at_its_end": server("must be absolute", nfs_server_exports=[export(path="/srv/nfs/")]),
    "path_with_two_slashes": server("must be absolute", nfs_server_exports=[export(path="/srv//nfs")]),
    "path_with_dots": server("must be absolute", nfs_server_exports=[export(path="/srv/other/../nfs")]),
    "paths_that_differ_in_case": server(nfs_server_exports=[export(), export(path="/srv/NFS", fsid="2")]),
    "path_that_is_a_link": server(
        "on this host, /srv/nfs is really /data/nfs. exportfs follows",
        nfs_server_exports=[export()],
        __nfs_server_folders_read={"cmd": [*READLINK, "/srv/nfs"], "stdout_lines": ["/data/nfs"]},
    ),
    "host_twice": server(
        'clients[1]: host is "*", stands there twice: see clients[0]',
        nfs_server_exports=[export(clients=[{"host": "*"}, {"host": "*", "options": ["ro"]}])],
    ),
    "host_twice_in_two_spellings": server(
        'host is "10.0.0.7/255.0.0.0", stands there twice: see clients[0]',
        nfs_server_exports=[export(clients=[{"host": "10.0.0.0/8"}, {"host": "10.0.0.7/255.0.0.0"}])],
    ),
    "host_with_wildcards_in_an_address": server(
        'host is "192.168.10.*"', nfs_server_exports=[export(clients=[{"host": "192.168.10.*"}])]
    ),
    "host_that_is_no_network": server(
        'host is "10.0.0.0/33"', nfs_server_exports=[export(clients=[{"host": "10.0.0.0/33"}])]
    ),
    "host_that_is_a_length": server('host is "/24"', nfs_server_exports=[export(clients=[{"host": "/24"}])]),
    "hosts_of_every_kind": server(
        nfs_server_exports=[
            export(
                clients=[
                    {"host": host}
                    for host in (
                        "*",
                        "@web",
                        "*.example.org",
                        "web1",
                        "10.0.0.7",
                        "10.0.0.0/255.0.0.0",
                        "2001:DB8::/64",
                    )
                ]
            )
        ]
    ),
    "flavour_unknown": server(
        '"sec=krb6" is no option', nfs_server_exports=[export(clients=[{"host": "*", "options": ["sec=krb6"]}])]
    ),
    # exportfs makes it 0: root.
    "anonymous_user_who_would_be_root": server(
        '"anonuid=4294967296" is no option',
        nfs_server_exports=[export(clients=[{"host": "*", "options": ["anonuid=4294967296"]}])],
    ),
    "options_as_one_text": server(
        'options is "rw,sync", must be a list such as [rw, sync]',
        nfs_server_exports=[export(clients=[{"host": "*", "options": "rw,sync"}])],
    ),
    "fsid_too_high": server("up to 999999999", nfs_server_exports=[export(fsid=4294967295)]),
    "good_server_without_anything": server(nfs_server_exports=[]),
    "served_address_too_wide": server("nfs_server_vips: ", nfs_server_vips=["192.168.10.50/24"]),
    "served_address": server(nfs_server_vips=["192.168.10.50", "2001:db8::50/128"]),
    "port_twice": server("all different", nfs_server_ports={"nfsd": 662}),
    "port_too_high": server("from 1 to 65535", nfs_server_ports={"nfsd": 70000}),
    "port_unknown": server("Supported parameters include", nfs_server_ports={"nfs": 2049}),
    "lockd_ports_equal": server(nfs_server_ports={"lockd_udp": 32803}),
    "lockds_udp_port_is_mountds": server("lockd_udp and mountd are 20048", nfs_server_ports={"lockd_udp": 20048}),
    "lockds_udp_port_is_statds": server("lockd_udp and statd are 662", nfs_server_ports={"lockd_udp": "6_62"}),
    "three_ports_equal": server(
        "lockd_tcp, lockd_udp and statd are 662", nfs_server_ports={"lockd_udp": 662, "lockd_tcp": 662}
    ),
    "port_written_as_text_a": server(nfs_server_group="port_written_as_text", nfs_server_ports={"nfsd": "20_50"}),
    "port_written_as_text_b": server(nfs_server_group="port_written_as_text", nfs_server_ports={"nfsd": 2050}),
    "reserved_ports": server(nfs_server_reserved_ports=[1, 65535]),
    "reserved_port_too_high": server(
        "nfs_server_reserved_ports is [8080, 70000], and 70000 is no port", nfs_server_reserved_ports=[8080, 70000]
    ),
    "reserved_port_below_zero": server("and -5 is no port", nfs_server_reserved_ports=[-5]),
    "reserved_ports_as_text": server("must be a list", nfs_server_reserved_ports="8080,9090"),
    "threads_none": server("nfs_server_threads is 0, must be at least 1", nfs_server_threads=0),
    "threads_below_zero": server("nfs_server_threads is -1, must be at least 1", nfs_server_threads=-1),
    "quiet_too_long": server("nfs_server_quiet_seconds is 601, must be 0 to 600", nfs_server_quiet_seconds=601),
    "fsid_with_zeros": server(
        'fsid is "01", must be a number without zeros before it',
        nfs_server_exports=[export(), export(path="/srv/other", fsid="01")],
    ),
    "fsid_zero": server(nfs_server_exports=[export(fsid="0"), export(path="/srv/other", fsid="10")]),
    "fsid_uuid_twice": server(
        "may stand only once",
        nfs_server_exports=[
            export(fsid="0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"),
            export(path="/srv/other", fsid="0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0"),
        ],
    ),
    "rquotads_port_twice": server("all different", nfs_server_ports={"rquotad": 662}),
    "option_in_exports_own_words": server(
        nfs_server_exports=[
            export(
                clients=[{"host": "*", "options": ["ro", "nohide", "insecure_locks", "nordirplus", "mp", "no_wdelay"]}]
            )
        ]
    ),
    "option_that_exportfs_does_not_know": server(
        '"no_hide" is no option', nfs_server_exports=[export(clients=[{"host": "*", "options": ["no_hide"]}])]
    ),
    "options_contradict": server(
        "of the options ro, rw two contradict",
        nfs_server_exports=[export(clients=[{"host": "*", "options": ["ro", "rw"]}])],
    ),
    "options_contradict_by_no": server(
        "two contradict",
        nfs_server_exports=[export(clients=[{"host": "*", "options": ["rw", "root_squash", "no_root_squash"]}])],
    ),
    "options_contradict_by_value": server(
        "two contradict",
        nfs_server_exports=[export(clients=[{"host": "*", "options": ["anonuid=1", "anonuid=2"]}])],
    ),
    "options_differ_by_flavour": server(
        nfs_server_exports=[export(clients=[{"host": "*", "options": ["sec=krb5", "ro", "sec=sys", "rw"]}])]
    ),
    "options_with_a_value_and_without": server(
        nfs_server_exports=[export(clients=[{"host": "*", "options": ["rw", "anonuid=1", "anongid=1", "all_squash"]}])]
    ),
    "host_that_is_read_as_options": server('host is "-rw"', nfs_server_exports=[export(clients=[{"host": "-rw"}])]),
    "versions_four_alone": server(nfs_server_versions=["4.1", "4.2"]),
    "versions_none": server("must name at least one version", nfs_server_versions=[]),
    "versions_twice": server("each once", nfs_server_versions=["3", "3"]),
    "versions_unknown": server("value of nfs_server_versions must be one or more of", nfs_server_versions=["2"]),
    "versions_twice_once_unquoted": server("each once", nfs_server_versions=["3", 3]),
    "versions_with_commas": server('is "4.1,4.2", must be a list', nfs_server_versions="4.1,4.2"),
    "versions_unquoted": server(nfs_server_versions=[3, 4.0, 4.1]),
    "scope_given": server(nfs_server_scope="office.example.org"),
    "scope_breaks_out": server("must be up to 64 letters", nfs_server_scope="a b; reboot"),
    "scope_with_newline": server("must be up to 64 letters", nfs_server_scope="a\n"),
    "scope_number_a": server(nfs_server_group="scope_number", nfs_server_scope=2024),
    "scope_number_b": server(nfs_server_group="scope_number", nfs_server_scope="2024"),
    "scope_too_long": server("must be up to 64 letters", nfs_server_scope="a" * 65),
    "scope_a": server('is "shared" on scope_b too', nfs_server_scope="shared"),
    "scope_b": server('is "shared" on scope_a too', nfs_server_scope="shared"),
    "grace_too_short": server("takes 10 to 3600", nfs_server_grace_time=9, nfs_server_lease_time=9),
    "grace_too_long": server("takes 10 to 3600", nfs_server_grace_time=3601),
    "lease_too_short": server("takes 10 to 3600", nfs_server_lease_time=9),
    "lease_zero": server("takes 10 to 3600", nfs_server_lease_time=0),
    "times_at_their_ends": server(nfs_server_grace_time=3600, nfs_server_lease_time=10),
    "grace_below_lease": server("less than nfs_server_lease_time, 90", nfs_server_grace_time=30),
    "walls": server(nfs_server_firewall_networks=["192.168.10.0/24", "10.0.0.7", "2001:db8::/64"]),
    "walls_no_network": server('entry is "office"', nfs_server_firewall_networks=["office"]),
    "walls_break_out": server(
        "nfs_server_firewall_networks: ", nfs_server_firewall_networks=["10.0.0.0/8 accept; drop"]
    ),
    "walls_host_bits": server('must be written as "192.168.10.0/24"', nfs_server_firewall_networks=["192.168.10.7/24"]),
    "walls_dotted_mask": server('must be written as "10.0.0.0/8"', nfs_server_firewall_networks=["10.0.0.0/255.0.0.0"]),
    "walls_shut_a_director_out": server(
        "leaves out the directors lb_1 (192.168.10.11)",
        nfs_server_firewall_networks=["10.0.0.0/8"],
        nfs_server_directors_group="lb",
    ),
    "walls_let_the_directors_in": server(
        nfs_server_firewall_networks=["192.168.10.11"], nfs_server_directors_group="lb"
    ),
    "lb_1": director(),
    "versions_pair_a": server("differs from versions_pair_b", nfs_server_group="versions_pair"),
    "versions_pair_b": server(
        "differs from versions_pair_a", nfs_server_group="versions_pair", nfs_server_versions=["4.2"]
    ),
    "unquoted_a": server(nfs_server_group="unquoted", nfs_server_versions=["3", "4.2"]),
    "unquoted_b": server(nfs_server_group="unquoted", nfs_server_versions=[4.2, 3]),
    "pair_a": server("differs from pair_b", nfs_server_group="pair"),
    "pair_b": server("differs from pair_a", nfs_server_group="pair", nfs_server_exports=[export(fsid="2")]),
    "same_a": server(nfs_server_group="same"),
    "same_b": server(nfs_server_group="same"),
    "good_client": client(),
    "soft_mount": client("a soft mount returns errors", options=["soft"]),
    "relative_path": client("must be absolute", path="mnt"),
    "path_with_blank": client("must be absolute", path="/mnt/a b"),
    "specifier_in_export": client("must be an absolute path", export="/srv/%h"),
    "version_unknown": client("value of version must be one of", version="2"),
    "soft_with_a_value": client("a soft mount returns errors", options=["soft=1"]),
    "client_option_two_in_one": client("is no option of nfs(5)", options=["ro,exec"]),
    "common_option_with_blank": Case(
        "nfs_client",
        {"nfs_client_mounts": [mount()], "nfs_client_options": ["hard", "timeo=600 x"]},
        'nfs_client_options: "timeo=600 x" is no option of nfs(5)',
    ),
    "common_option_with_newline": Case(
        "nfs_client",
        {"nfs_client_mounts": [mount()], "nfs_client_options": ["hard\n[Mount]"]},
        "nfs_client_options: ",
    ),
    "common_option_soft": Case(
        "nfs_client",
        {"nfs_client_mounts": [mount()], "nfs_client_options": ["soft"]},
        "nfs_client_options: a soft mount returns errors",
    ),
    # The kernel's list of mounts has it without, so the role would never find its own.
    "client_export_with_slash_at_its_end": client("must be an absolute path", export="/srv/nfs/"),
    "client_export_with_dots": client("must be an absolute path", export="/srv/../nfs"),
    "client_export_root": client(export="/"),
    "client_server_that_is_read_as_options": client('server is "-oexec"', server="-oexec"),
    "client_server_with_a_path": client('server is "nfs-01:2049"', server="nfs-01:2049"),
    "client_server_by_address": client(server="2001:db8::50"),
    "client_version_as_option": client('"nfsvers=4.1" is the business of "version"', options=["nfsvers=4.1"]),
    "client_version_as_short_option": client('"v4" is the business of "version"', options=["v4"]),
    "client_in_the_background": client('"bg" would end the mount unit', options=["ro", "bg"]),
    "client_options_of_what_goes": client(state="absent", options=["bg"]),
    "client_options_as_text": client('options is "ro", must be a list such as [ro, sec=krb5]', options="ro"),
    "client_paths_that_differ_in_case": Case("nfs_client", {"nfs_client_mounts": [mount(), mount(path="/mnt/NFS")]}),
    "common_options_as_text": Case(
        "nfs_client",
        {"nfs_client_mounts": [mount()], "nfs_client_options": "hard"},
        'nfs_client_options is "hard", must be a list such as',
    ),
    "common_option_version": Case(
        "nfs_client",
        {"nfs_client_mounts": [mount()], "nfs_client_options": ["hard", "vers=3"]},
        'nfs_client_options: "vers=3" is the business of "version"',
    ),
    "client_option_with_underscore": client(options=["local_lock=none"]),
    "foreign_mount_unit": client("mnt-theirs.mount was not written by this role", path="/mnt/theirs"),
    "foreign_mount_unit_to_go": client("was not written by this role", path="/mnt/theirs", state="absent"),
    "our_mount_unit": client(path="/mnt/ours"),
    "client_option_breaks_out": client("is no option of nfs(5)", options=["ro\nExecStart=x"]),
}
