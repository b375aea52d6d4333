#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Profiles in their homes, by other readers: the file that suggest --in-place leaves is the one
that its JSON Patch makes, when PyYAML or Python's json read both and python3-jsonpatch carries the
patch out, as `kubectl patch --type=json` would. TAP."""
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from lib import SCAUDIT, result, run_all, skip

CASES = ["tests/cases/suggest/home-spo/profile.yaml", "tests/cases/suggest/home-oci/config.json",
	 "tests/tables/yaml/flow.yaml", "tests/tables/yaml/block.yaml", "tests/tables/yaml/bare.yaml"]
SHARED = os.environ.get("SCA_SHARED", "../shared")
CALLS = {"mkdir": 83, "rmdir": 84, "statx": 332, "chmod": 90, "uname": 63}


def log_file(directory):
	path = os.path.join(directory, "audit.log")
	with open(path, "w") as f:
		for i, nr in enumerate(CALLS.values()):
			f.write("type=SECCOMP msg=audit(1700000000.%03d:%d): auid=0 uid=0 gid=0 ses=1 "
				"pid=%d comm=\"x\" exe=\"/x\" sig=0 arch=c000003e syscall=%d compat=0 "
				"ip=0x1 code=0x50000\n" % (i, i + 1, i + 10, nr))
	return path


def documents(path):
	import yaml
	with open(path) as f:
		return [json.load(f)] if path.endswith(".json") else list(yaml.safe_load_all(f))


def holds(doc):
	return isinstance(doc, dict) and (doc.get("kind") == "SeccompProfile" or
					  "ociVersion" in doc or "defaultAction" in doc)


def check(path, directory, log):
	"""None when suggest does not read the file, else what is wrong."""
	import jsonpatch
	copy = os.path.join(directory, os.path.basename(path))
	shutil.copyfile(path, copy)
	args = [SCAUDIT, "suggest", copy, log, "-q", "--target-arch", "x86_64"]
	run = subprocess.run(args, capture_output=True, text=True)
	if run.returncode:
		return None
	patch = json.loads(run.stdout)
	want = documents(copy)
	for i, doc in enumerate(want):
		if holds(doc):
			want[i] = jsonpatch.apply_patch(doc, patch)
	run = subprocess.run(args + ["--in-place"], capture_output=True, text=True)
	if run.returncode:
		return run.stderr.splitlines()
	got = documents(copy)
	return [] if got == want else ["%s: %s is not %s" % (path, got, want)]


def all_files():
	try:
		import jsonpatch
		import yaml
	except ImportError as e:
		skip("homes", str(e))
		return
	with tempfile.TemporaryDirectory() as directory:
		log = log_file(directory)
		wrong, done = [], 0
		for path in CASES + sorted(glob.glob(SHARED + "/data/profiles/*.yaml")):
			said = check(path, directory, log)
			if said is None and path in CASES:
				wrong.append(path + " is not read")
			done += said is not None
			wrong += said or []
		result("%d files edited as other programs edit them" % done, wrong)


run_all(all_files)
