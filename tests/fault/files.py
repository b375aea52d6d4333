#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Files that are written: what was planted in everybody's directory is not followed and not
written, a file that is read is not overwritten, modes and owners, directories that are swapped
under a running program. TAP."""
import concurrent.futures
import os
import signal
import stat
import subprocess

from lib import NOBODY, Dir, Tap, skip_all, stop, wait_for

tap = Tap()
if os.geteuid() != 0:
	skip_all("needs root, to leave files of another user")

VICTIM = b"the victim's own bytes\n"
FOLLOW = "follow " # until there is something in the file that is named behind it

# what writes, the file that it writes (in w/), whether it follows a link of the user's own
WRITERS = (
	("log -o", "$S log -q mkdir.log -o w/out", "out", True),
	("report -o", "$S report -q mkdir.log -o w/out", "out", True),
	("suggest -o", "$S suggest -q profile.json mkdir.log -o w/out", "out", True),
	("check -o", "$S check -q profile.json -o w/out", "out", True),
	("diff -o", "$S diff -q profile.json profile.json -o w/out", "out", True),
	("replay -o", "$S replay -q profile.json mkdir.log -o w/out", "out", True),
	("explain -o", "$S explain -q profile.json mkdir -o w/out", "out", True),
	("resolve -o", "$S resolve mkdir -o w/out", "out", True),
	("complain -o", "$S complain -q --by log profile.json -o w/out", "out", True),
	("complain --undo", "$S complain -q --by log profile.json --undo w/out", "out", True),
	("enforce -o", "$S complain -q --by log profile.json --in-place && "
	 "$S enforce profile.json -o w/out", "out", True),
	("tail --state", FOLLOW + "w/out -o events --state w/out", "out", True),
	("the map of --state", FOLLOW + "events -o events --state w/s", "s.map", None),
	("a textfile", FOLLOW + "w/out --format prometheus -o w/out", "out", True),
	("tail -o", FOLLOW + "w/out -o w/out", "out", False),
	("tail --to file:", FOLLOW + "w/out --to file:w/out", "out", False),
	("log --to file:", "$S log mkdir.log -q --to file:w/out", "out", False),
)


def run(d, command, mask=0o022):
	if not command.startswith(FOLLOW):
		return d.run("umask %o; %s" % (mask, command))
	words = command.split()
	return d.follow(words[2:], words[1], umask=mask)


def writable(d, mode):
	os.mkdir(d.at("w"))
	os.chmod(d.at("w"), mode)
	d.put("victim", VICTIM)


def refused(d, r, name, words):
	wrong = []
	if r.returncode != 2:
		wrong.append("exit %d: %s" % (r.returncode, r.stderr.decode()))
	if words not in r.stderr.decode():
		wrong.append("no word of it: " + r.stderr.decode())
	if d.get("victim") != VICTIM:
		wrong.append("the victim was written")
	if d.temporaries("w"):
		wrong.append("left: %s" % d.temporaries("w"))
	return wrong


def planted_link(name, command, file):
	with Dir() as d:
		writable(d, 0o1777)
		os.symlink("../victim", d.at("w/" + file))
		os.lchown(d.at("w/" + file), NOBODY, NOBODY)
		wrong = refused(d, run(d, command), name, "is a link of user 65534")
		if not os.path.islink(d.at("w/" + file)):
			wrong.append("the link was replaced")
	return (name + ": another user's link in /tmp's kind of directory is refused", wrong)


def planted_file(name, command, file):
	with Dir() as d:
		writable(d, 0o1777)
		d.put("w/" + file, "")
		os.chown(d.at("w/" + file), NOBODY, NOBODY)
		os.chmod(d.at("w/" + file), 0o666)
		wrong = refused(d, run(d, command), name, "is a file of user 65534")
		if d.get("w/" + file):
			wrong.append("it was written")
	return (name + ": so is another user's file", wrong)


def own_link(name, command, file, follows):
	with Dir() as d:
		writable(d, 0o755)
		os.symlink("../real", d.at("w/" + file))
		r = run(d, command)
		if follows:
			wrong = [] if os.path.islink(d.at("w/" + file)) else ["the link is gone"]
			if not d.get("real"):
				wrong.append("nothing behind it: " + r.stderr.decode())
		else:
			wrong = refused(d, r, name, "it is a symbolic link")
	return ("%s: a link of one's own is %s" % (name, "followed" if follows else
						      "refused with a word"), wrong)


# -- what is read --

SAME = (
	("log", "$S log mkdir.log -o %s", "mkdir.log"),
	("log, redirected", "$S log mkdir.log >>%s", "mkdir.log"),
	("log from a pipe's file", "$S log - <mkdir.log >>%s", "mkdir.log"),
	("log --to file:", "$S log mkdir.log --to file:%s", "mkdir.log"),
	("report", "$S report mkdir.log -o %s", "mkdir.log"),
	("report --from", "$S report --from mkdir.log >>%s", "mkdir.log"),
	("report --containers", "$S report mkdir.log --containers map -o %s", "map"),
	("suggest, its log", "$S suggest profile.json mkdir.log -o %s", "mkdir.log"),
	("suggest, its profile", "$S suggest profile.json mkdir.log -o %s", "profile.json"),
	("suggest, redirected", "$S suggest profile.json mkdir.log >>%s", "profile.json"),
	("suggest --new", "$S suggest --new mkdir.log -o %s", "mkdir.log"),
	("explain", "$S explain profile.json mkdir -o %s", "profile.json"),
	("explain --calls", "$S explain profile.json --calls calls -o %s", "calls"),
	("explain --event", "$S explain --event profile.json mkdir.log -o %s", "mkdir.log"),
	("check", "$S check mkdir.log profile.json >>%s", "profile.json"),
	("check --ignore", "$S check profile.json --ignore ignore -o %s", "ignore"),
	("diff, the new one", "$S diff mkdir.log profile.json -o %s", "profile.json"),
	("replay", "$S replay profile.json mkdir.log -o %s", "profile.json"),
	("replay --baseline", "$S replay profile.json mkdir.log --baseline base >>%s", "base"),
	("complain", "$S complain profile.json >>%s", "profile.json"),
	("complain --undo", "$S complain profile.json --undo %s", "profile.json"),
	("enforce, its undo", "$S enforce profile.json -o %s", "profile.json.undo"),
	("doctor", "$S doctor profile.json -o %s", "profile.json"),
	("tail --state", "$S tail --from mkdir.log --state %s", "mkdir.log"),
)
NAMES = (("its own name", None), ("a hard link", os.link), ("a symbolic link", os.symlink))


def same(name, command, file):
	wrong = []
	for what, link in NAMES:
		with Dir() as d:
			for n in ("map", "calls", "ignore", "base", "profile.json.undo", "s.map"):
				d.put(n, "mkdir\n")
			before = d.get(file)
			if link:
				link(file if link == os.symlink else d.at(file), d.at("other"))
			if link == os.symlink and "file:" in command:
				continue # refused as a link, above
			r = d.run(command % ("other" if link else file))
			err = r.stderr.decode()
			if r.returncode != 2 or not ("overwr" in err or "state is damaged" in err):
				wrong.append("by %s: exit %d: %s" % (what, r.returncode, err))
			if d.get(file) != before or d.temporaries():
				wrong.append("by %s: it was written" % what)
	return ("%s: the output is not %s, by any name" % (name, file), wrong)


TWICE = (
	"$S tail --from mkdir.log -o x --state x",
	"$S tail --from mkdir.log -o x --to file:./x",
	"$S tail --from mkdir.log --state x -o x.map",
	"$S complain profile.json -o x --undo ../$(basename $PWD)/x",
	"$S tail --from mkdir.log --state x >x",
)


def twice():
	wrong = []
	for command in TWICE:
		with Dir() as d:
			r = d.run(command)
			if r.returncode != 2 or b"are one file" not in r.stderr:
				wrong.append("%s: exit %d: %s" % (command, r.returncode,
								  r.stderr.decode()))
	return ("two outputs are not one file", wrong)


# -- modes, owners --

MODES = ( # the command, its file, the mode under umask 022 and under 0
	("$S log -q mkdir.log -o out", "out", 0o640, 0o640),
	("$S report -q mkdir.log -o out", "out", 0o640, 0o640),
	("$S replay -q profile.json mkdir.log -o out", "out", 0o640, 0o640),
	("$S suggest -q profile.json mkdir.log --format json -o out", "out", 0o640, 0o640),
	("$S suggest -q profile.json mkdir.log --format profile -o out", "out", 0o644, 0o666),
	("$S complain -q --by log profile.json --in-place", "profile.json.undo", 0o640, 0o640),
	("$S log -q mkdir.log --to file:out", "out", 0o640, 0o640),
	(FOLLOW + "out -o out", "out", 0o640, 0o640),
	(FOLLOW + "out --state out -o events", "out", 0o600, 0o600),
	(FOLLOW + "out --format prometheus -o out", "out", 0o644, 0o644),
)


def modes(command, file, plain, open_mask):
	wrong = []
	for mask, mode in ((0o022, plain), (0, open_mask), (0o077, plain & 0o700)):
		with Dir() as d:
			r = run(d, command, mask)
			got = stat.S_IMODE(os.stat(d.at(file)).st_mode) \
				if os.path.exists(d.at(file)) else -1
			if got != mode:
				wrong.append("umask %03o: %o, not %o; %s" % (
					mask, got, mode, r.stderr.decode()))
	return ("%s: %s is %03o" % (command.replace(FOLLOW, "tail ").replace("$S ", ""), file, plain), wrong)


def kept_in_place():
	acl = bytes.fromhex("0200000001000600ffffffff020006000100000004000400ffffffff"
			    "10000600ffffffff20000400ffffffff")
	with Dir() as d:
		path = d.at("profile.json")
		os.chown(path, 12, 34)
		os.chmod(path, 0o640)
		attributes = True
		try:
			os.setxattr(path, "user.note", b"mine")
			os.setxattr(path, "system.posix_acl_access", acl)
		except OSError:
			attributes = False
		mode = os.stat(path).st_mode
		os.link(path, d.at("hard"))
		before = d.get("hard")
		r = d.run("$S suggest -q profile.json mkdir.log --in-place")
		st = os.stat(path)
		wrong = [] if r.returncode == 0 else [r.stderr.decode()]
		if (st.st_uid, st.st_gid, st.st_mode) != (12, 34, mode):
			wrong.append("owner %d:%d mode %o" % (st.st_uid, st.st_gid, st.st_mode))
		if attributes and (os.getxattr(path, "user.note") != b"mine" or
				   os.getxattr(path, "system.posix_acl_access") != acl):
			wrong.append("attributes are lost")
		if d.get("profile.json") == before:
			wrong.append("it did not change")
		if d.get("hard") != before:
			wrong.append("the other hard link changed, too")
		if d.get("profile.json.orig") != before:
			wrong.append("the old one is not kept")
	return ("--in-place keeps mode, owner%s; another hard link keeps the old text" %
		(", attributes, ACL" if attributes else ""), wrong)


def kept_output():
	with Dir() as d:
		d.put("out", "old")
		os.chown(d.at("out"), 12, 34)
		os.chmod(d.at("out"), 0o604)
		d.run("$S log -q mkdir.log -o out")
		st = os.stat(d.at("out"))
		got = (st.st_uid, st.st_gid, stat.S_IMODE(st.st_mode))
		wrong = [] if got == (12, 34, 0o604) else [got]
	return ("-o keeps owner and mode of the file that it replaces", wrong)


def in_place_link():
	with Dir() as d:
		os.mkdir(d.at("w"))
		os.rename(d.at("profile.json"), d.at("w/real.json"))
		os.symlink("w/real.json", d.at("profile.json"))
		before = d.get("w/real.json")
		wrong = []
		for command in ("$S suggest -q profile.json mkdir.log --in-place",
				"$S complain -q --by log profile.json --in-place"):
			r = d.run(command)
			if r.returncode != 2 or b"a symbolic link to w/real.json" not in r.stderr:
				wrong.append("%s: exit %d: %s" % (command, r.returncode,
								  r.stderr.decode()))
		if d.get("w/real.json") != before or len(os.listdir(d.at("w"))) != 1:
			wrong.append("it was written")
		r = d.run("$S suggest -q w/real.json mkdir.log --in-place")
		if r.returncode != 0 or d.get("profile.json") == before:
			wrong.append("by its own name: " + r.stderr.decode())
	return ("--in-place refuses a link, name what it points to, and take that", wrong)


# -- while it runs --

def swap(d):
	"""The directory is renamed, and another with a link to the victim takes its name."""
	os.rename(d.at("w"), d.at("moved"))
	os.mkdir(d.at("w"))
	for name in ("out", "s", "s.map"):
		os.symlink("../victim", d.at("w/" + name))


def swapped_output():
	with Dir() as d:
		writable(d, 0o755)
		p = d.start(["log", "-q", "-", "-o", "w/out"], stdin=subprocess.PIPE)
		came = wait_for(lambda: d.temporaries("w"))
		swap(d)
		p.stdin.write(d.get("mkdir.log"))
		p.stdin.close()
		p.stdin = None
		p.communicate(timeout=60)
		wrong = [] if came and p.returncode == 0 else ["exit %d" % p.returncode]
		if d.get("victim") != VICTIM:
			wrong.append("the victim was written")
		if d.get("moved/out").count(b"\n") != 2 or d.temporaries("moved"):
			wrong.append("not in the directory that was opened: %s" %
				     os.listdir(d.at("moved")))
	return ("log -o: a directory swapped before the rename", wrong)


def swapped_state():
	with Dir() as d:
		writable(d, 0o755)
		p = d.tail("mkdir.log", ["--state", "w/s", "-o", "events"])
		came = wait_for(lambda: os.path.exists(d.at("w/s")))
		swap(d)
		first = d.get("moved/s")
		with open(d.at("mkdir.log"), "ab") as f:
			f.write(d.get("mkdir.log"))
		later = wait_for(lambda: d.get("moved/s") != first)
		code, err = stop(p)
		wrong = [] if came and later and code == 0 else ["exit %s: %s" % (code, err)]
		if d.get("victim") != VICTIM:
			wrong.append("the victim was written")
	return ("tail --state: a directory swapped while it runs", wrong)


def planted_later():
	with Dir() as d:
		writable(d, 0o1777)
		p = d.start(["log", "-q", "-", "-o", "w/out"], stdin=subprocess.PIPE)
		wait_for(lambda: d.temporaries("w"))
		os.symlink("../victim", d.at("w/out"))
		os.lchown(d.at("w/out"), NOBODY, NOBODY)
		p.stdin.write(d.get("mkdir.log"))
		p.stdin.close()
		p.stdin = None
		p.communicate(timeout=60)
		wrong = [] if d.get("victim") == VICTIM else ["the victim was written"]
		if os.path.islink(d.at("w/out")) or d.get("w/out").count(b"\n") != 2:
			wrong.append("no file in its place")
	return ("log -o: a link planted while it runs is replaced, not followed", wrong)


def reopened():
	with Dir() as d:
		writable(d, 0o1777)
		p = d.tail("mkdir.log", ["-o", "w/out"])
		came = wait_for(lambda: d.get("w/out").count(b"\n") == 2)
		os.rename(d.at("w/out"), d.at("w/out.1"))
		os.symlink("../victim", d.at("w/out"))
		os.lchown(d.at("w/out"), NOBODY, NOBODY)
		p.send_signal(signal.SIGHUP)
		with open(d.at("mkdir.log"), "ab") as f:
			f.write(d.get("mkdir.log").replace(b":101)", b":991)"))
		later = wait_for(lambda: d.get("w/out.1").count(b"\n") > 2)
		code, err = stop(p)
		wrong = [] if came and later and code == 0 else ["exit %s: %s" % (code, err)]
		if "the open one stays in use" not in err:
			wrong.append("no word of it: " + err)
		if d.get("victim") != VICTIM:
			wrong.append("the victim was written")
	return ("tail -o: a link planted before SIGHUP: the open file stays in use", wrong)


PROC = ( # /dev/stdout is a link that root could replace
	("$S log -q mkdir.log -o /dev/stdout | wc -l", b"2"),
	("$S log -q mkdir.log -o /proc/self/fd/1 >got; wc -l <got", b"2"),
	("echo before >got; $S log -q mkdir.log -o /dev/fd/3 3>>got; wc -l <got", b"3"),
	("mkfifo f; cat f >got & $S log -q mkdir.log -o f; wait; wc -l <got", b"2"),
	("$S log -q mkdir.log -o /dev/null; test -c /dev/null && echo still", b"still"),
)


def proc():
	wrong = []
	for command, want in PROC:
		with Dir() as d:
			r = d.run(command)
			if r.stdout.strip() != want:
				wrong.append("%s: %s %s" % (command, r.stdout, r.stderr))
	if not os.path.islink("/dev/stdout"):
		wrong.append("/dev/stdout was replaced")
	return ("-o /dev/stdout, /dev/fd/N, a FIFO, /dev/null are written, not replaced", wrong)


ROWS = []
for name, command, file, follows in WRITERS:
	ROWS.append((planted_link, name, command, file))
	ROWS.append((planted_file, name, command, file))
	if follows is not None: # a log in a file has no map
		ROWS.append((own_link, name, command, file, follows))
ROWS += [(same,) + row for row in SAME] + [(modes,) + row for row in MODES]
ROWS += [(f,) for f in (twice, kept_in_place, kept_output, in_place_link,
			swapped_output, swapped_state, planted_later, reopened, proc)]

# most of their time they wait for a program that follows
with concurrent.futures.ThreadPoolExecutor(8) as pool:
	for name, wrong in pool.map(lambda row: row[0](*row[1:]), ROWS):
		tap.result(name, wrong)
tap.end()
