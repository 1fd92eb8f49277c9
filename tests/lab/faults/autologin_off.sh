# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: nobody is logged in automatically any more, as after a change of the password.
# Takes:
rm -f /private/etc/kcpassword
/usr/bin/defaults delete /Library/Preferences/com.apple.loginwindow autoLoginUser
