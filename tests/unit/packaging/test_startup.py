# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible sends along, in a zip as Ansible makes it, is compiled once."""
import json
import subprocess
import sys
import zipfile

from tree import ROOT

ROOMS = "ansible_collections/clawops/openclaw/plugins/module_utils"
#: Counts what is compiled while something is imported from the zip in argv; the collector of garbage before and after.
COUNTS = """
import builtins, collections, gc, json, sys
compiled = collections.Counter()
real = builtins.compile
def counting(source, name, *rest, **named):
    compiled[str(name).rpartition("module_utils/")[2]] += 1
    return real(source, name, *rest, **named)
builtins.compile = counting
sys.path.insert(0, sys.argv[1])
from ansible_collections.clawops.openclaw.plugins.module_utils import _startup
_startup.importing()
inside = gc.isenabled()
from ansible_collections.clawops.openclaw.plugins.module_utils._config import values
_startup.imported()
print(json.dumps({"compiled": compiled, "collecting": [inside, gc.isenabled()], "file": values.__file__,
                  "spec": values.__spec__.name, "package": values.__package__}))
"""


def test_files_in_a_zip_are_compiled_once(tmp_path):
    sent = tmp_path / "sent.zip"
    with zipfile.ZipFile(sent, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in [ROOMS.rsplit("/", at)[0] for at in range(5)]:
            packed.writestr(f"{part}/__init__.py", "")
        for path in sorted((ROOT / "plugins/module_utils").glob("**/*.py")):
            if str(path.relative_to(ROOT / "plugins/module_utils")) != "__init__.py":
                packed.write(path, f"{ROOMS}/{path.relative_to(ROOT / 'plugins/module_utils')}")
    done = subprocess.run([sys.executable, "-I", "-c", COUNTS, str(sent)], text=True, check=True, timeout=60,
                          stdout=subprocess.PIPE)  # fmt: skip
    told = json.loads(done.stdout)
    rooms = {name: times for name, times in told["compiled"].items() if name.startswith("_config/")}
    assert "_config/values.py" in rooms
    assert set(rooms.values()) == {1}
    assert told["collecting"] == [False, True]
    assert told["file"] == f"{sent}/{ROOMS}/_config/values.py"
    assert (told["spec"], told["package"]) == (
        f"{ROOMS.replace('/', '.')}._config.values", f"{ROOMS.replace('/', '.')}._config")  # fmt: skip
