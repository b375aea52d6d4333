#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Names and numbers of calls: scaudit resolve against scmp_sys_resolver, and against the headers
of the kernel that this machine's programs are built with. TAP."""
import json
import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
from lib import SCAUDIT, result, run_all, skip

RESOLVER = shutil.which("scmp_sys_resolver")
ARCHS = ["x86_64", "x86", "x32", "arm", "aarch64", "mips", "mipsel", "mips64", "mipsel64",
	 "mips64n32", "mipsel64n32", "ppc", "ppc64", "ppc64le", "s390", "s390x", "parisc",
	 "parisc64", "riscv64"]
BASE = {"mips": 4000, "mipsel": 4000, "mips64": 5000, "mipsel64": 5000, "mips64n32": 6000,
	"mipsel64n32": 6000}
NAMES = ["read", "open", "openat", "clone", "clone3", "mount", "umount", "socket", "socketcall",
	 "ipc", "shmget", "mmap", "mmap2", "_llseek", "newfstatat", "fstatat64", "statx",
	 "clock_gettime64", "futex_time64", "io_uring_setup", "openat2", "memfd_secret",
	 "futex_waitv", "set_tls", "riscv_flush_icache", "nfsservctl"]
X32_BIT = 0x40000000

def ask(arch, queries):
	"""What scaudit resolve answers, or None when it knows one of them not at all."""
	run = subprocess.run([SCAUDIT, "resolve", "--format", "json"] + queries + [arch],
			     capture_output=True, text=True)
	if run.returncode == 2:
		return None
	run.check_returncode()
	got = {}
	for row in json.loads(run.stdout):
		hit = [a for a in row["archs"] if a["arch"] == arch]
		key = "syscall" if row["query"].isdigit() else "nr"
		got[row["query"]] = hit[0][key] if hit else None
	return got


def ours(arch, queries):
	"""{query: number or name, None when there is none}; halves what is refused as a whole."""
	queries = [str(q) for q in queries]
	got = ask(arch, queries)
	if got is not None:
		return got
	if len(queries) == 1:
		return {queries[0]: None}
	half = len(queries) // 2
	return {**ours(arch, queries[:half]), **ours(arch, queries[half:])}


def theirs(arch, query):
	run = subprocess.run([RESOLVER, "-a", arch, str(query)], capture_output=True, text=True)
	word = run.stdout.strip()
	if word in ("", "UNKNOWN"):
		return None
	return int(word) if re.fullmatch(r"-?\d+", word) else word


def test_resolver(arch):
	base = BASE.get(arch, 0)
	numbers = list(range(base, base + 460, 9))
	if arch == "x32":
		numbers += range(512, 548, 5)
	if arch == "arm":
		numbers += range(0xf0001, 0xf0007)
	wrong = []
	got = ours(arch, numbers)
	for nr in numbers:
		want = theirs(arch, nr + X32_BIT if arch == "x32" else nr)
		if want and got[str(nr)] != want:
			wrong.append("%d: %s, not %s" % (nr, got[str(nr)], want))
	got = ours(arch, NAMES)
	for name in NAMES:
		want = theirs(arch, name)
		if want is not None and want >= 0:
			want = want & ~X32_BIT if arch == "x32" else want
			if got[name] != want:
				wrong.append("%s: %s, not %s" % (name, got[name], want))
		elif got[name] is not None and theirs(arch, got[name]) not in (name, None):
			wrong.append("%s: %s, which is another's" % (name, got[name]))
	result("scmp_sys_resolver -a %s" % arch, wrong)


def macros(header, options):
	"""{name: number} of a unistd header, as the C preprocessor sees it."""
	cc = os.environ.get("CC", "cc").split()
	run = subprocess.run(cc + ["-E", "-dM", "-include", header, "-x", "c", "/dev/null"] +
			     options, capture_output=True, text=True)
	if run.returncode != 0:
		return None
	defs = dict(re.findall(r"^#define (\w+) (.*)$", run.stdout, re.M))
	got = {}
	for macro, value in defs.items():
		while value in defs:
			value = defs[value]
		value = re.sub(r"__X32_SYSCALL_BIT|[()+ ]", "", value)
		name = re.fullmatch(r"__NR_(?!syscalls$|arch_specific_syscall$)(\w+)", macro)
		if name and value.isdigit():
			got[name[1]] = int(value)
	return got


WANT = ["-D__ARCH_WANT_" + w for w in ("NEW_STAT", "SYS_CLONE3")]
HEADERS = [
	("x86_64", "asm/unistd_64.h", []),
	("x86", "asm/unistd_32.h", []),
	("x32", "asm/unistd_x32.h", []),
	("loongarch64", "asm-generic/unistd.h", WANT),
	("aarch64", "asm-generic/unistd.h",
	 WANT + ["-D__ARCH_WANT_" + w for w in ("RENAMEAT", "SET_GET_RLIMIT", "MEMFD_SECRET")]),
]


def test_header(arch, header, options):
	name = "%s against %s" % (arch, header)
	if os.uname().machine != "x86_64":
		return skip(name, "the headers are those of another machine")
	want = macros(header, options)
	if not want or len(want) < 250:
		return skip(name, "no C compiler, or no such header")
	numbers = {nr: call for call, nr in want.items()}
	wrong = ["%s: %s, not %s" % (call, nr, want[call])
		 for call, nr in ours(arch, want).items() if nr != want[call]]
	# nothing of ours between theirs; later kernels filled gaps from 335 on
	wrong += ["%s: %s, not in the header" % (nr, call)
		  for nr, call in ours(arch, range(335)).items()
		  if call and int(nr) not in numbers]
	result("%s, %d calls" % (name, len(want)), wrong)


def test_all():
	for arch in ARCHS:
		if RESOLVER:
			test_resolver(arch)
		else:
			skip("scmp_sys_resolver -a %s" % arch, "package seccomp is not installed")
	for row in HEADERS:
		test_header(*row)


run_all(test_all)
