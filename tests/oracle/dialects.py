#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""log --format and report --format: each dialect read back by the rules of its own format, and
compared with what the log says and with the NDJSON of the same events; by promtool and
systemd-journal-remote, too, where they are installed. No byte of a name drives a terminal. TAP."""
import collections
import fcntl
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios

sys.dont_write_bytecode = True
sys.path.insert(0, "tests")
from dialect_readers import (SD_PARAM, SYSLOG, Event, at, cell, number, objects, plain, read_cef,
			     read_csv, read_ecs, read_gelf, read_journald, read_ndjson, read_ocsf,
			     read_otlp, read_syslog, shown)
from hostile_log import random_log, raw_name
from lib import SCAUDIT, result, run_all, skip

SHARED = "tests/cases/shared/"
LOGS = [SHARED + name for name in ("events.log", "strange.log", "audit.log")]
REMOTE = shutil.which("systemd-journal-remote", path="/usr/lib/systemd:/lib/systemd")


def run(verb, form, logs=LOGS):
	return subprocess.run([SCAUDIT, verb, "-q", "--format", form] + logs,
			      capture_output=True, check=True).stdout


def raw(text):
	"""As the journal has it."""
	return None if text is None else text.encode()


def expected(event, form, how):
	names = ((raw_name(event, key) for key in ("comm", "exe")) if form == "journald" else
		 (how(event.get(key)) for key in ("comm", "exe")))
	return Event(None, *names, how(event.get("action")), how(at(event, "container.id")),
		     how(event.get("reason")), how(number(event.get("lost"))),
		     how(event.get("message")))


def test_dialect(form, read, how, events):
	wrong, got = [], []
	try:
		got += read(run("log", form), wrong)
	except ValueError as why:
		wrong.append("after %d events: %s" % (len(got), why))
	ids = [e.id for e in got]
	if len(got) != len(events):
		wrong.append("%d events, not %d" % (len(got), len(events)))
	if len(set(ids)) != (1 if form in NAMELESS else len(ids)):
		wrong.append("an id twice: %s" % ids)
	for have, e in zip(got, events):
		want = expected(e, form, how)
		have = have._replace(id=None)
		if form == "journald" and have.message:
			have = have._replace(message=have.message.decode(
				errors="backslashreplace").encode())
		if have != want:
			wrong.append("%s, not %s" % (have, want))
	result("%s: %d events, read by its rules" % (form, len(got)), wrong)
	return [(i.decode() if isinstance(i, bytes) else i) for i in ids]


SAMPLE = re.compile(r'([a-z_:][a-z0-9_:]*)(?:\{([a-z_]+="(?:\\["\\n]|[^"\\\n])*"'
		    r'(?:,[a-z_]+="(?:\\["\\n]|[^"\\\n])*")*)\})? (\d+)')


def names(event, top=""):
	for key, value in event.items():
		if isinstance(value, dict):
			yield from names(value, top + key + ".")
		else:
			yield top + key


def test_whole():
	"""Syslog has the event's own names: none is missing from the table of all dialects."""
	logs = LOGS + ["tests/cases/log/full-event/full.ndjson"]
	wrong = []
	lines = run("log", "syslog", logs).decode().splitlines()
	for event, line in zip(objects(run("log", "ndjson", logs)), lines):
		want = set(names(event)) - {"v"}
		m = SYSLOG.fullmatch(line)
		got = {k for k, _ in re.findall(SD_PARAM, m[6])} - {"id"} if m else set()
		if got != want:
			wrong.append("%s" % (got ^ want))
	result("no field of the event is missing", wrong)


def test_prometheus():
	wrong, seen, types, sums = [], set(), {}, collections.Counter()
	text = run("report", "prometheus")
	for line in plain(text, wrong):
		head = re.fullmatch(r"# (HELP|TYPE) (\w+) (.+)", line)
		sample = SAMPLE.fullmatch(line)
		if head and head[1] == "TYPE":
			types[head[2]] = head[3]
		elif not head and (not sample or sample[1] not in types):
			wrong.append("odd line: %s" % line)
		elif sample:
			if line.rsplit(" ", 1)[0] in seen:
				wrong.append("a series twice: %s" % line)
			seen.add(line.rsplit(" ", 1)[0])
			sums[sample[1]] += int(sample[3])
			if re.search(r"\b(pid|id|comm|container)=", sample[2] or ""):
				wrong.append("a label without bounds: %s" % line)
	groups = objects(run("report", "ndjson"))
	losses = collections.Counter()
	for event in objects(run("log", "ndjson")):
		if event.get("kind") == "loss":
			losses[event.get("reason", "other")] += event.get("lost", 0)
	for reason, lost in losses.items():
		if 'scaudit_lost_records_total{reason="%s"} %d\n' % (reason, lost) not in text.decode():
			wrong.append("not %d lost by %s" % (lost, reason))
	for name, denied in (("scaudit_denials_total", True), ("scaudit_logged_total", False)):
		want = sum(g["count"] for g in groups if g.get("denied") == denied)
		if sums[name] != want:
			wrong.append("%s: %d, not %d" % (name, sums[name], want))
	result("prometheus: %d series, sums as the report's" % len(seen), wrong)
	if not shutil.which("promtool"):
		return skip("promtool check metrics", "package prometheus is not installed")
	check = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True)
	said = (check.stdout + check.stderr).decode()
	result("promtool check metrics", said.splitlines() if check.returncode or said else [])


