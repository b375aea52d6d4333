#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The whole program without memory: for a command line of every verb one allocation fails, or all
from one on. What comes is the answer of a run with memory, whole, or exit code 2 with a word
about memory, what was written before being a beginning of that answer. Files are the old or
the new ones, and no others are there. Of each command SAMPLES allocations fail, evenly spread, or as
many as SCA_SAMPLES says. ONLY=WORD runs the commands with that word in their name. TAP."""
import concurrent.futures
import gzip
import lzma
import os
import shutil
import signal
import subprocess
import sys
import tempfile

B = os.environ.get("B", "build")
TOOL = os.path.abspath(B + "/tests/fault/tool_alloc")
CASES = "tests/cases/"
SAMPLES = int(os.environ.get("SCA_SAMPLES", "24"))
TARGET = "--kernel 6.1 --target-arch x86_64"
LOGS = "audit.log strange.log events.log"
SUGGEST = "suggest profile.json mkdir.log strange.log --arch x86_64 " + TARGET
WEB = "suggest --container web --from events.ndjson --root root --target-arch x86_64"

# name, folder of tests/cases with what is read beside shared, command line
COMMANDS = [
	("resolve", "", "resolve clone3 83 mkdri"),
	("resolve json", "", "resolve bpf 600 --format json"),
	("help", "", "help suggest"),
	("help man", "", "help --format man log"),
	("help bash", "", "help --format bash"),
	("version", "", "version"),
	("wrong option", "", "suggest --frontent docker"),
	("wrong profile", "", "suggest mkdir.log mkdir.log"),
	("missing log", "", "log none.log audit.log"),
	("log table", "", f"log {LOGS} --format table"),
	("log ndjson", "", f"log {LOGS} --format ndjson"),
	("log ecs", "", f"log {LOGS} --format ecs"),
	("log ocsf", "", f"log {LOGS} --format ocsf"),
	("log otlp", "", f"log {LOGS} --format otlp"),
	("log cef", "", f"log {LOGS} --format cef"),
	("log gelf", "", f"log {LOGS} --format gelf"),
	("log syslog", "", f"log {LOGS} --format syslog"),
	("log journald", "", f"log {LOGS} --format journald"),
	("log csv", "", f"log {LOGS} --format csv"),
	("log -o", "", "log audit.log -o out.ndjson"),
	("log filters", "", "log audit.log strange.log --comm a* --match exe=^/ --since 2000-01-01 "
	 "--syscall mkdir,bpf"),
	("log packed", "", "log packed.gz packed.xz packed.zst --format csv"),
	("log traces", "", "log app.perf app.strace app.sysdig falco.json --arch x86_64"),
	("log containers", "log/container-patterns", ""),
	("log --containers", "", "log audit.log --containers map.ndjson"),
	("report", "", f"report {LOGS} falco.json"),
	("report json", "", f"report {LOGS} --format json"),
	("report ndjson", "", f"report {LOGS} --format ndjson"),
	("report csv", "", f"report {LOGS} --format csv"),
	("report prometheus", "", f"report {LOGS} --format prometheus -o metrics"),
	("suggest", "", SUGGEST),
	("suggest diff", "", SUGGEST + " --format diff"),
	("suggest profile", "", SUGGEST + " --format profile -o new.json"),
	("suggest json", "", SUGGEST + " --format json --exit-code"),
	("suggest sarif", "", SUGGEST + " --format sarif"),
	("suggest --in-place", "", SUGGEST + " --in-place"),
	("suggest --new", "", "suggest --new app.strace --arch x86_64 " + TARGET),
	("suggest --unused", "", "suggest --unused profile.json app.strace --arch x86_64 " + TARGET),
	("suggest YAML", "", "suggest profile.yaml mkdir.log --in-place " + TARGET),
	("suggest config.json", "suggest/home-oci", "suggest config.json ../shared/mkdir.log "
	 + TARGET),
	("suggest inspect", "suggest/home-inspect", "suggest inspect.json ../shared/mkdir.log "
	 + TARGET),
	("suggest systemd", "suggest/policy-systemd", "suggest box.service ../shared/mkdir.log "
	 "--format systemd " + TARGET),
	("suggest minijail", "suggest/policy-minijail", "suggest box.policy ../shared/mkdir.log "
	 "--format minijail " + TARGET),
	("suggest --container", "shared/docker", WEB),
	("suggest --container json", "shared/docker", WEB + " --format json"),
	("explain", "", "explain profile.json mkdir bpf:1 x86:read 600 " + TARGET),
	("explain json", "", "explain profile.json mkdir --format json " + TARGET),
	("explain summary", "", "explain profile.json " + TARGET),
	("explain --calls", "explain/calls", "explain ../shared/profile.json --calls calls.txt "
	 + TARGET),
	("check", "check/fix", "check web.json " + TARGET),
	("check json", "check/fix", "check web.json --format json " + TARGET),
	("check sarif", "check/fix", "check web.json --format sarif " + TARGET),
	("check junit", "check/fix", "check web.json --format junit " + TARGET),
	("check --fix", "check/fix", "check web.json --fix " + TARGET),
	("complain", "complain/undo", "complain plain.json --undo undo -o twin.json " + TARGET),
	("complain json", "complain/undo", "complain plain.json --format json " + TARGET),
	("complain --in-place", "complain/undo", "complain plain.json --in-place " + TARGET),
	("enforce", "complain/undo", "enforce twin.json --undo undo --in-place"),
	("diff", "diff/all-targets", "diff ../shared/profile.json new.json " + TARGET),
	("diff json", "diff/all-targets", "diff ../shared/profile.json new.json --format json "
	 + TARGET),
	("diff markdown", "diff/all-targets", "diff ../shared/profile.json new.json --format "
	 "markdown " + TARGET),
	("diff --all-targets", "diff/all-targets", "diff ../shared/profile.json new.json "
	 "--all-targets " + TARGET),
	("replay", "", "replay profile.json mkdir.log audit.log --exit-code " + TARGET),
	("replay json", "", "replay profile.json mkdir.log --format json " + TARGET),
	("replay --baseline", "", "replay profile.json mkdir.log --baseline known.ndjson " + TARGET),
	("doctor", "doctor/host", "doctor --root root"),
	("doctor json", "doctor/map", "doctor --root root --format json"),
]


class Refused(Exception):
	"""What came is none of the answers that may come."""


def packed(folder):
	with open(folder + "/audit.log", "rb") as f:
		text = f.read()
	with gzip.open(folder + "/packed.gz", "wb") as f:
		f.write(text)
	with lzma.open(folder + "/packed.xz", "wb") as f:
		f.write(text)
	with open(folder + "/packed.zst", "wb") as f: # one raw block
		f.write(b"\x28\xb5\x2f\xfd\x00\x58"
			+ (len(text) << 3 | 1).to_bytes(3, "little") + text)


def run(argv, cwd, at=None):
	r, w = os.pipe()
	env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": cwd, "COLUMNS": "80",
	       "SCA_ALLOC_REPORT": str(w)}
	for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
		if name in os.environ:
			env[name] = os.environ[name]
	if "profile.yaml" in argv: # libfyaml 0.7 loses memory when it runs out
		env["ASAN_OPTIONS"] = "detect_leaks=0"
	if at is not None:
		env["SCA_ALLOC"] = at
	try:
		p = subprocess.run([TOOL] + argv, cwd=cwd, env=env, pass_fds=(w,), timeout=120,
				   stdin=subprocess.DEVNULL, capture_output=True, check=False)
	finally:
		os.close(w)
		with os.fdopen(r) as f:
			report = f.read()
	return p, report.split()


def snapshot(folder):
	"""Every file below a folder and what it holds."""
	found = {}
	for top, _, names in os.walk(folder):
		for name in names:
			path = os.path.join(top, name)
			if os.path.islink(path):
				found[path] = os.readlink(path)
				continue
			with open(path, "rb") as f:
				found[path] = f.read()
	return found


def restore(now, before):
	for path in now:
		if path not in before:
			os.remove(path)
	for path, text in before.items():
		if now.get(path) != text:
			with open(path, "wb") as f:
				f.write(text)


def first(came, wanted):
	"""The line where two texts part."""
	a, b = came.splitlines() + [b"(end)"], wanted.splitlines() + [b"(end)"]
	at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), -1)
	return "%r instead of %r" % (a[at][-200:], b[at][-200:])


def judge(good, p, before, after, now):
	"""Whether the answer is one that may come; says why not."""
	if p.returncode < 0:
		raise Refused("signal " + signal.Signals(-p.returncode).name)
	if b"Sanitizer" in p.stderr or b"runtime error" in p.stderr:
		raise Refused("the sanitizer: " + p.stderr.decode(errors="replace")[:3000])
	for path in set(now) | set(before):
		if now.get(path) not in (before.get(path), after.get(path)):
			raise Refused("%s is neither the old nor the new one" % os.path.basename(path))
	if p.returncode == 2 and b"memory" in p.stderr:
		if not good.stdout.startswith(p.stdout):
			raise Refused("no beginning of the answer: " + first(p.stdout, good.stdout))
		return True
	if p.returncode != good.returncode:
		raise Refused("exit code %d: %r" % (p.returncode, p.stderr[-300:]))
	if p.stdout != good.stdout:
		raise Refused("another answer: " + first(p.stdout, good.stdout))
	if p.stderr != good.stderr:
		raise Refused("other words: " + first(p.stderr, good.stderr))
	if now != after:
		raise Refused("the files are not those of the good run")
	return False


def failures(asked):
	"""Which allocations fail, each alone and with all behind it."""
	if asked <= SAMPLES:
		return [(i, mode) for i in range(asked) for mode in ("", "+")]
	return [(i * asked // SAMPLES, "+" if i % 3 == 0 else "") for i in range(SAMPLES)]


def prepare(top, folder):
	shutil.copytree(CASES + "shared", top + "/shared")
	cwd = top + "/shared"
	if folder:
		cwd = top + "/case"
		shutil.copytree(CASES + folder, cwd, symlinks=True)
	packed(top + "/shared")
	return cwd


def setup(name, cwd):
	"""Files that the program itself makes, with memory."""
	def make(line):
		p, _ = run(line.split(), cwd)
		if p.returncode not in (0, 1):
			raise Refused("%s: exit code %d: %r" % (line, p.returncode, p.stderr))

	if name == "enforce":
		make("complain plain.json -q -o twin.json --undo undo " + TARGET)
	elif name == "replay --baseline":
		make("replay profile.json mkdir.log --format ndjson -o known.ndjson -q " + TARGET)
	elif name == "suggest YAML":
		with open(cwd + "/profile.yaml", "w", encoding="utf-8") as f:
			f.write("# of the shop\ndefaultAction: SCMP_ACT_ERRNO\nsyscalls:\n"
				"- names: [read, write]\n  action: SCMP_ACT_ALLOW\n")
	elif name == "log --containers":
		with open(cwd + "/map.ndjson", "w", encoding="utf-8") as f:
			f.write('{"v":1,"kind":"map"}\n')


def one(row):
	name, folder, line = row
	wrong = []
	told = survived = asked = 0
	with tempfile.TemporaryDirectory(prefix="scaudit-alloc-") as top:
		cwd = prepare(top, folder)
		setup(name, cwd)
		before = snapshot(top)
		good, report = run(line.split(), cwd)
		after = snapshot(top)
		if good.returncode not in (0, 1, 2, 3) or len(report) < 2:
			return name, ["with all memory: exit code %d: %s" % (good.returncode,
				good.stderr.decode(errors="replace")[-2000:])], 0, 0, 0
		asked = int(report[0])
		now = after
		for at, mode in failures(asked):
			restore(now, before)
			p, report = run(line.split(), cwd, "%d%s" % (at, mode))
			now = snapshot(top)
			try:
				if judge(good, p, before, after, now):
					told += 1
				else:
					survived += 1
			except Refused as e:
				wrong.append("allocation %d%s of %d, asked by %s: %s" % (at, mode, asked,
					" ".join(report[2:]), e))
	return name, wrong, asked, told, survived


def main():
	if not os.access(TOOL, os.X_OK):
		print("1..0 # SKIP tests/fault/tool_alloc is not built")
		return 0
	only = os.environ.get("ONLY", "")
	rows = [row for row in COMMANDS if row[2] and only in row[0]]
	sums = [0, 0, 0]
	failed = False
	print("1..%d" % len(rows), flush=True)
	with concurrent.futures.ThreadPoolExecutor(2) as pool:
		for n, (name, wrong, *counts) in enumerate(pool.map(one, rows), 1):
			sums = [a + b for a, b in zip(sums, counts)]
			failed = failed or bool(wrong)
			print("%s %d - %s: %d allocations; %d failures told, %d made up for" % (
				("not ok" if wrong else "ok"), n, name, *counts), flush=True)
			for text in wrong[:40]:
				print("# " + text)
	print("# %d allocations; %d failures, %d told, %d made up for" % (
		sums[0], sums[1] + sums[2], sums[1], sums[2]))
	return 1 if failed else 0


sys.exit(main())
