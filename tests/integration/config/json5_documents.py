# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random JSON5 documents that know where each of their values stands. Same seed, same documents."""
import json
import random
import re

_NAMES = ("alpha", "beta", "gamma", "$dollar", "_under", "camelCase", "a1", "Infinity", "NaN", "null", "ünï", "名前")
_QUOTED = ("with.dot", "with space", "it's", 'say "hi"', "[0]", "", "ключ", "\U0001f600", "back\\slash", "tab\t", "1st")
_TEXTS = ("", "plain", "it's", 'a "quoted" word', "line\nbreak", "nul\0", "${HOME}/x", "http://[::1]:1/#f",
          "// no comment", "/* neither */", "ünïcödé", "\U0001f980 crab", "\u2028sep\u2029",
          "back\\slash", ",}]", "\t\r\b\f\v", "a" * 120)
_NUMBERS = ("0", "1", "-1", "+5", "18789", "0x1F", "-0xff", ".5", "5.", "1e3", "1E-7", "-0", "Infinity",
            "-Infinity", "NaN", "9007199254740993", "123456789012345678901234567890", "1e400", "0.1", "2.5e+10", "0e0")
_COMMENTS = ("why", " kept by hand", " TODO: a, b } ] \" '", "", " ünï", " https://example.net/ ", " * stars *")


class Document:
    """A text and its members.

    :ivar members: path (tuple of keys) -> (key start, value start, value end). Offsets count characters.
    :ivar objects: path -> (behind its opening brace, before its closing brace).
    :ivar anchors: (start, end) of every token that is neither blank nor comma, comments among them, in order.
    :ivar newline: the line end of the whole text.
    """

    def __init__(self, seed):
        self.chance = random.Random(seed)
        pick = self.chance.choice
        self.newline = pick(("\n", "\n", "\r\n"))
        self.indent = pick(("  ", "  ", "    ", "\t", "", " "))
        self.quotes = pick(('"', '"', "'", "", "mixed"))
        self.comments = pick((0, 0.1, 0.3))
        self.trailing = pick((0, 0, 1, 0.5))
        self.inline = pick((0, 0.2, 1))
        self.colon = pick((": ", ":", " : ", ":\t"))
        self.parts, self.length = [], 0
        self.members, self.objects, self.anchors = {}, {}, []
        self.write()
        self.text = "".join(self.parts)

    # -- text
    def blank(self, text):
        self.parts.append(text)
        self.length += len(text)

    def token(self, text):
        self.anchors.append((self.length, self.length + len(text)))
        self.blank(text)

    def comment(self, inline):
        if self.chance.random() >= self.comments:
            return
        words = self.chance.choice(_COMMENTS)
        if inline or self.chance.random() < 0.5:
            self.blank(" ")
            self.token("/*%s*/" % words)
        else:
            self.blank(" ")
            self.token("//%s" % words)
            self.blank(self.newline)

    def line(self, depth):
        self.blank(self.newline * self.chance.choice((1, 1, 1, 2)) + self.indent * depth)

    # -- document
    def write(self):
        if self.chance.random() < 0.15:
            self.blank("\ufeff")
        if self.chance.random() < 0.3:
            self.token("//" + self.chance.choice(_COMMENTS))
            self.blank(self.newline)
        tree = dict(self.tree(0), gateway={"mode": "local", **self.tree(1)})
        if self.chance.random() < 0.7:
            tree["meta"] = {"lastTouchedVersion": "2026.9.6"}
        items = list(tree.items())
        self.chance.shuffle(items)
        self.object(dict(items), (), 0, inline=self.inline == 1)
        self.blank(self.chance.choice(("", self.newline, self.newline * 2)))

    def tree(self, depth):
        """A dict of keys to dicts, lists, and source texts of scalars (str with a kind in front)."""
        out = {}
        for _turn in range(self.chance.randint(0 if depth else 2, 5)):
            key = self.chance.choice(_NAMES if self.chance.random() < 0.7 else _QUOTED)
            if key not in ("mode", "meta", "gateway"):
                out[key] = self.thing(depth + 1)
        return out

    def thing(self, depth):
        dice = self.chance.random()
        if dice < 0.25 and depth < 5:
            return self.tree(depth)
        if dice < 0.4 and depth < 5:
            return [self.thing(depth + 2) for _turn in range(self.chance.randint(0, 4))]
        if dice < 0.6:
            return ("source", self.chance.choice(_NUMBERS))
        if dice < 0.75:
            return ("source", self.chance.choice(("true", "false", "null")))
        return self.chance.choice(_TEXTS)

    def value(self, value, path, depth, inline):
        if isinstance(value, dict):
            self.object(value, path, depth, inline or self.chance.random() < self.inline)
        elif isinstance(value, list):
            self.list(value, depth, inline or self.chance.random() < 0.4)
        else:
            self.token(value[1] if isinstance(value, tuple) else self.string(value))

    def object(self, value, path, depth, inline):
        """Writes an object; a path of None stands for one inside a list, whose members cannot be managed."""
        self.token("{")
        opened = self.length
        for number, (key, item) in enumerate(value.items()):
            if inline:
                self.blank(self.chance.choice(("", " ")))
            else:
                self.comment(False)
                self.line(depth + 1)
            self.member(key, item, None if path is None else path + (key,), depth, inline)
            if number + 1 < len(value) or self.chance.random() < self.trailing:
                self.blank(",")
            self.comment(inline)
        if value and not inline:
            self.line(depth)
        elif inline:
            self.blank(self.chance.choice(("", " ")))
        if path is not None:
            self.objects[path] = (opened, self.length)
        self.token("}")

    def member(self, key, item, here, depth, inline):
        start = self.length
        self.token(self.key(key))
        before, _colon, after = self.colon.partition(":")
        self.blank(before)
        self.token(":")
        self.blank(after)
        if self.chance.random() < self.comments / 4:
            self.token("/*beside*/")
        value_start = self.length
        self.value(item, here, depth + 1, inline)
        if here is not None:
            self.members[here] = (start, value_start, self.length)
        if self.chance.random() < self.comments / 4:
            self.blank(" ")
            self.token("/*before the comma*/")

    def list(self, value, depth, inline):
        self.token("[")
        for number, item in enumerate(value):
            if not inline:
                self.line(depth + 1)
            self.value(item, None, depth + 1, True)
            if number + 1 < len(value):
                self.blank(",")
            if inline:
                self.blank(" ")
            else:
                self.comment(False)
        if value and not inline:
            self.line(depth)
        self.token("]")

    def key(self, key):
        quote = self.quotes if self.quotes != "mixed" else self.chance.choice(('"', "'", ""))
        if not quote and key in _NAMES:
            return key
        return self.string(key, quote or '"')

    def string(self, text, quote=None):
        quote = quote or self.chance.choice({"": ('"', "'"), "mixed": ('"', "'")}.get(self.quotes, (self.quotes,)))
        body = json.dumps(text, ensure_ascii=self.chance.random() < 0.2)[1:-1]
        if quote == "'":
            body = body.replace('\\"', '"').replace("'", "\\'")
        if self.chance.random() < 0.05:
            body = "\\" + self.newline + body
        return quote + body + quote


