# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: openclaw on everybody's PATH is one of npm -g, of another version than the service's.
# Takes: version=2026.7.1 prefix=/usr/local
# Uses: files
openclaw_in "$prefix/lib/node_modules" "$version"
install -d "$prefix/bin"
ln -sfn ../lib/node_modules/openclaw/openclaw.mjs "$prefix/bin/openclaw"
