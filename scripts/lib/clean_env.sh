# shellcheck shell=bash
# Sourced after setup.sh by the stages that use the collection as a stranger does.
# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# clean_env CORE: builds the tarball (LVS_TARBALL), and an empty environment with ansible-core, the newest one of CORE
# if that is not empty (2.21), and the requirements that the collection itself names, as ansible-builder would take them
# (LVS_CLEAN_VENV).
clean_env() {
  local wanted=(-c "$top/tests/constraints.txt" ansible-core)
  [ -z "$1" ] || wanted=("ansible-core==$1.*")
  "$top/scripts/build"
  LVS_TARBALL=$(echo "$work"/dist/*.tar.gz)
  LVS_CLEAN_VENV=$work/dist/venv
  export LVS_TARBALL LVS_CLEAN_VENV
  /usr/bin/python3 -m venv "$LVS_CLEAN_VENV"
  "$LVS_CLEAN_VENV/bin/pip" install -q --disable-pip-version-check "${wanted[@]}" \
    -r "$top/meta/ee-requirements.txt" >"$work/dist/pip.log" 2>&1 ||
    die "pip could not make the empty environment; its output is in $work/dist/pip.log"
}
