# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes a property list one, and one of those a job: three readers that know nothing of the collection's code.

Apple's document type definition of property lists is Apple's and not ours to pass on; here are its rules in other
words. Where a machine has the real one (every Mac does), xmllint holds a document against it as well.
"""

import os
import plistlib
import re
import shutil
import subprocess
from xml.parsers import expat

DTD = "/System/Library/DTDs/PropertyList.dtd"
DOCTYPE = ("plist", "http://www.apple.com/DTDs/PropertyList-1.0.dtd", "-//Apple//DTD PLIST 1.0//EN")
VALUES = ("array", "data", "date", "dict", "real", "integer", "string", "true", "false")
TEXTS = {
    "key": r"[\s\S]*",
    "string": r"[\s\S]*",
    "integer": r"\s*[+-]?[0-9]+\s*",
    "real": r"\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*",
    "date": r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\s*",
    "data": r"[A-Za-z0-9+/=\s]*",
}


class Wrong(Exception):
    """What is wrong with a document or a definition."""


def require(condition, what, *seen):
    if not condition:
        raise Wrong(" ".join([what, *(repr(one) for one in seen)]))


# -- the document ----------------------------------------------------------------------------------


class _Node:
    def __init__(self, name, attributes):
        self.name, self.attributes, self.children, self.text = name, attributes, [], ""


def _tree(data):
    """(document type, root). Raises Wrong where it is no XML."""
    parser, path, seen = expat.ParserCreate("UTF-8"), [_Node("", {})], []

    def start(name, attributes):
        path[-1].children.append(_Node(name, attributes))
        path.append(path[-1].children[-1])

    def text(words):
        path[-1].text += words

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: path.pop()
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = lambda name, system, public, inside: seen.append((name, system, public))
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise Wrong("not well-formed: %s" % error) from None
    return seen, path[0].children[0]


def check_document(data):
    """Hold bytes against the rules of Apple's definition: elements, their order and contents, attributes, type."""
    seen, root = _tree(data)
    require(seen == [DOCTYPE], "document type", seen)
    require(root.name == "plist", "the root is a plist", root.name)
    require(root.attributes == {"version": "1.0"}, "its version", root.attributes)
    require(len(root.children) == 1 and not root.text.strip(), "it holds one value")
    _check_value(root.children[0])


def _check_value(node):
    require(node.name in VALUES, "no such element", node.name)
    require(not node.attributes, "an attribute", node.name, node.attributes)
    if node.name in TEXTS:
        _check_text(node)
    elif node.name in ("true", "false"):
        require(not node.children and not node.text, "an empty element is not empty", node.name)
    else:
        require(not node.text.strip(), "text between elements", node.text)
        values = node.children
        if node.name == "dict":
            keys, values = node.children[::2], node.children[1::2]
            require(len(keys) == len(values), "a key without a value")
            require(all(key.name == "key" for key in keys), "keys and values take turns", [key.name for key in keys])
            require(len({key.text for key in keys}) == len(keys), "a key twice", [key.text for key in keys])
            for key in keys:
                require(not key.attributes, "an attribute", key.attributes)
                _check_text(key)
        for value in values:
            _check_value(value)


def _check_text(node):
    require(not node.children, "an element inside", node.name)
    require(re.fullmatch(TEXTS[node.name], node.text), "no " + node.name, node.text)


def xmllint(data, path):
    """Hold bytes against the real definition where the machine has it, else only against XML. None without xmllint."""
    program = shutil.which("xmllint")
    if program is None:
        return None
    path.write_bytes(data)
    rules = ["--dtdvalid", DTD] if os.path.exists(DTD) else []
    # --nonet: the document names an address, from which nothing shall be fetched.
    argv = [program, "--nonet", "--noout", *rules, str(path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    require(done.returncode == 0, "xmllint", done.stderr)
    return True


def plistutil(data, directory):
    """Bytes, after another program has read them, written them in binary, read those and written XML. None without it.

    Its exit code says nothing; what it could not read, it does not write.
    """
    program = shutil.which("plistutil")
    if program is None:
        return None
    names = [directory / name for name in ("one.plist", "two.plist", "three.plist")]
    names[0].write_bytes(data)
    for source, target in zip(names, names[1:]):
        subprocess.run([program, "-i", str(source), "-o", str(target)], capture_output=True, check=False)
        require(target.exists() and target.stat().st_size, "plistutil cannot read it")
    require(names[1].read_bytes().startswith(b"bplist00"), "plistutil has written no binary")
    return names[2].read_bytes()


# -- the job ---------------------------------------------------------------------------------------


def text(value):
    return isinstance(value, str) and value and not re.search(r"[\x00-\x1f\x7f]", value)


def flag(value):
    return isinstance(value, bool)


def number(lowest, highest):
    return lambda value: isinstance(value, int) and not flag(value) and lowest <= value <= highest


def path(value):
    """launchd expands neither ~ nor variables."""
    return text(value) and value.startswith("/") and "~" not in value and "$" not in value and "//" not in value


def command(value):
    return isinstance(value, list) and bool(value) and all(map(text, value)) and path(value[0])


def environment(value):
    return isinstance(value, dict) and all(
        re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) and isinstance(item, str) and "\x00" not in item
        for name, item in value.items()
    )


def limits(value):
    return isinstance(value, dict) and list(value) == ["NumberOfFiles"] and number(256, 2**31)(value["NumberOfFiles"])


#: Every key that a job of ours may have, and what its value is. launchd ignores a key it does not know, silently.
KEYS = {
    "Label": lambda value: text(value) and re.fullmatch(r"[A-Za-z0-9._-]+", value),
    "UserName": lambda value: text(value) and re.fullmatch(r"[A-Za-z0-9._-]+", value),
    "ProgramArguments": command,
    "WorkingDirectory": path,
    "EnvironmentVariables": environment,
    "StandardInPath": path,
    "StandardOutPath": path,
    "StandardErrorPath": path,
    "RunAtLoad": flag,
    "KeepAlive": flag,
    "StartInterval": number(1, 10**6),
    # 0 is ignored, a float is refused.
    "ThrottleInterval": number(1, 3600),
    # 0 is for ever.
    "ExitTimeOut": number(1, 600),
    "Umask": number(0, 0o777),
    "ProcessType": lambda value: value in ("Background", "Standard", "Adaptive", "Interactive"),
    "LowPriorityIO": flag,
    "SoftResourceLimits": limits,
    "HardResourceLimits": limits,
}
NEEDED = {"Label", "ProgramArguments"}


def check_job(data, scope):
    """Hold the bytes of a property list against what launchd can use.

    :param scope: daemon or agent; what is none of the system has no say in whose it is.
    """
    definition = plistlib.loads(data)
    require(isinstance(definition, dict), "the top is a dictionary")
    require(set(definition) >= NEEDED, "a key is missing", sorted(NEEDED - set(definition)))
    for key, value in definition.items():
        require(key in KEYS, "an unknown key", key)
        require(KEYS[key](value), "a wrong value", key, value)
    require(("UserName" in definition) is (scope == "daemon"), "UserName is for daemons, and they say it")
    soft, hard = (definition.get(key, {}).get("NumberOfFiles") for key in ("SoftResourceLimits", "HardResourceLimits"))
    require((soft is None) is (hard is None) and (soft is None or soft <= hard), "limits that contradict each other")
    return definition
