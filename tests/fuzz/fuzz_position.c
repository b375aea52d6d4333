/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Positions as a state file may hold them after anything happened to it. Aborts when one that
 * is taken is written down as another one.
 */
#include "fuzz.h"

#include "follow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	const struct sca_str given = {(const char *)data, n};
	struct place a, b;
	struct sca_err err = SCA_ERR_INIT;
	int r = place_read(&a, given, &err);

	if (r < 0) {
		must(err.text[0], "a failure says why");
		return 0;
	}
	place_write(&a, "/var/log/audit/audit.log", &text);
	if (text.failed || memchr(text.p, '\n', text.n) ||
	    place_read(&b, buf_str(&text), NULL) != 0)
		abort();
	if (a.known != b.known || a.dev != b.dev || a.ino != b.ino || a.mtime_ns != b.mtime_ns ||
	    a.at.offset != b.at.offset || a.at.line != b.at.line || a.begin_n != b.begin_n ||
	    a.begin_hash != b.begin_hash)
		abort();
	return 0;
}
