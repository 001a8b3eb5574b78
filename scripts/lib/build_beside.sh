# shellcheck shell=bash
# Sourced by scripts/test, after setup.sh: from an empty cache the lab takes a quarter of an hour of CPU to build.
# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

builder=""

# build_beside: builds the lab in what the stages before it leave of the processors. The stage that needs it waits for
# the end, builds what failed once more, and says what was wrong.
build_beside() {
  need_root
  setup_lab --engine auto
  nice -n 19 "$top/lab/lab" build --dist "${LVS_LAB_DIST:-bookworm}" >"$work/lab-build.log" 2>&1 &
  builder=$!
  trap end_builder EXIT
}

# end_builder: it does not outlive the run, however that ends.
end_builder() { kill "$builder" 2>/dev/null && wait "$builder" || true; }
