#!/bin/sh
# A node's events into the table of schema.sql; on each node, or where their files are:
#
#	scaudit log -f -q --from netlink --state /var/lib/scaudit/state | ./insert.sh
#	./insert.sh <events.ndjson
#
# CLICKHOUSE is the client with its options, `clickhouse-client` unless it is set. Vector
# (samples/vector) does the same and keeps what it can not send.
set -u
jq -cR --unbuffered --arg host "$(uname -n)" '{host: $host, line: .}' |
	${CLICKHOUSE:-clickhouse-client} --query 'INSERT INTO scaudit.events (host, line) FORMAT JSONEachRow'
