# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: somebody lets Tailscale's identity in, beside the token.
# Takes: user=openclaw
# Uses: config
edit_config 'c["gateway"]["auth"]["allowTailscale"] = True'
