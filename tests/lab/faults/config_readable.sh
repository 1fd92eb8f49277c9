# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: openclaw.json is readable by everybody, as cp and some editors leave it.
# Takes: user=openclaw mode=644
eval "home=~$user"
chmod "$mode" "$home/.openclaw/openclaw.json"
