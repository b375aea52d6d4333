#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Attackers write whole records wherever they can: as user messages from a container with
CAP_AUDIT_WRITE, by syslog, into the kernel's log, over netlink, to journald, in names. None comes out
as the kernel's, none hides a true record, and what is suggested by one is called forgeable. With
real daemons and a real container; true denials are in between. TAP."""
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/oracle")
from lib import SCAUDIT, is_ready, result, run_all, skip, wait_for

SCAUDIT = os.path.abspath(SCAUDIT)
FORGE = os.path.join(os.environ.get("B", "build"), "tests/live/tool_forge")
MKDIR, MOUNT, GETPGID = 83, 165, 121 # x86_64; the last is what is really denied
FORGED_PID = 4242424
BODY = ('auid=0 uid=0 gid=0 ses=1 pid=%d comm="forged" exe="/forged" sig=0 arch=c000003e syscall=%d '
	'compat=0 ip=0x1 code=0x50000')
PROFILE = {"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"],
	   "syscalls": [{"names": ["read", "write"], "action": "SCMP_ACT_ALLOW"}]}
serial = 0


def stamp():
	global serial
	serial += 1
	return "audit(%d.%03d:%d)" % (time.time(), serial % 1000, 3000000000 + serial)


def body(nr=MKDIR):
	return BODY % (FORGED_PID, nr)


def auditd_line(nr=MKDIR, at=None):
	return "type=SECCOMP msg=%s: %s" % (at or stamp(), body(nr))


def kernel_line(nr=MKDIR, at=None):
	return "audit: type=1326 %s: %s" % (at or stamp(), body(nr))


def read_events(text):
	return [e for e in (json.loads(line) for line in text.splitlines() if line.strip())
		if "nr" in e]


def log(*args, stdin=None):
	run = subprocess.run([SCAUDIT, "log", "-q", "--format", "ndjson"] + list(args), input=stdin,
			     capture_output=True)
	if run.returncode:
		raise RuntimeError("%s: %s" % (args, run.stderr.decode()))
	return read_events(run.stdout.decode())


class Denials:
	"""True denials, by the kernel."""

	def __init__(self):
		self.pids = []

	def make(self, comm=b"real", program=FORGE, args=(), cwd=None):
		run = subprocess.Popen([program, "deny", comm, *args], cwd=cwd)
		if run.wait() == 0:
			self.pids.append(run.pid)
		return run.pid

	def seen(self, events):
		return all(any(e.get("pid") == pid for e in events) for pid in self.pids)


def forged_ones(events):
	return [e for e in events if e.get("pid") == FORGED_PID or e.get("comm") == "forged"]


def judge(events, real, forged, trust="kernel"):
	"""What is wrong: `forged` is "none", or "forgeable" for records that may be read."""
	wrong = []
	for pid in real.pids:
		mine = [e for e in events if e.get("pid") == pid]
		if [(e["nr"], e["source"]["trust"]) for e in mine] != [(GETPGID, trust)]:
			wrong.append("pid %d: %s" % (pid, mine))
	fakes = forged_ones(events)
	wrong += ["forged: %s" % e for e in fakes
		  if forged == "none" or e["source"]["trust"] != "forgeable"]
	if forged == "forgeable" and not fakes:
		wrong.append("no forged record was read, so nothing is shown")
	return wrong


def judge_suggest(top, forged, *sources, stdin=None):
	"""Text and JSON of the suggestion; mount is held back whoever tells of it."""
	with open(top + "/profile.json", "w") as f:
		json.dump(PROFILE, f)
	wrong = []
	for form in ("patch", "json"):
		run = subprocess.run([SCAUDIT, "suggest", top + "/profile.json", *sources, "--format",
				      form, "--pid", str(FORGED_PID)], input=stdin, capture_output=True)
		out, said = run.stdout.decode(), run.stderr.decode()
		doc = json.loads(out or "[]") if form == "json" else {}
		patch = json.dumps(doc["patch"]) if form == "json" else out
		if run.returncode:
			wrong.append("suggest: exit %d: %s" % (run.returncode, said))
		if '"mount"' in patch:
			wrong.append("mount is not held back: " + patch)
		if forged == "none" and "mkdir" in patch:
			wrong.append("forged mkdir is suggested: " + patch)
		if forged == "none":
			continue
		if "mkdir" not in patch:
			wrong.append("mkdir is not suggested, so nothing is shown: " + said)
		if "forgeable" not in said:
			wrong.append("--format %s does not say forgeable: %s" % (form, said))
		if form == "json" and not doc["evidence"]["forgeable"]:
			wrong.append("JSON does not say forgeable: %s" % doc["evidence"])
	return wrong


# -- a container's user messages --

def bundle(top, texts):
	"""It sends every text in each type of user message, and the record's own type."""
	root = top + "/root"
	os.makedirs(root + "/proc")
	subprocess.run([os.environ.get("CC", "cc").split()[0], "-O2", "-static", "-o",
			root + "/forge", "tests/live/tool_forge.c"], check=True)
	subprocess.run(["runc", "spec"], cwd=top, check=True)
	with open(top + "/config.json") as f:
		config = json.load(f)
	config["process"]["terminal"] = False
	caps = config["process"]["capabilities"]
	for name in caps:
		caps[name] = ["CAP_AUDIT_WRITE"]
	config["root"] = {"path": "root", "readonly": True}
	config["linux"].pop("resources", None)
	config["process"]["args"] = ["/forge", "audit"]
	runs = (("1326-1326", texts[:1]), ("1005-1005", texts), ("1100-1199", texts[:2]),
		("2100-2999", texts[:1]), ("1100-1107", texts))
	said = ""
	for i, (types, some) in enumerate(runs):
		config["process"]["args"] = ["/forge", "audit", types, *some]
		with open(top + "/config.json", "w") as f:
			json.dump(config, f)
		run = subprocess.run(["runc", "--root", top + "/runc", "run", "--bundle", top,
				      "forgery-%d-%d" % (os.getpid(), i)],
				     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
				     stderr=subprocess.STDOUT)
		said += run.stdout.decode()
	shutil.rmtree(root)
	return said


