# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports are written on the controller; the one test that needs a package there does not run as a target would."""
import sys

collect_ignore = ["test_report_schema.py"] if sys.version_info < (3, 11) else []