def test_journal_remote(events):
	name = "systemd-journal-remote takes every entry"
	if not REMOTE or not shutil.which("journalctl"):
		return skip(name, "package systemd-journal-remote is not installed")
	wrong = []
	with tempfile.TemporaryDirectory() as top:
		journal = top + "/test.journal"
		subprocess.run([REMOTE, "-o", journal, "-"], input=run("log", "journald"),
			       capture_output=True, check=True)
		read = subprocess.run(["journalctl", "--file", journal, "-o", "json", "--all"],
				      capture_output=True, check=True).stdout
	got = collections.Counter()
	for entry in objects(read):
		comm = entry.get("SCAUDIT_COMM")
		got[comm.encode() if isinstance(comm, str) else comm and bytes(comm)] += 1
	if got != collections.Counter(raw_name(e, "comm") for e in events):
		wrong.append("names: %s" % got)
	result(name, wrong)


def on_terminal(verb, form):
	"""(exit code, what a terminal of 80 columns gets, standard error)"""
	parent, child = pty.openpty()
	fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
	with subprocess.Popen([SCAUDIT, verb, "-q", "--color", "never", "--format", form] + LOGS,
			      stdout=child, stderr=subprocess.PIPE) as run:
		os.close(child)
		got = b""
		try:
			while piece := os.read(parent, 65536):
				got += piece
		except OSError: # the other end is closed
			pass
		said = run.stderr.read()
	os.close(parent)
	return run.returncode, re.sub(rb"\r+\n", b"\n", got), said # CSV has its own \r


def test_terminal():
	wrong = []
	code, _, said = on_terminal("log", "journald")
	result("journald: not onto a terminal", [] if code == 2 and b"terminal" in said else
	       ["%d %s" % (code, said)])
	for verb, form in [("log", form) for form in FORMS if form != "journald"] + [
			("log", "table"), ("report", "table"), ("report", "prometheus")]:
		code, text, _ = on_terminal(verb, form)
		odd = []
		for line in plain(text, odd):
			if form == "table" and verb == "log" and len(line) > 80 and " loss " in line:
				odd.append("wider than the terminal: %s" % line)
		wrong += ["%s %s: %s" % (verb, form, o) for o in odd]
		if code or not text:
			wrong.append("%s %s: exit %d" % (verb, form, code))
	result("nothing drives a terminal", wrong)


BODY = re.compile(rb"audit\((\d+)\.(\d+):(\d+)\): .* pid=(\d+) comm=(\S+) (?:exe=(\S+) )?")


def test_log(events):
	"""The names are those of the log, read here without the program."""
	def value(s):
		if s is None:
			return None
		return s[1:-1] if s.startswith(b'"') else bytes.fromhex(s.decode())
	wrong, names = [], {}
	for log in LOGS:
		with open(log, "rb") as f:
			for m in filter(None, map(BODY.search, f)):
				names[m[3], m[4]] = (value(m[5]), value(m[6]))
	found = 0
	for e in events:
		want = names.get((b"%d" % e.get("serial", -1), b"%d" % e.get("pid", -1)))
		if want:
			found += 1
			if (raw_name(e, "comm"), raw_name(e, "exe")) != want:
				wrong.append("%s, not %s" % (e, want))
	if found < 1000:
		wrong.append("compared only %d" % found)
	result("ndjson: %d names, as the log has them" % found, wrong)


def test_reread(ids):
	"""What log writes, log reads, and the events keep their names."""
	with tempfile.NamedTemporaryFile(suffix=".ndjson") as f:
		f.write(run("log", "ndjson"))
		f.flush()
		again = [e.id for e in read_ecs(run("log", "ecs", [f.name]), [])]
	result("the same event has the same id, read from NDJSON", [] if ids == again else
	       ["%s, not %s" % pair for pair in zip(again, ids) if pair[0] != pair[1]])


def main():
	with tempfile.TemporaryDirectory() as top:
		LOGS.append(top + "/random.log")
		random_log(LOGS[-1], 1000)
		test_all()


def as_is(text):
	return text


FORMS = {"ndjson": (read_ndjson, as_is), "csv": (read_csv, cell), "ecs": (read_ecs, as_is),
	 "ocsf": (read_ocsf, as_is), "otlp": (read_otlp, as_is), "gelf": (read_gelf, as_is),
	 "cef": (read_cef, shown), "syslog": (read_syslog, shown),
	 "journald": (read_journald, raw)}
NAMELESS = ("ndjson", "csv") # have no id


def test_all():
	events = objects(run("log", "ndjson"))
	test_log(events)
	ids = {}
	for form, (read, how) in FORMS.items():
		got = test_dialect(form, read, how, events)
		if form not in NAMELESS:
			ids[form] = got
	result("one event has one id in all dialects", [
		"%s: %s" % (form, ids[form]) for form in ids if ids[form] != ids["ecs"]])
	test_reread(ids["ecs"])
	test_whole()
	test_prometheus()
	test_journal_remote(events)
	test_terminal()


run_all(main)