def hostile_texts(at):
	"""A record as a part of a message; `at` is the stamp of a true one."""
	quiet = body().replace('"', "")
	return [
		" type=1326 %s: %s" % (stamp(), body()),
		"x'\n%s\n" % auditd_line(),
		"op=x acct=\"a\" res=1'\n%s\nmsg='" % auditd_line(MOUNT),
		"x\x1d%s" % auditd_line(),
		"x'\r\nnode=web %s" % auditd_line(),
		"\n__CURSOR=x\n_TRANSPORT=audit\n_AUDIT_TYPE=1326\nMESSAGE=SECCOMP %s\n\n" % body(),
		"\n" + json.dumps({"_TRANSPORT": "kernel", "MESSAGE": kernel_line()}),
		"\n" + auditd_line(at=at),
		"op=\x1b[2K\n%s" % auditd_line(),
		"A" * 3000 + "\n" + auditd_line() + "\n" + "B" * 4000,
		"\n".join(auditd_line() for _ in range(35)),
		"\n" + "type=SECCOMP msg=%s: %s" % (stamp(), quiet),
	]


class Auditd:
	def __init__(self, top, log_format, plugin_format):
		self.top, self.log = top, top + "/audit.log"
		os.makedirs(top + "/plugins.d")
		with open("/etc/audit/auditd.conf") as f:
			conf = f.read()
		for key, value in (("log_file", self.log), ("plugin_dir", top + "/plugins.d"),
				   ("log_format", log_format), ("max_log_file_action", "IGNORE")):
			conf = re.sub(r"^%s *=.*\n" % key, "", conf, flags=re.M)
			conf += "%s = %s\n" % (key, value)
		self.write("auditd.conf", conf)
		self.write("audit.rules", "")
		self.write("plugins.d/af_unix.conf", "active = yes\ndirection = out\n"
			   "path = builtin_af_unix\ntype = builtin\nargs = 0600 %s/events\n"
			   "format = %s\n" % (top, plugin_format))
		status = subprocess.run(["auditctl", "-s"], capture_output=True, text=True).stdout
		self.enabled = re.search(r"^enabled (\d)", status, re.M)
		self.backlog = re.search(r"^backlog_limit (\d+)", status, re.M)
		self.run = subprocess.Popen(["auditd", "-n", "-c", top], stdout=subprocess.DEVNULL,
					    stderr=subprocess.DEVNULL)
		self.up = wait_for(lambda: os.path.exists(top + "/events") and os.path.exists(self.log))
		subprocess.run(["auditctl", "-b", "8192"], capture_output=True)

	def write(self, name, text):
		with open(self.top + "/" + name, "w") as f:
			f.write(text)
		os.chmod(self.top + "/" + name, 0o640)

	def end(self):
		self.run.terminate()
		self.run.wait()
		for flag, was in (("-e", self.enabled), ("-b", self.backlog)):
			if was:
				subprocess.run(["auditctl", flag, was[1]], capture_output=True)


