#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The sandbox: every verb works in it, each source can be followed in it with no capability more
than it needs, files elsewhere and calls that are not foreseen are refused, and scaudit explains
the kernel's record of its own denial. Root. TAP."""
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
sys.path.insert(0, "tests/oracle")
from lib import SCAUDIT, is_ready, result, run_all, skip, wait_for

PROFILE = os.path.abspath("samples/scaudit-seccomp.json")
TOOL = os.path.join(os.path.abspath(os.environ.get("B", "build")), "tests/cli/tool_sandboxed")
PROGRAM = os.path.abspath(SCAUDIT)
SAMPLES = os.path.abspath("samples")
CAPS = {"DAC_READ_SEARCH": 2, "SYS_PTRACE": 19, "AUDIT_CONTROL": 30, "PERFMON": 38, "BPF": 39,
	"DAC_OVERRIDE": 1}

# What is asked of each verb; "verbs" fails when one of the help's is not here.
VERBS = {
	"suggest": ["web.json", "web.log"],
	"log": ["web.log"],
	"tail": None,  # SOURCES
	"report": ["web.log"],
	"explain": ["web.json", "mkdir", "clone:0x10000000"],
	"check": ["web.json"],
	"diff": ["web.json", "scaudit-seccomp.json", "--all-targets"],
	"replay": ["web.json", "web.log"],
	"complain": ["web.json"],
	"enforce": ["twin.json", "--undo", "twin.undo"],
	"doctor": ["web.json"],
	"resolve": ["clone3"],
	"help": ["log"],
	"version": [],
}


def run(*args, **more):
	return subprocess.run(args, capture_output=True, text=True, timeout=60, **more)


def line(serial, comm="sandbox"):
	return ("type=1326 audit(1795502175.137:%d): auid=0 uid=0 gid=0 ses=1 subj=unconfined "
		"pid=4242 comm=\"%s\" exe=\"/x\" sig=0 arch=c000003e syscall=83 compat=0 ip=0x7f "
		"code=0x50000\n" % (serial, comm))


def read(path):
	try:
		with open(path) as f:
			return f.read()
	except OSError:
		return ""


def append(path, text):
	with open(path, "a") as f:
		f.write(text)


# -- every verb --

def test_verbs(top):
	listed = re.findall(r"^  ([a-z]+)  +\S", run(PROGRAM, "help").stdout, re.M)
	result("each verb of the help is tried", [v for v in listed if v not in VERBS] or
	       ([] if len(listed) >= len(VERBS) - 1 else ["only %s" % listed]))
	for name in ("web.json", "web.log", "scaudit-seccomp.json"):
		shutil.copy(os.path.join(SAMPLES, name), top)
	run(PROGRAM, "complain", "web.json", "-o", "twin.json", "--undo", "twin.undo", cwd=top)
	for verb, args in VERBS.items():
		if args is None or verb == "version":
			continue
		bare, boxed = (run(PROGRAM, verb, *args, option, cwd=top)
			       for option in ("--no-sandbox", "--sandbox"))
		wrong = ["%s: %s" % (part, getattr(boxed, part)) for part in
			 ("returncode", "stdout", "stderr")
			 if verb != "doctor" and getattr(bare, part) != getattr(boxed, part)]
		if verb == "doctor" and boxed.returncode not in (0, 1):
			wrong.append(boxed.stderr)
		result("%s in the sandbox" % verb, wrong)


def test_writes(top):
	shutil.copy(os.path.join(SAMPLES, "web.json"), top + "/inplace.json")
	r = [run(PROGRAM, "suggest", "inplace.json", "web.log", "--in-place", "--sandbox", "-q",
		 cwd=top),
	     run(PROGRAM, "report", "web.log", "-o", "report.txt", "--sandbox", cwd=top),
	     run(PROGRAM, "complain", "web.json", "-o", "t2.json", "--undo", "t2.undo", "--sandbox",
		 "-q", cwd=top)]
	result("--in-place, -o and --undo in the sandbox",
	       [x.stderr for x in r if x.returncode] +
	       [n for n in ("inplace.json.orig", "report.txt", "t2.json", "t2.undo")
		if not os.path.exists(top + "/" + n)])


# -- sources, followed --

class Tail:
	def __init__(self, *args, **more):
		self.p = subprocess.Popen([PROGRAM, "tail", *args], stderr=subprocess.PIPE, text=True,
					  **more)

	def status(self):
		return dict(l.split(":\t", 1) for l in
			    read("/proc/%d/status" % self.p.pid).splitlines() if ":\t" in l)

	def ready(self):
		return wait_for(lambda: is_ready(self.p.pid))

	def end(self):
		self.p.send_signal(signal.SIGTERM)
		try:
			said = self.p.communicate(timeout=60)[1]
		except subprocess.TimeoutExpired:
			self.p.kill()
			return ["it does not end"]
		return [] if self.p.returncode == 0 else ["exit %d" % self.p.returncode, said]


