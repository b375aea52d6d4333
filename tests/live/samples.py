#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""samples/: what each program that a sample is for has to say about it, as far as it can be had
here, and that every command in them is one that scaudit takes. TAP."""
import configparser
import glob
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/oracle")
from lib import SCAUDIT, is_ready, result, run_all, skip, wait_for

PROGRAM = os.path.abspath(SCAUDIT)
UNIT = "samples/systemd/scaudit.service"
NOBODY = 65534 # stands for the unit's User=
PACKAGES = {"promtool": "prometheus", "systemd-analyze": "systemd", "logrotate": "logrotate"}


def read(path):
	with open(path) as f:
		return f.read()


def run(*args, **more):
	return subprocess.run(args, capture_output=True, text=True, **more)


def checked(name, check, clean=True):
	"""A program's own check; what it says is shown when it is not content."""
	said = (check.stdout + check.stderr).splitlines()
	result(name, said or ["exit %d" % check.returncode]
	       if check.returncode or (clean and check.stderr.strip()) else [])


def wanted(name, *programs):
	for program in programs:
		if not shutil.which(program):
			skip(name, "%s is not installed" % PACKAGES.get(program, program))
			return False
	return True


# -- systemd --

def unit_text():
	"""With the program and the paths of this tree."""
	return re.sub(r"^Documentation=.*\n", "", read(UNIT), flags=re.M).replace(
		"/usr/local/bin/scaudit", PROGRAM)


def allowed_calls():
	"""The unit's SystemCallFilter=, as names."""
	def members(word):
		if not word.startswith("@"):
			return {word}
		listed = run("systemd-analyze", "syscall-filter", word, check=True).stdout.split("\n")
		return {call for line in listed[1:] for w in [line.strip()]
			if w and not w.startswith("#") for call in members(w)}
	calls = members("@default")
	for value in re.findall(r"^SystemCallFilter=(.*)$", read(UNIT), re.M):
		deny = value.startswith("~")
		for word in value.lstrip("~").split():
			calls = calls - members(word) if deny else calls | members(word)
	return calls


def test_unit():
	if not wanted("systemd takes the unit", "systemd-analyze"):
		return
	with tempfile.TemporaryDirectory() as top:
		path = top + "/scaudit.service"
		with open(path, "w") as f:
			f.write(unit_text())
		checked("systemd takes the unit", run("systemd-analyze", "verify", path))
		check = run("systemd-analyze", "security", "--offline=yes", "--threshold=30", path)
		level = re.search(r"exposure level.*?: (\S+)", check.stdout)
		result("systemd calls the unit safe: exposure %s" % (level and level[1]),
		       check.stdout.splitlines() if check.returncode else [])


# These want CAP_SYS_ADMIN, which the unit has not; scaudit has other ways then.
DONE_WITHOUT = {"fanotify_init", "fanotify_mark", "fsconfig", "fsmount", "fsopen"}


