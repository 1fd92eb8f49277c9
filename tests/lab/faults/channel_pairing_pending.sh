# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: somebody wrote to the bot and waits to be let in.
# Takes: user=openclaw channel=telegram minutes=30
# Uses: state
eval "home=~$user"
at=$(/usr/bin/python3 -c "
import datetime; print((datetime.datetime.utcnow() - datetime.timedelta(minutes=$minutes)).strftime('%Y-%m-%dT%H:%M:%S.000Z'))")
state_sql "$home/.openclaw/state/openclaw.sqlite" "INSERT INTO channel_pairing_requests VALUES ('$channel', 'default', '4711', 'ABCD2345', '$at', '$at', '{}')"
