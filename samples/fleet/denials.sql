-- SPDX-License-Identifier: Apache-2.0
-- What the fleet denied, grouped: each line of the answer is one that --from takes.
--
--	clickhouse-client --query "$(cat denials.sql)" | scaudit report -
--	clickhouse-client --query "$(cat denials.sql)" | scaudit suggest web.json --from - --container web
--
-- Narrow it at WHERE: container = 'web' AND received >= today() - 7.
--
-- Values are cut out of the line as they stand there, quotes and escapes included, and put together
-- again: no name, whatever is in it, is unescaped on the way. An event that two shippers sent, or
-- one twice, counts once. What nodes lost comes along, so that the evidence says that there may be
-- more.

SELECT concat(
	'{"v":1,"kind":"denial","action":"', action, '"',
	if(syscall = '', '', concat(',"syscall":"', syscall, '"')),
	if(nr = '', '', concat(',"nr":', nr)),
	if(arch = '', '', concat(',"arch":"', arch, '"')),
	if(args = '', '', concat(',"args":', args)),
	if(any(box) = '', '', concat(',"container":', any(box))),
	',"source":{"trust":"forgeable"},"count":', toString(sum(n)),
	if(max(last) = '', '', concat(
		',"first":"', min(if(first = '', '~', first)), '","last":"', max(last), '"')),
	',"comms":[', arrayStringConcat(arraySlice(arrayFilter(x -> x != '', groupUniqArray(comms)), 1, 8), ','),
	'],"exes":[', arrayStringConcat(arraySlice(arrayFilter(x -> x != '', groupUniqArray(exes)), 1, 8), ','),
	']}') AS json
FROM
(
	SELECT
		extract(e, '"action":"(\\w+)"') AS action,
		extract(e, '"syscall":"(\\w+)"') AS syscall,
		extract(e, '"nr":(-?\\d+)') AS nr,
		extract(e, '"arch":"(\\w+)"') AS arch,
		extract(e, '"args":(\\[[^\\]]*\\])') AS args,
		extract(e, '"container":(\\{(?:"(?:[^"\\\\]|\\\\.)*"[:,]?)*\\})') AS box,
		extract(box, '"id":("(?:[^"\\\\]|\\\\.)*")') AS id,
		extract(box, '"name":("(?:[^"\\\\]|\\\\.)*")') AS name,
		toUInt64OrZero(extract(e, '"count":(\\d+)')) AS n,
		extract(e, '"time":"([^"]*)"') AS time,
		if(position(e, '"first":"') = 0, time, extract(e, '"first":"([^"]*)"')) AS first,
		if(position(e, '"last":"') = 0, time, extract(e, '"last":"([^"]*)"')) AS last,
		if(position(e, '"comms":[') = 0, extract(e, '"comm":("(?:[^"\\\\]|\\\\.)*")'),
		   extract(e, '"comms":\\[((?:"(?:[^"\\\\]|\\\\.)*",?)*)\\]')) AS comms,
		if(position(e, '"exes":[') = 0, extract(e, '"exe":("(?:[^"\\\\]|\\\\.)*")'),
		   extract(e, '"exes":\\[((?:"(?:[^"\\\\]|\\\\.)*",?)*)\\]')) AS exes
	FROM
	(
		SELECT any(line) AS e
		FROM scaudit.events
		WHERE kind != 'loss'
		GROUP BY host, node, time, extract(line, '"serial":(\\d+)') AS serial,
			extract(line, '"count":(\\d+)'), if(serial = '', line, '')
	)
)
GROUP BY action, syscall, nr, arch, args, id, name

UNION ALL

SELECT concat('{"v":1,"kind":"loss"', if(reason = '', '', concat(',"reason":"', reason, '"')),
	if(sum(n) = 0, '', concat(',"lost":', toString(sum(n)))), '}') AS json
FROM
(
	SELECT extract(e, '"reason":"([\\w-]+)"') AS reason,
		toUInt64OrZero(extract(e, '"lost":(\\d+)')) AS n
	FROM (SELECT any(line) AS e FROM scaudit.events WHERE kind = 'loss' GROUP BY host, line)
)
GROUP BY reason
FORMAT TSVRaw