def caps_wrong(tail, wanted):
	"""BPF is there as a whole or, where the kernel or the machine has none, not at all."""
	status, wrong = tail.status(), []
	if status.get("NoNewPrivs") != "1" or status.get("Seccomp") != "2":
		wrong.append("NoNewPrivs %s, Seccomp %s" % (status.get("NoNewPrivs"),
							   status.get("Seccomp")))
	base = sum(1 << CAPS[c] for c in wanted)
	bpf = 1 << CAPS["BPF"] | 1 << CAPS["PERFMON"]
	for key in ("CapEff", "CapPrm", "CapBnd"):
		have = int(status.get(key, "0"), 16)
		if have not in ({base, base | bpf} if "SYS_PTRACE" in wanted else {base}):
			wrong.append("%s is %x, wanted %x" % (key, have, base))
	if int(status.get("CapInh", "1"), 16) or int(status.get("CapAmb", "1"), 16):
		wrong.append("capabilities would be handed on")
	return wrong


TRACKER = ["DAC_READ_SEARCH", "SYS_PTRACE"]


def test_file(top):
	log, out, state = (top + "/" + n for n in ("a.log", "a.out", "a.state"))
	append(log, "")
	tail = Tail("-q", "--from", log, "-o", out, "--state", state)
	tail.ready()
	wrong = caps_wrong(tail, TRACKER)
	append(log, line(1))
	wrong += [] if wait_for(lambda: '"serial":1,' in read(out)) else ["the first is missing"]
	os.rename(log, log + ".1")
	append(log, line(2))
	wrong += [] if wait_for(lambda: '"serial":2,' in read(out)) else ["none behind a rotation"]
	os.rename(out, out + ".1")
	tail.p.send_signal(signal.SIGHUP)
	wait_for(lambda: os.path.exists(out))
	append(log, line(3))
	wrong += [] if wait_for(lambda: '"serial":3,' in read(out)) else ["none behind SIGHUP"]
	wrong += [] if wait_for(lambda: os.path.exists(state)) else ["no state"]
	held = run(PROGRAM, "explain", PROFILE, "--pid", str(tail.p.pid), "--exit-code", "--caps",
		   "all" if int(tail.status()["CapEff"], 16) >> CAPS["BPF"] & 1 else
		   "CAP_DAC_READ_SEARCH")
	wrong += [] if held.returncode == 0 else ["the filter is not the profile's: " + held.stdout]
	result("a file: rotation, SIGHUP, state; it holds its profile's filter", wrong + tail.end())


def test_textfile(top):
	log, prom = top + "/p.log", top + "/p.prom"
	append(log, line(1))
	tail = Tail("-q", "--from", log, "--since", "2000-01-01", "--format", "prometheus", "-o", prom)
	tail.ready()
	wrong = [] if wait_for(lambda: "mkdir" in read(prom)) else [read(prom) or "no textfile"]
	result("a textfile", wrong + tail.end())


def test_stdin(top):
	out = top + "/stdin.out"
	tail = Tail("-q", "--from", "-", "-o", out, stdin=subprocess.PIPE)
	tail.ready()
	wrong = caps_wrong(tail, [])
	tail.p.stdin.write(line(7))
	tail.p.stdin.flush()
	wrong += [] if wait_for(lambda: '"serial":7,' in read(out)) else ["nothing came"]
	result("standard input keeps no capability", wrong + tail.end())


def test_unix(top):
	out, path = top + "/unix.out", top + "/events"
	with socket.socket(socket.AF_UNIX) as server:
		server.bind(path)
		server.listen()
		tail = Tail("-q", "--from", "unix:" + path, "-o", out)
		peer = server.accept()[0]
		tail.ready()
		wrong = caps_wrong(tail, TRACKER)
		peer.sendall(line(8).encode())
		wrong += [] if wait_for(lambda: '"serial":8,' in read(out)) else ["nothing came"]
		peer.close()
		tail.p.poll()
		server.settimeout(10)
		try:
			peer = server.accept()[0]
			peer.sendall(line(9).encode())
			wrong += [] if wait_for(lambda: '"serial":9,' in read(out)) else ["no second"]
		except socket.timeout:
			pass  # it ends with the other side
		result("auditd's socket", wrong + (tail.end() if tail.p.poll() is None else []))


def test_syslog(top):
	log, got = top + "/s.log", []
	append(log, "")
	with socket.create_server(("127.0.0.1", 0)) as server:
		server.settimeout(60)
		tail = Tail("-q", "--from", log, "--to",
			    "syslog:tcp:localhost:%d" % server.getsockname()[1])
		for serial in (1, 2):
			peer = server.accept()[0]
			peer.settimeout(60)
			tail.ready()
			append(log, line(serial))
			try:
				got.append(peer.recv(65536))
			except socket.timeout:
				pass
			peer.close()
		result("syslog by TCP, and again when the connection is lost",
		       ([] if len(got) == 2 and all(b"mkdir" in g for g in got) else [str(got)]) +
		       tail.end())


