# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: somebody's copy of the database with the devices' tokens is readable by everybody.
# Takes: user=openclaw mode=644
# Of its own database OpenClaw takes such rights away again whenever one of its processes opens it.
eval "home=~$user"
copy="$home/.openclaw/state/openclaw-before-update.sqlite"
cp "$home/.openclaw/state/openclaw.sqlite" "$copy"
chown "$user" "$copy"
chmod "$mode" "$copy"
