#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Names of any bytes: what leaves the program drives no terminal, reorders no text, stays one
# line of valid JSON or CSV that runs nothing, and gives the bytes back. Python's own json and
# csv modules judge.
import csv
import io
import json
import os
import random
import subprocess
import tempfile

SCAUDIT = os.environ.get("SCAUDIT", "build/scaudit")
RECORDS = 2000
PIECES = ['"', "\\", "'", "\x1b[31m", "\n", "\r", "\t", "\x7f", "\u0085", "\u009b", "\u202e",
          "\u2066", "\u200b", "\ufeff", "\u061c", "\u2028", "\U000e0041", "ü", "漢", "😀",
          "=", "+", "-", "@", "|", ",", "a", "b c"]
CONTROLS = [range(0x00, 0x20), range(0x7f, 0xa0), range(0x200b, 0x2010), range(0x2028, 0x202f),
            range(0x2060, 0x2070), range(0xfff9, 0xfffc), range(0xe0000, 0xe0080),
            [0x61c, 0x180e, 0xfeff]]

dice = random.Random(1326)


def name(start, pieces):
    parts = [start]
    for _ in range(dice.randint(0, pieces)):
        if dice.random() < 0.7:
            parts.append(dice.choice(PIECES).encode())
        else:
            parts.append(bytes([dice.randrange(1, 256)]))
    return b"".join(parts)


def controls(text, allowed):
    return {hex(ord(c)) for c in text if c not in allowed and any(ord(c) in r for r in CONTROLS)}


def run(*args):
    return subprocess.run([SCAUDIT, *args], capture_output=True, check=True)


def clean(done, allowed="\n"):
    """Standard output as text; fails on a control in either stream."""
    text = done.stdout.decode("utf-8")
    odd = controls(text, allowed) | controls(done.stderr.decode("utf-8"), "\n")
    assert not odd, f"controls {odd} come out"
    return text


def ndjson(log):
    lines = clean(run("log", "-q", log)).split("\n")[:-1]
    assert len(lines) == len(records), f"{len(lines)} lines"
    for line, wanted in zip(lines, records):
        event = json.loads(line)
        for key, raw in zip(("comm", "exe"), wanted):
            got = bytes.fromhex(event[key + "_hex"]) if key + "_hex" in event else event[key].encode()
            assert got == raw, f"{key} {raw!r} came out as {got!r}"


def spreadsheet(log):
    text = clean(run("log", "-q", "--format", "csv", log), "\r\n")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len(rows) == len(records) + 1 and len({len(r) for r in rows}) == 1, "rows are torn"
    names = [rows[0].index("comm"), rows[0].index("exe")]
    formulas = [r[i] for r in rows[1:] for i in names if r[i][:1] in tuple("=+-@\t\r")]
    assert not formulas, f"formulas: {formulas[:3]}"


def others(log):
    for args in (("log", "--format", "table"), ("report",), ("report", "--format", "csv")):
        clean(run(*args, log), "\r\n")
    for args in (("report", "--format", "json"), ("suggest", "tests/cases/shared/profile.json"),
                 ("suggest", "tests/cases/shared/profile.json", "--format", "sarif"),
                 ("suggest", "tests/cases/shared/profile.json", "--format", "json")):
        json.loads(clean(run(*args, log)))
    for line in clean(run("report", "--format", "ndjson", log)).splitlines():
        json.loads(line)


os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
records = [(name(b"", 6) or b"x", name(b"/", 8)) for _ in range(RECORDS)]
with tempfile.NamedTemporaryFile("w", suffix=".log") as log:
    for i, (comm, exe) in enumerate(records):
        log.write(f"type=SECCOMP msg=audit(1795500848.{i % 1000:03}:{i}): auid=0 uid=0 gid=0 ses=1 "
                  f"pid={i + 1} comm={comm.hex().upper()} exe={exe.hex().upper()} sig=0 "
                  f"arch=c000003e syscall=83 compat=0 ip=0x7 code=0x50000\n")
    log.flush()
    tests = [("NDJSON is safe and gives the bytes back", ndjson),
             ("CSV is safe and runs nothing", spreadsheet),
             ("every other format is safe", others)]
    for number, (title, test) in enumerate(tests, 1):
        try:
            test(log.name)
            print(f"ok {number} - {title}")
        except Exception as why:
            print(f"not ok {number} - {title}\n# {why!r}")
print(f"1..{len(tests)}")
