# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154  # the lab sets what Takes names
# What: somebody ran launchctl setenv OPENCLAW_GATEWAY_TOKEN long ago; every job spawned from now on gets it.
# Takes: domain=system value=stale-token-of-an-older-install-0000
# Launchd: setenv_poison key=OPENCLAW_GATEWAY_TOKEN value={value} domain={domain}
