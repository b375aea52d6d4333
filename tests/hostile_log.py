# SPDX-License-Identifier: Apache-2.0
"""A log of records whose names were chosen to break what reads them."""
import random

PIECES = ["\x1b[31m", "\n", "\r", "\t", "\0", "\u009b", "\u202e", "\u2028", "\ufeff",
	  "\U000e0041", "\"", "'", "\\", "\\n", "]", "] [x@1 y=\"z\"", "|", "=", " act=", "{", "}", ",",
	  "#", "<0>1 ", "ü", "漢", "😀", "a", "b c"]


def random_log(path, records):
	dice = random.Random(5424)
	with open(path, "w") as f:
		for i in range(records):
			name = b"".join(
				dice.choice(PIECES).encode() if dice.random() < 0.7 else
				bytes([dice.randrange(256)]) for _ in range(dice.randint(1, 7)))
			f.write("type=SECCOMP msg=audit(1795600000.%03d:%d): auid=4294967295 uid=0 "
				"gid=0 ses=4294967295 pid=%d comm=%s exe=%s sig=0 arch=c000003e "
				"syscall=83 compat=0 ip=0x7f code=0x50000\n" %
				(i % 1000, i + 1, i + 1, name[:15].hex().upper(), name.hex().upper()))


def raw_name(event, key):
	"""The bytes as they were logged, of an event in NDJSON."""
	if key + "_hex" in event:
		return bytes.fromhex(event[key + "_hex"])
	return event[key].encode() if key in event else None
