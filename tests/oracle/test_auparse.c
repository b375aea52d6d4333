/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records in auditd's format, read by us and by libauparse. Raw values only: what auparse
 * interprets of a SECCOMP record is wrong when it has no subj= (src/lib/record_body.c).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <auparse.h>
#include <glob.h>

#include "text.h"

#include "frame.h"
#include <scaudit/names.h>

#define GENERATED 5000

struct check {
	struct sca_decoder *dec;
	auparse_state_t *au;
	struct sca_str line;
	size_t compared;
};

static const char *raw(struct check *c, const char *name)
{
	if (!auparse_first_field(c->au))
		return NULL;
	return auparse_find_field(c->au, name) ? auparse_get_field_str(c->au) : NULL;
}

static void same(struct check *c, const char *name, const char *fmt, long long value)
{
	const char *have = raw(c, name);
	char want[32];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(want, sizeof(want), fmt, value);
#pragma GCC diagnostic pop
	/* A paste may have glued the enrichment to the code. */
	if (!have || (strcmp(name, "code") == 0 ? strncmp(have, want, strlen(want))
						: strcmp(have, want)) != 0)
		fail_msg("%s is %s to auparse and %s to us: %.*s", name, have ? have : "absent",
			 want, (int)c->line.n, c->line.p);
	c->compared++;
}

/* Quoted or in hex, as the kernel wrote it. */
static void same_text(struct check *c, const char *name, struct sca_str value)
{
	const char *have = raw(c, name);
	struct sca_str s = sca_str_z(have);
	bool ok = have != NULL;

	if (ok && s.n >= 2 && *s.p == '"') {
		ok = str_eq(value, (struct sca_str){s.p + 1, s.n - 2});
	} else if (ok) {
		ok = s.n == 2 * value.n;
		for (size_t i = 0; ok && i < value.n; i++)
			ok = (unsigned char)value.p[i] ==
			     (hex_digit(s.p[2 * i]) << 4 | hex_digit(s.p[2 * i + 1]));
	}
	if (!ok)
		fail_msg("%s is %s to auparse and %.*s to us: %.*s", name, have ? have : "absent",
			 (int)value.n, value.p ? value.p : "", (int)c->line.n, c->line.p);
	c->compared++;
}

static int compare(const struct sca_frame *frame, void *arg)
{
	struct check *c = arg;
	const au_event_t *stamp = auparse_get_timestamp(c->au);
	struct sca_record rec;
	uint32_t token;
	int32_t nr;

	assert_int_equal(sca_record_decode(c->dec, frame, &rec, NULL), 0);
	assert_non_null(stamp);
	assert_true(rec.have & SCA_F_TIME);
	assert_int_equal(rec.time_ms, (int64_t)stamp->sec * 1000 + stamp->milli);
	assert_int_equal(rec.serial, stamp->serial);
	if (frame->node.n)
		assert_int_equal(strncmp(stamp->host, frame->node.p, frame->node.n), 0);
	sca_arch_to_record(rec.arch, rec.nr, &token, &nr);
	same(c, "arch", "%llx", token);
	same(c, "syscall", "%lld", nr);
	same(c, "code", "0x%llx", rec.code);
	same(c, "sig", "%lld", rec.sig);
	same(c, "pid", "%lld", rec.pid);
	same(c, "uid", "%lld", rec.uid);
	same_text(c, "comm", rec.comm);
	same_text(c, "exe", rec.exe);
	return 0;
}

/* The framer and auparse over one line; how many records we saw in it. */
static void check_line(struct check *c, struct sca_str line)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct sca_pos pos = {"test", 2, 0};
	struct sca_framer *f = NULL;
	size_t before = c->compared;

	buf_add_str(&text, line);
	buf_add_c(&text, '\n');
	c->line = line;
	c->au = auparse_init(AUSOURCE_BUFFER, text.p);
	assert_non_null(c->au);
	assert_int_equal(auparse_next_event(c->au), 1);
	assert_int_equal(auparse_first_record(c->au), 1);
	assert_int_equal(auparse_get_type(c->au), 1326);
	assert_int_equal(framer_new(&f, NULL, true, NULL), 0);
	assert_int_equal(framer_line(f, line, &pos, compare, c), 0);
	framer_free(f);
	auparse_destroy(c->au);
	if (c->compared == before)
		fail_msg("no record to us: %.*s", (int)line.n, line.p);
}

