# shellcheck shell=bash
# Sourced by the stages that drive the lab themselves, after setup.sh: boot it, run the playbook, take it down.
# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

export ANSIBLE_PIPELINING=true ANSIBLE_HOST_KEY_CHECKING=false ANSIBLE_FORKS=5
inventory=(-i "$top/examples/infrastructure/inventory" -i "$top/molecule/inventory/lab.yml")

# take_down: at the end, however it ends; a lab that is left running is a bug.
take_down() { "$top/lab/lab" down; }

# boot OPTIONS: bare hosts, with the time it took.
boot() {
  [ ! -e /run/lvs-lab/state.json ] || die "a lab is already up; take it down first: lab/lab down"
  trap take_down EXIT
  local before; before=$(date +%s)
  "$top/lab/lab" up "$@"
  say "    FIGURE lab up $*: $(($(date +%s) - before)) s"
}

# site NAME OPTIONS: runs site.yml, tells its time, its tasks and what changed.
site() {
  local name=$1 before log; shift
  log=$work/results/site-$name.log
  before=$(date +%s)
  ansible-playbook "${inventory[@]}" "$@" "$top/playbooks/site.yml" >"$log" 2>&1 || { tail -40 "$log"; die "site.yml failed; all of it: $log"; }
  say "    FIGURE site.yml, $name run: $(($(date +%s) - before)) s, $(grep -c '^TASK ' "$log") tasks"
  sed -n '/^PLAY RECAP/,$p' "$log"
}
