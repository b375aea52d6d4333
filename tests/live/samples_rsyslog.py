#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""samples/rsyslog: rsyslogd takes the configuration, and what `scaudit log --format syslog` sends to
it over each of its three ways comes out as the values that the log has. TAP."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path[:0] = ["tests", "tests/oracle"]
from dialect_readers import SD_PARAM, SYSLOG
from lib import SCAUDIT, result, run_all, skip, wait_for

SAMPLE = "samples/rsyslog/scaudit.conf"
RSYSLOGD = shutil.which("rsyslogd", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
LOGS = ["tests/cases/shared/events.log", "tests/cases/shared/strange.log", "samples/web.log"]
FOREIGN = [b"<13>1 - host scaudit - - - no structured data",
	   b"<13>1 - host other - - [scaudit@0 action=\"errno\"] not ours",
	   b"<13>Nov 24 06:14:08 host scaudit: type=1326 audit(1.1:1): code=0x50000"]


def free_port():
	with socket.socket() as s:
		s.bind(("127.0.0.1", 0))
		return s.getsockname()[1]


def lines(logs=LOGS):
	return subprocess.run([SCAUDIT, "log", "-q", "--format", "syslog"] + logs,
			      capture_output=True, check=True).stdout.splitlines()


def expected(logs=LOGS):
	"""What the events say by their own names, as text."""
	for line in lines(logs):
		m = SYSLOG.fullmatch(line.decode())
		yield m[4], {k: re.sub(r"\\([\"\\\]])", r"\1", v)
			     for k, v in re.findall(SD_PARAM, m[6])}


class Daemon:
	def __init__(self, top, port=None):
		self.out, self.sock = top + "/out.ndjson", top + "/sock"
		self.port = port or free_port()
		with open(SAMPLE) as f:
			text = f.read()
		text = text.replace("10514", str(self.port)).replace("/run/scaudit-syslog", self.sock)
		text = text.replace("/var/log/scaudit/remote.ndjson", self.out)
		with open(top + "/scaudit.conf", "w") as f:
			f.write(text)
		self.conf = top + "/rsyslog.conf"
		with open(self.conf, "w") as f:
			f.write('global(workDirectory="%s" maxMessageSize="64k")\n'
				'module(load="imuxsock" sysSock.use="off")\n'
				'include(file="%s/scaudit.conf")\n' % (top, top))
		self.run = subprocess.Popen([RSYSLOGD, "-n", "-f", self.conf, "-i", top + "/pid"],
					    stderr=subprocess.PIPE)
		wait_for(self.is_up)

	def is_up(self):
		"""Whether it has its socket and, of each kind, its port: listening, or unconnected."""
		def has(kind, state):
			with open("/proc/net/" + kind) as f:
				return any(w[1].endswith(":%04X" % self.port) and w[3] == state
					   for w in map(str.split, f.readlines()[1:]))
		return os.path.exists(self.sock) and has("tcp", "0A") and has("udp", "07")

	def lines(self):
		try:
			with open(self.out, "rb") as f:
				return f.read().splitlines()
		except FileNotFoundError:
			return []

	def take(self, count):
		"""The next `count` lines, or what there is of them."""
		wait_for(lambda: len(self.lines()) >= count)
		time.sleep(0.3)
		got = self.lines()
		if got:
			os.truncate(self.out, 0)
		return got

	def end(self):
		self.run.send_signal(signal.SIGTERM)
		return self.run.communicate()[1].decode()


def send_unix(daemon, records):
	with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
		for record in records:
			s.sendto(record, daemon.sock)


def send_udp(daemon, records):
	with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
		for record in records:
			s.sendto(record, ("127.0.0.1", daemon.port))
			time.sleep(0.001) # nothing holds a sender back there


def send_tcp(daemon, records):
	with socket.create_connection(("127.0.0.1", daemon.port)) as s:
		s.sendall(b"".join(b"%d %s" % (len(r), r) for r in records))


def compare(name, got, want):
	wrong = []
	try:
		have = [json.loads(line) for line in got]
	except ValueError as why:
		return result(name, ["%s: %s" % (why, got)])
	if len(have) != len(want):
		wrong.append("%d events, not %d" % (len(have), len(want)))
	for h, (kind, values) in zip(have, want):
		if h["kind"] != kind or h["event"] != values:
			wrong.append("%s, not %s %s" % (h, kind, values))
	result("%s: %d events" % (name, len(have)), wrong)


def test_config():
	"""As it is installed: included by Debian's own rsyslog.conf."""
	name = "rsyslogd -N1, within this machine's rsyslog.conf"
	if not os.path.exists("/etc/rsyslog.conf"):
		return skip(name, "there is no /etc/rsyslog.conf")
	with tempfile.TemporaryDirectory() as top:
		os.mkdir(top + "/d")
		shutil.copy(SAMPLE, top + "/d/50-scaudit.conf")
		with open("/etc/rsyslog.conf") as f:
			text = f.read().replace("/etc/rsyslog.d/", top + "/d/")
		with open(top + "/conf", "w") as f:
			f.write(text)
		check = subprocess.run([RSYSLOGD, "-N1", "-f", top + "/conf"], capture_output=True,
				       text=True)
		odd = [line for line in check.stderr.splitlines()
		       if not re.search(r"config validation run", line)]
		result(name, odd or (["exit %d" % check.returncode] if check.returncode else []))


def test_own_sinks(daemon, want):
	name = "scaudit log --to syslog"
	if "--to" not in subprocess.run([SCAUDIT, "log", "--help"], capture_output=True,
					text=True).stdout:
		return skip(name, "this scaudit has no --to yet")
	for to in ("unix:" + daemon.sock, "udp:127.0.0.1:%d" % daemon.port,
		   "tcp:127.0.0.1:%d" % daemon.port):
		subprocess.run([SCAUDIT, "log", "-q", "--to", "syslog:" + to] + LOGS, timeout=60,
			       check=True)
		compare("%s:%s" % (name, to.split(":")[0]), daemon.take(len(want)), want)


def test_all():
	if not RSYSLOGD:
		return skip("rsyslog", "rsyslog is not installed")
	if os.geteuid() != 0:
		return skip("rsyslog", "needs root")
	test_config()
	want = list(expected())
	with tempfile.TemporaryDirectory() as top:
		daemon = Daemon(top)
		for name, send in (("unix", send_unix), ("udp", send_udp), ("tcp", send_tcp)):
			send(daemon, FOREIGN + lines())
			compare("rsyslogd over %s" % name, daemon.take(len(want)), want)
		test_own_sinks(daemon, want)
		said = daemon.end()
	result("rsyslogd has no complaint", said.splitlines())


if __name__ == "__main__": # consumers.py has more for the daemon
	run_all(test_all)
