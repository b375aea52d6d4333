#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Disks that fail while files are replaced: every call that changes a file fails in turn, or the
program is killed there; then a file system that is really full, one that is read-only, and one
that fills up and empties under a running program. A file is the old one or the new one, byte for
byte. TAP."""
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import time

from lib import Dir, Tap, is_sanitized, records, stop, strace, strace_injects, traced, wait_for

tap = Tap()
CALLS = ("openat,close,write,writev,fsync,rename,renameat,renameat2,fchmod,fchown,flistxattr,"
	 "fgetxattr,fsetxattr,unlink,unlinkat")

# The files that a command replaces; when the last one is new, all are. "-" in front: it is removed.
SCENARIOS = (
	("suggest --in-place", "true", "$S suggest -q profile.json mkdir.log --in-place",
	 ("profile.json.orig", "profile.json")),
	("check --fix", "cp %s profile.json" % os.path.abspath("tests/cases/check/fix/web.json"),
	 "$S check -q profile.json --fix --kernel 6.1 --frontend docker --runtime runc",
	 ("profile.json.orig", "profile.json")),
	("complain --in-place", "true", "$S complain -q --by log profile.json --in-place",
	 ("profile.json.undo", "profile.json.orig", "profile.json")),
	("enforce --in-place", "$S complain -q --by log profile.json --in-place",
	 "$S enforce -q profile.json --in-place", ("profile.json", "-profile.json.undo")),
	("complain -o --undo", "echo old >twin; echo old >undo",
	 "$S complain -q --by log profile.json -o twin --undo undo", ("undo", "twin")),
	("log -o", "echo old >out", "$S log -q mkdir.log -o out", ("out",)),
	("log -o, a new file", "true", "$S log -q mkdir.log -o out", ("out",)),
	("report -o", "echo old >out", "$S report -q mkdir.log -o out", ("out",)),
)


def look(d, files):
	return [d.peek(f.lstrip("-")) for f in files]


def points(d, command):
	"""The calls that touch the directory's files."""
	return [(name, i, line) for name, i, line in traced(d, command, CALLS)
		if d.path in line.replace(d.path + ">, \"..", "") and
		(name != "openat" or "O_CREAT" in line) and (name != "close" or ".tmp" in line)]


def judge(d, r, files, old, new, fault, line):
	"""What is wrong after a run that failed, or did not."""
	got = look(d, files)
	wrong = []
	killed = fault.startswith("signal")
	for f, o, n, g in zip(files, old, new, got):
		if g not in (o, n):
			wrong.append("%s is neither old nor new: %r" % (f, g))
	is_new = [g == n for n, g in zip(new, got)]
	if is_new[-1] and not all(is_new):
		wrong.append("changed out of order: %s" % is_new)
	if killed:
		return wrong
	if r.returncode not in (0, 2):
		wrong.append("exit %d" % r.returncode)
	if r.returncode == 0 and not all(is_new):
		wrong.append("it says that all is well")
	if r.returncode == 2 and b"scaudit: " not in r.stderr and line.split("(")[0] != "write":
		wrong.append("it says nothing")
	if d.temporaries() and not line.startswith("unlink"):
		wrong.append("left: %s" % d.temporaries())
	return wrong


def one(setup, command, files, old, new, fault, point):
	name, i, line = point
	with Dir() as d:
		d.run(setup)
		r = strace(d, command, "-e trace=%s -e inject=%s:%s:when=%d" % (name, name, fault, i))
		wrong = judge(d, r, files, old, new, fault, line)
		if "INJECTED" not in open(d.at("trace"), errors="replace").read() and \
				not fault.startswith("signal"):
			wrong.append("nothing failed")
	return ["%s: %s: %s %s" % (fault, line, w, r.stderr.decode()) for w in wrong]