class Follower:
	"""scaudit log -f of one source, into a file."""

	def __init__(self, top, name, source):
		self.out = "%s/%s.ndjson" % (top, name)
		self.run = subprocess.Popen([SCAUDIT, "log", "-f", "-q", "--from", source, "--format",
					     "ndjson", "-o", self.out], stderr=subprocess.PIPE)
		wait_for(lambda: is_ready(self.run.pid))

	def events(self):
		with open(self.out, "rb") as f:
			whole = f.read().rpartition(b"\n")[0]
		return read_events(whole.decode())

	def end(self):
		self.run.terminate()
		said = self.run.communicate()[1].decode()
		return self.events(), said


def audit_round(top, log_format, plugin_format):
	auditd = Auditd(top, log_format, plugin_format)
	real = Denials()
	try:
		if not auditd.up:
			return result("auditd " + log_format, ["it does not start"])
		live = {"af_unix " + plugin_format: Follower(top, "unix", "unix:%s/events" % top),
			"netlink": Follower(top, "netlink", "netlink")}
		real.make()
		wait_for(lambda: all(real.seen(f.events()) for f in live.values()))
		at = next((e for e in live["netlink"].events() if e.get("pid") in real.pids), None)
		at = "audit(%.3f:%d)" % (int(json_time(at) * 1000) / 1000, at["serial"]) if at else None
		texts = hostile_texts(at)
		said = bundle(top, texts)
		spoof_netlink(live["netlink"].run.pid)
		real.make()
		wait_for(lambda: all(real.seen(f.events()) for f in live.values()) and
		     real.seen(log(auditd.log)))
		sent = count_user_messages(auditd.log)
		result("the kernel takes no record from a process",
		       [] if "1326 22" in said else ["answers: " + said[:500]])
		result("%d user messages came" % sent,
		       [] if sent > 900 else ["%d; %s" % (sent, said[-500:])])
		for name, follower in live.items():
			events, why = follower.end()
			result("user messages -> %s: none" % name,
			       judge(events, real, "none") + why.splitlines())
		result("user messages -> auditd %s: none" % log_format,
		       judge(log(auditd.log), real, "none") +
		       judge_suggest(top, "none", auditd.log))
	finally:
		auditd.end()


def json_time(event):
	text = event["time"].replace("Z", "+00:00")
	from datetime import datetime
	return datetime.fromisoformat(text).timestamp()


def count_user_messages(path):
	with open(path, "rb") as f:
		return sum(b"forged" in line and b"SECCOMP msg=audit(" not in line[:25] for line in f)


# -- netlink --

def spoof_netlink(pid):
	"""A record to each port that the process may have, and to the group, and as another family's.
	Sending to a port needs CAP_NET_ADMIN, which these have."""
	text = ("%s: %s" % (stamp(), body())).encode()
	ports = [pid]
	with open("/proc/net/netlink") as f:
		ports += [int(line.split()[2]) for line in f.readlines()[1:]
			  if line.split()[1] == "9" and int(line.split()[3], 16) & 1]
	for family in (9, 2): # NETLINK_AUDIT, NETLINK_USERSOCK
		with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, family) as s:
			for port, group in [(p, 0) for p in ports] + [(0, 1), (pid, 1)]:
				for seq in range(3):
					head = struct.pack("=LHHLL", 16 + len(text), 1326, 0, seq, 0)
					try:
						s.sendto(head + text, (port, group))
					except OSError:
						pass


