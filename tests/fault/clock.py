#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The wall clock is set by hours, back and forth, under a follower; records whose own time goes
back. Nothing is lost, nothing waits for the clock to come round, no span is negative. TAP."""
import concurrent.futures
import json
import os
import socket
import time

from lib import RECORD, Dir, Tap, preload, records, shim, stop, wait_for

tap = Tap()
library, why = shim("shim_clock.c")
HOUR = 3600
STEPS = (0, -3 * HOUR, 5 * HOUR, -48 * HOUR, 0)


class Clocked(Dir):
	def set(self, seconds):
		self.put("shift.new", str(seconds))
		os.rename(self.at("shift.new"), self.at("shift"))

	def env(self):
		return dict(preload(), LD_PRELOAD=library, CLOCK_SHIFT=self.at("shift"))

	def follow(self, args):
		self.set(0)
		return self.tail("here.log", args, env=self.env())

	def write(self, text):
		self.append("here.log", text)

	def steps(self):
		"""At each time that the clock is set, 20 records more, and how many there are by now."""
		for n, step in enumerate(STEPS):
			self.set(step)
			self.write(records(20, 20 * n + 1))
			yield step, 20 * (n + 1)

	def events(self, name="out"):
		out = []
		for line in self.get(name).split(b"\n"):
			try:
				out.append(json.loads(line))
			except ValueError:
				pass
		return out


def count(events):
	return sum(e.get("count", 0) for e in events if e.get("kind") != "loss")


def negative(events):
	return [e for e in events if "first" in e and e["first"] > e["last"]]


def works():
	with Clocked() as d:
		d.set(-100 * 365 * 24 * HOUR // 4)
		d.put("a", records(3))
		r = d.run("$S log -q a --since 1h | wc -l", env=d.env())
		old = r.stdout.strip()
		d.set(200 * 365 * 24 * HOUR // 4)
		r = d.run("$S log -q a --since 1h | wc -l", env=d.env())
	return "the clock can be set for a program", [] if (old, r.stdout.strip()) == (b"3", b"0") \
		else ["%s and %s events" % (old, r.stdout)]


def window():
	wrong = []
	with Clocked() as d:
		d.write("")
		p = d.follow(["--window", "1s", "-o", "out"])
		for step, n in d.steps():
			if not wait_for(lambda: count(d.events()) == n):
				wrong.append("clock %+d h: %d of %d came" % (
					step // HOUR, count(d.events()), n))
		code, err = stop(p)
		events = d.events()
		if code != 0 or err:
			wrong.append("exit %s: %s" % (code, err))
		if count(events) != n or negative(events):
			wrong.append("%d of %d, %s" % (count(events), n, negative(events)))
		if not any(e.get("count", 0) > 1 for e in events):
			wrong.append("nothing was collapsed")
	return "tail --window: each window ends, all are counted", wrong


def state():
	wrong = []
	with Clocked() as d:
		d.write("")
		p = d.follow(["--state", "state", "-o", "out"])
		for step, n in d.steps():
			size = b"\"offset\":%d," % os.path.getsize(d.at("here.log"))
			if not wait_for(lambda: size in d.get("state")):
				wrong.append("clock %+d h: not saved: %s" % (step // HOUR, d.get("state")))
		code, err = stop(p)
		if code != 0 or err or count(d.events()) != n:
			wrong.append("exit %s, %d of %d: %s" % (code, count(d.events()), n, err))
	return "tail --state: it is saved all the time", wrong


def rotation(step):
	"""Who writes the log does not know for a moment that it was rotated."""
	wrong = []
	with Clocked() as d:
		d.write(records(10))
		p = d.follow(["-o", "out"])
		wait_for(lambda: count(d.events()) == 10)
		with open(d.at("here.log"), "a") as writer:
			d.set(step)
			os.rename(d.at("here.log"), d.at("here.log.1"))
			d.write(records(10, 101))
			time.sleep(0.2)
			writer.write(records(10, 11))
			writer.flush()
			time.sleep(0.2)
			writer.write(records(10, 21))
		if not wait_for(lambda: count(d.events()) == 40):
			wrong.append("%d of 40 came" % count(d.events()))
		code, err = stop(p)
		if code != 0 or err:
			wrong.append("exit %s: %s" % (code, err))
	return "tail: rotated after the clock went %+d h, and written to a little later" % (
		step // HOUR), wrong


def late(step):
	"""A sink that is not there is tried again."""
	wrong = []
	with Clocked() as d:
		d.write(records(10))
		p = d.follow(["--to", "unix:sock"])
		time.sleep(0.5)
		d.set(step)
		s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
		here = os.getcwd()
		s.bind(os.path.relpath(d.at("sock"), here))
		s.listen(1)
		s.settimeout(60)
		got = b""
		try:
			c = s.accept()[0]
			c.settimeout(60)
			while got.count(b"\n") < 10:
				part = c.recv(65536)
				if not part:
					break
				got += part
		except OSError as e:
			wrong.append("nobody comes: %s" % e)
		if got.count(b"\n") != 10:
			wrong.append("%d of 10" % got.count(b"\n"))
		stop(p)
	return "tail --to unix: is tried again after the clock went %+d h" % (step // HOUR), wrong


# -- records whose own time goes back --

def backwards():
	wrong = []
	with Dir() as d:
		text, times = "", []
		for i in range(300):
			t = 1795500000 + (i if i < 150 else i - 7200)
			times.append(t)
			text += RECORD % (t, 0, i + 1, 4000 + i, 83)
		d.put("a.log", text)
		d.put("b.log", text.replace("syscall=83", "syscall=84"))
		r = d.run("$S report a.log --format json")
		doc = json.loads(r.stdout)
		group = json.dumps(doc)
		first = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(min(times)))
		last = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(max(times)))
		if '"first": "%s' % first not in group or '"last": "%s' % last not in group:
			wrong.append("report: not from %s to %s: %s" % (first, last, group[:600]))
		for command, want in (("$S log -q a.log", 300), ("$S log -q a.log b.log", 600),
				      ("cat a.log | $S log -q - b.log", 600),
				      ("$S log -q a.log a.log", 300),
				      ("$S log -q a.log --since 2026-11-24T06:00:00Z", 150),
				      ("$S log -q a.log --until 2026-11-24T05:59:59Z", 150)):
			got = d.run(command).stdout.count(b"\n")
			if got != want:
				wrong.append("%s: %d, not %d" % (command, got, want))
		r = d.run("cat a.log | $S tail -q --from - --window 1min")
		events = [json.loads(x) for x in r.stdout.splitlines()]
		if count(events) != 300 or negative(events):
			wrong.append("window: %d, %s" % (count(events), negative(events)))
	return "records whose time goes back 2 h: all come, first and last are right", wrong


rows = [(backwards,)]
if library:
	rows += [(works,), (window,), (state,)]
	rows += [(f, step) for f in (rotation, late) for step in (-2 * HOUR, 2 * HOUR)]
else:
	tap.skip("a clock that is set", why)
with concurrent.futures.ThreadPoolExecutor(4) as pool:
	for name, wrong in pool.map(lambda row: row[0](*row[1:]), rows):
		tap.result(name, wrong)
tap.end()
