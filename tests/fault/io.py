#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Reads and writes that are short or interrupted change no result, byte for byte; those that
fail are an error that names the file, an exit code, and a count. TAP."""
import concurrent.futures
import fcntl
import gzip
import lzma
import os
import re
import shutil

from lib import Dir, Tap, is_sanitized, preload, records, shim, strace, strace_injects

tap = Tap()
library, why = shim("shim_io.c")

# Followed until both events are out, then ended.
FOLLOW = ("$S tail -q --from mkdir.log --since 2000-01-01 %s & p=$!; n=0; until [ $n -ge 600 ] || "
	  "[ \"$(cat events 2>/dev/null | wc -l)\" -ge 2 ]; do sleep .1; n=$((n + 1)); done; kill $p; "
	  "wait $p")

# a command, and the files that it leaves
SAME = (
	("a plain log", "$S log big.log", ()),
	("a log from a pipe", "cat big.log | $S log -", ()),
	("a .gz", "$S log big.log.gz", ()),
	("a .xz", "$S log big.log.xz", ()),
	("a .zst", "$S log big.log.zst", ()),
	("what is no text", "$S report noise", ()),
	("report, several sources", "$S report big.log mkdir.log", ()),
	("its own NDJSON", "$S log mkdir.log -q >e.ndjson; $S report e.ndjson", ()),
	("suggest", "$S suggest profile.json big.log --format profile", ()),
	("suggest --in-place", "$S suggest profile.json mkdir.log --in-place",
	 ("profile.json", "profile.json.orig")),
	("complain --in-place", "$S complain --by log profile.json --in-place",
	 ("profile.json", "profile.json.undo")),
	("complain, enforce", "$S complain -q --by log profile.json --in-place; $S enforce profile.json "
	 "--in-place", ("profile.json",)),
	("explain", "$S explain profile.json mkdir mount", ()),
	("explain --calls", "seq 0 300 | $S explain -q profile.json --calls -", ()),
	("check", "$S check profile.json", ()),
	("diff", "$S diff profile.json mkdir.log || $S diff profile.json profile.json", ()),
	("replay", "$S replay profile.json big.log", ()),
	("log -o", "$S log big.log -o out", ("out",)),
	("log --to file:", "$S log big.log --to file:out", ("out",)),
	("log --to -, a pipe", "$S log big.log --to - | cat", ()),
	("tail, ended by its source", "cat mkdir.log | $S tail --from - -o out", ("out",)),
	("tail --state", FOLLOW % "--state s -o events", ("s", "events")),
	("a state that is read again", FOLLOW % "--state s -o events" + "; "
	 + FOLLOW % "--state s -o events", ("events",)),
	("a textfile", FOLLOW % "--to file:events --format prometheus -o out", ("out", "events")),
)
FAULTS = (("1 byte at a time", {"IO_SHORT": "1"}), ("at most 99", {"IO_SHORT": "99"}),
	  ("every 2nd call interrupted", {"IO_EINTR": "2"}),
	  ("short and interrupted", {"IO_SHORT": "4000", "IO_EINTR": "3"}))


def fill(d, n):
	text = records(n).encode()
	d.put("big.log", text)
	d.put("big.log.gz", gzip.compress(text))
	d.put("big.log.xz", lzma.compress(text))
	d.put("noise", os.urandom(5) + b"\0\n" + text[:3000] + b"\xff\n")
	if shutil.which("zstd"):
		d.run("zstd -q big.log")


def result(d, command, files, env):
	r = d.run(command, env=env)
	out = [r.returncode, r.stdout, r.stderr] + [d.get(f) for f in files]
	return [strip(d, x) if isinstance(x, bytes) else x for x in out]


def strip(d, text):
	"""Without what tells one directory, inode and time from another."""
	return re.sub(rb'"(dev|ino|mtime)":[^,}]*|process_start_time_seconds.*', b'',
		      text.replace(d.path.encode(), b"."))


def differs(got, want):
	for a, b in zip(got, want):
		if a != b and isinstance(a, bytes):
			at = len(os.path.commonprefix([a, b]))
			return "...%r, not ...%r" % (a[max(at - 20, 0):at + 80], b[max(at - 20, 0):at + 80])
	return "exit %r, not %r" % (got[0], want[0])


def same(title, command, files):
	wrong, moved = [], 0
	n = 60 if is_sanitized() else 150
	noise = None
	# a consumer that takes a byte at a time is too slow for one that drains for 3 s
	faults = FAULTS[1:] if "--to" in command or "tail" in command else FAULTS
	for what, more in (("as it is", {}),) + faults:
		with Dir() as d:
			fill(d, n)
			if noise:
				d.put("noise", noise)
			noise = d.get("noise")
			env = dict(preload(), IO_LOG=d.at("io.log"), RUN=d.at("run"), **more)
			# the shell and its helpers are not under test
			d.put("run", "#!/bin/sh\nLD_PRELOAD=%s exec \"$S\" \"$@\"\n" % library)
			os.chmod(d.at("run"), 0o755)
			got = result(d, command.replace("$S", "$RUN"), files, env)
			log = d.get("io.log").split()
			if not more:
				want = got
				continue
			hits = sum(int(x) for x in log[1::3] + log[2::3]) if log[0] != b"no" else 0
			moved += hits
			if got != want:
				wrong.append("%s: %s" % (what, differs(got, want)))
	if not moved:
		wrong.append("no call was short")
	if b"" == want[1] and not files:
		wrong.append("it says nothing: %r" % want)
	return "%s: the same, %d calls short or interrupted" % (title, moved), wrong


def not_blocking():
	"""A pipe that somebody else made non-blocking: EAGAIN is no end."""
	wrong = []
	with Dir() as d:
		text = records(3000).encode()
		r, w = os.pipe()
		fcntl.fcntl(r, fcntl.F_SETFL, fcntl.fcntl(r, fcntl.F_GETFL) | os.O_NONBLOCK)
		p = d.start(["log", "-q", "-"], stdin=r, stdout=open(d.at("out"), "wb"))
		os.close(r)
		for at in range(0, len(text), 40000):
			os.write(w, text[at:at + 40000])
		os.close(w)
		p.communicate(timeout=60)
		if p.returncode or d.get("out").count(b"\n") != 3000:
			wrong.append("stdin: exit %d, %d events" % (p.returncode,
								   d.get("out").count(b"\n")))
		d.put("big.log", text)
		r, w = os.pipe()
		fcntl.fcntl(w, fcntl.F_SETFL, fcntl.fcntl(w, fcntl.F_GETFL) | os.O_NONBLOCK)
		p = d.start(["log", "-q", "big.log"], stdout=w)
		os.close(w)
		got = 0
		while True:
			part = os.read(r, 3000)
			if not part:
				break
			got += part.count(b"\n")
		os.close(r)
		p.communicate(timeout=60)
		if p.returncode or got != 3000:
			wrong.append("stdout: exit %d, %d events" % (p.returncode, got))
	return "pipes that do not block: nothing is lost", wrong


# -- reads that fail: EIO of the kernel's own (/proc/self/mem), and injected ones --

ERRORS = ( # command, the file, how many sources ended in an error
	("$S log /proc/self/mem", "/proc/self/mem", 1),
	("$S report big.log /proc/self/mem", "/proc/self/mem", 1),
	("$S report /proc/self/mem big.log", "/proc/self/mem", 1),
	("$S log .", ".", None),
	("$S suggest /proc/self/mem big.log", "/proc/self/mem", None),
	("$S suggest profile.json /proc/self/mem", "/proc/self/mem", None),
	("$S check /proc/self/mem", "/proc/self/mem", None),
	("$S diff profile.json /proc/self/mem", "/proc/self/mem", None),
	("$S complain /proc/self/mem", "/proc/self/mem", None),
	("cp profile.json p; ln -s /proc/self/mem p.undo; $S enforce p", "p.undo", None),
	("$S explain /proc/self/mem mkdir", "/proc/self/mem", None),
	("$S explain profile.json --calls /proc/self/mem", "/proc/self/mem", None),
	("$S explain profile.json --calls .", ".", None),
	("$S check profile.json --ignore /proc/self/mem", "/proc/self/mem", None),
	("$S check profile.json --ignore .", ".", None),
	("$S replay profile.json mkdir.log --baseline /proc/self/mem", "/proc/self/mem", None),
	("$S report mkdir.log --containers /proc/self/mem", "/proc/self/mem", None),
	("$S doctor /proc/self/mem", "/proc/self/mem", None),
)


def errors():
	wrong = []
	for command, file, stopped in ERRORS:
		with Dir() as d:
			fill(d, 20)
			r = d.run(command)
			err = r.stderr.decode()
			if r.returncode != 2 or file not in err:
				wrong.append("%s: exit %d: %s" % (command, r.returncode, err))
			if stopped and "%d source ended in an error" % stopped not in \
					" ".join(err.split()):
				wrong.append("%s: not counted: %s" % (command, err))
	return "%d inputs that can not be read are named, exit 2" % len(ERRORS), wrong


INJECTED = ( # the file, its reads, what comes out all the same
	("big.log", "$S log big.log"), ("big.log.gz", "$S log big.log.gz"),
	("big.log", "$S report mkdir.log big.log"), ("big.log", "$S suggest profile.json big.log"),
	("profile.json", "$S suggest profile.json big.log"),
	("profile.json", "$S complain --by log profile.json --in-place"),
	("profile.json", "$S suggest profile.json mkdir.log --in-place"),
)


def injected():
	wrong, n = [], 0
	for file, command in INJECTED:
		for error in ("EIO", "EINTR"):
			for i in (1, 2, 3):
				with Dir() as d:
					fill(d, 3000)
					before = d.get("profile.json")
					r = strace(d, command, "-P %s -e trace=read -e "
						   "inject=read:error=%s:when=%d" % (d.at(file), error, i))
					hit = b"INJECTED" in d.get("trace")
					n += hit
					err = r.stderr.decode()
					at = "%s %d: %s: " % (error, i, command)
					if not hit or error == "EINTR":
						if r.returncode != 0:
							wrong.append(at + "exit %d: %s" % (r.returncode, err))
					elif r.returncode != 2 or file not in err or \
							"Input/output error" not in err:
						wrong.append(at + "exit %d: %s" % (r.returncode, err))
					elif d.get("profile.json") != before or d.temporaries():
						wrong.append(at + "it was written")
					ended = "1 source ended in an error" in " ".join(err.split())
					if hit and error == "EIO" and not ended and \
							file.startswith("big") and "suggest" not in command:
						wrong.append(at + "not counted: " + err)
	if n < 20:
		wrong.append("only %d reads failed" % n)
	return "%d reads that fail or are interrupted by the kernel" % n, wrong


def main():
	rows = []
	if library:
		rows += [(same,) + row for row in SAME]
	else:
		tap.skip("short reads and writes", why)
	rows += [(not_blocking,), (errors,)]
	if strace_injects():
		rows.append((injected,))
	else:
		tap.skip("reads that fail", "strace can not inject faults here")
	with concurrent.futures.ThreadPoolExecutor(4) as pool:
		for name, wrong in pool.map(lambda row: row[0](*row[1:]), rows):
			tap.result(name, wrong)
	tap.end()


main()