def test_audit(top):
	for program in ("auditd", "auditctl", "runc", "pidof"):
		if not shutil.which(program):
			return skip("user messages of a container", program + " is not installed")
	if not wait_for(lambda: subprocess.run(["pidof", "auditd"], capture_output=True).returncode):
		return skip("user messages of a container", "an auditd runs already")
	audit_round(top + "/raw", "RAW", "string")
	audit_round(top + "/enriched", "ENRICHED", "binary")


# -- names --

def test_names(top):
	"""Through netlink, with true denials of processes that are called odd things."""
	long = "a\n%s\nb" % auditd_line()[:200]
	comms = [b" type=1326 audit", b"audit(1.1:1): ", b"\ntype=SECCOMP ", b'" syscall=83 ',
		 b"x code=0x7ffc00", b"(null)", b"\xff\xfe\x80", b"\x1b[31m", b"pid=1 comm=\"a\"",
		 b"6d6b646972"]
	paths = ["new\nline", 'quote" syscall=83 code=0x7ffc0000 "', long.replace("/", "_"),
		 "forged (deleted)", "\\x0a type=1326 audit(1.1:1):"]
	follower, real = Follower(top, "names", "netlink"), Denials()
	for comm in comms:
		real.make(comm)
	for path in paths:
		place = os.path.join(top.encode(), path.encode()[:250])
		shutil.copy(FORGE, place)
		real.make(b"path", place)
	real.make(b"argv", args=[auditd_line(), "\n" + auditd_line()])
	real.make(b"cwd", cwd=top, program=os.path.abspath(FORGE))
	wait_for(lambda: real.seen(follower.events()))
	events, why = follower.end()
	wrong = judge(events, real, "none") + why.splitlines()
	got = {e["pid"]: e for e in events if e.get("pid") in real.pids}
	for pid, comm in zip(real.pids, comms):
		e = got.get(pid, {})
		name = bytes.fromhex(e["comm_hex"]) if "comm_hex" in e else e.get("comm", "").encode()
		if name != comm[:15]:
			wrong.append("comm %r is told as %r" % (comm, name))
	result("%d hostile names -> netlink: kernel, each as it is" % len(real.pids), wrong)


# -- the kernel's log --

def test_kmsg(top):
	mark = "forgery-%d" % os.getpid()
	try:
		with open("/dev/kmsg", "wb", buffering=0) as f:
			for text in (kernel_line(), "<4>" + kernel_line(), "<0>" + kernel_line(MOUNT),
				     "<13>%s\n%s" % (mark, auditd_line()),
				     "<5>x\n" + kernel_line(), "<30>" + auditd_line()):
				f.write(text.encode())
	except OSError as why:
		return skip("/dev/kmsg", str(why))
	nobody = Denials()
	result("/dev/kmsg -> kmsg: none", judge(log("--from", "kmsg"), nobody, "none"))
	forms = {"dmesg": [], "dmesg -r": ["-r"], "dmesg -x": ["-x"], "dmesg -T": ["-T"],
		 "dmesg -J": ["-J"], "dmesg -t": ["-t"], "dmesg --time-format iso":
		 ["--time-format", "iso"]}
	for name, args in forms.items():
		run = subprocess.run(["dmesg", *args], capture_output=True)
		if run.returncode:
			skip("/dev/kmsg -> " + name, run.stderr.decode().strip())
			continue
		path = top + "/dmesg"
		with open(path, "wb") as f:
			f.write(run.stdout)
		as_file, piped = log(path), log("-", stdin=run.stdout)
		result("/dev/kmsg -> %s: forgeable" % name,
		       judge(as_file, nobody, "forgeable") + judge(piped, nobody, "forgeable") +
		       judge_suggest(top, "forgeable", path))


# -- syslog --

