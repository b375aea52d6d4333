# SPDX-License-Identifier: Apache-2.0
"""What the scripts of faults share: TAP, inputs, runs of the program. Not a test."""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SCAUDIT = os.environ.get("SCAUDIT", os.path.abspath("build/scaudit"))
B = os.environ.get("B", "build")
SHARED = os.path.abspath("tests/cases/shared")
NOBODY = 65534
RECORD = ("type=SECCOMP msg=audit(%d.%03d:%d): auid=1000 uid=0 gid=0 ses=3 pid=%d comm=\"app\" "
	  "exe=\"/bin/app\" sig=0 arch=c000003e syscall=%d compat=0 ip=0x7f0000001000 code=0x50000\n")


class Tap:
	def __init__(self):
		self.n = 0
		self.failed = 0

	def result(self, name, wrong=()):
		"""wrong: lines that say what is; none of them, and it is right."""
		self.n += 1
		if wrong:
			self.failed += 1
		print("%s %d - %s" % ("not ok" if wrong else "ok", self.n, name))
		for line in list(wrong)[:20]:
			print("# " + str(line).replace("\n", "\n# "))
		sys.stdout.flush()

	def skip(self, name, why):
		self.n += 1
		print("ok %d - %s # SKIP %s" % (self.n, name, why))

	def end(self):
		print("1..%d" % self.n)
		sys.exit(self.failed > 0)


def skip_all(why):
	print("1..0 # SKIP " + why)
	sys.exit(0)


def records(n, first=1, pid=4000):
	return "".join(RECORD % (1795500000 + i // 10, i % 1000, i, pid, 83) for i in
		       range(first, first + n))


def is_sanitized():
	"""Whether the program carries AddressSanitizer, which comes first or not at all."""
	out = subprocess.run(["nm", "-D", SCAUDIT], capture_output=True).stdout
	return b"__asan_init" in out


def shim(source):
	"""A library to stand in front of libc, from its source: its path, or None and why not."""
	out = os.path.abspath(os.path.join(B, "tests/fault", source.replace(".c", ".so")))
	cc = os.environ.get("CC", "cc").split()
	if not shutil.which(cc[0]):
		return None, "no compiler here"
	os.makedirs(os.path.dirname(out), exist_ok=True)
	r = subprocess.run(cc + ["-shared", "-fPIC", "-O1", "-Wall", "-o", out,
				 os.path.join("tests/fault", source), "-ldl"], capture_output=True)
	return (None, r.stderr.decode().strip()[-200:]) if r.returncode else (out, None)


def strace_injects():
	r = subprocess.run(["strace", "-qq", "-e", "inject=getuid:error=EPERM", "true"],
			   capture_output=True) if shutil.which("strace") else None
	return r is not None and r.returncode == 0


def strace(d, command, more):
	"""Runs the command, its program under strace, which writes to `trace`: it is no place for LSan."""
	env = dict(os.environ)
	env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
	return d.run("exec " + command.replace("$S", "strace -qq -y -s 16 -o trace %s $S" % more), env=env)


def traced(d, command, calls):
	"""(call, its number of that name, the line) of each of these calls that the command makes."""
	strace(d, command, "-e trace=" + calls)
	count = {}
	for line in open(d.at("trace"), errors="replace"):
		name = line.split("(")[0]
		if re.fullmatch("[a-z0-9_]+", name):
			count[name] = count.get(name, 0) + 1
			yield name, count[name], line.strip()


def preload():
	"""The environment in which a shim may stand in front of libc, sanitizers or not."""
	env = dict(os.environ)
	options = env.get("ASAN_OPTIONS", "")
	env["ASAN_OPTIONS"] = options + ":verify_asan_link_order=0:detect_leaks=0"
	return env


class Dir:
	"""A directory of one row, with a profile and logs; gone at its end."""

	def __init__(self, parent=None):
		self.path = tempfile.mkdtemp(prefix="scaudit-fault-", dir=parent)
		for name in ("profile.json", "mkdir.log"):
			shutil.copy(os.path.join(SHARED, name), self.path)

	def __enter__(self):
		return self

	def __exit__(self, *what):
		shutil.rmtree(self.path, ignore_errors=True)

	def at(self, name):
		return os.path.join(self.path, name)

	def put(self, name, data):
		with open(self.at(name), "wb") as f:
			f.write(data if isinstance(data, bytes) else data.encode())

	def append(self, name, text):
		with open(self.at(name), "a") as f:
			f.write(text)

	def get(self, name):
		try:
			with open(self.at(name), "rb") as f:
				return f.read()
		except OSError as e:
			return ("no file: %s" % e.strerror).encode()

	def peek(self, name):
		"""The file's bytes, None when it is not there."""
		try:
			with open(self.at(name), "rb") as f:
				return f.read()
		except FileNotFoundError:
			return None

	def temporaries(self, under="."):
		return [n for n in os.listdir(self.at(under)) if n.startswith(".scaudit-")]

	def run(self, args, **more):
		"""A shell command in which $S is the program."""
		env = dict(more.pop("env", os.environ), S=SCAUDIT)
		env.setdefault("LC_ALL", "C.UTF-8")
		return subprocess.run(["/bin/sh", "-c", args], cwd=self.path, env=env,
				      stdin=subprocess.DEVNULL, capture_output=True,
				      timeout=120, **more)

	def start(self, args, **more):
		more.setdefault("stdin", subprocess.DEVNULL)
		more.setdefault("stdout", subprocess.PIPE)
		more.setdefault("stderr", subprocess.PIPE)
		return subprocess.Popen([SCAUDIT] + args, cwd=self.path, **more)

	def tail(self, log, args, **more):
		"""Starts a follower of the log, from its first record."""
		return self.start(["tail", "-q", "--from", log, "--since", "2000-01-01"] + args, **more)

	def follow(self, args, file, **more):
		"""Follows mkdir.log until the file is written, or it ends by itself."""
		before = self.get(file)
		p = self.tail("mkdir.log", args, **more)
		wait_for(lambda: p.poll() is not None or
			 self.get(file) not in (before, b""))
		code, err = stop(p) if p.poll() is None else (p.returncode, p.communicate()[1].decode())
		return subprocess.CompletedProcess(args, code, b"", err.encode())


def wait_for(what, seconds=60, pause=0.02):
	"""Whether it came true. A busy machine may take long for what has to come."""
	end = time.time() + seconds
	while time.time() < end:
		if what():
			return True
		time.sleep(pause)
	return False


def stop(p, sig=signal.SIGTERM, seconds=60):
	"""Its exit code and standard error, where that is a pipe."""
	p.send_signal(sig)
	try:
		err = p.communicate(timeout=seconds)[1]
	except subprocess.TimeoutExpired:
		p.kill()
		return None, (p.communicate()[1] or b"").decode()
	return p.returncode, (err or b"").decode()
