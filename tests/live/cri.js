// SPDX-License-Identifier: Apache-2.0
// A kubelet of one pod: as much of the CRI (runtime.v1, gRPC over HTTP/2) as a pod with one
// container takes, with nothing but node.
//
//	node cri.js SOCKET run POD UID CONTAINER IMAGE PROFILE COMMAND...   prints both ids
//	node cri.js SOCKET rm POD-ID
'use strict';
const http2 = require('http2');
const net = require('net');

const [socket, verb, ...args] = process.argv.slice(2);

// A message is {field number: value}; lists repeat the field. Numbers are varints, strings are
// bytes, objects are messages.
function varint(n) {
	const out = [];
	for (; n > 127; n = Math.floor(n / 128))
		out.push((n % 128) | 128);
	return Buffer.from([...out, n]);
}

function message(fields) {
	const parts = [];
	for (const [number, value] of Object.entries(fields)) {
		for (const one of Array.isArray(value) ? value : [value]) {
			if (typeof one === 'number') {
				parts.push(varint(number * 8), varint(one));
				continue;
			}
			const bytes = typeof one === 'string' ? Buffer.from(one) : message(one);
			parts.push(varint(number * 8 + 2), varint(bytes.length), bytes);
		}
	}
	return Buffer.concat(parts);
}

// Field 1 of an answer, a string that is shorter than 128 bytes: an id.
function id(answer) {
	return answer.length > 2 && answer[0] === 10 ? answer.toString('utf8', 2, 2 + answer[1]) : '';
}

const session = http2.connect('http://localhost', {
	createConnection: () => net.connect(socket),
});
session.on('error', (e) => {
	console.error('cri: ' + e.message);
	process.exit(1);
});

function call(method, request) {
	return new Promise((resolve, reject) => {
		const stream = session.request({
			':method': 'POST', ':path': '/runtime.v1.RuntimeService/' + method,
			'content-type': 'application/grpc', te: 'trailers',
		});
		const body = message(request), head = Buffer.alloc(5), got = [];
		let status = {};
		head.writeUInt32BE(body.length, 1);
		const note = (headers) => {
			if ('grpc-status' in headers)
				status = headers;
		};
		stream.on('response', note);
		stream.on('trailers', note);
		stream.on('data', (chunk) => got.push(chunk));
		stream.on('error', reject);
		stream.on('end', () => {
			if (status['grpc-status'] === '0')
				resolve(Buffer.concat(got).subarray(5));
			else
				reject(new Error(method + ': ' +
					decodeURIComponent(status['grpc-message'] || 'no status')));
		});
		stream.end(Buffer.concat([head, body]));
	});
}

const ON_NODE = {1: 2}; // the network is the node's: no CNI
const LOCALHOST = 2;

async function run(pod, uid, container, image, profile, ...command) {
	const sandbox = {
		1: {1: pod, 2: uid, 3: 'prod', 4: 0},
		8: {1: '/kubepods/burstable/pod' + uid, 2: {1: ON_NODE}},
	};
	const podId = id(await call('RunPodSandbox', {1: sandbox}));
	console.log(podId);
	const containerId = id(await call('CreateContainer', {
		1: podId,
		2: {
			1: {1: container, 2: 0}, 2: {1: image}, 3: command,
			15: {2: {3: ON_NODE, 15: {1: LOCALHOST, 2: profile}}},
		},
		3: sandbox,
	}));
	await call('StartContainer', {1: containerId});
	console.log(containerId);
}

async function rm(podId) {
	await call('StopPodSandbox', {1: podId});
	await call('RemovePodSandbox', {1: podId});
}

({run, rm})[verb](...args).then(() => session.close(), (e) => {
	console.error('cri: ' + e.message);
	process.exit(1);
});
