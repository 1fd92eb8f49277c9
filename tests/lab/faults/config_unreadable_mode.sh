# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154  # the lab sets what Takes names
# What: openclaw.json belongs to root, 0600, as after somebody ran openclaw with sudo: the Gateway cannot read it.
# Takes: user=openclaw path=
eval "home=~$user"
[ -n "$path" ] || path=$home/.openclaw/openclaw.json
chown 0:0 "$path"
chmod 0600 "$path"
