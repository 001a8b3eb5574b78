# shellcheck shell=bash
# Sourced by scripts/demo and scripts/test: messages with the time, and everything that either needs, set up once.
# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work="$top/.cache"
venv="$work/venv"
started=$(date +%s)
step_started=$started
# With the lab, not in the home folder: a connection to a lab that is gone must not be taken for one to this lab.
export ANSIBLE_SSH_CONTROL_PATH_DIR=/run/lvs-lab/ssh
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 DEBIAN_FRONTEND=noninteractive

# say WORDS: a line with the time since the start.
say() {
  local now; now=$(($(date +%s) - started))
  printf '[%3d:%02d] %s\n' $((now / 60)) $((now % 60)) "$*"
}

# step WORDS: begins a step; its end is told by done_step.
step() { step_started=$(date +%s); say "==> $*"; }
done_step() { say "    done in $(($(date +%s) - step_started)) s"; }

# die WORDS: what went wrong and what to do.
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

need_root() {
  [ "$(id -u)" -eq 0 ] || die "this needs root (network namespaces, taps): run it with sudo, or as root on a throw-away machine."
}

# install_packages PACKAGE...: apt-get install of what is missing, and only that.
install_packages() {
  local package missing=()
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  need_root
  command -v apt-get >/dev/null || die "these Debian packages are missing and there is no apt-get to install them: ${missing[*]}"
  say "    installing Debian packages: ${missing[*]}"
  { apt-get -q update && apt-get -q install -y --no-install-recommends "${missing[@]}"; } >"$work/apt.log" 2>&1 ||
    die "apt-get could not install ${missing[*]}; its output is in $work/apt.log"
}

# setup_controller: python, a virtual environment with ansible-core and the test tools, and the collection's place in it.
setup_controller() {
  mkdir -p "$work"
  install_packages python3 python3-venv git openssh-client ca-certificates
  local python=/usr/bin/python3 stamp
  "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' ||
    die "ansible-core 2.19 needs Python 3.11 to 3.13 and $python is $("$python" -V): use Debian 12 or 13."
  stamp=$(sha256sum "$top/tests/requirements.txt" | cut -c1-16)-$("$python" -V | tr -d ' ')
  # The first time there is none.
  if [ "$(cat "$venv/stamp" 2>/dev/null)" != "$stamp" ]; then
    say "    creating the virtual environment $venv (about a minute)"
    rm -rf "$venv"
    "$python" -m venv "$venv"
    "$venv/bin/pip" install -q --disable-pip-version-check -r "$top/tests/requirements.txt" >"$work/pip.log" 2>&1 ||
      die "pip could not install tests/requirements.txt; its output is in $work/pip.log"
    printf '%s' "$stamp" >"$venv/stamp"
  fi
  mkdir -p "$work/collections/ansible_collections/linuxha"
  ln -sfn "$top" "$work/collections/ansible_collections/linuxha/lvs"
  export PATH="$venv/bin:$PATH" ANSIBLE_COLLECTIONS_PATH="$work/collections" PYTHONPATH="$work/collections"
}

# run_nox OPTIONS: nox with the sessions of noxfile.py, whose environments stay in .cache/nox until their versions
# change. With -R nothing is installed again; with -r what is not pinned is brought up to date.
run_nox() {
  local envs=$work/nox stamp mark status=0
  stamp=$(cat "$top"/{tests/{constraints,requirements}.txt,antsibull-nox.toml,noxfile.py} | sha256sum | cut -c1-16)
  # An environment that was being made when a run was killed is not whole, and -R would not see that.
  for mark in "$envs"/running-*; do
    [ ! -e "$mark" ] || [ -e "/proc/${mark##*-}" ] || rm -rf "$envs"
  done
  # Written only when it changes: of two at a time, one would read it while the other one writes it.
  if [ "$(cat "$envs/stamp" 2>/dev/null)" != "$stamp" ]; then
    rm -rf "$envs"
    mkdir -p "$envs"
    printf '%s' "$stamp" >"$envs/stamp"
  fi
  mark=$envs/running-$BASHPID
  touch "$mark"
  # CI: a formatter says what is wrong and changes nothing. A home of its own: a copy of the collection in ~/.ansible
  # would be looked at instead of this checkout; so would what the paths name that setup_controller has set.
  env -u PYTHONPATH -u ANSIBLE_COLLECTIONS_PATH CI=true ANSIBLE_HOME="$work/lint-home" \
    "$venv/bin/nox" --noxfile "$top/noxfile.py" --envdir "$envs" --error-on-missing-interpreters "$@" || status=$?
  rm -f "$mark"
  return "$status"
}

# setup_lab OPTIONS: the packages that the lab needs to be built and booted with these options of lab/lab.
setup_lab() {
  local packages
  packages=$("$top/lab/lab" deps "$@") || exit 1
  # shellcheck disable=SC2086  # one word a package
  install_packages $packages
}
