# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random JSON5 documents, 80 a round (2,000 in the long run): read as json5 does, edited where asked and only there."""
import random
import re

from config_kit import cached, json5, oracle, paths, runner  # noqa: F401 (fixtures)  # pylint: disable=unused-import
from json5_documents import Document, Shape, edits
from json5_oracle import told, untold
from module_runner import agreed

A_ROUND = 80


def merged(before, settings, absent):
    """What the configuration must say afterwards, worked out without the module's help."""
    after = dict(before)
    for key, value in settings.items():
        both = isinstance(value, dict) and isinstance(before.get(key), dict)
        after[key] = merged(before[key], value, ()) if both else value
    for path in absent:
        level = after
        for key in path[:-1]:
            level[key] = dict(level[key])
            level = level[key]
        level.pop(path[-1], None)
    return after


def test_edited_where_asked_and_only_there(runner, oracle, rounds, chance, tmp_path):
    done, refused = [], 0
    directory = tmp_path / "state"
    directory.mkdir(mode=0o700)
    file = directory / "openclaw.json"
    for number in range(A_ROUND * rounds):
        seed = f"document {number} {chance.getrandbits(48)}"
        document = Document(seed)
        settings, absent = edits(document, random.Random(seed + " edits"))
        file.write_bytes(document.text.encode("utf-8"))
        file.chmod(0o600)
        result = agreed(runner.quick, directory, {
            "settings": settings, "absent": [paths.format_path(path) for path in absent], "backup": False})
        if result.get("failed"):
            assert result["failure"]["code"] == "config_would_shrink", f"{seed}: {result['failure']}"
            refused += 1
            continue
        text = file.read_bytes().decode("utf-8")
        shape = Shape(document).allow(settings, absent)
        assert shape.fits(text), f"{seed}\n{document.text}\n{settings}\n{absent}\n{text}"
        assert re.search(r"(?<!\r)\n" if document.newline == "\r\n" else "\r\n", text) is None, seed
        done.append((seed, document.text, settings, absent, text))
    assert refused < 0.02 * A_ROUND * rounds
    before = oracle.read([one[1] for one in done])
    after = oracle.read([one[4] for one in done])
    for (seed, old, settings, absent, new), (kind, was), (kind_after, became) in zip(done, before, after):
        assert (kind, kind_after) == ("value", "value"), f"{seed}: {was} {became}"
        assert told(json5.loads(old)) == was, seed
        assert told(json5.loads(new)) == became, seed
        assert told(merged(untold(was), settings, absent)) == became, f"{seed}\n{old}\n{settings}\n{absent}\n{new}"
    print(f"{len(done)} documents edited, {refused} refused as shrinking")


def damaged(text, chance):
    """A text with one to three small accidents."""
    for _accident in range(chance.randint(1, 3)):
        at = chance.randrange(len(text) + 1)
        text = chance.choice((
            text[:at] + chance.choice("{}[],:'\"\\/*\n\r\t0x.eE+-_$ \u2028\ufeff\0\ud800\U0001f600uN") + text[at:],
            text[:at] + text[at + chance.randint(1, 4):],
            text[:at] + text[at:at + 6] + text[at:],
        ))
    return text


def test_read_or_refused_as_json5_does(oracle, rounds, chance):
    texts = []
    for number in range(A_ROUND * rounds):
        seed = f"damage {number} {chance.getrandbits(48)}"
        texts.append(damaged(Document(seed).text, random.Random(seed)))
    agreeing = {"value": 0, "error": 0}
    for number, (text, (kind, answer)) in enumerate(zip(texts, oracle.read(texts))):
        try:
            own = ("value", told(json5.loads(text)))
        except json5.Json5Error as error:
            if kind == "value":
                assert error.problem.startswith(("duplicate key", "nested deeper")), f"{number}: {error}\n{text!r}"
                continue
            own = ("error", answer)
        assert own == (kind, answer), f"{number}: {text!r}"
        agreeing[kind] += 1
    assert min(agreeing.values()) > 10
    print(agreeing)
