# shellcheck shell=bash
# Sourced by the stages and benches that drive the lab themselves, after setup.sh: boot it, run the playbook, take it down.
# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

export ANSIBLE_PIPELINING=true ANSIBLE_HOST_KEY_CHECKING=false ANSIBLE_FORKS=5
inventory=(-i "$top/examples/infrastructure/inventory" -i "$top/molecule/inventory/lab.yml")

# prepare_lab: what the lab needs, before it is booted.
prepare_lab() {
  need_root
  mkdir -p "$work/results"
  setup_lab --engine auto
  "$top/lab/lab" build --engine auto
}

# bench_setup USAGE ARGUMENTS: how each program in bench/ begins; with --help it says USAGE and ends.
bench_setup() {
  case "${2:-}" in -h | --help) printf '%s\n' "$1"; exit 0 ;; esac
  need_root
  step "setup"
  setup_controller
  prepare_lab
  done_step
}

# bench_measure NAME ARGUMENTS: how it ends.
bench_measure() {
  step "measure"
  PYTHONPATH="$PYTHONPATH:$top/lab:$top/bench" python -m "lvsbench.$1" "${@:2}"
  done_step
}

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
