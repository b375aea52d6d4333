#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""SIGTERM, SIGINT and SIGHUP at every system call that touches a file or may block: no half
file, no temporary, and the death that the signal asks for; a follower ends well and its state is
saved. And readers that go away: quietly, with the right exit code. TAP."""
import concurrent.futures
import json
import os
import re
import select
import signal
import subprocess
import time

from lib import Dir, Tap, is_sanitized, records, stop, strace, strace_injects, traced, wait_for

tap = Tap()
CALLS = ("openat,close,write,writev,read,fsync,renameat,fchmod,fchown,flistxattr,unlink,unlinkat,"
	 "rt_sigprocmask,getrandom")

BATCH = ( # as in disk.py: the last file is new only if all are
	("suggest --in-place", "$S suggest -q profile.json mkdir.log --in-place",
	 ("profile.json.orig", "profile.json")),
	("complain --in-place", "$S complain -q --by log profile.json --in-place",
	 ("profile.json.undo", "profile.json.orig", "profile.json")),
	("complain -o --undo", "$S complain -q --by log profile.json -o out --undo undo",
	 ("undo", "out")),
	("log -o", "$S log -q mkdir.log -o out", ("out",)),
)


def points(d, command):
	out, ours = [], False
	for name, i, line in traced(d, command, CALLS):
		ours = ours or d.path in line or ".json" in line
		if ours: # what comes before is the loading of libraries
			out.append((name, i))
	return out


def batch(title, command, files):
	with Dir() as d:
		old = [d.peek(f) for f in files]
		found = points(d, command)
		new = [d.peek(f) for f in files]
	wrong = [] if found and old != new else ["nothing was written"]
	sigs = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
	step = 6 if is_sanitized() else 2
	died = 0
	points_used = [(p, sigs[i % 3]) for i, p in enumerate(found)][::step]
	for (name, i), sig in points_used:
		with Dir() as d:
			r = strace(d, command, "-e trace=%s -e inject=%s:signal=%d:when=%d" %
				   (name, name, sig, i))
			got = [d.peek(f) for f in files]
			at = "signal %d at %s %d: " % (sig, name, i)
			if r.returncode not in (-sig, 0):
				wrong.append(at + "exit %d: %s" % (r.returncode, r.stderr.decode()))
			died += r.returncode == -sig
			for f, o, n, g in zip(files, old, new, got):
				if g not in (o, n):
					wrong.append(at + "%s is neither old nor new" % f)
			if got[-1] == new[-1] and got != new:
				wrong.append(at + "changed out of order")
			if d.temporaries():
				wrong.append(at + "left: %s" % d.temporaries())
	if not died:
		wrong.append("no signal came")
	return "%s: a signal at %d calls, %d deaths: old or new, no temporaries" % (
		title, len(points_used), died), wrong


# -- a follower --

def positions(d):
	state = json.loads(d.peek("state") or b"{}")
	return json.dumps(state.get("sources", []))


def follower(sig):
	"""A signal after k reads of the log: what came out is what the state says."""
	wrong = []
	runs = 3 if is_sanitized() else 6
	for k in range(runs):
		with Dir() as d:
			d.put("here.log", records(2000))
			p = d.tail("here.log", ["--state", "state", "-o", "out"])
			time.sleep(0.03 * k)
			code, err = stop(p, sig)
			if code == -sig and not os.path.exists(d.at("state")):
				continue # it came before there was a follower
			if code != 0:
				wrong.append("%d: exit %s: %s" % (k, code, err))
			if d.temporaries():
				wrong.append("left: %s" % d.temporaries())
			first = re.findall(rb'"serial":(\d+),', d.peek("out") or b"")
			p = d.tail("here.log", ["--state", "state", "-o", "out"])
			wait_for(lambda: len(set(re.findall(rb'"serial":(\d+),', d.peek("out") or
							    b""))) == 2000)
			code, err = stop(p)
			all_of = re.findall(rb'"serial":(\d+),', d.peek("out") or b"")
			if len(set(all_of)) != 2000:
				wrong.append("%d after %d: %d of 2000" % (k, len(first),
									  len(set(all_of))))
			if len(all_of) != 2000:
				wrong.append("%d came twice" % (len(all_of) - 2000))
	return "tail --state: signal %d at %d moments: exit 0, saved, none missing, none twice" % (
		sig, runs), wrong


def follower_at_call():
	"""SIGTERM at the i-th call of those that save and wait."""
	wrong = []
	for name in ("poll", "fsync", "renameat", "writev", "read", "pread64"):
		for i in (1, 2):
			with Dir() as d:
				d.put("here.log", records(300))
				try:
					r = strace(d, "timeout 60 $S tail -q --from here.log --since "
						   "2000-01-01 --state state -o out",
						   "-e trace=%s -e inject=%s:signal=TERM:when=%d" %
						   (name, name, i))
				except subprocess.TimeoutExpired:
					wrong.append("%s %d: it does not end" % (name, i))
					continue
				at = "%s %d: " % (name, i)
				if r.returncode == -signal.SIGTERM and not os.path.exists(d.at("out")):
					continue # it came before there was a follower
				if r.returncode != 0:
					wrong.append(at + "exit %d: %s" % (r.returncode, r.stderr))
				if d.temporaries():
					wrong.append(at + "left: %s" % d.temporaries())
				out = d.peek("out") or b""
				if out and not out.endswith(b"\n"):
					wrong.append(at + "a torn line")
				size = str(os.path.getsize(d.at("here.log")))
				if out.count(b"\n") == 300 and size not in positions(d):
					wrong.append(at + "the state is behind: " + positions(d))
	return "tail --state: SIGTERM at calls that save and wait: exit 0, whole", wrong


def blocked():
	"""The consumer does not read; the signal ends it all the same, and the state is not past it."""
	with Dir() as d:
		d.put("here.log", records(5000))
		r, w = os.pipe()
		p = d.tail("here.log", ["--state", "state"], stdout=w)
		os.close(w)
		select.select([r], [], [], 60)
		time.sleep(1) # more than the pipe takes
		start = time.time()
		code, err = stop(p)
		took = time.time() - start
		got = len(re.findall(rb'"serial":(\d+),', os.read(r, 1 << 20)))
		os.close(r)
		wrong = [] if code == 0 else ["exit %s: %s" % (code, err)]
		if took > 20:
			wrong.append("%.1f s" % took)
		if str(os.path.getsize(d.at("here.log"))) in positions(d):
			wrong.append("the state is past what was read (%d)" % got)
	return "tail: SIGTERM while nobody reads: ends in %.1f s, the state waits" % took, wrong


def slow():
	"""A pager that was left alone for longer than a consumer is waited for at the end."""
	with Dir() as d:
		d.put("here.log", records(5000))
		r = d.run("$S log -q here.log --to - | { sleep 4; wc -l; }")
		wrong = [] if r.stdout.strip() == b"5000" else ["%s of 5000: %s" % (r.stdout, r.stderr)]
	return "log --to -: a reader that reads nothing for 4 s gets everything", wrong


def blocked_batch(sig):
	with Dir() as d:
		d.put("here.log", records(20000))
		r, w = os.pipe()
		p = d.start(["log", "-q", "here.log"], stdout=w)
		os.close(w)
		time.sleep(0.7)
		code, err = stop(p, sig)
		os.close(r)
		wrong = [] if code == -sig else ["exit %s: %s" % (code, err)]
	return "log: signal %d while nobody reads ends it" % sig, wrong


# -- readers that go away --

PIPES = (
	("log", "$S log -q big.log", 0),
	("log --exit-code", "$S log -q big.log --exit-code", 1),
	("log --format csv", "$S log -q big.log --format csv", 0),
	("log --format journald", "$S log -q big.log --format journald", 0),
	("report --format ndjson", "$S report -q big.log --format ndjson", 0),
	("report", "$S report big.log", 0),
	("suggest --format profile", "$S suggest -q profile.json big.log --format profile", 0),
	("suggest --format json", "$S suggest -q profile.json big.log --format json --exit-code", 1),
	("explain", "$S explain -q profile.json $(seq 0 300)", 0),
	("explain --calls", "seq 0 400 | $S explain -q profile.json --calls -", 0),
	("check", "$S check -q profile.json --fail-on info", None),
	("check --list", "$S check --list", 0),
	("diff", "$S diff -q profile.json other.json", 0),
	("diff --exit-code", "$S diff -q profile.json other.json --exit-code", 1),
	("replay", "$S replay -q profile.json big.log --format ndjson", 0),
	("complain", "$S complain -q --by log profile.json", 0),
	("doctor", "$S doctor --root .", 0),
	("resolve", "$S resolve $(seq 0 400)", None),
	("help", "$S help", 0),
	("help --format man", "$S help --format man", 0),
	("tail", "$S tail -q --from big.log --since 2000-01-01", 0),
	("log --to -", "$S log -q big.log --to -", None),
)


# One leaves while it is read, one before, one closes its end only, one when all was read and
# the rest waits for it.
READERS = ("head -n 1 >/dev/null", "true", "exec 0<&-", "sleep 0.5")


def many_calls():
	return "".join(records(1, i, 4000 + i % 900).replace("syscall=83", "syscall=%d" % (i % 330))
		       for i in range(1, 3000))


def closed(title, command, code):
	wrong = []
	with Dir() as d:
		d.put("big.log", many_calls())
		d.put("other.json", d.get("profile.json").replace(b"SCMP_ACT_ALLOW", b"SCMP_ACT_KILL"))
		whole = d.run(command) if title != "tail" else None
		for reader in READERS:
			r = d.run("{ %s; echo $? >code; } | { %s; }" % (command, reader))
			got = int((d.peek("code") or b"-1").strip() or -1)
			if whole is not None:
				code = whole.returncode
			if got != code:
				wrong.append("%s: exit %s, without a reader %s" % (reader, code, got))
			if whole is not None and r.stderr != whole.stderr or b"roken" in r.stderr:
				wrong.append("%s: %s" % (reader, r.stderr.decode()[:300]))
	return "%s: a reader that goes away: quiet, exit %s" % (title, code), wrong


def main():
	rows = []
	if strace_injects():
		rows += [(batch,) + row for row in BATCH] + [(follower_at_call,)]
	else:
		tap.skip("signals at every call", "strace can not inject them here")
	rows += [(follower, s) for s in (signal.SIGTERM, signal.SIGINT)]
	rows += [(blocked,), (slow,), (blocked_batch, signal.SIGTERM), (blocked_batch, signal.SIGINT)]
	rows += [(closed,) + row for row in PIPES]
	with concurrent.futures.ThreadPoolExecutor(4) as pool:
		for name, wrong in pool.map(lambda row: row[0](*row[1:]), rows):
			tap.result(name, wrong)
	tap.end()


main()
