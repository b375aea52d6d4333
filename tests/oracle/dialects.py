#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""log --format and report --format: each dialect read back by the rules of its own format, and
compared with what the log says and with the NDJSON of the same events; by promtool and
systemd-journal-remote, too, where they are installed. No byte of a name drives a terminal. TAP."""
import collections
import csv
import fcntl
import io
import json
import os
import pty
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios

sys.dont_write_bytecode = True
from lib import SCAUDIT, result, run_all, skip

SHARED = "tests/cases/shared/"
LOGS = [SHARED + name for name in ("events.log", "strange.log", "audit.log")]
REMOTE = shutil.which("systemd-journal-remote", path="/usr/lib/systemd:/lib/systemd")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
		     "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
PIECES = ["\x1b[31m", "\n", "\r", "\t", "\0", "\u009b", "\u202e", "\u2028", "\ufeff",
	  "\U000e0041", "\"", "'", "\\", "\\n", "]", "] [x@1 y=\"z\"", "|", "=", " act=", "{", "}", ",",
	  "#", "<0>1 ", "ü", "漢", "😀", "a", "b c"]

def run(verb, form, logs=LOGS):
	return subprocess.run([SCAUDIT, verb, "-q", "--format", form] + logs,
			      capture_output=True, check=True).stdout


def random_log(path, records):
	dice = random.Random(5424)
	with open(path, "w") as f:
		for i in range(records):
			name = b"".join(
				dice.choice(PIECES).encode() if dice.random() < 0.7 else
				bytes([dice.randrange(256)]) for _ in range(dice.randint(1, 7)))
			f.write("type=SECCOMP msg=audit(1795600000.%03d:%d): auid=4294967295 uid=0 "
				"gid=0 ses=4294967295 pid=%d comm=%s exe=%s sig=0 arch=c000003e "
				"syscall=83 compat=0 ip=0x7f code=0x50000\n" %
				(i % 1000, i + 1, i + 1, name[:15].hex().upper(), name.hex().upper()))


def strict(pairs):
	keys = [k for k, _ in pairs]
	if len(keys) != len(set(keys)):
		raise ValueError("a key twice: %s" % keys)
	return dict(pairs)


def objects(text):
	return [json.loads(line, object_pairs_hook=strict) for line in text.splitlines()]


def at(tree, path):
	for part in path.split("."):
		tree = tree.get(part) if isinstance(tree, dict) else None
	return tree


def shown(text):
	"""The text as plain lines show it."""
	def escape(m):
		c = ord(m[0])
		return "\\x%02x" % c if c < 0x100 else "\\u%04x" % c
	return None if text is None else CONTROL.sub(escape, text)


# Of a loss: reason, lost (as text), message. What is absent is None.
Event = collections.namedtuple("Event", "id comm exe action container reason lost message")


def number(value):
	return None if value is None else str(value)


# One function a dialect: text to events, everything odd about them appended to `wrong`.

def read_ndjson(text, wrong):
	plain(text, wrong)
	for o in objects(text):
		if o["v"] != 1 or ("action" in o) == (o.get("kind") == "loss"):
			wrong.append("odd event: %s" % o)
		yield Event(None, o.get("comm"), o.get("exe"), o.get("action"), at(o, "container.id"),
			    o.get("reason"), number(o.get("lost")), o.get("message"))


FORMULA = tuple("=+-@\t\r")


def cell(text):
	"""The text as a spreadsheet gets it, with a quote in front of what it would run."""
	return text and ("'" if text[0] in FORMULA else "") + shown(text)


def read_csv(text, wrong):
	rows = list(csv.reader(io.StringIO(text.decode(), newline=""), strict=True))
	for row in rows[1:]:
		if len(row) != len(rows[0]):
			wrong.append("torn: %s" % row)
			continue
		for text in row:
			if CONTROL.search(text) or text[:1] in FORMULA:
				wrong.append("%r is not harmless" % text)
		o = dict(zip(rows[0], (c or None for c in row)))
		yield Event(None, o["comm"], o["exe"], o["action"], o["container.id"], o["reason"],
			    o["lost"], o["message"])


def read_ecs(text, wrong):
	for o in objects(text):
		kind, types = at(o, "event.kind"), at(o, "event.type")
		loss = at(o, "event.dataset") == "scaudit.loss"
		if (kind, types) not in ((("event", ["error"]),) if loss else
					 (("alert", ["denied"]), ("event", ["info"]))):
			wrong.append("kind %s, type %s" % (kind, types))
		if at(o, "event.outcome") not in ("success", "failure", "unknown"):
			wrong.append("outcome %s" % at(o, "event.outcome"))
		if not at(o, "ecs.version").startswith("8."):
			wrong.append("version %s" % o["ecs"])
		for key in ("process.user.id", "process.group.id"):
			if not isinstance(at(o, key), (str, type(None))):
				wrong.append("%s is no keyword" % key)
		yield Event(at(o, "event.id"), at(o, "process.name"), at(o, "process.executable"),
			    None if loss else at(o, "event.action")[8:].replace("-", "_"),
			    at(o, "container.id"), at(o, "event.reason"),
			    number(at(o, "scaudit.loss.lost")), at(o, "scaudit.loss.message"))


OCSF = {1008: ("activity_name", "log_name", "status_id"),
	2004: ("finding_info.uid", "finding_info.title", "is_alert"),
	1003: ("actor", "kernel.name", "kernel.type_id")}


def read_ocsf(text, wrong):
	for o in objects(text):
		for key in ("activity_id", "category_uid", "class_uid", "type_uid", "severity_id",
			    "metadata.version", "metadata.product.name", "device.type_id",
			    ) + OCSF[o["class_uid"]]:
			if at(o, key) is None:
				wrong.append("class %d has no %s" % (o["class_uid"], key))
		if o["type_uid"] != o["class_uid"] * 100 + o["activity_id"]:
			wrong.append("type_uid %d" % o["type_uid"])
		if o["severity_id"] not in range(7):
			wrong.append("severity_id %d" % o["severity_id"])
		who = o["actor"] if "actor" in o else o.get("evidences", [None])[0]
		if who == {}:
			wrong.append("empty evidence")
		file = at(who, "process.file") or {"name": "", "type_id": 1, "path": None}
		if not (file["path"] or "").endswith(file["name"]) or file["type_id"] != 1:
			wrong.append("file %s" % file)
		yield Event(o["metadata"]["uid"], at(who, "process.name"), file["path"],
			    None if o["class_uid"] == 1008 else o["metadata"]["event_code"],
			    at(who, "process.container.uid"), o.get("status_detail"),
			    number(at(o, "unmapped.lost")), o.get("raw_data"))


def otlp_value(v, wrong):
	(kind, got), = v.items()
	want = {"stringValue": str, "intValue": str, "boolValue": bool, "arrayValue": dict}[kind]
	if not isinstance(got, want) or (kind == "intValue" and not re.fullmatch(r"-?\d+", got)):
		wrong.append("value %s" % v)
	return got


def read_otlp(text, wrong):
	for o in objects(text):
		record, = at(o["resourceLogs"][0]["scopeLogs"][0], "logRecords")
		keys = [a["key"] for a in record["attributes"]]
		if len(keys) != len(set(keys)):
			wrong.append("an attribute twice: %s" % keys)
		got = {a["key"]: otlp_value(a["value"], wrong) for a in record["attributes"]}
		if not re.fullmatch(r"\d{19}", record.get("timeUnixNano", "0" * 19)):
			wrong.append("time %s" % record["timeUnixNano"])
		if record["severityNumber"] not in range(1, 25):
			wrong.append("severity %s" % record["severityNumber"])
		yield Event(got["log.record.uid"], got.get("thread.name"),
			    got.get("process.executable.path"), got.get("scaudit.action"),
			    got.get("container.id"), got.get("scaudit.loss.reason"),
			    got.get("scaudit.loss.lost"), got.get("scaudit.loss.message"))


def read_gelf(text, wrong):
	for o in objects(text):
		if o["version"] != "1.1" or not o["host"] or not o["short_message"] or "_id" in o:
			wrong.append("head of %s" % o)
		for key, value in o.items():
			if not re.fullmatch(r"_[\w.-]+|version|host|short_message|timestamp|level",
					    key) or not isinstance(value, (str, int, float)):
				wrong.append("%s is %s" % (key, value))
		yield Event(o["_event_id"], o.get("_comm"), o.get("_exe"), o.get("_action"),
			    o.get("_container_id"), o.get("_reason"), number(o.get("_lost")),
			    o.get("_loss_message"))


def plain(text, wrong):
	"""Lines that nothing in them moves, hides or reorders."""
	lines = text.decode().split("\n")
	if lines.pop() != "":
		wrong.append("the last line has no end")
	for line in lines:
		if CONTROL.search(line.replace("\ufeff", "", 1)):
			wrong.append("a control character in %r" % line)
		yield line


def read_cef(text, wrong):
	for line in plain(text, wrong):
		head = re.match(r"CEF:0((?:\|(?:\\[\\|]|[^\\|])*){6})\|", line)
		if not head:
			wrong.append("no head of seven pipes: %s" % line)
			continue
		got = {}
		rest = line[head.end():]
		pairs = re.findall(r"(?:^| )(\w+)=((?:\\[\\=nr]|[^\\=])*)(?= \w+=|$)", rest)
		if " ".join("=".join(p) for p in pairs) != rest:
			wrong.append("not all of it is key=value: %s" % rest)
		for key, value in pairs:
			if key in got:
				wrong.append("%s twice" % key)
			got[key] = re.sub(r"\\([\\=])", r"\1", value)
		if not 0 <= int(head[1].split("|")[6]) <= 10:
			wrong.append("severity in %s" % head[1])
		yield Event(got["externalId"], got.get("sproc"), got.get("filePath"),
			    got.get("act"), got.get("cs1"), got.get("reason"), got.get("cn2"),
			    got.get("scauditLossMessage"))


SYSLOG = re.compile(
	r"<(\d{1,3})>1 (-|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([!-~]{1,255}) scaudit - "
	r"([!-~]{1,32}) \[([!-<>-\\^-~]{1,32})((?: [!#-<>-\\^-~]{1,32}=\"(?:\\[\"\\\]]|"
	r"[^\"\\\]])*\")*)\](?: (.*))?")

SD_PARAM = r" ([^= ]+)=\"((?:\\.|[^\"\\])*)\""


def read_syslog(text, wrong):
	for line in plain(text, wrong):
		m = SYSLOG.fullmatch(line)
		if not m or int(m[1]) > 191:
			wrong.append("no RFC 5424: %s" % line)
			continue
		pairs = re.findall(SD_PARAM, m[6])
		got = {k: re.sub(r"\\([\"\\\]])", r"\1", v) for k, v in pairs}
		if len(got) != len(pairs):
			wrong.append("a name twice: %s" % m[6])
		if m[7].startswith("\ufeff") == m[7].isascii():
			wrong.append("byte order mark: %r" % m[7])
		if m[4] != got.get("action", "loss"):
			wrong.append("MSGID %s" % m[4])
		yield Event(got["id"], got.get("comm"), got.get("exe"), got.get("action"),
			    got.get("container.id"), got.get("reason"), got.get("lost"),
			    got.get("message"))


def read_journald(text, wrong):
	entry = {}
	while text:
		line, text = text.split(b"\n", 1)
		if line == b"":
			yield Event(*(entry.get(k) for k in (
				b"SCAUDIT_EVENT_ID", b"SCAUDIT_COMM", b"SCAUDIT_EXE",
				b"SCAUDIT_ACTION", b"CONTAINER_ID_FULL", b"SCAUDIT_LOSS_REASON",
				b"SCAUDIT_LOST", b"SCAUDIT_LOSS_MESSAGE")))
			entry = {}
			continue
		key, equals, value = line.partition(b"=")
		if not equals:
			n = int.from_bytes(text[:8], "little")
			value, end, text = text[8:8 + n], text[8 + n:9 + n], text[9 + n:]
			if end != b"\n":
				wrong.append("length of %s" % key)
		if key in entry or not re.fullmatch(rb"[A-Z][A-Z0-9_]{0,63}|__REALTIME_TIMESTAMP",
						    key):
			wrong.append("field %s" % key)
		entry[key] = value
	if entry:
		wrong.append("the last entry has no end")


def raw(text):
	"""As the journal has it."""
	return None if text is None else text.encode()


def raw_name(event, key):
	"""The bytes as they were logged."""
	if key + "_hex" in event:
		return bytes.fromhex(event[key + "_hex"])
	return raw(event.get(key))


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
