#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# The forms of `check` agree: SARIF has the structure of 2.1.0 (a schema of the parts that are
# used), its fix makes of the profile what --fix makes of it, and JUnit counts what JSON counts.
import json
import os
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as xml

import lib

PROFILE = "tests/cases/check/text/web.json"
TARGET = ["--kernel", "6.1", "--target-arch", "x86_64"]


def closed(required, **properties):
	return {"type": "object", "properties": properties, "required": required.split(),
		"additionalProperties": False}


def each(schema, least=0):
	return {"type": "array", "items": schema, "minItems": least}


TEXT = {"type": "string"}
LINE = {"type": "integer", "minimum": 1}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
MESSAGE = closed("text", text={"type": "string", "minLength": 1})
ARTIFACT = closed("uri", uri={"type": "string", "format": "uri-reference", "minLength": 1})
REGION = closed("startLine", startLine=LINE, startColumn=LINE, endLine=LINE, endColumn=LINE)
LOCATION = closed("physicalLocation", physicalLocation=closed(
	"artifactLocation", artifactLocation=ARTIFACT, region=REGION))
FIX = closed("artifactChanges", description=MESSAGE, artifactChanges=each(closed(
	"artifactLocation replacements", artifactLocation=ARTIFACT, replacements=each(closed(
		"deletedRegion", deletedRegion=REGION, insertedContent=closed("text", text=TEXT)),
		1)), 1))
RESULT = closed(
	"ruleId message", ruleId=TEXT, ruleIndex={"type": "integer", "minimum": 0}, level=LEVEL,
	message=MESSAGE, locations=each(LOCATION, 1), fixes=each(FIX, 1),
	partialFingerprints={"type": "object", "additionalProperties": TEXT},
	suppressions=each(closed("kind", kind={"enum": ["inSource", "external"]},
				 justification=TEXT), 1))
RULE = closed("id", id=TEXT, shortDescription=MESSAGE, defaultConfiguration=closed("level",
										   level=LEVEL))
SARIF = closed("version runs", **{"$schema": TEXT, "version": {"const": "2.1.0"}, "runs": each(
	closed("tool results", tool=closed("driver", driver=closed(
		"name", name=TEXT, version=TEXT, rules=each(RULE))), results=each(RESULT),
	       columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
	       properties={"type": "object"}), 1)})


def run(cwd, *args):
	done = subprocess.run([os.path.abspath(lib.SCAUDIT), "check", "web.json"] + TARGET +
			      list(args), cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
	if done.returncode not in (0, 1):
		raise RuntimeError(done.stderr.decode())
	return done.stdout.decode()


def offset(text, line, column):
	at = 0
	for _ in range(line - 1):
		at = text.index("\n", at) + 1
	return at + column - 1


def replaced(text, fix):
	changes = fix["artifactChanges"][0]["replacements"]
	for c in sorted(changes, key=lambda c: -c["deletedRegion"]["startLine"]):
		r = c["deletedRegion"]
		start = offset(text, r["startLine"], r["startColumn"])
		end = offset(text, r["endLine"], r["endColumn"])
		text = text[:start] + c["insertedContent"]["text"] + text[end:]
	return text


def test_schema(sarif):
	try:
		import jsonschema
	except ImportError:
		return lib.skip("SARIF's structure", "no python3-jsonschema here")
	wrong = ["%s: %s" % ("/".join(map(str, e.path)), e.message)
		 for e in jsonschema.Draft7Validator(SARIF).iter_errors(sarif)]
	lib.result("SARIF's structure", wrong)


def test_rules(sarif, found):
	rules = [r["id"] for r in sarif["runs"][0]["tool"]["driver"]["rules"]]
	results = sarif["runs"][0]["results"]
	prints = [r["partialFingerprints"]["problem/v1"] for r in results]
	wrong = ["%s is at %d" % (r["ruleId"], r["ruleIndex"]) for r in results
		 if rules[r["ruleIndex"]] != r["ruleId"]]
	wrong += ["%s twice" % r for r in set(rules) if rules.count(r) > 1]
	wrong += ["fingerprint %s twice" % p for p in set(prints) if prints.count(p) > 1]
	if [(r["ruleId"], r["level"]) for r in results] != \
			[(p["id"], p["severity"]) for p in found["problems"]]:
		wrong.append("SARIF's results are not JSON's")
	lib.result("rules and results", wrong)


def test_fix(cwd, sarif):
	fixes = [r["fixes"] for r in sarif["runs"][0]["results"] if "fixes" in r]
	with open(cwd + "/web.json") as f:
		text = f.read()
	run(cwd, "--fix", "-q")
	with open(cwd + "/web.json") as f:
		fixed = f.read()
	wrong = [] if len(fixes) == 1 else ["%d results have fixes" % len(fixes)]
	if not wrong and (replaced(text, fixes[0][0]) != fixed or fixed == text):
		wrong.append("the replacements make another text")
	lib.result("SARIF's fix is what --fix does", wrong)
	shutil.copy(cwd + "/web.json.orig", cwd + "/web.json")


def test_junit(cwd, found):
	suite = xml.fromstring(run(cwd, "--format", "junit", "--fail-on", "warning")).find("testsuite")
	cases = suite.findall("testcase")
	grave = [p for p in found["problems"] if p["severity"] != "note"]
	counts = {"tests": len(cases), "failures": len(suite.findall("testcase/failure")),
		  "skipped": len(suite.findall("testcase/skipped"))}
	wrong = ["%s=%s, and there are %d" % (k, suite.get(k), v) for k, v in counts.items()
		 if suite.get(k) != str(v)]
	if counts["failures"] != len(grave):
		wrong.append("%d failures of %d" % (counts["failures"], len(grave)))
	names = [c.get("name") for c in cases]
	wrong += ["%s twice" % n for n in set(names) if names.count(n) > 1]
	lib.result("JUnit counts", wrong)


def test():
	with tempfile.TemporaryDirectory() as cwd:
		shutil.copy(PROFILE, cwd)
		found = json.loads(run(cwd, "--format", "json"))["profiles"][0]
		sarif = json.loads(run(cwd, "--format", "sarif"))
		test_schema(sarif)
		test_rules(sarif, found)
		test_fix(cwd, sarif)
		test_junit(cwd, found)


lib.run_all(test)