def in_turn(scenario):
	title, setup, command, files = scenario
	with Dir() as d:
		d.run(setup)
		old = look(d, files)
		found = points(d, command)
		new = look(d, files)
	wrong = [] if found and old != new else ["nothing was written: %s" % found]
	step = 3 if is_sanitized() else 1
	jobs = [(fault, p) for fault in ("error=ENOSPC", "error=EIO", "signal=SIGKILL")
		for p in found][::step]
	for fault, p in jobs:
		wrong += one(setup, command, files, old, new, fault, p)
	return "%s: %d calls, %d of them fail or kill in turn" % (title, len(found), len(jobs)), wrong


# -- a real disk: tmpfs in a mount namespace of its own --

def in_namespace():
	return os.environ.get("DISK_NAMESPACE") == "1"


def mount(d, options, name="w"):
	os.makedirs(d.at(name), exist_ok=True)
	return subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", d.at(name)],
			      capture_output=True).returncode == 0


def umount(d, name="w"):
	subprocess.run(["umount", "-l", d.at(name)], capture_output=True)


def fill(path):
	"""Takes all that is left."""
	with open(path, "wb", buffering=0) as f:
		for size in (65536, 4096, 512, 1):
			try:
				while True:
					f.write(b"x" * size)
			except OSError:
				pass


def prepare(d, setup, files):
	"""A small disk, what the command wants on it; its files there, and what is in them."""
	mount(d, "size=256k")
	for f in ("profile.json", "mkdir.log"):
		shutil.copy(d.at(f), d.at("w"))
	d.run("cd w; " + setup)
	at = ["w/" + f.lstrip("-") for f in files]
	return at, [d.peek(f) for f in at]


def full(scenario):
	title, setup, command, files = scenario
	with Dir() as d:
		at, old = prepare(d, setup, files)
		fill(d.at("w/filler"))
		r = d.run("cd w; " + command)
		wrong = []
		if r.returncode != 2 or b"No space left on device" not in r.stderr:
			wrong.append("exit %d: %s" % (r.returncode, r.stderr.decode()))
		if [d.peek(f) for f in at] != old:
			wrong.append("a file changed")
		if d.temporaries("w"):
			wrong.append("left: %s" % d.temporaries("w"))
		os.unlink(d.at("w/filler"))
		r = d.run("cd w; " + command)
		if r.returncode != 0 or [d.peek(f) for f in at] == old:
			wrong.append("with room: exit %d: %s" % (r.returncode, r.stderr.decode()))
		umount(d)
	return title + ": a full disk, then one with room", wrong


def read_only(scenario):
	title, setup, command, files = scenario
	with Dir() as d:
		at, old = prepare(d, setup, files)
		subprocess.run(["mount", "-o", "remount,ro", d.at("w")])
		r = d.run("cd w; " + command)
		wrong = []
		if r.returncode != 2 or b"Read-only file system" not in r.stderr:
			wrong.append("exit %d: %s" % (r.returncode, r.stderr.decode()))
		if [d.peek(f) for f in at] != old:
			wrong.append("a file changed")
		umount(d)
	return title + ": a read-only disk", wrong


def serials(text):
	return {int(n) for n in re.findall(rb'"serial":(\d+),', text or b"")}


def live(title, size, args, n, first, check):
	"""A follower whose disk is full for a while, from the start or after the first events."""
	with Dir() as d:
		mount(d, "size=" + size)
		d.put("here.log", records(10))
		if not first:
			fill(d.at("w/filler"))
		with open(d.at("said"), "wb") as said:
			p = d.start(["tail", "--from", "here.log", "--since", "2000-01-01"] + args,
				    stderr=said)
		wrong = []
		if first and not wait_for(lambda: check(d, 10)):
			wrong.append("it does not begin")
		if first:
			fill(d.at("w/filler"))
		before = {f: d.peek("w/" + f) for f in ("state", "x.prom")}
		d.append("here.log", records(n, 11))
		if not wait_for(lambda: b"No space left on device" in d.get("said")):
			wrong.append("no word of it")
		time.sleep(1)
		if p.poll() is not None:
			wrong.append("it ended")
		for f, text in before.items():
			if d.peek("w/" + f) != text:
				wrong.append("%s changed: %r" % (f, (d.peek("w/" + f) or b"")[-60:]))
		os.unlink(d.at("w/filler"))
		d.append("here.log", records(5, 50001))
		if not wait_for(lambda: check(d, 15 + n)):
			wrong.append("it does not go on: %r" % (d.peek("w/out") or b"")[-200:])
		code = stop(p)[0]
		if code != 0 or wrong:
			wrong.append("exit %s: %s" % (code, d.get("said")[-600:]))
		if d.temporaries("w"):
			wrong.append("left: %s" % d.temporaries("w"))
		umount(d)
	return title, wrong


