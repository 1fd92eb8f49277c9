# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the Python that a simulated Mac shall have: real interpreters, known by running them."""

from __future__ import annotations

import glob
import json
import os
import subprocess
from dataclasses import dataclass

from .errors import LabError

_PROBE = (
    "import sys,json,sysconfig,ssl,ctypes,zlib,plistlib,hashlib,sqlite3,socket,pwd,fcntl,lzma,bz2;"
    "print(json.dumps([list(sys.version_info[:3]), sys.base_prefix, getattr(sys,'_base_executable',sys.executable),"
    " sysconfig.get_config_var('Py_ENABLE_SHARED') or 0, sysconfig.get_config_var('LIBDIR') or '']))"
)
#: What the probe needs at least; sqlite3, lzma and bz2 are often left out of self-built Pythons and nobody misses them.
_PROBE_SMALL = _PROBE.replace("sqlite3,", "").replace(",lzma,bz2", "")


@dataclass(frozen=True)
class Interpreter:
    """A Python on this machine.

    C(prefix) is the installation; C(executable) the real binary in it; C(shared_libraries) what it loads of its own.
    """

    version: str
    prefix: str
    executable: str
    shared_libraries: tuple

    @property
    def series(self) -> str:
        return ".".join(self.version.split(".")[:2])

    @property
    def in_usr(self) -> bool:
        return self.prefix == "/usr"


def probe(executable: str) -> Interpreter | None:
    """Return what C(executable) is when it runs, or None. Shims and broken builds give None."""
    for code in (_PROBE, _PROBE_SMALL):
        try:
            done = subprocess.run(
                [executable, "-I", "-c", code],
                stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False,
            )  # fmt: skip
            version, prefix, real, shared, libdir = json.loads(done.stdout)
        except (OSError, ValueError, subprocess.TimeoutExpired):
            continue
        libraries = sorted(glob.glob(os.path.join(libdir, "libpython*.so*"))) if shared else []
        return Interpreter(
            ".".join(map(str, version)), os.path.realpath(prefix), os.path.realpath(real), tuple(libraries)
        )
    return None


def candidates(series: str) -> list[str]:
    """Return paths that may be a Python of C(series) ("3.9"), likeliest first."""
    home = os.path.expanduser("~")
    pyenv = os.environ.get("PYENV_ROOT") or os.path.join(home, ".pyenv")
    name = f"python{series}"
    found = []
    for pattern in (
        f"{pyenv}/versions/{series}.*/bin/{name}",
        f"{home}/.local/share/uv/python/*/bin/{name}",
        f"/opt/python/*/bin/{name}",
        f"/opt/*/bin/{name}",
    ):
        found += sorted(glob.glob(pattern), reverse=True)
    on_path = [os.path.join(d, name) for d in os.environ.get("PATH", "").split(os.pathsep) if d]
    fixed = [f"/usr/bin/{name}", f"/usr/local/bin/{name}"]
    return [p for p in dict.fromkeys(on_path + found + fixed) if os.access(p, os.X_OK)]


def choose(series: str, say) -> Interpreter:
    """Return the Python for the hosts: one of C(series), else the machine's own with a notice through C(say)."""
    for path in candidates(series):
        found = probe(path)
        if found and found.series == series:
            return found
    for path in ("/usr/bin/python3", "/usr/local/bin/python3"):
        found = probe(path) if os.access(path, os.X_OK) else None
        if found:
            say(f"notice: no Python {series} on this machine; the hosts get {found.version} from {path}")
            return found
    raise LabError(f"no Python {series} and no python3 on this machine", "run: apt-get install -y python3")
