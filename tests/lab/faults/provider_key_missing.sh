# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: the agents' model is of a provider that no credential is held for.
# Takes: user=openclaw model=openrouter/auto
# Uses: config
edit_config 'c.setdefault("agents", {}).setdefault("defaults", {})["model"] = {"primary": env["model"]}'