RSYSLOGD = shutil.which("rsyslogd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def test_syslog(top):
	if not RSYSLOGD or not shutil.which("logger"):
		return skip("syslog", "rsyslog or logger is not installed")
	sock, files = top + "/sock", {}
	conf = ('global(workDirectory="%s" maxMessageSize="64k" '
		'parser.escapeControlCharactersOnReceive="off")\nmodule(load="imuxsock" '
		'sysSock.use="off")\ninput(type="imuxsock" Socket="%s" useSysTimeStamp="on")\n'
		'template(name="raw" type="string" string="%%rawmsg%%\\n")\n'
		'template(name="text" type="string" string="%%msg%%\\n")\n' % (top, sock))
	for name, template in (("traditional", "RSYSLOG_TraditionalFileFormat"),
			       ("iso", "RSYSLOG_FileFormat"), ("5424", "RSYSLOG_SyslogProtocol23Format"),
			       ("raw", "raw"), ("text", "text")):
		files[name] = "%s/%s.log" % (top, name)
		conf += 'action(type="omfile" file="%s" template="%s")\n' % (files[name], template)
	with open(top + "/conf", "w") as f:
		f.write(conf)
	daemon = subprocess.Popen([RSYSLOGD, "-n", "-f", top + "/conf", "-i", top + "/pid"],
				  stderr=subprocess.DEVNULL)
	try:
		if not wait_for(lambda: os.path.exists(sock)):
			return result("rsyslogd", ["it does not start"])
		time.sleep(0.3)
		# its own first lines are no part of the attack, but an attacker may be first
		for args in (["-t", "kernel", kernel_line()], ["-t", "kernel", kernel_line(MOUNT)],
			     ["-p", "kern.warn", "-t", "kernel", kernel_line()],
			     ["-t", "audit", auditd_line()], ["-t", "type=SECCOMP", auditd_line()]):
			subprocess.run(["logger", "-u", sock] + args, check=True)
		with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
			for text in ("<4>%s" % kernel_line(), "<4>kernel: " + kernel_line(),
				     "<5>Nov 24 06:14:08 kernel: [    1.000000] " + kernel_line(),
				     "<13>app: x\n" + auditd_line(), "<13>" + auditd_line(),
				     "<13>app: {\"_TRANSPORT\":\"kernel\",\"MESSAGE\":\"%s\"}" % "x",
				     "<13>Nov 24 06:14:08 host audispd: " + auditd_line(), "<13>app: end"):
				s.sendto(text.encode(), sock)
		wait_for(lambda: all(os.path.exists(p) and b"end" in open(p, "rb").read()
				 for p in files.values()))
	finally:
		daemon.terminate()
		daemon.wait()
	for name, path in files.items():
		result("logger and /dev/log -> rsyslog's %s: forgeable" % name,
		       judge(log(path), Denials(), "forgeable") +
		       judge_suggest(top, "forgeable", path))


# -- journald: in a mount namespace of its own --

JOURNALD = next((p for p in ("/usr/lib/systemd/systemd-journald", "/lib/systemd/systemd-journald")
		 if os.access(p, os.X_OK)), None)


def journal_entries():
	fields = {
		"_TRANSPORT": "kernel", "_AUDIT_TYPE": "1326", "_AUDIT_ID": "7",
		"AUDIT_FIELD_SYSCALL": "83", "_AUDIT_FIELD_SYSCALL": "83", "SYSLOG_FACILITY": "0",
		"SYSLOG_IDENTIFIER": "kernel", "_SOURCE_REALTIME_TIMESTAMP": "1795502175137000",
		"PRIORITY": "5", "_PID": "1", "_COMM": "kernel",
	}
	yield {**fields, "MESSAGE": kernel_line()}
	yield {**fields, "MESSAGE": "SECCOMP " + body(), "_TRANSPORT": "audit",
	       "SYSLOG_IDENTIFIER": "audit"}
	yield {"MESSAGE": kernel_line(MOUNT), "SYSLOG_IDENTIFIER": "kernel"}
	yield {"MESSAGE": "x\n" + auditd_line(), "SYSLOG_IDENTIFIER": "app"}
	yield {"MESSAGE": auditd_line(), "SYSLOG_IDENTIFIER": "app"}
	yield {"MESSAGE": "x\n\n__CURSOR=x\n_TRANSPORT=audit\n_AUDIT_TYPE=1326\nMESSAGE=SECCOMP %s\n\n" %
	       body(), "EXTRA": "\n\n__CURSOR=y\n_TRANSPORT=kernel\nMESSAGE=%s\n\n" % kernel_line()}
	yield {"MESSAGE": "x\n" + json.dumps({"_TRANSPORT": "kernel", "MESSAGE": kernel_line()})}
	yield {"MESSAGE": json.dumps({"_TRANSPORT": "kernel", "MESSAGE": kernel_line()})}


def native(entry):
	out = b""
	for key, value in entry.items():
		v = value.encode()
		if b"\n" in v:
			out += key.encode() + b"\n" + struct.pack("<Q", len(v)) + v + b"\n"
		else:
			out += key.encode() + b"=" + v + b"\n"
	return out


def send_to_journal():
	with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
		for entry in journal_entries():
			s.sendto(native(entry), "/run/systemd/journal/socket")
		for text in ("<4>" + kernel_line(), "<5>kernel: " + kernel_line(),
			     "<36>audit: SECCOMP " + body()):
			s.sendto(text.encode(), "/run/systemd/journal/dev-log")
	with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
		s.connect("/run/systemd/journal/stdout")
		s.sendall(b"kernel\n\n5\n1\n0\n0\n0\n" + kernel_line().encode() + b"\n<4>" +
			  kernel_line().encode() + b"\n")
		time.sleep(0.3)


def journal_inside(top):
	for place in ("/run/systemd", "/run/log", "/var/log/journal"):
		os.makedirs(place, exist_ok=True)
		subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "test", place], check=True)
	for place in ("/run/systemd/journal", "/run/log/journal", "/run/systemd/journald.conf.d"):
		os.makedirs(place, exist_ok=True)
	with open("/run/systemd/journald.conf.d/test.conf", "w") as f:
		f.write("[Journal]\nStorage=volatile\nAudit=\nForwardToSyslog=no\nForwardToWall=no\n"
			"ReadKMsg=no\n")
	daemon = subprocess.Popen([JOURNALD], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
	try:
		if not wait_for(lambda: os.path.exists("/run/systemd/journal/stdout")):
			return skip("journald", "it does not start here")
		real = Denials()
		real.make()
		send_to_journal()
		real.make()
		wait_for(lambda: real.seen(log("--from", "journal")), 10)
		events = log("--from", "journal")
		if not real.seen(events):
			real.pids = [] # its socket was overrun by others' records
		result("forged entries -> journal: none (%d true)" % len(real.pids),
		       judge(events, real, "none"))
		for form in ("short", "short-iso", "short-precise", "cat", "verbose", "json", "export",
			     "json-pretty", "json-sse"):
			text_of_journal(top, form, real)
	finally:
		daemon.terminate()
		daemon.wait()


def text_of_journal(top, form, real):
	run = subprocess.run(["journalctl", "-q", "-a", "-o", form, "--no-pager"], capture_output=True)
	path = top + "/journal." + form
	with open(path, "wb") as f:
		f.write(run.stdout)
	wrong = []
	whole = form in ("json", "export", "json-pretty", "json-sse")
	expect = "none" if whole else "forgeable"
	for how, events in (("file", log(path)), ("pipe", log("-", stdin=run.stdout))):
		trust = "kernel" if how == "file" and whole else "forgeable"
		mine = real if whole else Denials()
		wrong += ["%s: %s" % (how, w) for w in judge(events, mine, expect, trust)]
	wrong += judge_suggest(top, expect, path)
	result("forged entries -> journalctl -o %s: %s" % (form, expect), wrong)


def test_journal(top):
	if not JOURNALD or not shutil.which("journalctl"):
		return skip("journald", "systemd-journald is not installed")
	run = subprocess.run(["unshare", "-m", "--propagation", "private", sys.executable, __file__,
			      "journal", top], capture_output=True)
	if run.returncode:
		return result("journald", run.stderr.decode().splitlines()[-5:])
	for name, wrong in json.loads(run.stdout):
		if wrong and wrong[0].startswith("SKIP "):
			skip(name, wrong[0][5:])
		else:
			result(name, wrong)


# -- files and sockets of users --

def own_event(nr=MKDIR):
	return json.dumps({
		"v": 1, "time": "2026-11-24T06:14:08.421Z", "serial": 4, "action": "errno",
		"code": "0x50000", "denied": True, "nr": nr, "arch": "x86_64", "pid": FORGED_PID,
		"comm": "forged", "source": {"kind": "netlink", "trust": "kernel"}, "count": 1,
		"container": {"id": "f" * 64, "via": "bpf-exit", "sure": "exact"}})


def as_user(path, text):
	with open(path, "w") as f:
		f.write(text)
	os.chown(path, 65534, 65534)
	return path


def test_files(top):
	rows = [
		("our own events that say kernel", own_event() + "\n" + own_event(MOUNT)),
		("auditd's lines in a user's file", auditd_line() + "\n" + auditd_line(MOUNT)),
		("a journal's entries in a user's file",
		 json.dumps({"_TRANSPORT": "kernel", "MESSAGE": kernel_line()}) + "\n" +
		 native({"__CURSOR": "x", "_TRANSPORT": "audit", "_AUDIT_TYPE": "1326",
			 "MESSAGE": "SECCOMP " + body(MOUNT)}).decode()),
	]
	for name, text in rows:
		path = as_user(top + "/users", text + "\n")
		result(name + ": forgeable", judge(log(path), Denials(), "forgeable") +
		       judge_suggest(top, "forgeable", path))
	rows = [
		("our own events in root's file", own_event()),
		("auditd's line in a service's log", "started\n" + auditd_line()),
		("auditd's line behind a journal's", "{}\n" + auditd_line()),
		("an indented line", "type=CWD msg=%s: cwd=\"/\"\n   %s" % (stamp(), auditd_line())),
		("auditd's lines on standard input", auditd_line() + "\n" + auditd_line(MOUNT)),
	]
	for name, text in rows:
		path = top + "/roots"
		with open(path, "w") as f:
			f.write(text + "\n")
		args = ("-", (text + "\n").encode()) if "standard" in name else (path, None)
		result(name + ": forgeable", judge(log(args[0], stdin=args[1]), Denials(), "forgeable")
		       + judge_suggest(top, "forgeable", args[0], stdin=args[1]))


def test_socket(top):
	"""Somebody else listens where auditd would."""
	path = top + "/public/events"
	os.mkdir(top + "/public")
	os.chmod(top, 0o711)
	os.chown(top + "/public", 65534, 65534)
	child = os.fork()
	if child == 0:
		try:
			os.setgid(65534)
			os.setuid(65534)
			with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
				s.bind(path)
				s.listen(1)
				peer = s.accept()[0]
				peer.sendall((auditd_line() + "\n" + auditd_line(MOUNT) + "\n").encode())
				time.sleep(100)
		finally:
			os._exit(0)
	wait_for(lambda: os.path.exists(path))
	follower = Follower(top, "socket", "unix:" + path)
	wait_for(lambda: len(follower.events()) >= 2)
	events, why = follower.end()
	os.kill(child, signal.SIGKILL)
	os.waitpid(child, 0)
	result("a user at the plugin's socket: forgeable",
	       judge(events, Denials(), "forgeable") + why.splitlines())
	result("what was followed is forgeable for suggest",
	       judge_suggest(top, "forgeable", top + "/socket.ndjson"))


def missing():
	if os.geteuid() != 0:
		return "needs root"
	if os.uname().machine != "x86_64":
		return "the records are those of x86_64"
	if not os.access(FORGE, os.X_OK):
		return "no %s: make it first" % FORGE
	return None


def test_all():
	why = missing()
	if why:
		return skip("forgery", why)
	for test in (test_files, test_socket, test_syslog, test_kmsg, test_journal, test_names,
		     test_audit):
		with tempfile.TemporaryDirectory() as top:
			test(top)


if sys.argv[1:2] == ["journal"]: # in the namespace, which has a report instead of TAP
	report = []
	result = lambda name, wrong: report.append((name, wrong))
	skip = lambda name, why: report.append((name, ["SKIP " + why]))
	journal_inside(sys.argv[2])
	print(json.dumps(report))
else:
	run_all(test_all)
