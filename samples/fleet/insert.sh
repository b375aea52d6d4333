#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A node's events into the table of schema.sql; on each node, or where their files are:
#
#	scaudit log -q --from audit | ./insert.sh
#	NODE=n1 ./insert.sh <events-of-n1.ndjson
#
# It is one INSERT, which ends with its input: for what is followed live, use samples/vector, which
# also keeps what it can not send. What is inserted twice counts once.
#
# NODE is the node that they are from, this one unless it is set: serials are a node's own.
# CLICKHOUSE is the client with its options, `clickhouse-client` unless it is set.
set -u
jq -cR --arg host "${NODE:-$(uname -n)}" '{host: $host, line: .}' |
	${CLICKHOUSE:-clickhouse-client} --query 'INSERT INTO scaudit.events (host, line) FORMAT JSONEachRow'
