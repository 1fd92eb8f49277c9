# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a backup with the token in it is readable by everybody, made by a script of a person.
# Takes: user=openclaw name=openclaw.json.bak-2026-10-02 mode=644
eval "home=~$user"
cp "$home/.openclaw/openclaw.json" "$home/.openclaw/$name"
chown "$user" "$home/.openclaw/$name"
chmod "$mode" "$home/.openclaw/$name"
