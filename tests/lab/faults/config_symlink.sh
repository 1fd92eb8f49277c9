# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: openclaw.json is a symbolic link into a directory that is synchronised between hosts, which leaves it readable.
# Takes: user=openclaw to=/Users/Shared/openclaw.json mode=644
eval "home=~$user"
install -d /Users/Shared
cp -p "$home/.openclaw/openclaw.json" "$to"
chmod "$mode" "$to"
ln -sf "$to" "$home/.openclaw/openclaw.json"
chown -h "$user" "$home/.openclaw/openclaw.json"
