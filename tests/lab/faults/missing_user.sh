# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154  # the lab sets what Takes names
# What: the account of the Gateway does not exist (any more); its home stays.
# Takes: user=openclaw
grep -q "^$user:" /etc/passwd || { echo "no user $user" >&2; exit 1; }
sed -i "/^$user:/d" /private/etc/passwd
