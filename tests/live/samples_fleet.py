#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""samples/fleet: events of several nodes in ClickHouse, grouped there by SQL, and back: the groups
are those that scaudit makes of the same events, hostile names included, and the patch that
suggest makes of them is the same. TAP."""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/oracle")
from lib import SCAUDIT, result, run_all, skip

SERVER = shutil.which("clickhouse-server", path=os.environ["PATH"] + ":/usr/sbin")
CLIENT = shutil.which("clickhouse-client")
SHARED = "tests/cases/shared/"
NODES = [[SHARED + "events.log", SHARED + "strange.log"], ["samples/web.log"],
	 [SHARED + "audit.log", "tests/cases/log/loss/loss.log",
	  "tests/cases/log/full-event/full.ndjson"]]

CONFIG = """<yandex>
<logger><level>error</level><console>1</console></logger>
<tcp_port>%d</tcp_port><listen_host>127.0.0.1</listen_host>
<path>%s/data/</path><tmp_path>%s/tmp/</tmp_path><mark_cache_size>5368709</mark_cache_size>
<users_config>users.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database>
</yandex>"""
USERS = """<yandex><profiles><default><max_memory_usage>500000000</max_memory_usage></default>
</profiles><users><default><password></password><networks><ip>127.0.0.1</ip></networks>
<profile>default</profile><quota>default</quota></default></users><quotas><default/></quotas>
</yandex>"""


def run(*args, **more):
	return subprocess.run(args, capture_output=True, check=True, **more).stdout


def read(path):
	with open(path) as f:
		return f.read()


class Server:
	def __init__(self, top):
		with socket.socket() as s:
			s.bind(("127.0.0.1", 0))
			self.port = s.getsockname()[1]
		with open(top + "/config.xml", "w") as f:
			f.write(CONFIG % (self.port, top, top))
		with open(top + "/users.xml", "w") as f:
			f.write(USERS)
		self.run = subprocess.Popen([SERVER, "--config-file=" + top + "/config.xml"],
					    cwd=top, stdout=subprocess.DEVNULL,
					    stderr=subprocess.DEVNULL)
		self.client = "%s --port %d" % (CLIENT, self.port)
		for _ in range(100):
			try:
				self.query("SELECT 1")
				return
			except subprocess.CalledProcessError:
				time.sleep(0.2)
		raise RuntimeError("clickhouse-server does not answer")

	def query(self, text):
		return run(*self.client.split(), "--query", text)

	def insert(self, node, events):
		run("sh", "samples/fleet/insert.sh", input=events,
		    env=dict(os.environ, CLICKHOUSE=self.client, NODE=node))

	def end(self):
		self.run.send_signal(signal.SIGTERM)
		self.run.wait()


def groups(lines):
	"""{what a group is: [count, first, last]}, {reason of a loss: lost}"""
	found, lost = {}, {}
	for o in map(json.loads, lines.splitlines()):
		if o["kind"] == "loss":
			lost[o.get("reason")] = lost.get(o.get("reason"), 0) + o.get("lost", 0)
			continue
		key = tuple(json.dumps(o.get(k)) for k in
			    ("action", "syscall", "nr", "arch", "args", "container"))
		if key in found:
			raise ValueError("a group twice: %s" % (key,))
		found[key] = [o["count"], o.get("first"), o.get("last")]
	return found, lost


def differences(got, want):
	return ["%s: %s, not %s" % (k, got.get(k), want.get(k))
		for k in sorted({*got, *want}, key=str) if got.get(k) != want.get(k)]


def test_recipe(server):
	run(*server.client.split(), "-n", input=read("samples/fleet/schema.sql").encode())
	events = [run(SCAUDIT, "log", "-q", *logs) for logs in NODES]
	for i, some in enumerate(events):
		server.insert("n%d" % i, some)
	server.insert("n0", events[0]) # at least once
	sql = read("samples/fleet/denials.sql")
	answer = server.query(sql)
	all_logs = sum(NODES, [])
	want = run(SCAUDIT, "report", "-q", "--format", "ndjson", *all_logs)
	try:
		got, lost = groups(answer.decode())
	except ValueError as why:
		return result("the answer is NDJSON", ["%s: %s" % (why, answer)])
	want, want_lost = groups(want.decode())
	result("the groups are those of scaudit: %d" % len(got), differences(got, want))
	result("what nodes lost comes along", differences(lost, want_lost))
	with tempfile.NamedTemporaryFile(suffix=".ndjson") as f:
		f.write(answer)
		f.flush()
		check = subprocess.run([SCAUDIT, "report", "--format", "json", f.name],
				       capture_output=True, text=True, check=True)
		evidence = json.loads(check.stdout)["evidence"]
		result("--from takes every line", [] if evidence["malformed"] == 0 and
		       evidence["incomplete"] == 0 and evidence["used"] == len(got) else
		       [json.dumps(evidence)])
	some = sql.replace("WHERE kind != 'loss'",
			   "WHERE kind != 'loss' AND syscall = 'mkdir' AND container = 'web'")
	found, _ = groups(server.query(some).decode())
	result("it can be narrowed by columns", [] if len(found) == 2 else [str(found)])
	node = events[1].splitlines(keepends=True)
	server.query("DROP TABLE scaudit.events")
	run(*server.client.split(), "-n", input=read("samples/fleet/schema.sql").encode())
	server.insert("a", b"".join(node[::2]))
	server.insert("b", b"".join(node[1::2]))
	patch = run(SCAUDIT, "suggest", "-q", "samples/web.json", "--from", "-",
		    input=server.query(sql))
	result("suggest answers as it does to the log itself",
	       [] if patch.decode() == read("samples/web.patch.json") else
	       patch.decode().splitlines())


def test_all():
	for program, name in ((SERVER, "clickhouse-server"), (CLIENT, "clickhouse-client"),
			      (shutil.which("jq"), "jq")):
		if not program:
			return skip("the fleet recipe", "%s is not installed" % name)
	with tempfile.TemporaryDirectory() as top:
		server = Server(top)
		try:
			test_recipe(server)
		finally:
			server.end()


run_all(test_all)
