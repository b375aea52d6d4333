# SPDX-License-Identifier: Apache-2.0
"""Carries patches out with python-jsonpatch, which knows nothing of ours.

Standard input: one JSON array a line, [name, old text, patch text, new text]. The patch applied
to the old document must give the new one, and must fail on a document it was not made for.
Exit code 77 when the module is not installed, 1 at the first difference.
"""
import json
import sys

try:
    import jsonpatch
except ImportError:
    sys.exit(77)


def main():
    count = refused = 0
    for line in sys.stdin:
        name, old, patch, new = json.loads(line)
        old, new, patch = json.loads(old), json.loads(new), json.loads(patch)
        try:
            got = jsonpatch.apply_patch(old, patch)
        except jsonpatch.JsonPatchException as e:
            sys.exit(f"{name}: {type(e).__name__}: {e}\n{json.dumps(patch, indent=1)}")
        # json.dumps tells 1 from 1.0 and true, and keeps the order of members.
        if json.dumps(got) != json.dumps(new):
            sys.exit(f"{name}: another document\n{json.dumps(patch, indent=1)}")
        if patch:
            try:
                jsonpatch.apply_patch({"other": 0}, patch)
            except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException):
                refused += 1
        count += 1
    print(f"{count} patches, {refused} refused by another document")
    if count == 0 or refused < count * 9 // 10:
        sys.exit("too few")


main()