def test_words(top):
	for word, caps, path in (("netlink", TRACKER + ["AUDIT_CONTROL"], None),
				 ("kmsg", TRACKER, "/dev/kmsg"),
				 ("journal", TRACKER, "/var/log/journal")):
		name = "%s has the capabilities that it needs" % word
		if path and not os.path.exists(path):
			skip(name, "no %s here" % path)
			continue
		tail = Tail("-q", "--from", word, "-o", top + "/" + word)
		tail.ready()
		if tail.p.poll() is not None:
			skip(name, tail.p.communicate()[1].strip() or "it ends at once")
			continue
		result(name, caps_wrong(tail, caps) + tail.end())


def test_foreign(top):
	"""An output in somebody else's directory."""
	log, there = top + "/f.log", top + "/theirs"
	append(log, "")
	os.mkdir(there, 0o755)
	os.chown(there, 65534, 65534)
	tail = Tail("-q", "--from", log, "-o", there + "/out")
	tail.ready()
	wrong = caps_wrong(tail, TRACKER + ["DAC_OVERRIDE"])
	os.rename(there + "/out", there + "/out.1")
	tail.p.send_signal(signal.SIGHUP)
	wrong += [] if wait_for(lambda: os.path.exists(there + "/out")) else ["not reopened"]
	result("an output in another user's directory", wrong + tail.end())


def test_off(top):
	log = top + "/off.log"
	append(log, "")
	tail = Tail("-q", "--no-sandbox", "--from", log, "-o", top + "/off.out")
	wait_for(lambda: os.path.exists(top + "/off.out"))
	time.sleep(0.5)
	result("--no-sandbox", [] if tail.status().get("Seccomp") == "0" else
	       ["Seccomp %s" % tail.status().get("Seccomp")])
	tail.end()


# -- what is refused --

def said(*args):
	done = run(TOOL, *args)
	return done.stdout.split(), done.returncode


def test_refused(top):
	log, out = top + "/r.log", top + "/out/o"
	os.mkdir(top + "/out")
	append(log, "")
	append(top + "/secret", "x")
	os.mkdir(top + "/logs")
	shutil.move(log, top + "/logs/r.log")
	rows = (
		("a file elsewhere is not written", ["-o", out, "write", out, top + "/x",
						     "/etc/passwd"], ["ok", "EACCES", "EACCES"]),
		("a follower reads no file elsewhere", ["-f", top + "/logs/r.log", "read",
			top + "/logs/r.log", "/etc/hosts", top + "/secret", "/root"],
		 ["ok", "ok", "EACCES", "EACCES"]),
		("a call that is not foreseen is denied", ["call", "83", "39"], ["EPERM", "ok"]),
		("in a later thread, too", ["thread", "83"], ["EPERM"]),
		("clone3 is as if it were not there", ["call", "435"], ["ENOSYS"]),
	)
	for name, args, wanted in rows:
		got = said(*args)[0]
		result(name, [] if got == wanted else ["%s, wanted %s" % (got, wanted)])
	for name, nr in (("execve", "59"), ("ptrace", "101"), ("mount", "165"), ("setuid", "105"),
			 ("kexec_load", "246"), ("process_vm_readv", "310")):
		code = said("call", nr)[1]
		result("%s ends the process" % name, [] if code == -signal.SIGSYS else
		       ["exit %s" % code])


def test_explains_itself(top):
	"""The kernel's own records of the two kinds of denial."""
	out, name = top + "/own.ndjson", "its own denial, from the kernel's record"
	enabled = re.search(r"^enabled (\d)", run("auditctl", "-s").stdout, re.M)
	if not enabled:
		skip(name, "auditctl can not be used here")
		return
	run("auditctl", "-e", "1")
	try:
		tail = Tail("-q", "--from", "netlink", "--comm", "tool_sandboxed", "-o", out)
		tail.ready()
		said("call", "83")
		said("call", "59")
		wait_for(lambda: read(out).count("\n") >= 2)
		ended = tail.end()
	finally:
		run("auditctl", "-e", enabled.group(1))
	answer = run(PROGRAM, "explain", PROFILE, "--event", out, "--caps", "all").stdout
	flat = " ".join(answer.split())
	wanted = (r"mkdir, x86_64 83: ERRNO\(EPERM\) by default",
		  r"execve, x86_64 59: KILL_PROCESS by rule \d+")
	result(name, ended + ["%s is not in: %s" % (w, answer) for w in wanted
			      if not re.search(w, flat)])


def test():
	name = "the sandbox"
	if os.geteuid() != 0:
		skip(name, "needs root")
		return
	if os.uname().machine != "x86_64":
		skip(name, "its numbers of calls are those of x86_64")
		return
	for part in (test_verbs, test_writes, test_file, test_textfile, test_stdin, test_unix,
		     test_syslog, test_words, test_foreign, test_off, test_refused,
		     test_explains_itself):
		with tempfile.TemporaryDirectory() as top:
			if part is test_writes:
				for n in ("web.json", "web.log"):
					shutil.copy(os.path.join(SAMPLES, n), top)
			part(top)


run_all(test)
