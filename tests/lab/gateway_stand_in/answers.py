# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a real Gateway (OpenClaw 2026.9.6, idle, no channels) answered; what changes from run to run is left out.

The answers are data, in answers.json. C({home}) stands for the account's home. Written down from a real one in a lab;
test_stand_in.py compares the two.
"""

import json
import os

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "answers.json"), encoding="utf-8") as _stream:
    _ANSWERS = json.load(_stream)

#: How busy it says that it is.
EVENT_LOOP = _ANSWERS["EVENT_LOOP"]
#: C(hello-ok) to somebody who may read; C(server), C(auth) and the rest of C(snapshot) are added.
HELLO = _ANSWERS["HELLO"]
#: C(health), without its time.
HEALTH = _ANSWERS["HEALTH"]
#: C(status), without process id and version.
STATUS = _ANSWERS["STATUS"]
#: What C(config.get) adds to the file's own keys under C(config).
DEFAULTS = _ANSWERS["DEFAULTS"]
