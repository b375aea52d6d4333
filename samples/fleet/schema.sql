-- SPDX-License-Identifier: Apache-2.0
-- ClickHouse: one table for the events of all nodes. `line` is the event as scaudit wrote it, and
-- stays what it is; the other columns are cut out of it to find it by.
--
--	clickhouse-client -n <schema.sql
--
-- By regular expressions that know JSON's escapes: the JSON functions of some versions lose their
-- way in a name that ends in a backslash, and names are chosen by strangers.

CREATE DATABASE IF NOT EXISTS scaudit;

CREATE TABLE IF NOT EXISTS scaudit.events
(
	line      String,
	host      String DEFAULT '',              -- who shipped it, if the shipper says so
	received  Date DEFAULT toDate(now()),
	kind      String DEFAULT extract(line, '^\\{"v":1,"kind":"(\\w+)"'),
	time      String DEFAULT extract(line, '"time":"([^"]*)"'),
	node      String DEFAULT extract(line, '"node":"((?:[^"\\\\]|\\\\.)*)"'),
	action    String DEFAULT extract(line, '"action":"(\\w+)"'),
	syscall   String DEFAULT extract(line, '"syscall":"(\\w+)"'),
	container String DEFAULT extract(line, '"container":\\{(?:"(?:[^"\\\\]|\\\\.)*"[:,])*"name":"((?:[^"\\\\]|\\\\.)*)"')
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(received)
ORDER BY (received, container, action, syscall);
