# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An independent reader of print: shares no code with the double or with the collection."""


def read(text):
    """(header, fields, blocks): fields of the top level in order, blocks as name -> list of raw lines."""
    lines = text.split("\n")
    assert lines[-1] == "" and lines[-2] == "}", "does not end with a closing brace"
    header, opening = lines[0].rsplit(" = ", 1)
    assert opening == "{"
    fields, blocks, current = [], {}, None
    for line in lines[1:-2]:
        if current is not None:
            if line == "\t}":
                current = None
            else:
                assert line.startswith("\t\t"), line
                blocks[current].append(line[2:])
            continue
        if line == "":
            continue
        assert line.startswith("\t") and not line.startswith("\t\t"), line
        name, _equals, value = line[1:].partition(" = ")
        assert _equals, line
        if value == "{":
            current = name
            blocks[name] = []
        else:
            assert name not in dict(fields), "field %s appears twice" % name
            fields.append((name, value))
    assert current is None
    return header, fields, blocks
