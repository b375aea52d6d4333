#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Engines write, remove and replace their files while they are read: an event has its own
container's name or none, never another's, nobody waits, and afterwards all is found again. TAP."""
import json
import os
import random
import shutil
import threading
import time

from lib import RECORD, Dir, Tap, stop, wait_for

tap = Tap()
A = "aaaaaaaa0123456789abcdef" * 2 + "aaaaaaaa01234567"
C = "cccccccc0123456789abcdef" * 2 + "cccccccc01234567"
B = "bbbbbbbb0123456789abcdef" * 2 + "bbbbbbbb01234567"
NAMES = {A: "web", B: "other", C: "pod"}
PIDS = {77: A, 78: B, 79: C}
TICKS = 5000
FILES = {
	"run/docker/runtime-runc/moby/%s/state.json" % A:
		{"init_process_pid": 77, "init_process_start": TICKS,
		 "cgroup_paths": {"": "/sys/fs/cgroup/docker/" + A}},
	"var/lib/docker/containers/%s/config.v2.json" % A:
		{"Name": "/web", "Config": {"Image": "web:1", "Labels": {}}, "State": {"Pid": 77}},
	"run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/%s/config.json" % A:
		{"annotations": None},
	"run/crun/%s/status" % C:
		{"pid": 79, "process-start-time": TICKS, "cgroup-path": "/pod",
		 "bundle": "/var/lib/containers/storage/overlay-containers/%s/userdata" % C},
	"var/lib/containers/storage/overlay-containers/containers.json":
		[{"id": C, "names": ["pod"], "metadata": "{\"image-name\":\"pod:1\",\"name\":\"pod\"}"}],
	"var/lib/containers/storage/overlay-containers/%s/userdata/config.json" % C:
		{"annotations": {"io.container.manager": "libpod"}},
}
QUIET = { # of the container that nobody touches
	"run/docker/runtime-runc/moby/%s/state.json" % B:
		{"init_process_pid": 78, "init_process_start": TICKS,
		 "cgroup_paths": {"": "/sys/fs/cgroup/docker/" + B}},
	"var/lib/docker/containers/%s/config.v2.json" % B:
		{"Name": "/other", "Config": {"Image": "other:1", "Labels": {}}, "State": {"Pid": 78}},
}
STAT = ("%d (app) S 1 77 77 0 -1 4194560 100 0 0 0 0 0 0 0 20 0 1 0 %d 1000000 100 18446744073709551615 "
	"1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n")


def put(d, path, data):
	full = d.at("root/" + path)
	os.makedirs(os.path.dirname(full), exist_ok=True)
	with open(full, "w") as f:
		f.write(data if isinstance(data, str) else json.dumps(data))


def clear(full):
	if os.path.isdir(full) and not os.path.islink(full):
		shutil.rmtree(full)
	elif os.path.lexists(full):
		os.unlink(full)


def make_root(d):
	for path, data in list(FILES.items()) + list(QUIET.items()):
		put(d, path, data)
	put(d, "proc/stat", "cpu  1 2 3\nbtime 1795400000\n")
	put(d, "var/log/audit/audit.log", "")
	for pid, who in PIDS.items():
		put(d, "proc/%d/stat" % pid, STAT % (pid, TICKS))
		put(d, "proc/%d/cgroup" % pid, "0::/docker/%s\n" % who if who != C else
		    "0::/machine.slice/libpod-%s.scope\n" % C)


def write_half(rng, full, text):
	with open(full, "w") as f:
		f.write(text[:rng.randrange(len(text))])


def write_over(rng, full, text):
	with open(full, "r+" if os.path.isfile(full) else "w") as f:
		f.write("x" * rng.randrange(len(text)))


WAYS = ( # what may stand there for a moment
	lambda rng, full, text: clear(full),
	write_half,
	write_over,
	lambda rng, full, text: (clear(full), os.mkdir(full)),
	lambda rng, full, text: (clear(full), os.mkfifo(full)),
	lambda rng, full, text: (clear(full), os.symlink("/proc/self/status", full)),
	lambda rng, full, text: (clear(full), os.symlink(os.path.basename(full), full)),
	lambda rng, full, text: write_half(rng, full, "[" * 100000),
	lambda rng, full, text: shutil.rmtree(os.path.dirname(full)),
)


class Hammer(threading.Thread):
	def __init__(self, d, seed):
		super().__init__()
		self.d, self.rng, self.go, self.turns = d, random.Random(seed), True, 0

	def run(self):
		while self.go:
			path = self.rng.choice(list(FILES))
			full = self.d.at("root/" + path)
			if os.path.lexists(full) and (os.path.islink(full) or not os.path.isfile(full)):
				clear(full) # a FIFO would keep its writer waiting
			try:
				os.makedirs(os.path.dirname(full), exist_ok=True)
				self.rng.choice(WAYS)(self.rng, full, json.dumps(FILES[path]))
			except OSError:
				pass # another kind of thing stands there
			self.turns += 1
			if self.rng.random() < 0.3:
				clear(full)
				put(self.d, path, FILES[path])
			time.sleep(0.0005)


def check(lines, wrong):
	"""How many events had a name."""
	named = 0
	for line in lines:
		e = json.loads(line)
		if e.get("kind") == "loss":
			wrong.append("a loss: %s" % e)
			continue
		c = e.get("container", {})
		want = PIDS[e["pid"]]
		if c.get("id", want) != want or c.get("name", NAMES[want]) != NAMES[want]:
			wrong.append("pid %d: %s" % (e["pid"], c))
		if want == B and c.get("name") != "other":
			wrong.append("the quiet one: %s" % c)
		named += c.get("name") == NAMES[want]
	return named


def log():
	return "".join(RECORD % (1795500000 + i, 0, i, 77 + i % 3, 83) for i in range(1, 31))


def batch(seed):
	wrong, named, n = [], 0, 0
	with Dir() as d:
		make_root(d)
		put(d, "var/log/audit/audit.log", log())
		named = check(d.run("$S log -q --root root").stdout.splitlines(), wrong)
		if named != 30:
			wrong.append("at rest %d of 30 have names" % named)
		h = Hammer(d, seed)
		h.start()
		named = 0
		while n < 40:
			r = d.run("timeout 60 $S log -q --root root")
			n += 1
			lines = r.stdout.splitlines()
			if r.returncode != 0 or len(lines) != 30:
				wrong.append("exit %d, %d events: %s" % (r.returncode, len(lines),
									 r.stderr.decode()))
			named += check(lines, wrong)
		h.go = False
		h.join()
	return "%d runs beside %d changes of 6 files: %d of %d events have their name, none another's" % (
		n, h.turns, named, n * 30), wrong + (["seed %d" % seed] if wrong else [])


def start(d):
	d.put("here.log", "")
	return d.tail("here.log", ["--root", "root", "-o", "out"])


def follower(seed):
	wrong = []
	with Dir() as d:
		make_root(d)
		p = start(d)
		h = Hammer(d, seed)
		h.start()
		n = 0
		for n in range(1, 1501):
			d.append("here.log", RECORD % (1795500000 + n, 0, n, 77 + n % 3, 83))
			if n % 10 == 0:
				time.sleep(0.01)
		wait_for(lambda: d.get("out").count(b"\n") >= n)
		h.go = False
		h.join()
		for path in FILES:
			clear(d.at("root/" + path))
			put(d, path, FILES[path])
		end = time.time() + 60
		while not wrong and check(d.get("out").splitlines()[-3:], []) != 3:
			if time.time() > end:
				wrong.append("not found again: %s" % d.get("out").splitlines()[-3:])
			d.append("here.log", "".join(RECORD % (time.time(), n % 1000, n + i, 76 + i, 83)
						     for i in range(1, 4)))
			n += 3
			wait_for(lambda: d.get("out").count(b"\n") >= n)
			time.sleep(0.3)
		code, err = stop(p)
		lines = d.get("out").splitlines()
		if code != 0 or len(lines) != n:
			wrong.append("exit %s, %d of %d: %s" % (code, len(lines), n, err))
		named = check(lines, wrong)
	return "a follower beside %d changes: %d of %d have their name" % (h.turns, named, n), \
		wrong + (["seed %d" % seed] if wrong else [])


def pid_comes_back(_seed):
	"""Below --root there is no tracker: what /proc said of a pid holds until it was asked."""
	wrong = []
	with Dir() as d:
		make_root(d)
		p = start(d)
		hertz = os.sysconf("SC_CLK_TCK")
		for serial, who in enumerate((A, B, None, A), 1):
			clear(d.at("root/proc/77"))
			if who:
				started = int((time.time() - 1795400000) * hertz)
				put(d, "proc/77/stat", STAT % (77, started))
				put(d, "proc/77/cgroup", "0::/docker/%s\n" % who)
				time.sleep(1.2) # btime is cut to a second
			d.append("here.log", RECORD % (time.time(), 999, serial, 77, 83))
			wait_for(lambda: d.get("out").count(b"\n") == serial)
			line = json.loads(d.get("out").splitlines()[-1])
			if line.get("container", {}).get("id") != who:
				wrong.append("%d: %s, not of %s" % (serial, line.get("container"), who))
		code, err = stop(p)
		if code != 0:
			wrong.append("exit %s: %s" % (code, err))
	return "a pid that comes back in another container, and in none: its own each time", wrong


SEED = int(os.environ.get("SEED", random.randrange(1 << 30)))
for f in (batch, follower, pid_comes_back):
	name, wrong = f(SEED)
	tap.result(name, wrong)
tap.end()
