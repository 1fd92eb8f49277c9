# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: launchctl setenv OPENCLAW_GATEWAY_TOKEN in .zprofile: each login poisons the domain.
# Takes: user=openclaw value=stale-token-of-an-older-install-0000
# Uses: files
eval "home=~$user"
echo "launchctl setenv OPENCLAW_GATEWAY_TOKEN $value" | place "$home/.zprofile" 644
