#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# What `check` finds in the profiles of ../shared/data/profiles: the listing in check_profiles.txt
# was read line by line, and so were the words for those that hold no single profile. No name is
# called unknown that the kernel's headers have. Moby's default profile takes less than 300 ms.
# --update writes the listing anew.
import ctypes
import glob
import json
import os
import platform
import re
import resource
import subprocess
import sys

import lib

SHARED = os.environ.get("SCA_SHARED", "../shared")
LISTING = "tests/oracle/check_profiles.txt"
LISTED_WITH = (2, 5, 4)
TARGET = ["--kernel", "6.1", "--target-arch", "x86_64"]


def profiles():
	paths = sorted(glob.glob(SHARED + "/data/profiles/*"))
	return [p for p in paths if p.endswith((".json", ".profile", ".yaml"))]


def check(path):
	done = subprocess.run([lib.SCAUDIT, "check", path, "-q", "--format", "json"] + TARGET,
			      stdout=subprocess.PIPE, stderr=subprocess.PIPE)
	if done.returncode:
		return None, done.stderr.decode()
	return json.loads(done.stdout)["profiles"][0], ""


def lines(path, found, error):
	if found is None:
		yield error.rstrip().replace("scaudit: " + path, os.path.basename(path)) + " [refused]"
		return
	for p in found["problems"]:
		yield "%s:%d:%d: %s: %s [%s]" % (os.path.basename(path), p.get("line", 0),
						 p.get("column", 0), p["severity"], p["text"],
						 p["id"])


def seccomp_version():
	class Version(ctypes.Structure):
		_fields_ = [(n, ctypes.c_uint) for n in ("major", "minor", "micro")]

	try:
		so = ctypes.CDLL("libseccomp.so.2")
	except OSError:
		return None
	so.seccomp_version.restype = ctypes.POINTER(Version)
	v = so.seccomp_version().contents
	return (v.major, v.minor, v.micro)


def kernel_names():
	names = set()
	for path in glob.glob("/usr/include/**/unistd*.h", recursive=True):
		with open(path, errors="replace") as f:
			names |= set(re.findall(r"#define __NR3264_(\w+)|#define __NR_(\w+)", f.read()))
	return {a or b for a, b in names}


def test_listing(found, update):
	got = [line for path, f, error in found for line in lines(path, f, error)]
	if update:
		with open(LISTING, "w") as f:
			f.write("".join(line + "\n" for line in got))
	if platform.machine() != "x86_64" or seccomp_version() != LISTED_WITH:
		return lib.skip("the listing", "it was made on x86_64 with libseccomp %d.%d.%d"
				% LISTED_WITH)
	with open(LISTING) as f:
		want = f.read().splitlines()
	wrong = ["missing: " + line for line in want if line not in got]
	wrong += ["new: " + line for line in got if line not in want]
	lib.result("%d lines of %d profiles" % (len(want), len(found)), wrong)


def test_names(found):
	known, wrong, n = kernel_names(), [], 0
	if not known:
		return lib.skip("unknown names", "no kernel headers here")
	for path, f, _ in found:
		for p in f["problems"] if f else []:
			if p["id"] in ("misspelt-name", "unknown-name"):
				n += 1
				if p["text"].split()[-1] in known:
					wrong.append("%s: %s" % (path, p["text"]))
	lib.result("%d unknown names are in no header" % n, wrong)


def test_time():
	path = SHARED + "/data/profiles/moby-profiles-head-default.json"
	with open(lib.SCAUDIT, "rb") as f:
		if b"__asan_init" in f.read():
			return lib.skip("time", "sanitizers are slow")
	times = []
	for _ in range(3):
		before = resource.getrusage(resource.RUSAGE_CHILDREN)
		check(path)
		after = resource.getrusage(resource.RUSAGE_CHILDREN)
		times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
	lib.result("moby's default profile in less than 300 ms",
		   [] if min(times) < 0.3 else ["%.0f ms" % (min(times) * 1000)])


def test():
	found = [(path, *check(path)) for path in profiles()]
	if not found:
		return lib.skip("profiles", "no %s/data/profiles" % SHARED)
	test_listing(found, "--update" in sys.argv)
	test_names(found)
	test_time()


lib.run_all(test)
