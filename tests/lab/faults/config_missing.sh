# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: openclaw.json is gone: somebody removed it to start over.
# Takes: user=openclaw
eval "home=~$user"
rm "$home/.openclaw/openclaw.json"