#: Values that a declaration may hold.
WANTED = (True, False, 0, 1, -7, 19001, 2.5, 1e21, 12345678901234567890, "", "new", "it's \"new\"", "ünï\n\U0001f600",
          "\u2028", [], [1, 2], ["a", "b", {"c": "d"}], {}, {"deep": {"er": [True], "with.dot": 1}},
          {"one": 1, "alpha": "zwei", "it's": "3"})


def edits(document, chance):
    """Return (settings, absent paths) that change one to four places of a document."""
    settings, absent, taken = {}, [], [("meta",), ("gateway", "mode")]
    members = sorted(path for path in document.members if path != ("gateway",))
    for _turn in range(chance.randint(1, 4)):
        adding = chance.random() < 0.4
        if adding:
            path = chance.choice(sorted(document.objects)) + (chance.choice(("added", "added.dot", "new one", "zz")),)
        else:
            path = chance.choice(members)
        if any(path[: len(other)] == other[: len(path)] for other in taken):
            continue
        taken.append(path)
        if not adding and chance.random() < 0.35:
            absent.append(path)
            continue
        level = settings
        for key in path[:-1]:
            level = level.setdefault(key, {})
        level[path[-1]] = chance.choice(WANTED)
    return settings, absent


_LITERAL, _BLANKS, _ANYTHING = range(3)
_PATTERNS = {_BLANKS: r"[\s,]*?", _ANYTHING: r".*?"}


class Shape:
    """What a text must still look like after edits: all of it but the places that the edits are about."""

    def __init__(self, document):
        self.document = document
        self.text = document.text
        # What may happen to each character, and what may appear before each.
        self.kept = [_LITERAL] * len(self.text)
        self.before = [_LITERAL] * (len(self.text) + 1)
        self.gone = set()

    def allow(self, settings, absent):
        self.gone = set(absent)
        self.changed((), settings)
        for path in absent:
            if path in self.document.members:
                self.removed(path)
        return self

    def changed(self, path, wanted):
        for key, value in wanted.items():
            here = path + (key,)
            if here not in self.document.members:
                self.added(path)
            elif isinstance(value, dict) and here in self.document.objects:
                self.changed(here, value)
            else:
                self.loosen(*self.document.members[here][1:], _ANYTHING)

    def siblings(self, path):
        return [place for other, place in self.document.members.items() if other[:-1] == path]

    def added(self, path):
        """Anything may come behind the last member that stays, but what else stands there stays, too."""
        opened, closed = self.document.objects[path]
        staying = [place[2] for other, place in self.document.members.items()
                   if other[:-1] == path and other not in self.gone]
        self.loosen_gaps(max(staying, default=opened), closed, _ANYTHING)

    def removed(self, path):
        start, _value, end = self.document.members[path]
        opened, closed = self.document.objects[path[:-1]]
        around = self.siblings(path[:-1])
        self.loosen(start, end, _BLANKS)
        self.loosen_gaps(max([place[2] for place in around if place[2] < start], default=opened), start, _BLANKS)
        self.loosen_gaps(end, min([place[0] for place in around if place[0] > end], default=closed), _BLANKS)

    def loosen(self, start, end, how):
        for offset in range(start, end):
            self.kept[offset] = max(self.kept[offset], how)
            self.before[offset] = max(self.before[offset], how)

    def loosen_gaps(self, start, end, how):
        for left, right in self.document.anchors:
            if start <= left < end:
                self.loosen(start, left, how)
                self.before[left] = max(self.before[left], how)
                start = right
        self.loosen(start, end, how)
        self.before[end] = max(self.before[end], how)

    def fits(self, text):
        pattern, last = [], _LITERAL
        for offset in range(len(self.text) + 1):
            for how in (self.before[offset], self.kept[offset] if offset < len(self.text) else _LITERAL):
                if how != _LITERAL and how != last:
                    pattern.append(_PATTERNS[how])
                    last = how
            if offset < len(self.text) and self.kept[offset] == _LITERAL:
                pattern.append(re.escape(self.text[offset]))
                last = _LITERAL
        return re.fullmatch("".join(pattern), text, re.DOTALL) is not None