def test_unit_rights():
	"""Runs what the unit runs, with its capabilities, and looks which calls it makes."""
	name = "scaudit does with the unit's capabilities and system calls"
	if not follows(name) or not wanted(name, "systemd-analyze", "strace", "setpriv"):
		return
	if os.geteuid() != 0:
		return skip(name, "needs root")
	with tempfile.TemporaryDirectory() as top:
		line, = re.findall(r"^ExecStart=(.*)$", unit_text(), re.M)
		line = line.replace("${STATE_DIRECTORY}", top).replace("${LOGS_DIRECTORY}", top)
		line = line.replace(" -q ", " ") # it says when it has to do without BPF
		os.chown(top, NOBODY, NOBODY)
		caps, ambient = (re.search("^%s=(.*)$" % key, read(UNIT), re.M)[1]
				 .lower().replace("cap_", "+").replace(" ", ",")
				 for key in ("CapabilityBoundingSet", "AmbientCapabilities"))
		trace, ended = top + "/trace", "before it was traced"
		with subprocess.Popen(["setpriv", "--no-new-privs", "--reuid=%d" % NOBODY,
				       "--regid=%d" % NOBODY, "--clear-groups",
				       "--bounding-set", "-all," + caps,
				       "--inh-caps", "-all," + ambient, "--ambient-caps", ambient,
				       "strace", "-f", "-qq", "-o", trace] +
				      shlex.split(line), stderr=subprocess.PIPE, text=True,
				      # a leak sanitizer can not work under strace
				      env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0")) as scaudit:
			wait_for(lambda: os.path.exists(trace) and read(trace) or scaudit.poll() is not None)
			for pid in re.findall(r"^\d+", read(trace))[:1]:
				wait_for(lambda: is_ready(int(pid)))
				time.sleep(1)
				ended = scaudit.poll()
				if ended is None:
					os.kill(int(pid), 15)
			said = scaudit.stderr.read()
		calls = set(re.findall(r"^\d+ +(\w+)\(", read(trace), re.M))
		wrong = sorted(calls - allowed_calls() - DONE_WITHOUT)
		if ended is not None or scaudit.returncode != 0:
			wrong.append("exit %s: %s" % (scaudit.returncode, said))
		if "containers of processes" in said:
			wrong.append(said)
		if len(calls) < 20:
			wrong.append("only %s were seen" % sorted(calls))
	result("%s: %d calls" % (name, len(calls)), wrong)


# -- commands --

def follows(name):
	if "--state" not in run(SCAUDIT, "log", "--help").stdout:
		skip(name, "this scaudit does not follow yet")
		return False
	return True


def commands(path):
	"""Every command of scaudit in a file: in comments, units, scripts, JSON-like lists."""
	text = re.sub(r"\\\n#?\s*", "", read(path))
	text = re.sub(r"\{\{.*?\}\}", "mkdir", text) # Prometheus fills in a call
	for line in text.splitlines():
		words = re.search(r"\bargs: \[(log, .*)\]", line)
		if words:
			yield words[1].replace(",", "")
			continue
		listed = re.search(r"\[\"\S*/scaudit\", (.*)\]", line)
		if listed:
			yield listed[1].replace('"', "").replace(",", "")
			continue
		for m in re.finditer(r"(?<![\w/.@-])(?:/usr/local/bin/)?scaudit "
				     r"((?:log|tail|report|suggest)\b[^|;`\"]*)", line):
			yield re.split(r" tells\b| >| <", m[1])[0]


def test_commands():
	name = "every command in the samples is one"
	if not follows(name):
		return
	wrong, seen = [], 0
	for path in sorted(glob.glob("samples/*/*")):
		for command in commands(path):
			seen += 1
			# stops behind the options, before anything is opened
			check = run(SCAUDIT, *shlex.split(command), "--help")
			if check.returncode:
				wrong.append("%s: %s: %s" % (path, command, check.stderr))
	if seen < 15:
		wrong.append("found only %d" % seen)
	result("%s: %d" % (name, seen), wrong)


# -- the others --

def test_prometheus():
	if not wanted("promtool takes the alert rules", "promtool"):
		return
	checked("promtool takes the alert rules",
		run("promtool", "check", "rules", "samples/prometheus/scaudit.rules.yml"))
	checked("the alerts fire when they should, and only then",
		run("promtool", "test", "rules", "scaudit.test.yml", cwd="samples/prometheus"))
	rules = read("samples/prometheus/scaudit.rules.yml")
	with open("tests/cases/report/prometheus/out") as f:
		made = set(re.findall(r"^(scaudit_\w+)", f.read(), re.M))
	result("the rules use metrics that scaudit makes",
	       sorted(set(re.findall(r"scaudit_\w+_total", rules)) - made))


def test_logrotate():
	name = "logrotate rotates and asks for a new file"
	if not wanted(name, "logrotate"):
		return
	if os.geteuid() != 0:
		return skip(name, "needs root")
	wrong = []
	with tempfile.TemporaryDirectory() as top:
		os.chmod(top, 0o755)
		told = top + "/told"
		text = read("samples/logrotate/scaudit").replace("/var/log/scaudit", top).replace(
			"su scaudit scaudit", "su %d %d" % (NOBODY, NOBODY))
		text = re.sub(r"postrotate\n.*\n", "postrotate\n\t\ttouch %s\n" % told, text)
		with open(top + "/conf", "w") as f:
			f.write(text)
		with open(top + "/events.ndjson", "w") as f:
			f.write("{}\n")
		for path in (top, top + "/events.ndjson"):
			os.chown(path, NOBODY, NOBODY)
		check = run("logrotate", "-f", "-s", top + "/state", top + "/conf")
		if check.returncode or check.stderr:
			wrong.append("exit %d: %s" % (check.returncode, check.stderr))
		if not os.path.exists(told) or not os.path.exists(top + "/events.ndjson.1") or \
				os.path.getsize(top + "/events.ndjson") != 0:
			wrong.append("not rotated: %s" % os.listdir(top))
		elif os.stat(top + "/events.ndjson").st_uid != NOBODY:
			wrong.append("the new file is not the user's")
	result(name, wrong)


def test_yaml():
	name = "YAML files are YAML, the DaemonSet has what it needs"
	try:
		import yaml
	except ImportError:
		return skip(name, "python3-yaml is not installed")
	wrong, docs = [], {}
	for path in sorted(glob.glob("samples/*/*.y*ml")):
		try:
			docs[path] = list(yaml.safe_load_all(read(path)))
		except yaml.YAMLError as why:
			wrong.append("%s: %s" % (path, why))
	spec = docs["samples/kubernetes/daemonset.yaml"][1]["spec"]["template"]["spec"]
	box, = spec["containers"]
	have = set(box["securityContext"]["capabilities"]["add"])
	unit = set(re.search(r"^CapabilityBoundingSet=(.*)$", read(UNIT), re.M)[1].split())
	if {"CAP_" + c for c in have} != unit:
		wrong.append("capabilities %s, the unit's are %s" % (have, unit))
	if not (spec["hostNetwork"] and spec["hostPID"]):
		wrong.append("not in the node's namespaces")
	volumes = {v["name"] for v in spec["volumes"]}
	mounts = {m["name"]: m.get("readOnly", False) for m in box["volumeMounts"]}
	if volumes != set(mounts):
		wrong.append("volumes %s, mounts %s" % (volumes, sorted(mounts)))
	if [m for m, read_only in mounts.items() if not read_only] != ["state"]:
		wrong.append("writable: %s" % mounts)
	for path in ("samples/promtail/promtail.yaml", "samples/filebeat/filebeat.yml"):
		if "/var/log/scaudit/" not in read(path):
			wrong.append("%s reads another file" % path)
	result("%s: %d files" % (name, len(docs)), wrong)


def test_toml():
	name = "Vector's configuration is TOML, and its parts are connected"
	try:
		import tomllib
	except ImportError:
		return skip(name, "Python before 3.11 has no tomllib")
	conf = tomllib.loads(read("samples/vector/scaudit.toml"))
	made = set(conf["sources"]) | set(conf["transforms"])
	result(name, ["no %s" % i for part in ("transforms", "sinks") for c in conf[part].values()
		      for i in c["inputs"] if i not in made])


def test_fluent_bit():
	name = "Fluent Bit's parser reads our time"
	conf = read("samples/fluent-bit/scaudit-parsers.conf")
	form = re.search(r"time_format +(\S+)", conf)[1]
	event = json.loads(run(SCAUDIT, "log", "-q", "samples/web.log").stdout.splitlines()[0])
	try: # its %L are the fraction's digits, as in Ruby
		time.strptime(event["time"].replace("Z", "+0000"), form.replace(".%L", "." + re.search(
			r"\.(\d+)", event["time"])[1]))
		result(name, [])
	except ValueError as why:
		result(name, [str(why)])


def test_auditd():
	"""As auditd's own reader of plugin files wants them."""
	conf = configparser.ConfigParser()
	conf.read_string("[plugin]\n" + read("samples/auditd/scaudit.conf"))
	plugin = dict(conf["plugin"])
	want = {"active": "yes", "direction": "out", "type": "always", "format": "string",
		"path": "/usr/local/sbin/scaudit-plugin"}
	result("auditd's plugin file has its keys", [] if plugin == want else [str(plugin)])
	checked("the plugin's script is a script", run("sh", "-n", "samples/auditd/scaudit-plugin"))


def test_installing():
	"""Each sample says on top what it is and how it gets to its place."""
	wrong = []
	for path in sorted(glob.glob("samples/*/*")):
		head = [line for line in read(path).splitlines()[:30]
			if re.match(r"#|--|$|\{\{", line)]
		if len(head) < 1 or not any(re.search(r"[a-z]{4}", line) for line in head[:3]):
			wrong.append("%s: no comment on top" % path)
	result("each sample says what it is", wrong)


def test_all():
	test_unit()
	test_unit_rights()
	test_commands()
	test_prometheus()
	test_logrotate()
	test_yaml()
	test_toml()
	test_fluent_bit()
	test_auditd()
	test_installing()
	skip("fluent-bit, vector, filebeat and promtail take theirs", "Debian has none of them")


run_all(test_all)
