# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A light stand-in for the OpenClaw Gateway: what the real one says to a probe, in 15 MiB instead of 800.

It speaks HTTP and WebSocket as the real one does, reads the same openclaw.json, refuses what the real one refuses,
takes up changes, keeps the same logs and the same files. It talks to no provider, channel or device, and says so.
"""
