# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a socket of a process that is gone lies in the state directory.
# Takes: user=openclaw name=exec-approvals.sock
eval "home=~$user"
/usr/bin/python3 -IS -c '
import socket, sys
socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$home/.openclaw/$name"
chown "$user" "$home/.openclaw/$name"
