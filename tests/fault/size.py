#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Too many and too large: a million names, lines without an end, bombs, brackets, logs that grow
faster than they are read. Each run ends as it should, tells what it left out, and its peak memory
stays under the limit of its row. SCA_FULL=1 takes the sizes of the real attacks. TAP."""
import gzip
import json
import lzma
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/oracle")
import lib
from lib import run_all, skip

SCAUDIT = os.path.abspath(lib.SCAUDIT)
PEAK = os.path.abspath(os.path.join(os.environ.get("B", "build"), "tests/fault/tool_peak"))
CONTAINER = os.path.abspath("tests/cases/shared/docker")
FULL = os.environ.get("SCA_FULL") == "1"
MANY = 1000000 if FULL else 60000  # records
LONG = 10 << 30 if FULL else 64 << 20 # bytes of a line
SECONDS = 500 if FULL else 60
# Why a run may take that much, in MiB. Started and without work it has 5.
LOG = 10      # blocks of 256 KiB, a line of 1 MiB, the window of duplicates
GROUPS = 24   # 8192 groups and 2 MiB of names; as a table, each cell once more
TREE = 52     # the same 8192 groups as one JSON document
UNPACK = 90   # 72 MiB for an unpacker's own window
JSON = 80     # 16 MiB of text, a million values of 48 bytes
YAML = 140    # the same, and libfyaml's
NAME = 160    # 16 MiB of text that is one name, which is there up to nine times
STATE = 32    # 4096 containers are kept, 100,000 names of directories sorted
BODY = ('auid=0 uid=0 gid=0 ses=1 pid=%d comm="%s" exe="/%s" sig=0 arch=c000003e syscall=%d compat=0 '
	'ip=0x1 code=0x50000\n')
GOOD = "type=SECCOMP msg=audit(1795500000.001:%d): " + BODY % (5, "c", "x", 83)
PROFILE = '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[%s]}'
CRD = ("apiVersion: security-profiles-operator.x-k8s.io/v1beta1\nkind: SeccompProfile\n"
       "metadata: {name: a}\nspec:\n  defaultAction: SCMP_ACT_ERRNO\n")
slow = 1


def sanitized():
	with open(SCAUDIT, "rb") as f:
		return b"__asan_init" in f.read()


def run(args, feed=None, **env):
	"""Exit status (minus a signal), output, errors, KiB, milliseconds; feed(pipe) writes its input."""
	with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
		child = subprocess.Popen([PEAK, str(SECONDS * slow), SCAUDIT] + args, stdout=out, stderr=err,
					 stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
					 env=dict(os.environ, **env))
		if feed:
			try:
				feed(child.stdin)
				child.stdin.close()
			except BrokenPipeError:
				pass
		child.wait()
		out.seek(0)
		err.seek(0)
		text = err.read().decode(errors="replace")
		shown = out.read().decode(errors="replace")
	how = re.search(r"\npeak: (exit|signal) (\d+), (\d+) KiB, (\d+) ms\n$", text)
	status = int(how[2]) if how[1] == "exit" else -int(how[2])
	return status, shown, " ".join(text[:how.start()].split()), int(how[3]), int(how[4])


def report(name, wrong, kib, ms):
	lib.result("%s # %d MiB, %.1f s" % (name, (kib + 1023) // 1024, ms / 1000), wrong)


def over(kib, limit):
	"""A sanitizer has shadows and keeps what was freed."""
	limit = limit if slow == 1 else 4 * limit + 1600
	return [] if kib <= limit << 10 else ["peak %d KiB, more than %d MiB" % (kib, limit)]


def row(name, limit, status, words, args, feed=None, **env):
	"""`words`: what is said on either output."""
	got, out, err, kib, ms = run(args, feed, **env)
	wrong = over(kib, limit)
	if got != status:
		wrong.append("exit %d instead of %d: %s" % (got, status, err[:300]))
	wrong += ["%r is not said: %s" % (w, (err + " | " + out)[:400])
		  for w in words if w not in err and w not in " ".join(out.split())]
	report(name, wrong, kib, ms)


def write(path, text):
	os.makedirs(os.path.dirname(path), exist_ok=True)
	with open(path, "wb") as f:
		f.write(text if isinstance(text, bytes) else text.encode())
	return path


def sparse(path, size, text=""):
	"""A hole of that size behind the text."""
	write(path, text)
	os.truncate(path, size)
	return path


def records(kind):
	"""feed() of records that differ in one thing."""
	def line(i):
		stamp = "msg=audit(%d.%03d:%d): " % (1795500000 + i // 1000, i % 1000, i)
		if kind == "containers":
			return ('{"v":1,"time":"2026-11-24T06:14:08.421Z","serial":%d,"action":"errno",'
				'"code":"0x50000","denied":true,"nr":83,"arch":"x86_64","pid":5,"comm":"c",'
				'"container":{"id":"%064x","name":"n%d",'
				'"engine":"docker"},"count":1}\n' % (i, i, i))
		return ("node=n%d " % i if kind == "nodes" else "") + "type=SECCOMP " + stamp + BODY % (
			i if kind == "pids" else 5, "c%d" % i if kind == "comms" else "c",
			i if kind == "exes" else "x", i if kind == "calls" else 83)

	def feed(pipe):
		for first in range(0, MANY, 1000):
			pipe.write("".join(map(line, range(first, first + 1000))).encode())
	return feed


def long(byte, before=b"", after=b""):
	def feed(pipe):
		pipe.write((GOOD % 1).encode() + before)
		block = byte * (1 << 20)
		for _ in range(LONG >> 20):
			pipe.write(block)
		pipe.write(after)
	return feed


def test_cardinality(top):
	n, profile = "{:,}".format(MANY), write(top + "/profile.json", PROFILE % "")
	for kind in ("comms", "exes", "pids", "nodes"):
		row(n + " " + kind + ": one group", LOG, 0, [n + " records", "in 1 group"], ["report", "-"],
		    records(kind))
	row(n + " comms in JSON: 8 are named, the rest is counted", LOG, 0, ['"more_comms": %d' % (MANY - 8)],
	    ["report", "--format", "json", "-"], records("comms"))
	row(n + " comms: one call is suggested, once", LOG, 0, ["mkdir", "1 operation", "forgeable"],
	    ["suggest", profile, "--from", "-"], records("comms"))
	rest = MANY - 8192
	row(n + " call numbers: 8192 groups, the rest is counted", GROUPS, 0,
	    ["in 8192 groups", "{:,} events found no room for a group".format(rest)], ["report", "-"],
	    records("calls"))
	row("the same in JSON", TREE, 0, ['"not_grouped": %d,' % rest, '"events": %d,' % MANY],
	    ["report", "--format", "json", "-"], records("calls"))
	row("the same, strict: exit 4", GROUPS, 4, [], ["report", "-q", "--strict", "-"], records("calls"))
	row(n + " containers", GROUPS, 0, [n + " events", "found no room for a group"], ["report", "-"],
	    records("containers"))


def test_lines(top):
	size = "%d GB" % (LONG >> 30) if FULL else "%d MB" % (LONG >> 20)
	last = b"\n" + (GOOD % 9).replace("=83", "=84").encode()
	both = ["mkdir", "rmdir", "1 overlong line cut"]
	row("a line of %s: what is around it is read" % size, LOG, 0, both, ["report", "-"],
	    long(b"a", after=last))
	row("a record of %s" % size, LOG, 0, both, ["report", "-"],
	    long(b"a", before=(GOOD % 2).strip().encode() + b" key=", after=last))
	row("the same in JSON", LOG, 0, ['"overlong_lines": 1', '"complete": false'],
	    ["report", "--format", "json", "-"], long(b"a", after=last))
	row("the same, strict: exit 4", LOG, 4, [], ["report", "--strict", "-"], long(b"a", after=last))
	row("%s without a newline" % size, LOG, 0, ['"reason":"overlong","lost":1'],
	    ["log", "--format", "ndjson", "-"], long(b"a"))
	row("%s of newlines" % size, LOG, 0, ["rmdir"], ["report", "-"], long(b"\n", after=last))
	row("a file with a hole of %s" % size, LOG, 0, ["1 overlong line cut"],
	    ["report", sparse(top + "/hole", LONG, GOOD % 1)])


def test_bombs(top):
	"""Each unpacks to a thousand times its size: one line, as the hole above."""
	zeros, bomb = bytes(1 << 24), top + "/bomb"
	packed = {"gz": gzip.compress(zeros) * 4, "xz": lzma.compress(zeros) * 4}
	if shutil.which("zstd"):
		packed["zst"] = subprocess.run(["zstd", "-q"], input=zeros, stdout=subprocess.PIPE).stdout * 4
	for kind in ("gz", "xz", "zst"):
		if kind not in packed:
			skip("a bomb, " + kind, "no zstd")
			continue
		write(bomb + "." + kind, packed[kind] * (16 if FULL else 1))
		row("a bomb, %s" % kind, UNPACK, 0, ["1 overlong line cut"], ["report", bomb + "." + kind])
	filters = [{"id": lzma.FILTER_LZMA2, "preset": 9, "dict_size": 1 << 30}]
	write(top + "/dict.xz", lzma.compress(b"a", filters=filters))
	row("an xz that wants a window of 1 GB is refused", LOG, 2, ["dict.xz"], ["report", top + "/dict.xz"])


def test_brackets(top):
	deep = write(top + "/deep", "[" * (100 << 20))
	profile = write(top + "/profile.json", PROFILE % "")
	good = write(top + "/good", GOOD % 1)
	no, huge = "longer than 16777216 bytes", ["67108864 bytes"]
	rows = [("a profile to " + args[0], 2, [no], args) for args in (
		["suggest", deep, good], ["check", deep], ["explain", deep, "mkdir"], ["diff", deep, profile],
		["replay", deep, good], ["complain", deep], ["enforce", deep])]
	rows += [("a log", 0, ["1 overlong line cut"], ["report", deep]),
		 ("a map of containers", 2, huge, ["log", "--containers", deep, good]),
		 ("a state", 2, ["1048576 bytes"], ["log", "-f", "--state", deep, good]),
		 ("calls", 2, ["no call"], ["explain", profile, "--calls", deep])]
	for name, status, words, args in rows:
		row("100 MB of brackets: " + name, LOG, status, words, args)
	for name, text in (("our own event", '{"v":1,"serial":1,"x":'), ("a journal's entry", '{"MESSAGE":')):
		row("200,000 brackets: " + name, LOG, 0, ["SECCOMP" if "M" in text else "1 malformed"],
		    ["report", write(top + "/line", text + "[" * 200000 + "\n")])


def test_profiles(top):
	def rules(n, text):
		return PROFILE % ",".join(text % i for i in range(n))

	arg = '{"index":0,"value":%d,"op":"SCMP_CMP_EQ"}'
	rule = '{"names":["read"],"action":"SCMP_ACT_ALLOW","args":[%s]}'
	names = '{"names":[%s],"action":"SCMP_ACT_ALLOW"}'
	path = top + "/p"
	row("a profile of 1 GB", LOG, 2, ["longer than"], ["check", sparse(path, 1 << 30, "{")])
	with open(path, "rb") as f:
		row("a profile of 1 GB by a pipe", JSON, 2, ["longer than"], ["check", "/dev/stdin"],
		    lambda pipe: [pipe.write(f.read(1 << 20)) for _ in range(1024)])
	for name, limit, words, text in (
		("1,000,000 rules", JSON, ["more than 65536"], PROFILE % ",".join(["{}"] * 1000000)),
		("100,000 rules", JSON, ["more than 65536"],
		 PROFILE % ",".join([names % '"read"'] * 100000)),
		("9,000 rules that differ", JSON, ["more than 8192 different rules"],
		 rules(9000, rule % arg)),
		("1,000,000 names", JSON, ["more than 65536 names"],
		 PROFILE % (names % ",".join('"n%d"' % i for i in range(1000000)))),
		("100,000 conditions", JSON, ["more than 65536 conditions"],
		 PROFILE % (rule % ",".join(arg % i for i in range(100000)))),
		("a name of 15 MB", NAME, [], PROFILE % (names % ('"%s"' % ("n" * (15 << 20)))))):
		row("a profile with " + name, limit, 0 if not words else 2, words,
		    ["explain", write(path, text), "mkdir"])


def test_yaml(top):
	anchors = "".join("  a%d: &a%d [%s]\n" % (i, i, ",".join(["*a%d" % (i - 1)] * 9 if i else ["x"]))
			  for i in range(12))
	for name, words, text in (
		("a billion laughs", ["an anchor"], CRD + anchors),
		("100,000 anchors", ["an anchor"],
		 CRD + "".join("  k%d: &a%d x\n" % (i, i) for i in range(100000))),
		("merged keys", ["an anchor"], CRD + "  a: &a {x: 1}\n  b: {<<: [*a, *a]}\n"),
		("1,000,000 brackets", ["too many brackets"], CRD + "  x: " + "[" * 1000000),
		("a block 4000 deep", ["64 levels"],
		 CRD + "  x:\n" + "".join(" " * (i + 3) + "a:\n" for i in range(4000))),
		("1,200,000 values", ["more than 1048576 values"], CRD + "  x:\n" + "  - 1\n" * 1200000),
		("tags", ["a tag"], CRD + "".join("  x%d: !t 1\n" % i for i in range(10000)))):
		row("YAML: " + name, YAML, 2, words, ["explain", write(top + "/p.yaml", text), "mkdir"])


def test_patterns(top):
	evil = "^/(a+)+$"
	n = 1000 if FULL else 100
	lines = "".join(GOOD % i for i in range(n)).replace("/x", "/" + "a" * 4000 + "!")
	log = write(top + "/log", lines)
	row("a filter that tries for ever", LOG, 0, ["{:,} pattern matches ran into their limit".format(n)],
	    ["report", "--match", "exe=" + evil, log])
	row("the same, strict: exit 4", LOG, 4, [], ["report", "--strict", "--match", "exe=" + evil, log])
	for name, text in (("100,000 brackets", "(" * 100000),
				("repeats of repeats", "((a{1,999}){1,999}){1,99}"),
			   ("100,000 letters", "x" * 100000)):
		row("a filter of " + name, LOG, 2, ["the pattern is wrong"],
		    ["report", "--match", "exe=" + text, log])
	root = top + "/root"
	shutil.copytree("tests/cases/log/container-patterns/root", root)
	conf = root + "/etc/scaudit/containers.d/ourcloud.conf"
	write(conf, "ours = " + evil + "\n")
	for name, text in (("a path of 4000 letters", "0::/" + "a" * 4000 + "!\n"),
			   ("20 MB of it", "a" * (20 << 20)),
			   ("20 MB of lines", "\n" * (20 << 20))):
		write(root + "/proc/77/cgroup", text)
		row("a cgroup pattern that tries for ever, " + name, LOG, 0, ["of no known container"],
		    ["log", "--root", root])
	row("patterns of 100 MB", LOG, 2, ["longer than 65536 bytes"],
	    ["log", "--root", root], write(conf, "#" * (100 << 20)) and None)


def test_engines(top):
	args = ["suggest", "--from", CONTAINER + "/events.ndjson", "--target-arch", "x86_64", "--root"]
	for name, status, words in (("hostconfig.json", 0, ["proof:"]),
					    ("config.v2.json", 2, ["cannot be read"]),
				    ("state.json", 0, ["proof:"])):
		root = top + "/" + name
		shutil.copytree(CONTAINER + "/root", root)
		for folder, _, files in os.walk(root):
			if name in files and "/aaaaaaaa" in folder:
				os.truncate(os.path.join(folder, name), 1 << 30)
		row("an engine's %s of 1 GB" % name, LOG, status, words, args + [root, "--container", "web"])
	root, n = top + "/many", 100000 if FULL else 5000
	for i in range(n):
		name = "%064x" % i
		write(root + "/run/runc/%s/state.json" % name,
		      '{"id":"%s","init_process_pid":%d,"init_process_start":1,"cgroup_paths":{"":"/%s"}}' %
		      (name, i + 2, name))
	row("%d containers, one by a name that none has" % n, STATE, 2, ["not all were looked at"],
	    args + [root, "--container", "nosuch"])
	row("%d containers, one by its id" % n, STATE, 2, ["does not run"],
	    args + [root, "--container", "%064x" % (n - 1)])
	row("a container's name of 100,000 letters", LOG, 2, ["no container is called nnn"],
	    args + [CONTAINER + "/root", "--container", "n" * 100000])


def test_rotated(top):
	n = 100000 if FULL else 3000
	write(top + "/etc/audit/auditd.conf", "log_file = /var/log/audit/audit.log\n")
	write(top + "/var/log/audit/audit.log", GOOD % 1)
	for i in range(1, n + 1):
		write(top + "/var/log/audit/audit.log.%d" % i, GOOD % (i + 1))
	row("%d rotated logs, more than may be open" % n, STATE * 2, 2, ["raise the limit (ulimit -n)"],
	    ["report", "--root", top, "--from", "audit"])


def follow(top, name, args, write_all, total):
	"""A reader that is read from only when all is written; nothing goes without being counted."""
	out_end, in_end = os.pipe()
	err = open(top + "/err", "w+b")
	child = subprocess.Popen([PEAK, str(SECONDS * slow), SCAUDIT, "log", "-f", "--format", "ndjson"] +
				 args, stdin=subprocess.PIPE, stdout=in_end, stderr=err)
	os.close(in_end)
	write_all(child)
	seen = 0
	timer = threading.Timer(SECONDS * slow / 2, child.send_signal, [signal.SIGTERM])
	timer.start()
	with open(out_end) as lines:
		for line in lines:
			seen += json.loads(line).get("nr") is not None
			if seen == total:
				child.send_signal(signal.SIGTERM)
	timer.cancel()
	child.wait()
	err.seek(0)
	text = " ".join(err.read().decode().split())
	how = re.search(r"peak: (\w+ \d+), (\d+) KiB, (\d+) ms", text)
	lost = re.search(r"([\d,]+) events? found no room in an output", text)
	lost = int(lost[1].replace(",", "")) if lost else 0
	wrong = over(int(how[2]), 32)
	if seen + lost != total:
		wrong.append("%d events and %d lost of %d" % (seen, lost, total))
	if how[1] != "exit 0":
		wrong.append("ended by " + how[1])
	report("%s: %d of %d events, %d counted as lost" % (name, seen, total, lost), wrong, int(how[2]),
	       int(how[3]))
	return lost


def test_growing(top):
	n = 10 * MANY if FULL else MANY
	log = write(top + "/log", "")

	def fill(out):
		for first in range(0, n, 1000):
			out.write("".join(GOOD.replace("001:", "%03d:" % (i % 1000)) % i
					  for i in range(first, first + 1000)).encode())
		out.flush()

	def grow(_):
		with open(log, "ab") as out:
			fill(out)
		time.sleep(0.5)

	def pipe(child):
		fill(child.stdin)
		child.stdin.close()

	if follow(top, "a log that grows while nobody takes the output",
		  ["--root", top, "--since", "2020-01-01", log],
		  grow, n):
		lib.result("a log can be read again, so none is lost", ["some are"])
	follow(top, "a pipe that is full while nobody takes the output", ["-"], pipe, n)


def test_words(top):
	log = write(top + "/good", GOOD % 1)
	for env in ({"COLUMNS": "999999999"}, {"COLUMNS": "9" * 100000}, {"COLUMNS": "-1"},
		    {"TZ": ":/dev/zero"},
		    {"TZ": "../../../dev/zero"}, {"LC_ALL": "../../../../dev/zero"}, {"LC_ALL": "x" * 100000},
		    {"LC_ALL": "%s%n", "TERM": "%s%n"}):
		row("%s=%.20s" % list(env.items())[0], LOG, 0, ["mkdir(83)", "06:00:00"],
		    ["report", log], **env)
	for name, limit, status, words, args in (
		("a verb of 100,000 letters", LOG, 2, ["there is no verb"], ["x" * 100000]),
		("an option of 100,000 letters", LOG, 2, ["has no option"], ["report", "--" + "x" * 100000]),
		("a file of 100,000 letters", LOG, 2, ["File name too long"], ["report", "x" * 100000]),
		("a socket of 100,000 letters", LOG, 2, ["xxx"],
		 ["log", "--to", "unix:/" + "x" * 100000, log]),
		("20,000 names", LOG, 0, ["mkdir"], ["report"] + ["--comm=c"] * 20000 + [log]),
		("20,000 pids", LOG, 0, ["mkdir"],
		 ["report", "--pid", ",".join(map(str, range(20000))), log]),
		("3,000 patterns", 20, 0, ["mkdir"], ["report"] + ["--match", "comm=c"] * 3000 + [log]),
		("20,000 calls", 20, 2, ["no call is named"], ["resolve"] + ["x" * 80] * 20000),
		# Each source takes some KiB; how many there may be, says ulimit -n.
		("20,000 sources", STATE, 2, ["Too many open files"], ["report"] + [log] * 20000)):
		row("command line: " + name, limit, status, words, args)


def test_all():
	global slow
	if not os.access(PEAK, os.X_OK):
		return skip("size", "no %s: make it first" % PEAK)
	slow = 5 if sanitized() else 1
	# What most hosts have, so that all find the same end of it.
	resource.setrlimit(resource.RLIMIT_NOFILE, (1024, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
	memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None # thousands of files
	for test in (test_cardinality, test_lines, test_bombs, test_brackets, test_profiles, test_yaml,
		     test_patterns, test_engines, test_rotated, test_growing, test_words):
		if sys.argv[1:] and test.__name__ not in sys.argv[1:]:
			continue
		with tempfile.TemporaryDirectory(dir=memory) as top:
			test(top)


run_all(test_all)
