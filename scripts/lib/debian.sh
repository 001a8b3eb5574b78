# shellcheck shell=bash
# Sourced after setup.sh by what needs the Python of another Debian release: runs commands in a tree of its packages.
# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# host_debian: this machine's release, by the name that lab/lab takes.
host_debian() { sed -n 's/^VERSION_CODENAME=//p' /etc/os-release; }

# debian_root DIST: the folder of an unpacked tree, from the packages that the lab's hosts are made of.
debian_root() {
  local dist=$1 tree root=$work/debian/$1
  install_packages mmdebstrap dpkg-dev debian-archive-keyring
  # What it says while it builds one is for people; the last line is the answer.
  tree=$("$top/lab/lab" tree --dist "$dist" | tee >(cat >&2) | tail -n 1)
  [ -e "$tree/root.tar" ] || die "there is no tree of Debian $dist: see lab/lab tree --dist $dist"
  if [ "$(cat "$root.from" 2>/dev/null)" != "$tree" ]; then
    rm -rf "$root" "$root.from"
    mkdir -p "$root"
    tar --numeric-owner -xpf "$tree/root.tar" -C "$root"
    printf '%s' "$tree" >"$root.from"
  fi
  printf '%s' "$root"
}

# copy_checkout FOLDER: the files that git has or would take, under a git of their own; the folder's .cache stays.
copy_checkout() {
  mkdir -p "$1"
  find "$1" -mindepth 1 -maxdepth 1 ! -name .cache -exec rm -rf {} +
  (cd "$top" && git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$1")
  git -C "$1" init -q
  git -C "$1" add -A
}

# in_debian DIST COMMAND...: runs it in the tree, where /project is a copy of this checkout, and where the folders that
# debian_binds names are as here. The mounts end with the command, whatever ends it: they are in a name space of their own.
debian_binds=()
in_debian() {
  local dist=$1 root; shift
  root=$(debian_root "$dist")
  copy_checkout "$root/project"
  # The network as this machine has it: its resolver, and the certificates that it trusts.
  cp -L /etc/resolv.conf "$root/etc/resolv.conf"
  # shellcheck disable=SC2016  # the inner shell expands it
  unshare --mount --pid --fork --kill-child -- bash -euc '
    root=$1 binds=$2; shift 2
    mount --make-rprivate /
    mount --bind "$root" "$root"
    mount --rbind /dev "$root/dev"
    mount --rbind /sys "$root/sys"
    mount -t proc proc "$root/proc"
    mount --bind /etc/ssl/certs "$root/etc/ssl/certs"
    for folder in $binds; do
      mkdir -p "$root$folder"
      mount --rbind "$folder" "$root$folder"
    done
    # Not chroot: in one the kernel allows no user name space, and its / is no mount, which tests of both kinds need.
    cd "$root"
    pivot_root . mnt
    umount -l /mnt
    cd /
    exec "$@"
  ' - "$root" "${debian_binds[*]}" env HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}