static void test_corpus(void **state)
{
	const char *top = getenv("SCA_SHARED");
	struct check *c = *state;
	char pattern[512];
	glob_t g;

	snprintf(pattern, sizeof(pattern), "%s/data/records/*.log", top ? top : "../shared");
	if (glob(pattern, 0, NULL, &g) != 0) {
		print_message("no records: %s is not there\n", pattern);
		skip();
	}
	for (size_t i = 0; i < g.gl_pathc; i++) {
		char *text = NULL;
		size_t cap = 0;
		ssize_t n;
		FILE *f = fopen(g.gl_pathv[i], "re");

		assert_non_null(f);
		while ((n = getline(&text, &cap, f)) > 0) {
			struct sca_str line = str_trim((struct sca_str){text, (size_t)n});

			if (str_starts(line, SCA_STR("type=SECCOMP")) &&
			    str_find(line, SCA_STR(" code=0x")))
				check_line(c, line);
		}
		free(text);
		fclose(f);
	}
	globfree(&g);
	assert_true(c->compared > 0);
	print_message("%zu fields compared\n", c->compared);
}

/* -- records as the kernel may write them -- */

static uint32_t next(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33) % below;
}

static void add_name(struct buf *b, uint64_t *seed, const char *key, uint32_t max)
{
	static const char plain[] = "abcXYZ019/:[].-_()=,+'\\";
	char bytes[64];
	uint32_t n = 1 + next(seed, max);
	bool hex = next(seed, 4) == 0;

	for (uint32_t i = 0; i < n; i++)
		bytes[i] = plain[next(seed, sizeof(plain) - 1)];
	if (hex)
		bytes[next(seed, n)] = (char)("\x01 \"\x7f\xc3\xff"[next(seed, 6)]);
	buf_addf(b, "%s=", key);
	for (uint32_t i = 0; hex && i < n; i++)
		buf_addf(b, "%02X", (unsigned char)bytes[i]);
	if (!hex)
		buf_addf(b, "\"%.*s\"", (int)n, bytes);
	buf_add_c(b, ' ');
}

static void add_record(struct buf *b, uint64_t *seed)
{
	static const uint32_t archs[] = {0xc000003e, 0x40000003, 0xc00000b7, 0x40000028, 0x16,
					 0x14, 0x80000016, 0xc00000f3};
	static const uint32_t codes[] = {0x80000000, 0, 0x30000, 0x50000, 0x7fc00000, 0x7ff00000,
					 0x7ffc0000, 0x12340000};
	static const char *const subjs[] = {"", "", "subj=unconfined ",
					    "subj=system_u:system_r:container_t:s0:c83,c152 ",
					    "subj=? "};
	uint32_t code = codes[next(seed, ARRAY_SIZE(codes))];
	bool killed = code == 0 || code == 0x80000000 || code == 0x12340000;
	int32_t nr = (int32_t)next(seed, 500) - 1;

	if (next(seed, 5) == 0)
		buf_add_z(b, "node=web-1 ");
	buf_addf(b, "type=SECCOMP msg=audit(%u.%03u:%u): ", 1700000000 + next(seed, 99999999),
		 next(seed, 1000), next(seed, UINT32_MAX));
	buf_addf(b, "auid=%s uid=%u gid=%u ses=%s %spid=%u ",
		 next(seed, 2) ? "4294967295" : "1000", next(seed, 100000), next(seed, 100000),
		 next(seed, 2) ? "4294967295" : "3", subjs[next(seed, ARRAY_SIZE(subjs))],
		 1 + next(seed, 4000000));
	add_name(b, seed, "comm", 15);
	add_name(b, seed, "exe", 60);
	buf_addf(b, "sig=%d arch=%x syscall=%d compat=%u ip=0x%x code=0x%x", killed ? 31 : 0,
		 archs[next(seed, ARRAY_SIZE(archs))], nr, next(seed, 2), next(seed, UINT32_MAX),
		 code);
	if (next(seed, 2))
		buf_add_z(b, "\x1d" "AUID=\"unset\" UID=\"root\" GID=\"root\" ARCH=x86_64 SYSCALL=x");
}

static void test_generated(void **state)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct check *c = *state;
	uint64_t seed = 1;

	for (int i = 0; i < GENERATED; i++) {
		buf_reset(&b);
		add_record(&b, &seed);
		check_line(c, buf_str(&b));
	}
	print_message("%d records, %zu fields compared\n", GENERATED, c->compared);
}

static int setup(void **state)
{
	static struct check check;

	*state = &check;
	return sca_decoder_new(&check.dec, NULL);
}

static int teardown(void **state)
{
	struct check *c = *state;

	sca_decoder_free(c->dec);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_corpus),
		cmocka_unit_test(test_generated),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
