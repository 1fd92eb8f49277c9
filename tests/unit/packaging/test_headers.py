# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file says under which licence it is, private rooms say so, and nothing in it names a machine."""

import re

from tree import ROOT, files, text

CODE = files("*.py", "*.yml", "*.yaml", "*.sh", "*.toml", "*.cfg", "Makefile", "*.txt", "*.j2")
#: Generated, or a licence itself, or data that a test compares byte for byte.
WITHOUT_HEADER = re.compile(
    r"^(LICENSES/|tests/sanity/ignore-|changelogs/changelog\.yaml$|.*/(samples|golden|data|fixtures)/)"
)
#: A path of somebody's machine; what a target has lies elsewhere (/Users, /opt, /private/var/root).
MACHINE_PATH = re.compile(r"(?<![A-Za-z0-9_.~}])/(work|root|farm|home/[a-z]+)/[A-Za-z.]")
#: Hosts that product code, documentation and tests may name. Mirrors are the user's own: variables, never in here.
#: www.w3.org is in the name of a namespace, which nobody asks.
KNOWN_HOSTS = re.compile(
    r"(127\.0\.0\.1|localhost|\[::1\]|nodejs\.org|github\.com|docs\.ansible\.com|www\.apple\.com|www\.w3\.org"
    r"|docs\.openclaw\.ai|openclaw\.ai|json-schema\.org|(.*\.)?example(\.(com|org|net|test|invalid))?|.*\.(test|invalid)"
    r"|(10|192|172|169|100|203)\.[0-9.]+)$"
)
#: A host with a dot in it, behind the user and password that a test's URL may carry; one without is nobody's address.
URL = re.compile(r"\b(?:https?|wss?)://(?:[^\s/@\"']*@)?([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")


def offenders(paths, wrong):
    """The paths (with what is wrong) for which `wrong(text)` says anything; a failure so names every file at once."""
    found = {str(path): wrong(text(path)) for path in paths}
    return {path: said for path, said in found.items() if said}


def test_licence_header():
    paths = [path for path in CODE if not WITHOUT_HEADER.match(path.as_posix())]
    assert len(paths) > 50
    tag = "SPDX-License-Identifier: GPL-3.0-or-later"
    assert offenders(paths, lambda body: body.strip() and tag not in "\n".join(body.splitlines()[:6])) == {}


def test_module_utils_say_that_they_are_private():
    banner = "# This module_utils is PRIVATE to the collection. It can have breaking changes at any time."
    paths = files("plugins/module_utils/*/*.py", "plugins/module_utils/*.py")
    assert offenders(paths, lambda body: body.strip() and banner not in body) == {}


def readable():
    for path in files():
        if path.parts[0] == "LICENSES" or (ROOT / path).is_symlink():
            continue
        try:
            text(path)
        except UnicodeDecodeError:
            continue
        yield path


def test_no_path_of_a_machine():
    assert offenders(readable(), lambda body: [line for line in body.splitlines() if MACHINE_PATH.search(line)]) == {}


def test_no_unknown_host():
    def unknown(body):
        return sorted(host for host in set(URL.findall(body)) if not KNOWN_HOSTS.match(host))

    assert offenders(readable(), unknown) == {}


#: Reference documentation, which Ansible wants in the file of the module: a page of the manual, not code.
REFERENCE = re.compile(r'^(DOCUMENTATION|EXAMPLES|RETURN) = r""".*?^"""', re.MULTILINE | re.DOTALL)


def test_a_file_is_one_room():
    assert offenders(files("*.py"), lambda body: max(0, len(REFERENCE.sub("", body).splitlines()) - 450)) == {}
