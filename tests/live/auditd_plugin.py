#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""samples/auditd: a real auditd starts the plugin, hands it denials, tells it to reopen its file,
and ends it; none is missing. TAP."""
import ctypes
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/oracle")
from lib import SCAUDIT, result, run_all, skip, wait_for

NR_SECCOMP, NR_MKDIR, AUDIT_ARCH = 317, 83, 0xc000003e # x86_64
DENIALS = 20


def deny(comm, path):
	"""In this process: mkdir is refused and logged."""
	def insn(code, jt, jf, k):
		return struct.pack("HBBI", code, jt, jf, k)
	prog = b"".join((insn(0x20, 0, 0, 0), insn(0x15, 0, 1, NR_MKDIR),
			 insn(0x06, 0, 0, 0x00050001), insn(0x06, 0, 0, 0x7fff0000)))
	buffer = ctypes.create_string_buffer(prog)
	fprog = struct.pack("HxxxxxxQ", len(prog) // 8, ctypes.addressof(buffer))
	libc = ctypes.CDLL(None, use_errno=True)
	libc.prctl(15, comm.encode(), 0, 0, 0) # PR_SET_NAME
	libc.prctl(38, 1, 0, 0, 0) # PR_SET_NO_NEW_PRIVS
	if libc.syscall(NR_SECCOMP, 1, 2, ctypes.create_string_buffer(fprog)) != 0:
		return 1
	for _ in range(DENIALS):
		try:
			os.mkdir(path)
			return 1
		except PermissionError:
			pass
	return 0


def denials(comm, path):
	"""DENIALS refusals by a process of that name."""
	return subprocess.run([sys.executable, __file__, "deny", comm, path]).returncode == 0


class Auditd:
	def __init__(self, top):
		self.top = top
		self.out = top + "/events.ndjson"
		plugins = top + "/plugins.d"
		os.mkdir(plugins)
		with open("samples/auditd/scaudit-plugin") as f:
			script = f.read().replace("/usr/local/bin/scaudit", os.path.abspath(SCAUDIT))
		with open(top + "/scaudit-plugin", "w") as f:
			f.write(script.replace("/var/log/scaudit", top))
		os.chmod(top + "/scaudit-plugin", 0o750)
		with open("samples/auditd/scaudit.conf") as f:
			conf = f.read().replace("/usr/local/sbin", top)
		with open(plugins + "/scaudit.conf", "w") as f:
			f.write(conf)
		with open("/etc/audit/auditd.conf") as f:
			conf = f.read()
		for key, value in (("log_file", top + "/audit.log"), ("plugin_dir", plugins),
				   ("log_format", "RAW")):
			conf = re.sub(r"^%s *=.*\n" % key, "", conf, flags=re.M)
			conf += "%s = %s\n" % (key, value)
		with open(top + "/auditd.conf", "w") as f:
			f.write(conf)
		with open(top + "/audit.rules", "w"):
			pass
		for name in ("auditd.conf", "audit.rules", "plugins.d/scaudit.conf"):
			os.chmod(top + "/" + name, 0o640)
		status = subprocess.run(["auditctl", "-s"], capture_output=True, text=True).stdout
		self.enabled = re.search(r"^enabled (\d)", status, re.M)
		self.said = open(top + "/said", "w+")
		self.run = subprocess.Popen(["auditd", "-n", "-c", top], stdout=self.said,
					    stderr=self.said)

	def started(self):
		return wait_for(lambda: os.path.exists(self.out) and os.path.exists(self.top + "/audit.log"))

	def end(self):
		self.run.terminate()
		self.run.wait()
		if self.enabled:
			subprocess.run(["auditctl", "-e", self.enabled[1]], capture_output=True)
		self.said.seek(0)
		return self.said.read()


def seen(path, comm):
	"""How many denials of that name the file tells of, repeats counted."""
	count = 0
	try:
		with open(path) as f:
			lines = f.read().split("\n")[:-1]
	except FileNotFoundError:
		return 0
	for event in map(json.loads, lines):
		if comm in event.get("comms", [event.get("comm")]):
			count += event["count"]
	return count


def no_auditd():
	return subprocess.run(["pidof", "auditd"], capture_output=True).returncode != 0


def test_plugin(top):
	auditd = Auditd(top)
	try:
		wrong = [] if auditd.started() else ["no file"]
		name = "plug%d" % os.getpid()
		if not wrong and not denials(name, top + "/dir"):
			wrong.append("no denial was made")
		# repeats are told within the sample's --window
		if not wait_for(lambda: seen(auditd.out, name) == DENIALS):
			wrong.append("%d of %d" % (seen(auditd.out, name), DENIALS))
		result("denials come through auditd", wrong)
		os.rename(auditd.out, auditd.out + ".1")
		os.kill(auditd.run.pid, signal.SIGHUP)
		wrong = [] if wait_for(lambda: os.path.exists(auditd.out)) else ["no new file"]
		name += "-2"
		denials(name, top + "/dir")
		if not wait_for(lambda: seen(auditd.out, name) == DENIALS):
			wrong.append("%d of %d in the new file" % (seen(auditd.out, name), DENIALS))
		result("SIGHUP to auditd reopens the file", wrong)
	finally:
		said = auditd.end()
	gone = wait_for(lambda: not subprocess.run(["pgrep", "-f", top + "/events.ndjson"],
					       capture_output=True).stdout)
	result("it ends with auditd", [] if gone else said.splitlines())


def test_all():
	name = "samples/auditd"
	if os.geteuid() != 0:
		return skip(name, "needs root")
	if os.uname().machine != "x86_64":
		return skip(name, "the filter is for x86_64")
	for program in ("auditd", "auditctl", "pidof", "pgrep"):
		if not shutil.which(program):
			return skip(name, "%s is not installed" % program)
	if "--follow" not in subprocess.run([SCAUDIT, "log", "--help"], capture_output=True,
					    text=True).stdout:
		return skip(name, "this scaudit does not follow yet")
	if not wait_for(no_auditd):
		return skip(name, "an auditd runs already, and the kernel serves only one")
	with tempfile.TemporaryDirectory() as top:
		test_plugin(top)


if sys.argv[1:2] == ["deny"]:
	sys.exit(deny(*sys.argv[2:]))
run_all(test_all)
