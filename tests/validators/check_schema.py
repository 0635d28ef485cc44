"""Checks YAML documents against a JSON Schema: check_schema.py SCHEMA FILE... Run with the Python that has jsonschema."""
import json
import pathlib
import sys

import jsonschema
import yaml


class TextDates(yaml.SafeLoader):
    """JSON has no dates: a date stays the text that was written."""


TextDates.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}

schema = json.loads(pathlib.Path(sys.argv[1]).read_text())
validator = jsonschema.validators.validator_for(schema)(schema)
wrong = 0
for name in sys.argv[2:]:
    for error in validator.iter_errors(yaml.load(pathlib.Path(name).read_text(), TextDates)):
        print(f"{name}: {error.json_path}: {error.message}")
        wrong += 1
sys.exit(1 if wrong else 0)
