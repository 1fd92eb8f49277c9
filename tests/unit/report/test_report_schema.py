# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/record.schema.json describes the records there are, and refuses what is none."""
import copy
import json
from pathlib import Path

import fleet_kit as kit
import jsonschema
import pytest

SCHEMA = json.loads((Path(__file__).resolve().parents[3] / "docs/record.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
RECORDS = {
    "morning": kit.morning(), "clean": kit.build(kit.healthy(3)), "empty": kit.build([]), "hostile": kit.hostile(),
    "blind": kit.build([kit.blind("a")]), "sparse": kit.build([{"name": "a"}, {"name": "b", "unreachable": True}]),
}


def test_it_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", RECORDS)
def test_records_are_what_it_says(name):
    # Through JSON: what is compared with tomorrow is read from a file.
    told = json.loads(json.dumps(RECORDS[name]))
    assert [error.message for error in VALIDATOR.iter_errors(told)] == []


@pytest.mark.parametrize("spoil", [
    lambda record: record.pop("findingsHash"),
    lambda record: record.update(schemaVersion=2),
    lambda record: record["hosts"][0].update(state="fine"),
    lambda record: record["hosts"][0]["findings"][0].update(result="pass"),
    lambda record: record["hosts"][0].update(score=101),
    lambda record: record["previous"]["gone"].append({"host": "a"}),
])
def test_it_refuses_what_is_none(spoil):
    record = copy.deepcopy(RECORDS["morning"])
    spoil(record)
    assert not VALIDATOR.is_valid(record)
