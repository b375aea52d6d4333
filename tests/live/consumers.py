#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""log --to feeds the consumers it is made for, an rsyslogd and a journald of this test's own. A
thousand events with names that strangers chose arrive with every value as it was, and what is sent
while nobody is there waits. TAP."""
import collections
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path[:0] = ["tests", "tests/oracle"]
from hostile_log import random_log, raw_name
from lib import SCAUDIT, result, run_all, skip
from samples_rsyslog import LOGS, RSYSLOGD, Daemon, compare, expected

JOURNALD = "/lib/systemd/systemd-journald"


def ways(daemon):
	return ["syslog:unix:" + daemon.sock, "syslog:udp:127.0.0.1:%d" % daemon.port,
		"syslog:tcp:127.0.0.1:%d" % daemon.port]


def send(to, logs):
	"""What it said, when it dropped or failed."""
	done = subprocess.run([SCAUDIT, "log", "-q", "--to", to] + logs, capture_output=True,
			      timeout=60)
	return done.stderr.decode().splitlines() if done.returncode else []


# -- rsyslog

def split_log(log, records):
	"""A burst of datagrams overruns the receiver's buffer, and nobody is told."""
	with open(log) as f:
		lines = f.readlines()
	for i in range(0, len(lines), records):
		with open("%s.%d" % (log, i), "w") as f:
			f.writelines(lines[i:i + records])
		yield "%s.%d" % (log, i)


def test_rsyslog(top, log):
	daemon = Daemon(top)
	for to in ways(daemon):
		parts = list(split_log(log, 100)) if ":udp:" in to else [log]
		name = "a thousand hostile names to rsyslogd by " + to.split(":")[1]
		got, want, wrong = [], [], []
		for part in parts:
			want += expected([part])
			wrong += send(to, [part])
			got += daemon.take(len(want) - len(got))
		if wrong:
			result(name, wrong)
		else:
			compare(name, got, want)
	said = daemon.end()
	result("rsyslogd has no complaint", said.splitlines())
	test_late(top)


def test_late(top):
	"""Sockets of a daemon that went and comes back; the log's end comes when all is there."""
	gone = Daemon(top)
	gone.end()
	os.unlink(gone.sock) if os.path.exists(gone.sock) else None
	want = sorted(e["id"] for _, e in expected())
	said = []
	senders = [subprocess.Popen([SCAUDIT, "tail", "-q", "--from", "-", "--to", to],
				    stdin=subprocess.PIPE, stderr=subprocess.PIPE)
		   for to in ways(gone)]
	for sender in senders:
		for log in LOGS:
			with open(log, "rb") as f:
				sender.stdin.write(f.read())
		sender.stdin.flush()
	time.sleep(0.5)
	daemon = Daemon(top, gone.port)
	got = [json.loads(line)["event"]["id"] for line in daemon.take(3 * len(want))]
	for sender in senders:
		err = sender.communicate()[1].decode()
		said += err.splitlines() if sender.returncode else []
	daemon.end()
	counts = collections.Counter(got)
	result("what is sent before rsyslogd is there waits for it", said + [
		"%s came %d times" % (i, counts[i]) for i in want if counts[i] < 3])


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

# journald and the sender see a /run of their own: $1 directory, $2 journald, $3 how many entries,
# $4 the sender, then the logs, which end when all is there.
JOURNAL_SCRIPT = """
dir=$1 journald=$2 entries=$3 scaudit=$4
shift 4
all_there() {
	journalctl -q --no-pager --all -o json -D /run/log/journal/* SYSLOG_IDENTIFIER=scaudit \
		>"$dir/read"
	[ "$(wc -l <"$dir/read")" -ge "$entries" ]
}
wait_for() {
	n=0
	until "$@" || [ $n = 300 ]; do n=$((n + 1)); sleep 0.1; done
}
mount -t tmpfs none /run && mkdir -p /run/systemd/journal /run/log/journal || exit 77
mount --bind "$dir/journald.conf" /etc/systemd/journald.conf || exit 77
"$journald" >"$dir/journald.out" 2>&1 & daemon=$!
trap 'kill $daemon; wait $daemon' EXIT
wait_for test -S /run/systemd/journal/socket
{ cat "$@"; wait_for all_there; } | "$scaudit" tail -q --from - --to journald >&2
"""


def field(entry, key):
	"""A value that is not printable text comes as a list of bytes."""
	v = entry.get(key)
	return v.encode() if isinstance(v, str) else v and bytes(v)


def test_journald(top, logs):
	name = "journald has every entry, every byte"
	events = [json.loads(line) for line in subprocess.run(
		[SCAUDIT, "log", "-q", "--format", "ndjson"] + logs, capture_output=True,
		check=True).stdout.splitlines()]
	with open(top + "/journald.conf", "w") as f:
		f.write(JOURNALD_CONF)
	done = subprocess.run(["unshare", "-m", "--propagation", "private", "sh", "-c",
			       JOURNAL_SCRIPT, "sh", top, JOURNALD, str(len(events)), SCAUDIT] + logs,
			      capture_output=True)
	if done.returncode == 77:
		return skip(name, "no mounts here: " + done.stderr.decode().strip())
	wrong = [done.stderr.decode()] if done.returncode else []
	with open(top + "/read") as f:
		got = collections.Counter(
			tuple(field(e, "SCAUDIT_" + key) for key in ("SERIAL", "COMM", "EXE"))
			for e in map(json.loads, f))
	want = collections.Counter(
		(str(e["serial"]).encode() if "serial" in e else None, raw_name(e, "comm"),
		 raw_name(e, "exe")) for e in events)
	wrong += ["missing or different: %s" % (e,) for e in want - got]
	wrong += ["too much: %s" % (e,) for e in got - want]
	result("%s: %d" % (name, sum(got.values())), wrong)


def test_all():
	if os.geteuid() != 0:
		return skip("consumers", "needs root")
	with tempfile.TemporaryDirectory() as top:
		log = top + "/random.log"
		random_log(log, 1000)
		if RSYSLOGD:
			test_rsyslog(top, log)
		else:
			skip("rsyslog", "rsyslog is not installed")
		if shutil.which("journalctl") and shutil.which("unshare") and os.path.exists(JOURNALD):
			test_journald(top, LOGS + [log])
		else:
			skip("journald", "no journald here")


run_all(test_all)
