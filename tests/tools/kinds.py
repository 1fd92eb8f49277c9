# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of tests there are: which steps each has, how their tests are counted, and in which lane they run.

Two lanes run side by side, as long as each other. The lane `lab` has timing to keep. The lane `clone` begins with what
needs nothing but the clone, and then takes those kinds that have a lab of their own and patience.
"""
import os
import re
import subprocess
from collections import namedtuple
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LANES = ("lab", "clone")
PYTHON = ".venv/bin/python"
ROUNDS = os.environ.get("SOAK_ROUNDS", "25")
OLDEST_CORE = "build/venv/core-oldest/bin/python"
TARGET = "build/venv/target/bin/python"


# ---------------------------------------------------------------------- counting: (text, exit code) -> three numbers
def by_exit(_text, code):
    """The step is one test."""
    return (1, 0, 0) if code == 0 else (0, 1, 0)


def by_pytest(text, _code):
    """The closing line of pytest; a broken collection counts as failed."""
    closing = [line for line in text.splitlines() if re.search(r"\bin \d+\.\d+s\b", line)]
    found = {word: int(number) for number, word in re.findall(r"(\d+) (\w+)", closing[-1] if closing else "")}
    failed = sum(found.get(word, 0) for word in ("failed", "error", "errors"))
    return found.get("passed", 0), failed, found.get("skipped", 0)


def by_sanity(text, code):
    """One test for each sanity test that ran; the FATAL line tells how many failed."""
    ran = len(re.findall(r"^Running sanity test ", text, re.MULTILINE))
    fatal = re.search(r"^FATAL: The (\d+) sanity test", text, re.MULTILINE)
    failed = int(fatal.group(1)) if fatal else int(code != 0)
    return max(0, ran - failed), failed, len(re.findall(r"^WARNING: Skipping sanity test", text, re.MULTILINE))


def by_molecule(text, code):
    """One test for each action of the sequence, as the recap counts them."""
    recap = re.findall(r"\bsuccessful=(\d+)\s.*\bskipped=(\d+)\s.*\bfailed=(\d+)", text)
    passed, skipped, failed = (int(number) for number in recap[-1]) if recap else (0, 0, 0)
    return passed, failed or int(code != 0), skipped


# ------------------------------------------------------------------------------------------------------- the tables
Step = namedtuple("Step", "title argv count env", defaults=({},))


TOKENS = ["tests/integration/token", "tests/integration/rotate", "tests/integration/device"]
PROBES = ["tests/integration/probe"]
SCENARIOS = ["default", "drift", "remediate"]
OTHERS = sorted(
    str(path.relative_to(ROOT)) for path in (ROOT / "tests/integration").iterdir()
    if path.is_dir() and not path.name.startswith("_") and str(path.relative_to(ROOT)) not in TOKENS + PROBES
)
#: Where tables of cases are, of which `make test` tries a sample (see tests/integration/conftest.py).
SAMPLED = sorted({
    str(path.parent.relative_to(ROOT)) for path in (ROOT / "tests/integration").rglob("test_*.py")
    if "mark.sampled(" in path.read_text()
})


class Kind:
    """A kind of tests. `steps` and `missing` are functions: what is there to run is known only after the bootstrap."""

    def __init__(self, name, about, lane, steps, missing=list, in_test=True):
        self.name, self.about, self.lane = name, about, lane
        self.steps, self.missing, self.in_test = steps, missing, in_test


def pytest(title, *paths, python=PYTHON, **env):
    argv = [python, "-m", "pytest", "-v", "-p", "no:cacheprovider", "--durations=5", *paths]
    return Step(title, argv, by_pytest, env)


def lint():
    scripts = [".ci/run", "tests/tools/bootstrap", "tests/tools/demo"]
    return [
        Step("ruff", [".venv/bin/ruff", "check", "."], by_exit),
        Step("yamllint", [".venv/bin/yamllint", "--strict", "."], by_exit),
        Step("ansible-lint", [".venv/bin/ansible-lint", "--offline", "--profile", "production", "--strict"], by_exit),
        Step("changelog", [".venv/bin/antsibull-changelog", "lint"], by_exit),
        *(Step(f"syntax of {script}", ["bash", "-n", script], by_exit) for script in scripts),
        Step("shellcheck", ["shellcheck", *scripts], by_exit),
    ]


def unit():
    steps = [pytest("newest Python", "tests/unit")]
    if (ROOT / TARGET).exists():
        steps.append(pytest("Python 3.9, as on a target", "tests/unit", python=TARGET))
    return steps


def sanity():
    steps = [Step("this core", [PYTHON, "tests/tools/sanity.py"], by_sanity)]
    if (ROOT / OLDEST_CORE).exists():
        steps.append(Step("oldest core", [OLDEST_CORE, "tests/tools/sanity.py"], by_sanity))
    if (ROOT / TARGET).exists():
        binaries = os.path.dirname(os.path.realpath(ROOT / TARGET))
        argv = [PYTHON, "tests/tools/sanity.py", "--target", binaries, "3.9"]
        steps.append(Step("Python 3.9, as on a target", argv, by_sanity))
    return steps


def no_target():
    if (ROOT / TARGET).exists():
        return []
    return ["anything under Python 3.9: none was found on PATH or under pyenv"]


def no_second_core():
    if (ROOT / OLDEST_CORE).exists():
        return []
    core = subprocess.run(
        [ROOT / PYTHON, "-c", "import ansible.release as r; print(r.__version__)"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()
    return [f"sanity on a second ansible-core: the Pythons of this machine carry {core} alone"]


def build():
    return [pytest("artifact", "tests/build")]


def docs():
    argv = [".venv/bin/antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs", "self",
            "build/collections/ansible_collections/clawops/openclaw"]
    return [Step("antsibull-docs", argv, by_exit)]


KINDS = {
    kind.name: kind
    for kind in (
        Kind("lint", "ruff, yamllint, ansible-lint (production profile), shell, changelog", "clone", lint),
        Kind("unit", "the rooms of the collection, under the newest Python and under 3.9", "clone", unit, no_target),
        Kind("docs", "the documentation of every plugin and role", "clone", docs),
        Kind("build", "the artifact, installed into an empty environment", "clone", build),
        Kind("sanity", "ansible-test sanity", "lab", sanity, no_second_core),
        Kind("conformance", "the launchd double against what launchd is known to do", "lab",
             lambda: [pytest("launchctl", "tests/lab/conformance")]),
        Kind("lab-test", "the lab itself", "lab", lambda: [pytest("lab", "tests/lab/tests")]),
        Kind("integration", "the modules and playbooks against real Gateways on simulated Macs", "lab",
             lambda: [pytest("integration", *OTHERS)]),
        Kind("tokens", "tokens and devices: where they come from, who wins, changes, against real Gateways", "lab",
             lambda: [pytest("tokens", *TOKENS)]),
        Kind("probes", "what is told of Gateways of every release that are broken in every way known, on every path",
             "clone", lambda: [pytest("probes", *PROBES)]),
        Kind("browser", "the HTML report in Chromium: offline, accessible, by keyboard, without a script, big fleets",
             "clone", lambda: [pytest("browser", "tests/browser")]),
        Kind("molecule", "the scenarios default, drift and remediate, one host for each scope", "clone",
             lambda: [Step(name, [".venv/bin/molecule", "test", "-s", name], by_molecule) for name in SCENARIOS]),
        Kind("soak-sample", "a seeded sample of `make soak`", "clone",
             lambda: [pytest("sample", "tests/soak")]),
        Kind("soak", "kill -9 of Gateways and of writers, for long, and every case of long tables", "lab",
             lambda: [pytest("soak", "tests/soak", SOAK_ROUNDS=ROUNDS),
                      pytest("whole tables", "-m", "sampled", *SAMPLED, SOAK_ROUNDS=ROUNDS)], in_test=False),
    )
}