def all_events(d, n):
	return len(serials(d.peek("w/out"))) == n


def state_moves(d, n):
	size = os.path.getsize(d.at("here.log"))
	return str(size).encode() in (d.peek("w/state") or b"")


def counted(d, n):
	text = d.peek("w/x.prom") or b""
	return sum(int(x) for x in re.findall(rb"\nscaudit_denials_total\{.*\} (\d+)", text)) == n


def dropped():
	"""A pipe does not wait: what the queue can not hold is dropped, counted, and said."""
	n = 60000
	with Dir() as d:
		mount(d, "size=64m")
		fill(d.at("w/filler"))
		p = d.start(["tail", "--from", "-", "-o", "w/out"], stdin=subprocess.PIPE)
		p.stdin.write(records(n).encode())
		p.stdin.flush()
		time.sleep(2.5)
		os.unlink(d.at("w/filler"))
		wait_for(lambda: b"\"kind\":\"loss\"" in d.peek("w/out"))
		p.stdin.write(records(5, n + 1).encode())
		p.stdin.close()
		p.stdin = None
		err = p.communicate(timeout=60)[1].decode()
		out = d.peek("w/out")
		came = serials(out)
		lost = sum(json.loads(line).get("lost", 0) for line in out.splitlines())
		wrong = []
		if len(came) + lost != n + 5 or lost == 0 or n + 5 not in came:
			wrong.append("%d came, %d are said to be lost, of %d" % (len(came), lost, n + 5))
		if p.returncode != 0 or "dropped" not in err:
			wrong.append("exit %d: %s" % (p.returncode, err))
		umount(d)
	return "tail -o from a pipe: %d events come, %d are counted as lost" % (len(came), lost), wrong


LIVE = (
	("tail -o: full for a while, then nothing is missing", "4m", ["-o", "w/out"], 8000, True,
	 all_events),
	("tail --state: full for a while, then saved", "512k", ["--state", "w/state", "-o", "out"],
	 3000, True, state_moves),
	("a textfile: full at first, then written", "512k", ["--format", "prometheus", "-o",
	 "w/x.prom"], 3000, False, counted),
)


def main():
	if not in_namespace():
		if not strace_injects():
			tap.skip("calls that fail in turn", "strace can not inject faults here")
		else:
			with concurrent.futures.ThreadPoolExecutor(3) as pool:
				for name, wrong in pool.map(in_turn, SCENARIOS):
					tap.result(name, wrong)
		if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"],
						       capture_output=True).returncode:
			tap.skip("real disks", "needs root and a mount namespace")
			tap.end()
		os.environ["DISK_NAMESPACE"] = "1"
		os.environ["DISK_FROM"] = "%d %d" % (tap.n, tap.failed)
		sys.stdout.flush()
		os.execvp("unshare", ["unshare", "-m", "--propagation", "private", sys.executable,
				      __file__])
	tap.n, tap.failed = (int(x) for x in os.environ["DISK_FROM"].split())
	rows = [(f, s) for f in (full, read_only) for s in SCENARIOS] + [(live,) + x for x in LIVE] + \
		[(dropped,)]
	with concurrent.futures.ThreadPoolExecutor(4) as pool:
		for name, wrong in pool.map(lambda row: row[0](*row[1:]), rows):
			tap.result(name, wrong)
	tap.end()


main()
