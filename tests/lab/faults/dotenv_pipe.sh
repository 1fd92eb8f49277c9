# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: ~/.openclaw/.env is a named pipe of a password manager: nobody can tell what it would give.
# Takes: user=openclaw
eval "home=~$user"
mkfifo -m 600 "$home/.openclaw/.env"
chown "$user" "$home/.openclaw/.env"
