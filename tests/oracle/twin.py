#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""complain and enforce for every profile of the corpus: the patch, carried out by python's
jsonpatch, gives the twin's tree; the way back gives the same bytes, by enforce and by patch(1).
TAP."""
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from lib import SCAUDIT, result, run_all

try:
	import jsonpatch
except ImportError:
	jsonpatch = None
try:
	import yaml
except ImportError: # then those in JSON alone
	yaml = None

PROFILES = sorted(glob.glob(os.path.join(os.environ.get("SCA_SHARED", "../shared"),
					 "data/profiles/*.json")))
if yaml:
	PROFILES += sorted(glob.glob(os.path.join(os.environ.get("SCA_SHARED", "../shared"),
						  "data/profiles/*.yaml")))
RUNS = [("docker", "runc:1.1.5", []), ("podman", "crun:1.14.0", []),
	("podman", "crun:1.14.0", ["--by", "log"]),
	("podman", "crun:1.14.0", ["--by", "log", "--only", "silent"]),
	("docker", "runc:1.3.0", ["--by", "flag"])]


def scaudit(*args):
	return subprocess.run([SCAUDIT] + list(args), capture_output=True)


def load(profile, text):
	return yaml.safe_load(text) if profile.endswith(".yaml") else json.loads(text)


def check(profile, options, top):
	"""What is wrong; None when the target refuses the profile, or the flag."""
	twin, undo = os.path.join(top, "twin.json"), os.path.join(top, "undo")
	made = scaudit("complain", profile, "-q", "-o", twin, "--undo", undo, *options)
	if made.returncode == 2:
		return None
	with open(profile, "rb") as f:
		before = f.read()
	with open(twin, "rb") as f:
		after = f.read()
	patch = scaudit("complain", profile, "-q", "--format", "patch", *options).stdout
	if jsonpatch.apply_patch(load(profile, before), json.loads(patch)) != load(profile, after):
		return "the patch does not give the twin"
	if "--by" not in options:
		wrong = least(profile, options)
		if wrong:
			return wrong
	if scaudit("enforce", twin, "--undo", undo).stdout != before:
		return "enforce gives other bytes"
	if shutil.which("patch") and before != after:
		subprocess.run(["patch", "-s", "--binary", twin, undo], capture_output=True, check=True)
		with open(twin, "rb") as f:
			if f.read() != before:
				return "patch(1) gives other bytes"
	return ""


def least(profile, options):
	"""What is wrong with the twin that was made without an order: where the runtime takes flags
	it denies what the profile denies, and each denial leaves a record."""
	made = json.loads(scaudit("complain", profile, "-q", "--format", "json", *options).stdout)
	takes = options[options.index("--runtime") + 1].startswith("crun")
	if made["twin"]["by"] == ("log" if takes else "flag"):
		return "the twin is by " + made["twin"]["by"]
	if made["totals"]["silent"] or (takes and made["totals"]["let_through"]):
		return "%(silent)d silent, %(let_through)d let through" % made["totals"]
	return ""


def test_run(frontend, runtime, way):
	options = ["--frontend", frontend, "--runtime", runtime] + way
	wrong, done = [], 0
	with tempfile.TemporaryDirectory() as top:
		for profile in PROFILES:
			why = check(profile, options, top)
			done += why is not None
			if why:
				wrong.append("%s: %s" % (os.path.basename(profile), why))
	if done < len(PROFILES) / 2:
		wrong.append("only %d of %d profiles have a twin" % (done, len(PROFILES)))
	result(" ".join([frontend, runtime] + way) + ": %d profiles" % done, wrong)


def main():
	for run in RUNS:
		test_run(*run)


if not jsonpatch:
	print("1..0 # SKIP python3-jsonpatch is not installed")
elif not PROFILES:
	print("1..0 # SKIP no profiles in ../shared/data/profiles")
else:
	run_all(main)
