# SPDX-License-Identifier: GPL-3.0-or-later
# What: System Settings switched the background item off: launchd refuses to load the label.
# Takes: label=ai.openclaw.gateway domain=system
# Launchd: disable_behind_back label={label} domain={domain}
