# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The json5 npm package as an oracle, and values in the form in which it is compared with."""
import json
import math
import struct
import subprocess
from pathlib import Path


class Oracle:
    """Asks the json5 package inside an installed OpenClaw, all texts in one process."""

    def __init__(self, node, openclaw):
        package = Path(openclaw) / "lib/node_modules/openclaw/node_modules/json5"
        assert (package / "package.json").exists(), "no json5 package in %s" % package
        self.command = [str(node), str(Path(__file__).with_name("json5_reader.js")), str(package)]

    def read(self, texts):
        """Return one C(("value", told)) or C(("error", message)) for each text, in order."""
        lines = "".join(json.dumps(text) + "\n" for text in texts)
        done = subprocess.run(self.command, input=lines, capture_output=True, text=True, check=True, timeout=600)
        answers = [json.loads(line) for line in done.stdout.split("\n") if line]
        assert len(answers) == len(texts)
        return [next(iter(answer.items())) for answer in answers]


def told(value):
    """A Python value the way json5_reader.js tells a JavaScript one: every number a double, keys in order."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return {"n": _double(value)}
    if isinstance(value, list):
        return [told(item) for item in value]
    # JavaScript sorts by UTF-16 units.
    keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
    return {"o": [[key, told(value[key])] for key in keys]}


def _double(number):
    try:
        number = float(number)
    except OverflowError:
        number = math.inf if number > 0 else -math.inf
    return "nan" if math.isnan(number) else struct.pack(">d", number + 0.0).hex()


def untold(value):
    """The Python value of what was told; numbers become floats."""
    if isinstance(value, list):
        return [untold(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "n" in value:
        return math.nan if value["n"] == "nan" else struct.unpack(">d", bytes.fromhex(value["n"]))[0]
    return {key: untold(item) for key, item in value["o"]}
