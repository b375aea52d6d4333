#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tail --state: a log of 10,000 events grows and rotates while the reader is killed with
SIGKILL at random moments and started again. No event is missing from the output, and what
comes twice comes only after a kill. TAP."""
import json
import os
import random
import signal
import threading
import time

from lib import RECORD, Dir, Tap, stop, wait_for

tap = Tap()
EVENTS = 10000
OTHER = "type=CWD msg=audit(%d.%03d:%d): cwd=\"/\"\n"


class Writer(threading.Thread):
	"""Appends the events, part of a line at a time, and rotates in between."""

	def __init__(self, log, rotations, rng):
		super().__init__()
		self.log, self.rng = log, rng
		self.rotate_at = set(rng.sample(range(100, EVENTS), rotations))
		self.error = None

	def rotate(self):
		last = 0
		while os.path.exists("%s.%d" % (self.log, last + 1)):
			last += 1
		for n in range(last, 0, -1):
			os.rename("%s.%d" % (self.log, n), "%s.%d" % (self.log, n + 1))
		os.rename(self.log, self.log + ".1")
		return open(self.log, "ab", buffering=0)

	def run(self):
		try:
			out = open(self.log, "ab", buffering=0)
			for serial in range(1, EVENTS + 1):
				t = 1795500000 + serial // 7
				text = RECORD % (t, serial % 1000, serial, serial % 30000 + 2, serial % 300)
				if serial % 5 == 0:
					text = OTHER % (t, serial % 1000, 900000 + serial) + text
				data = text.encode()
				cut = self.rng.randrange(len(data))
				out.write(data[:cut])
				if serial % 50 == 0:
					time.sleep(self.rng.random() * 0.02)
				out.write(data[cut:])
				if serial in self.rotate_at:
					out.close()
					out = self.rotate()
			out.close()
		except OSError as e:
			self.error = str(e)


def start(d):
	return d.tail("audit.log", ["--state", "state", "-o", "out"])


def read_serials(output):
	serials, torn = [], 0
	if not os.path.exists(output):
		return serials, torn
	with open(output, "rb") as f:
		for line in f:
			try:
				event = json.loads(line)
			except ValueError:
				torn += 1
				continue
			if "serial" in event:
				serials.append(event["serial"])
	return serials, torn


def run(name, rotations, kills):
	seed = int(os.environ.get("SEED", random.randrange(1 << 30)))
	rng = random.Random(seed)
	d = Dir()
	output = d.at("out")
	wrong = []
	killed = 0
	d.put("audit.log", "")
	writer = Writer(d.at("audit.log"), rotations, random.Random(seed + 1))
	writer.start()
	while killed < kills:
		p = start(d)
		time.sleep(rng.random() * (0.4 if killed % 3 else 2.5))
		if p.poll() is not None:
			wrong.append("ended by itself: %s" % p.stderr.read().decode()[-500:])
			break
		stop(p, signal.SIGKILL)
		killed += 1
	writer.join()
	if writer.error:
		wrong.append("the writer: " + writer.error)
	p = start(d)
	wait_for(lambda: wrong or len(set(read_serials(output)[0])) == EVENTS, 120, 0.3)
	code, errors = stop(p)
	serials, torn = read_serials(output)
	missing = sorted(set(range(1, EVENTS + 1)) - set(serials))
	twice = len(serials) - len(set(serials))
	if code != 0:
		wrong.append("exit %s: %s" % (code, errors[-500:]))
	if missing:
		wrong.append("%d missing: %s" % (len(missing), missing[:20]))
	if torn > killed:
		wrong.append("%d torn lines after %d kills" % (torn, killed))
	if killed == 0 and twice:
		wrong.append("%d events twice without a kill" % twice)
	if wrong:
		wrong.append("seed %d; kept in %s" % (seed, d.path))
	else:
		d.__exit__()
	tap.result("%s: %d events, %d rotations, %d kills: none missing" % (name, EVENTS, rotations,
								       killed), wrong)
	print("# %d came twice, %d lines torn by a kill" % (twice, torn))


run("one reader", 6, 0)
run("killed", 0, 20)
run("killed and rotated", 12, 25)
tap.end()
