# SPDX-License-Identifier: Apache-2.0
"""What the oracle and the live scripts share: the program under test, TAP, waiting."""
import os
import time

SCAUDIT = os.environ.get("SCAUDIT", "build/scaudit")

tests = 0


def result(name, wrong):
	"""`wrong` lists what is not as it should be; nothing in it is a pass."""
	global tests
	tests += 1
	print("%s %d - %s" % ("not ok" if wrong else "ok", tests, name))
	for line in wrong[:20]:
		print("# " + line)


def skip(name, why):
	global tests
	tests += 1
	print("ok %d - %s # SKIP %s" % (tests, name, why))


def wait_for(condition, seconds=60):
	"""Whether it came true. A busy machine may take long for what has to come."""
	end = time.monotonic() + seconds
	while not condition():
		if time.monotonic() > end:
			return False
		time.sleep(0.05)
	return True


def is_ready(pid):
	"""Whether scaudit, which follows, has opened all that it reads: then it is in its sandbox. Or ended."""
	try:
		with open("/proc/%d/status" % pid) as f:
			status = f.read()
	except OSError:
		return True
	return "\nSeccomp:\t2\n" in status or "\nState:\tZ" in status


def run_all(test):
	"""Calls test() and ends with the plan."""
	if not os.access(SCAUDIT, os.X_OK):
		print("1..0 # SKIP no %s: make it first" % SCAUDIT)
		return
	test()
	print("1..%d" % tests)
