# SPDX-License-Identifier: Apache-2.0
"""What the oracle scripts share: the program under test, and TAP."""
import os

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


def run_all(test):
	"""Calls test() and ends with the plan."""
	if not os.access(SCAUDIT, os.X_OK):
		print("1..0 # SKIP no %s: make it first" % SCAUDIT)
		return
	test()
	print("1..%d" % tests)
