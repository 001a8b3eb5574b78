# shellcheck shell=bash
# Sourced by scripts/test, after setup.sh: stages that need no lab run beside the one that waits for lab hosts half its time.
# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

lane=""
lane_group=""

# run_beside STAGE...: in the background, one after the other. How each one ends is told at once; wait_beside prints what
# they said.
run_beside() {
  # Here, as apt runs only once at a time: the stage molecule finds them, and those beside it can install theirs.
  need_root
  setup_lab --engine auto
  make_lane_group
  say "    beside it, in what it leaves of the processors: $*"
  # What an earlier run said must not be taken for this one's.
  rm -f "${@/#/$work/beside-}"
  # A process group of its own, so that all of it can be ended.
  set -m
  run_lane "$@" &
  set +m
  lane=$!
  trap end_lane EXIT
}

# make_lane_group: a control group that only runs when nothing else wants to. The scheduler's idle class alone is not
# enough outside of one: Ansible makes a session for each worker, and the kernel shares the processors among sessions
# first (sched(7), autogroup).
make_lane_group() {
  local parent
  for parent in /sys/fs/cgroup/cpu /sys/fs/cgroup; do
    # Read-only in most containers: then the next one, or none, which is said below.
    [ -e "$parent/cgroup.procs" ] && mkdir "$parent/linuxha-lvs-test.$$" 2>/dev/null || continue
    lane_group=$parent/linuxha-lvs-test.$$
    [ ! -e "$lane_group/cpu.idle" ] || { echo 1 >"$lane_group/cpu.idle" && return; }
    drop_lane_group
  done
  say "    there is no control group for it; it may slow the lab"
}

# drop_lane_group: it, and what is still in it: what has made a session of its own outlives its parent's.
drop_lane_group() {
  local try
  [ -n "$lane_group" ] || return 0
  for try in {1..20}; do
    # Silent, as it is refused until the last process has ended; so is a signal to one that ended meanwhile.
    ! rmdir "$lane_group" 2>/dev/null || { lane_group="" && return; }
    [ "$try" -lt 10 ] || xargs -r kill -KILL <"$lane_group/cgroup.procs" 2>/dev/null || true
    xargs -r kill <"$lane_group/cgroup.procs" 2>/dev/null || true
    sleep 0.25
  done
  say "    $lane_group is still there, with the processes $(xargs <"$lane_group/cgroup.procs"); end them, and rmdir it"
}

run_lane() {
  # Below all else: a lab host that waits for a processor looks like one that is dead.
  chrt --idle --pid 0 "$BASHPID"
  [ -z "$lane_group" ] || echo "$BASHPID" >"$lane_group/cgroup.procs" || say "    it is not in $lane_group, and may slow the lab"
  local stage begun failed=0
  for stage; do
    begun=$(date +%s)
    if "$top/scripts/stages/$stage" >"$work/beside-$stage" 2>&1; then
      took "$stage" "$begun"
      say "    beside it: $stage: done in $(($(date +%s) - begun)) s"
    else
      failed=1
      say "    beside it: stage $stage FAILED; its output is in $work/beside-$stage. It alone again: scripts/test --only $stage"
    fi
  done
  return "$failed"
}

# wait_beside STAGE...: until all of them have ended.
wait_beside() {
  local stage failed=0
  say "==> what ran beside it: $*"
  wait "$lane" || failed=1
  trap - EXIT
  drop_lane_group
  for stage; do
    say "    $stage:"
    [ ! -e "$work/beside-$stage" ] || cat "$work/beside-$stage"
  done
  [ "$failed" -eq 0 ] || die "a stage that ran beside the lab failed; which one stands above, and its output too."
}

# end_lane: it does not outlive the run, however that ends.
end_lane() {
  # It may have ended by itself; how, is of no interest any more.
  kill -- "-$lane" 2>/dev/null && wait "$lane" || true
  drop_lane_group
}
