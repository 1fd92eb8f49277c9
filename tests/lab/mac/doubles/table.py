# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which program of a simulated Mac is which double. Plain data; paths are below /usr."""

PROGRAMS = {
}
