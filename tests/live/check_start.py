#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What `check` says a container needs to start, against the runtimes of this machine: with the
calls that it asks for a static program runs, and without any one of those it does not."""
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/oracle")
from lib import SCAUDIT, result, run_all, skip

PROGRAM = os.path.abspath(SCAUDIT)
FATAL = ("runtime-start", "program-start")
# crun wants pure cgroup2, which it gets in a mount namespace of its own.
CRUN = ["unshare", "-m", "--propagation", "private", "sh", "-c",
	"umount -R /sys/fs/cgroup 2>/dev/null; mount -t cgroup2 none /sys/fs/cgroup; "
	"exec crun \"$@\"", "sh"]
RUNC = ["runc"]
EXIT = 42  # of the program in the container
containers = 0


def profile(calls):
	return {"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"],
		"syscalls": [{"names": sorted(calls), "action": "SCMP_ACT_ALLOW"}]}


def needs(cwd, runtime, calls, nnp):
	"""The calls that check misses, by the words of its problems."""
	with open(cwd + "/p.json", "w") as f:
		json.dump(profile(calls or ["uname"]), f)
	done = subprocess.run([PROGRAM, "check", "-q", "--format", "json", "--frontend", "oci",
			       "--runtime", runtime, cwd + "/p.json"], stdout=subprocess.PIPE,
			      check=True)
	found = set()
	for p in json.loads(done.stdout)["profiles"][0]["problems"]:
		if p["id"] in FATAL or p["id"] == "runtime-sometimes" or \
				(p["id"] == "runtime-privileges" and not nnp):
			found |= set(re.sub(r".* without ", "", p["text"]).split(", "))
	return found


def bundle(cwd, calls, nnp):
	with open(cwd + "/config.json") as f:
		config = json.load(f)
	config["process"].update(terminal=False, args=["/bin/done"], noNewPrivileges=nnp)
	config["root"] = {"path": "root", "readonly": False}
	config["linux"].pop("resources", None)
	config["linux"]["seccomp"] = profile(calls)
	with open(cwd + "/config.json", "w") as f:
		json.dump(config, f)


def starts(cwd, argv, calls, nnp):
	global containers
	containers += 1
	bundle(cwd, calls, nnp)
	name = "check-%d-%d" % (os.getpid(), containers)
	try:
		done = subprocess.run(argv + ["--root", cwd + "/state", "run", "--bundle", cwd, name],
				      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
				      stderr=subprocess.STDOUT, timeout=20)
		said = done.stdout.decode(errors="replace").strip()[:120]
		return done.returncode == EXIT, "%d: %s" % (done.returncode, said)
	except subprocess.TimeoutExpired:
		return False, "no end"
	finally:
		subprocess.run(argv + ["--root", cwd + "/state", "delete", "--force", name],
			       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def try_runtime(cwd, runtime, argv, nnp):
	name = "%s, no_new_privs %s" % (runtime, "set" if nnp else "not set")
	calls = needs(cwd, runtime, [], nnp)
	calls |= needs(cwd, runtime, calls, nnp)
	for call in sorted(calls):  # one of two may be enough
		if not needs(cwd, runtime, calls - {call}, nnp):
			calls.remove(call)
	wrong = ["%s is asked for again" % c for c in needs(cwd, runtime, calls, nnp)]
	for _ in range(5):
		ok, said = starts(cwd, argv, calls, nnp)
		if not ok:
			wrong.append("with %s: %s" % (" ".join(sorted(calls)), said))
	result("%s: %d calls are enough" % (name, len(calls)), wrong)
	wrong = []
	for call in sorted(calls):
		rest = calls - {call}
		if call not in ("futex", "rt_sigreturn", "mmap") and \
				starts(cwd, argv, rest, nnp)[0]:
			wrong.append("it starts without %s, too" % call)
	result("%s: each is needed" % name, wrong)


def version(program):
	said = subprocess.run([program, "--version"], stdout=subprocess.PIPE).stdout.decode()
	found = re.search(r"(\d+\.\d+\.\d+)", said)
	return "%s:%s" % (program, found.group(1)) if found else program


def prepare(cwd):
	os.makedirs(cwd + "/root/bin")
	for d in ("proc", "sys", "dev"):
		os.mkdir(cwd + "/root/" + d)
	source = "int main(void) { return %d; }" % EXIT
	subprocess.run([os.environ.get("CC", "cc"), "-static", "-o", cwd + "/root/bin/done", "-x",
			"c", "-"], input=source.encode(), check=True)
	subprocess.run([shutil.which("runc") or "crun", "spec"], cwd=cwd, check=True)


def test():
	for program, argv in (("crun", CRUN), ("runc", RUNC)):
		if os.getuid() != 0 or platform.machine() != "x86_64":
			skip(program, "needs root, and x86_64")
			continue
		if not shutil.which(program):
			skip(program, "not installed")
			continue
		with tempfile.TemporaryDirectory() as cwd:
			prepare(cwd)
			for nnp in (True, False):
				try_runtime(cwd, version(program), argv, nnp)


run_all(test)
