"""Validates JSON lines against a schema: the document of each line, behind a topic if there is one.

    scanward verdicts --json --count 10 | /usr/bin/python3 tools/validate.py docs/schema/verdict-1.schema.json

Exit code 0: all are valid; 1: each fault is told with its line. With --every-property a property of the schema that no line had is a
fault too, so that nothing is promised that is never said; --except NAME leaves one out.
"""

import argparse
import json
import sys
from pathlib import Path

from jsonschema import Draft202012Validator


def promised(schema, root, path=""):
    """Paths of all properties of a schema, those of array elements as `name[]`."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    for name, below in schema.get("properties", {}).items():
        yield f"{path}{name}"
        yield from promised(below, root, f"{path}{name}.")
    if "items" in schema:
        yield from promised(schema["items"], root, path.removesuffix(".") + "[].")


def present(value, path=""):
    """Paths of all that a document holds, in the same notation."""
    if isinstance(value, dict):
        for name, below in value.items():
            yield f"{path}{name}"
            yield from present(below, f"{path}{name}.")
    elif isinstance(value, list):
        for below in value:
            yield from present(below, path.removesuffix(".") + "[].")


def main():
    """Reads standard input."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("schema", type=Path)
    parser.add_argument("--every-property", action="store_true")
    parser.add_argument("--except", dest="left_out", action="append", default=[])
    args = parser.parse_args()
    schema = json.loads(args.schema.read_text())
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    seen, faults, count = set(), [], 0
    for count, line in enumerate(sys.stdin, 1):
        document = json.loads(line[line.index("{") :])
        seen |= set(present(document))
        for error in validator.iter_errors(document):
            faults.append(f"line {count}: {'.'.join(map(str, error.absolute_path)) or 'the document'}: {error.message}")
    if count == 0:
        faults.append("expected at least one line, found none")
    if args.every_property:
        missing = sorted(set(promised(schema, schema)) - seen - set(args.left_out))
        faults += [f"{name}: no line has it" for name in missing]
    print("\n".join(faults) if faults else f"{count} lines are valid")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
