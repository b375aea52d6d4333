# SPDX-License-Identifier: Apache-2.0
"""What log --format writes, read back by each format's own rules: one function a dialect, text to
events, with everything odd about them appended to `wrong`. None of scaudit's code is used."""
import collections
import csv
import io
import json
import re

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
		     "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")


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


def read_ndjson(text, wrong):
	list(plain(text, wrong))
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
