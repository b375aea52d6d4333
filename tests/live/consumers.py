#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Sinks feed the consumers they are made for: an rsyslogd with the sample's configuration, by UDP,
TCP and a unix socket, and a journald of its own. Every event arrives with every value as it was,
those with names that strangers chose, too. TAP."""
import collections
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

SCAUDIT = os.environ.get("SCAUDIT", "build/scaudit")
FEED = os.environ.get("B", "build") + "/tests/cli/feed"
SHARED = "tests/cases/shared/"
CONF = "samples/rsyslog/scaudit.conf"
BURST = 100
JOURNALD = "/lib/systemd/systemd-journald"
PIECES = ["\x1b[31m", "\n", "\t", "\0", "\u009b", "\u202e", "\"", "'", "\\", "]", "] [x@1 y=\"z\"",
	  "|", "=", "{", "}", ",", "#", "%", "<0>1 ", "ü", "漢", "😀", "a", "b c"]

tests = 0


def result(name, wrong):
	global tests
	tests += 1
	print("%s %d - %s" % ("not ok" if wrong else "ok", tests, name))
	for line in wrong[:20]:
		print("# " + line)


def skip(name, why):
	global tests
	tests += 1
	print("ok %d - %s # SKIP %s" % (tests, name, why))


def random_log(path, records):
	dice = random.Random(5426)
	with open(path, "w") as f:
		for i in range(records):
			name = b"".join(dice.choice(PIECES).encode() if dice.random() < 0.8 else
					bytes([dice.randrange(256)]) for _ in range(dice.randint(1, 7)))
			f.write("type=SECCOMP msg=audit(1795600000.%03d:%d): auid=4294967295 uid=0 "
				"gid=0 ses=4294967295 pid=%d comm=%s exe=%s sig=0 arch=c000003e "
				"syscall=83 compat=0 ip=0x7f code=0x50000\n" %
				(i % 1000, i + 1, i + 1, name[:15].hex().upper(), name.hex().upper()))


def scaudit(form, logs):
	return subprocess.run([SCAUDIT, "log", "-q", "--format", form] + logs,
			      capture_output=True, check=True).stdout


def wait_for(what, seconds=20):
	end = time.time() + seconds
	while not what() and time.time() < end:
		time.sleep(0.05)
	return what()


def lines(path):
	try:
		with open(path, "rb") as f:
			return f.read().splitlines()
	except FileNotFoundError:
		return []


# -- rsyslog

def free_port():
	"""One that is free for TCP and for UDP."""
	while True:
		with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
			tcp.bind(("127.0.0.1", 0))
			try:
				udp.bind(tcp.getsockname())
			except OSError:
				continue
			return tcp.getsockname()[1]


class Rsyslog:
	def __init__(self, top):
		self.top, self.port, self.out = top, free_port(), top + "/remote.ndjson"
		with open(CONF) as f:
			conf = f.read()
		conf = re.sub(r'port="\d+"', 'port="%d"' % self.port, conf)
		conf = re.sub(r'socket="[^"]*"', 'socket="%s/log"' % top, conf)
		conf = re.sub(r'file="[^"]*"', 'file="%s"' % self.out, conf)
		os.mkdir(top + "/work")
		with open(top + "/conf", "w") as f:
			f.write('global(workDirectory="%s/work" maxMessageSize="64k")\n%s' %
				(top, conf))
		self.specs = ["syslog:udp:127.0.0.1:%d" % self.port,
			      "syslog:tcp:127.0.0.1:%d" % self.port, "syslog:unix:%s/log" % top]

	def start(self):
		self.process = subprocess.Popen(
			["rsyslogd", "-n", "-f", self.top + "/conf", "-i", self.top + "/pid"],
			stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
		return wait_for(lambda: os.path.exists(self.top + "/log"))

	def stop(self):
		self.process.terminate()
		self.process.wait()


SD = re.compile(r" ([^= ]+)=\"((?:\\.|[^\"\\])*)\"")


def params(line):
	"""The structured data of one of our lines, by the rules of RFC 5424."""
	head = re.match(r"<\d+>1 (?:[^ ]+ ){5}\[scaudit@0((?: [^= ]+=\"(?:\\.|[^\"\\])*\")*)\]",
			line.decode())
	return {k: re.sub(r"\\([\"\\\]])", r"\1", v) for k, v in SD.findall(head[1])}


def compare(got, want):
	wrong = []
	if len(got) != len(want):
		wrong.append("%d events, not %d" % (len(got), len(want)))
	by_id = {e["id"]: e for e in got}
	for e in want:
		if by_id.get(e["id"]) != e:
			wrong.append("%s, not %s" % (by_id.get(e["id"]), e))
	return wrong


def test_rsyslog(top, logs):
	text = scaudit("syslog", logs)
	want = [params(line) for line in text.splitlines()]
	daemon = Rsyslog(top)
	if not daemon.start():
		return result("rsyslogd starts with the sample's configuration", ["it does not"])
	for spec in daemon.specs:
		before = len(lines(daemon.out))
		wrong = []
		# a burst of datagrams overruns the receiver's buffer, and nobody is told
		step = BURST if "udp" in spec else len(want)
		for i in range(0, len(want), step):
			part = b"".join(text.splitlines(True)[i:i + step])
			fed = subprocess.run([FEED, spec], input=part, capture_output=True)
			wait_for(lambda: len(lines(daemon.out)) >= before + min(i + step, len(want)))
			if fed.returncode:
				wrong.append(fed.stderr.decode())
		got = [json.loads(line)["event"] for line in lines(daemon.out)[before:]]
		result("rsyslog: %d events by %s" % (len(got), spec.split(":")[1]),
		       wrong + compare(got, want))
	test_restart(daemon, b"".join(text.splitlines(True)[:BURST]), want[:BURST])


def test_restart(daemon, text, want):
	"""What is sent while no daemon is there waits for it."""
	daemon.stop()
	os.unlink(daemon.out)
	feeds = [subprocess.Popen([FEED, spec, "20"], stdin=subprocess.PIPE,
				  stderr=subprocess.PIPE) for spec in daemon.specs]
	for feed in feeds:
		feed.stdin.write(text)
		feed.stdin.close()
	time.sleep(0.5)
	daemon.start()
	said = [feed.stderr.read().decode() for feed in feeds]
	codes = [feed.wait() for feed in feeds]
	wait_for(lambda: len(lines(daemon.out)) >= 3 * len(want))
	daemon.stop()
	got = collections.Counter(json.loads(line)["event"]["id"] for line in lines(daemon.out))
	wrong = ["%s came %d times" % (e["id"], got[e["id"]]) for e in want if got[e["id"]] < 3]
	wrong += ["code %d" % c for c in codes if c]
	result("rsyslog: nothing is lost that was sent before it started",
	       wrong and wrong + said)


# -- journald

# Audit= without a value leaves the kernel's audit system as it is.
JOURNALD_CONF = """[Journal]
Storage=volatile
Audit=
ReadKMsg=no
ForwardToSyslog=no
ForwardToWall=no
RateLimitIntervalSec=0
"""

# Sees a /run of its own only; the descriptor 3 tells when the entries are in.
JOURNAL_SCRIPT = """
mount -t tmpfs none /run && mkdir -p /run/systemd/journal /run/log/journal || exit 77
mount --bind "$1/journald.conf" /etc/systemd/journald.conf || exit 77
"$4" >"$1/journald.out" 2>&1 & daemon=$!
trap 'kill $daemon; wait $daemon' EXIT
n=0
until [ -S /run/systemd/journal/socket ] || [ $n = 50 ]; do n=$((n + 1)); sleep 0.1; done
"$2" journald <"$1/entries" >&2 || exit 1
n=0
while [ $n -lt 50 ]; do
	journalctl -q --no-pager --all -o json -D /run/log/journal/* SYSLOG_IDENTIFIER=scaudit >"$1/read"
	[ "$(wc -l <"$1/read")" -ge "$3" ] && exit 0
	n=$((n + 1)); sleep 0.1
done
"""


def field(entry, key):
	"""A value that is not printable text comes as a list of bytes."""
	v = entry.get(key)
	return v.encode() if isinstance(v, str) else v and bytes(v)


def raw(event, key):
	if key + "_hex" in event:
		return bytes.fromhex(event[key + "_hex"])
	return event[key].encode() if key in event else None


def test_journald(top, logs):
	name = "journald: every entry, every byte"
	events = [json.loads(line) for line in scaudit("ndjson", logs).splitlines()]
	with open(top + "/entries", "wb") as f:
		f.write(scaudit("journald", logs))
	with open(top + "/journald.conf", "w") as f:
		f.write(JOURNALD_CONF)
	done = subprocess.run(["unshare", "-m", "--propagation", "private", "sh", "-c",
			       JOURNAL_SCRIPT, "sh", top, FEED, str(len(events)), JOURNALD],
			      capture_output=True)
	if done.returncode == 77:
		return skip(name, "no mounts here: " + done.stderr.decode().strip())
	wrong = [done.stderr.decode()] if done.returncode else []
	got = collections.Counter(
		(field(e, "SCAUDIT_SERIAL"), field(e, "SCAUDIT_COMM"), field(e, "SCAUDIT_EXE"))
		for e in map(json.loads, lines(top + "/read")))
	want = collections.Counter(
		(str(e["serial"]).encode() if "serial" in e else None, raw(e, "comm"), raw(e, "exe"))
		for e in events)
	wrong += ["missing or different: %s" % (e,) for e in want - got]
	wrong += ["too much: %s" % (e,) for e in got - want]
	result(name + " (%d)" % sum(got.values()), wrong)


def why_not(tools, files):
	for tool in tools:
		if not shutil.which(tool):
			return tool + " is not installed"
	for name in files:
		if not os.path.exists(name):
			return "no " + name
	return None


def main():
	signal.signal(signal.SIGPIPE, signal.SIG_IGN)
	os.environ["PATH"] += ":/usr/sbin:/sbin"
	why = why_not([], [SCAUDIT, FEED]) or (os.geteuid() and "needs root")
	if why:
		print("1..0 # SKIP %s" % why)
		return
	with tempfile.TemporaryDirectory() as top:
		logs = [SHARED + name for name in ("events.log", "strange.log", "audit.log")]
		logs.append(top + "/random.log")
		random_log(logs[-1], 1000)
		why = why_not(["rsyslogd"], [CONF])
		if why:
			skip("rsyslog", why)
		else:
			test_rsyslog(top, logs)
		why = why_not(["journalctl", "unshare"], [JOURNALD])
		if why:
			skip("journald", why)
		else:
			test_journald(top, logs)
	print("1..%d" % tests)


main()
