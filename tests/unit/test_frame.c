/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>

#include "record_table.h"

#include "frame.h"

/* What copies do to a line, and what must change nothing. */
static const struct variant {
	const char *name, *before, *after;
	bool wanted_only; /* feed no line that may be left out */
} variants[] = {
	{"as it is", "", "", false},
	{"wanted lines only", "", "", true},
	{"CRLF", "", "\r", true},
	{"blanks at the end", "", "  ", true},
	{"colours", "\x1b[01;31m", "\x1b[m\x1b[K", true},
};

/* Frames of one call; they must stay as they are until the next one. */
struct out {
	const struct table_case *c;
	const char *how;
	struct sca_decoder *dec;
	struct sca_frame frames[64];
	size_t n, seen;
};

static int collect(const struct sca_frame *frame, void *arg)
{
	struct out *out = arg;

	assert_true(out->n < ARRAY_SIZE(out->frames));
	out->frames[out->n++] = *frame;
	return 0;
}

static void compare(struct out *out)
{
	for (size_t i = 0; i < out->n; i++) {
		struct sca_record rec;
		struct table_result res = {&out->frames[i], &rec, 0};

		if (out->frames[i].kind == SCA_FRAME_LOSS)
			res.rec = NULL;
		else
			res.error = sca_record_decode(out->dec, res.frame, &rec, NULL);
		if (res.error)
			res.rec = NULL;
		if (out->seen == out->c->n_out)
			fail_msg("%s (line %s, %s): more than is expected: %.*s", out->c->name,
				 out->c->line, out->how, (int)res.frame->body.n,
				 res.frame->body.p);
		table_check(out->c, out->how, out->c->out[out->seen++], &res);
	}
	out->n = 0;
}

/* Cuts the bytes into lines as a source does. */
static void feed(struct sca_framer *f, struct sca_str text, bool wanted_only, struct out *out)
{
	const char *start = text.p;
	struct sca_pos pos = {"test", 0, 0};
	struct sca_str line;

	while (str_cut(&text, '\n', &line)) {
		pos.line++;
		pos.offset = (uint64_t)(line.p - start);
		if (wanted_only && !framer_wants_all(f) && !framer_anchored(line))
			continue;
		assert_int_equal(framer_line(f, line, &pos, collect, out), 0);
		compare(out);
	}
	assert_int_equal(framer_flush(f, collect, out), 0);
	compare(out);
}

static uint64_t want(const struct table_case *c, const char *word)
{
	struct sca_str text;
	uint64_t n = 0;

	if (table_word(c, word, &text))
		assert_int_equal(str_u64(text, &n), 0);
	return n;
}

static void check_stats(const struct out *out, const struct sca_framer *f)
{
	const struct table_case *c = out->c;
	struct sca_source_stats s = {0};

	framer_stats(f, &s);
	if (s.foreign != want(c, "foreign") || s.torn != want(c, "torn") ||
	    s.undecodable != want(c, "undecodable") || s.loss_messages != want(c, "loss") ||
	    s.lost != want(c, "lost") || s.frames != out->seen)
		fail_msg("%s (line %s, %s): foreign=%llu torn=%llu undecodable=%llu loss=%llu "
			 "lost=%llu", c->name, c->line, out->how, (unsigned long long)s.foreign,
			 (unsigned long long)s.torn, (unsigned long long)s.undecodable,
			 (unsigned long long)s.loss_messages, (unsigned long long)s.lost);
	if (out->seen != c->n_out)
		fail_msg("%s (line %s, %s): %zu frames, not %zu", c->name, c->line, out->how,
			 out->seen, c->n_out);
}

static void add_variant(struct buf *to, struct sca_str text, const struct variant *v)
{
	struct sca_str line;
	bool first = true;

	text.n--; /* the newline of the last line */
	while (str_cut(&text, '\n', &line)) {
		if (!first)
			buf_add_c(to, '\n');
		first = false;
		buf_add_z(to, line.n ? v->before : "");
		buf_add_str(to, line);
		buf_add_z(to, line.n ? v->after : "");
	}
}

static void run_case(const struct table_case *c)
{
	size_t n = table_word(c, "exact", NULL) ? 2 : ARRAY_SIZE(variants);

	for (size_t i = 0; i < n; i++) {
		_cleanup_buf_ struct buf text = BUF_INIT;
		struct out out = {.c = c, .how = variants[i].name};
		struct sca_limits limits = {0};
		struct sca_framer *f = NULL;

		limits.entry_max = (size_t)want(c, "entry");
		limits.paste_max = (unsigned)want(c, "paste");
		add_variant(&text, buf_str(&c->in), &variants[i]);
		assert_int_equal(sca_decoder_new(&out.dec, NULL), 0);
		assert_int_equal(framer_new(&f, &limits, !table_word(c, "stdin", NULL), NULL), 0);
		feed(f, buf_str(&text), variants[i].wanted_only, &out);
		check_stats(&out, f);
		assert_null(framer_free(f));
		sca_decoder_free(out.dec);
	}
}

static void test_lines(void **state _unused_)
{
	table_for_each("tests/tables/frame.t", run_case);
}

static void test_json(void **state _unused_)
{
	table_for_each("tests/tables/frame_json.t", run_case);
}

static void test_traces(void **state _unused_)
{
	if (sca_arch_native() != SCA_ARCH_X86_64) {
		print_message("the table has the numbers of x86_64\n");
		skip();
	}
	table_for_each("tests/tables/trace.t", run_case);
}

/* -- every row of the corpus -- */

struct row {
	char file[64];
	unsigned line;
	char *field[16]; /* of the manifest; see its first line */
};
enum { KIND = 3, ARCH, NR, NAME, ACTION, CODE, SIG, PID, COMM, EXE, STAMP };

static void corpus_path(char out[512], const char *file)
{
	const char *top = getenv("SCA_SHARED");

	snprintf(out, 512, "%s/data/records/%s", top ? top : "../shared", file);
}

static bool read_all(const char *path, struct buf *to)
{
	FILE *f = fopen(path, "re");
	char part[4096];
	size_t n;

	if (!f)
		return false;
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		buf_add(to, part, n);
	fclose(f);
	return true;
}

struct found {
	unsigned line;
	struct sca_frame frame;
	struct sca_record rec;
	char comm[64], exe[256];
};

struct finds {
	struct sca_decoder *dec;
	struct found v[32];
	size_t n;
};

static int find(const struct sca_frame *frame, void *arg)
{
	struct finds *fs = arg;
	struct found *to = &fs->v[fs->n];

	if (frame->kind == SCA_FRAME_LOSS)
		return 0;
	assert_true(fs->n < ARRAY_SIZE(fs->v));
	assert_int_equal(sca_record_decode(fs->dec, frame, &to->rec, NULL), 0);
	to->frame = *frame;
	to->line = (unsigned)frame->pos.line;
	snprintf(to->comm, sizeof(to->comm), "%.*s", (int)to->rec.comm.n, to->rec.comm.p);
	snprintf(to->exe, sizeof(to->exe), "%.*s", (int)to->rec.exe.n, to->rec.exe.p);
	fs->n++;
	return 0;
}

static void find_all(const char *path, struct finds *fs)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct sca_pos pos = {path, 0, 0};
	struct sca_framer *f = NULL;
	struct sca_str rest, line;

	assert_true(read_all(path, &text));
	assert_int_equal(framer_new(&f, NULL, true, NULL), 0);
	for (rest = buf_str(&text); str_cut(&rest, '\n', &line);) {
		pos.line++;
		pos.offset = (uint64_t)(line.p - text.p);
		if (framer_wants_all(f) || framer_anchored(line))
			assert_int_equal(framer_line(f, line, &pos, find, fs), 0);
	}
	assert_int_equal(framer_flush(f, find, fs), 0);
	framer_free(f);
}

static void check_field(const struct row *row, int field, const char *have)
{
	char want_text[256];
	size_t n = strcspn(row->field[field], " (|");

	/* "- (implied x86)", "ERRNO data=1", "UNKNOWN(kernel kills)": the first word counts. */
	if (field == COMM || field == EXE)
		n = strlen(row->field[field]);
	snprintf(want_text, sizeof(want_text), "%.*s", (int)n, row->field[field]);
	if (strcasecmp(want_text, have) != 0)
		fail_msg("%s:%u: field %d is %s, not %s", row->file, row->line, field, have,
			 want_text);
}

static void check_row(const struct row *row, const struct found *have)
{
	const struct sca_record *r = &have->rec;
	const char *arch = r->have & SCA_F_ARCH ? sca_arch_name(r->arch) : "-";
	const char *action = sca_action_name(r->action);
	char text[64];

	check_field(row, ARCH, arch);
	snprintf(text, sizeof(text), "%d", r->nr);
	check_field(row, NR, text);
	snprintf(text, sizeof(text), "%d", r->sig);
	check_field(row, SIG, text);
	/* Where the manifest has no code we have none either, and say "unknown". */
	snprintf(text, sizeof(text), "0x%x", r->code);
	if (r->have & SCA_F_CODE) {
		check_field(row, CODE, text);
		check_field(row, ACTION, action);
	} else {
		assert_int_not_equal(strncmp(row->field[CODE], "0x", 2), 0);
		assert_string_equal(action, "unknown");
	}
	snprintf(text, sizeof(text), "%u", r->pid);
	check_field(row, PID, r->have & SCA_F_PID ? text : "");
	check_field(row, COMM, have->comm);
	check_field(row, EXE, have->exe);
	snprintf(text, sizeof(text), "%lld.%03lld:%u", (long long)(r->time_ms / 1000),
		 (long long)(r->time_ms % 1000), r->serial);
	if (ascii_digit(row->field[STAMP][0]))
		check_field(row, STAMP, text);
}

/* A name in the manifest must be the number's, where we know the arch. */
static void check_name(const struct row *row, const struct found *have, struct sca_names *names)
{
	const char *name = have->rec.have & SCA_F_ARCH
				   ? sca_syscall_name(names, have->rec.arch, have->rec.nr)
				   : NULL;

	if (name && strcmp(name, row->field[NAME]) != 0)
		fail_msg("%s:%u: %s, not %s", row->file, row->line, name, row->field[NAME]);
}

static void run_row(const struct row *row, struct sca_names *names)
{
	struct finds fs = {0};
	const struct found *have = NULL;
	char path[512];

	assert_int_equal(sca_decoder_new(&fs.dec, NULL), 0);
	corpus_path(path, row->file);
	find_all(path, &fs);
	for (size_t i = 0; i < fs.n; i++)
		if (fs.v[i].line == row->line)
			have = &fs.v[i];
	if (strcmp(row->field[KIND], "SECCOMP") == 0) {
		if (!have)
			fail_msg("%s:%u: no record", row->file, row->line);
		check_row(row, have);
		check_name(row, have, names);
	} else if (have) {
		fail_msg("%s:%u: a record out of nothing", row->file, row->line);
	}
	sca_decoder_free(fs.dec);
}

static void test_corpus(void **state _unused_)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct sca_names *names = NULL;
	char path[512], *rest, *line;
	size_t rows = 0;

	corpus_path(path, "MANIFEST.tsv");
	if (!read_all(path, &text)) {
		print_message("no records: %s is not there\n", path);
		skip();
	}
	assert_int_equal(sca_names_new(&names, NULL), 0);
	strtok_r(text.p, "\n", &rest); /* the head */
	while ((line = strtok_r(NULL, "\n", &rest))) {
		struct row row = {0};

		for (size_t i = 0; i < ARRAY_SIZE(row.field); i++) {
			row.field[i] = strsep(&line, "\t");
			if (!row.field[i])
				row.field[i] = (char[1]){0};
		}
		snprintf(row.file, sizeof(row.file), "%s", row.field[0]);
		row.line = (unsigned)strtoumax(row.field[1], NULL, 10);
		run_row(&row, names);
		rows++;
	}
	assert_true(rows > 50);
	print_message("%zu rows\n", rows);
	sca_names_free(names);
}

/* -- the contract of frame.h -- */

#define RECORD                                                                                    \
	"type=SECCOMP msg=audit(1795502175.137:19429): auid=0 uid=0 gid=0 ses=1 pid=5 "            \
	"comm=\"a\" exe=\"/a\" sig=0 arch=c000003e syscall=83 compat=0 ip=0x1 code=0x50000"
#define TORN "audit: type=1326 audit(1795502175.137:19429): auid=0 uid=0"

static int stop(const struct sca_frame *frame _unused_, void *arg _unused_)
{
	return -EPIPE;
}

static void test_emit_stops(void **state _unused_)
{
	struct sca_framer *f = NULL;
	struct sca_pos pos = {"test", 5, 0};

	assert_int_equal(framer_new(&f, NULL, true, NULL), 0);
	assert_int_equal(framer_line(f, SCA_STR(RECORD), &pos, stop, NULL), -EPIPE);
	assert_int_equal(framer_line(f, SCA_STR("{\"message\":\"audit: type=1326 audit(1.001:2): auid=0 "
						"sig=31 syscall=1 code=0x0\"}"), &pos, stop, NULL), -EPIPE);
	framer_free(f);
}

static void test_wants_all(void **state _unused_)
{
	struct sca_framer *f = NULL;
	struct out out = {0};
	struct sca_pos pos = {"test", 1, 0};

	assert_int_equal(framer_new(&f, NULL, true, NULL), 0);
	assert_true(framer_wants_all(f)); /* the first line may be a lone brace */
	assert_int_equal(framer_line(f, SCA_STR(""), &pos, collect, &out), 0);
	assert_true(framer_wants_all(f));
	pos.line++;
	assert_int_equal(framer_line(f, SCA_STR(RECORD), &pos, collect, &out), 0);
	assert_false(framer_wants_all(f));
	assert_int_equal(framer_line(f, SCA_STR(TORN), &pos, collect, &out), 0);
	assert_true(framer_wants_all(f));
	assert_int_equal(framer_line(f, SCA_STR(""), &pos, collect, &out), 0);
	assert_false(framer_wants_all(f));
	assert_int_equal(framer_line(f, SCA_STR("__CURSOR=x"), &pos, collect, &out), 0);
	assert_true(framer_wants_all(f));
	framer_free(f);
}

/* Line 1 again is another file: nothing of the old one reaches over. */
static void test_new_input(void **state _unused_)
{
	struct sca_framer *f = NULL;
	struct out out = {0};
	struct sca_source_stats s = {0};
	struct sca_pos pos = {"one", 1, 0}, other = {"two", 1, 0};

	assert_int_equal(framer_new(&f, NULL, true, NULL), 0);
	assert_int_equal(framer_line(f, SCA_STR(TORN), &pos, collect, &out), 0);
	assert_int_equal(framer_line(f, SCA_STR("gid=0 ses=1 pid=5 sig=0 arch=c000003e syscall=83 "
						"compat=0 ip=0x1 code=0x50000"), &other, collect, &out), 0);
	framer_stats(f, &s);
	assert_int_equal(out.n, 0);
	assert_int_equal(s.torn, 1);
	framer_free(f);
}

/*
 * A binary value of 200,000 bytes, most of them on one line that comes cut to 100, ends in
 * what would be an entry: the offsets tell where it really ends.
 */
static void test_cut_binary_field(void **state _unused_)
{
	static const char head[] = "\x40\x0d\x03\0\0\0\0\0aaaaaaaa";
	static const char forged[] = "__CURSOR=y", more[] = "_TRANSPORT=kernel";
	static const struct {
		const char *text;
		size_t n;
		uint64_t cut; /* bytes of the line that are not shown */
	} lines[] = {
		{"__CURSOR=x", 10, 0},
		{"OTHER", 5, 0},
		{head, 16, 200000 - 8 - 1 - sizeof(forged) - (sizeof(more) - 1)},
		{forged, sizeof(forged) - 1, 0},
		{more, sizeof(more) - 1, 0},
		{"_TRANSPORT=audit", 16, 0},
		{"MESSAGE=SECCOMP auid=0 sig=31 arch=c000003e syscall=1 code=0x0", 62, 0},
		{"", 0, 0},
	};
	struct sca_framer *f = NULL;
	struct out out = {0};
	struct sca_pos pos = {"test", 0, 0};
	struct sca_source_stats s = {0};

	assert_int_equal(framer_new(&f, NULL, true, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct sca_str line = {lines[i].text, lines[i].n};

		assert_int_equal(out.n, 0);
		pos.line++;
		assert_int_equal(framer_line(f, line, &pos, collect, &out), 0);
		pos.offset += line.n + lines[i].cut + 1;
	}
	framer_stats(f, &s);
	assert_int_equal(out.n, 1);
	assert_int_equal(out.frames[0].pos.line, 1);
	assert_int_equal(s.undecodable, 0);
	framer_free(f);
}

/* Nothing that is cut out of a line makes another record of it. */
static void test_cut_anywhere(void **state _unused_)
{
	static const char *const lines[] = {
		RECORD,
		"node=h " RECORD "\x1d" "AUID=\"unset\" ARCH=i386 SYSCALL=close",
		"Nov 24 06:14:07 host kernel: [ 12.345678] audit: type=1326 audit(1795502175.137:19429): "
		"auid=0 uid=0 gid=0 ses=1 subj==a (enforce) pid=5 comm=\"a\" exe=\"/a\" sig=0 "
		"arch=c000003e syscall=83 compat=0 ip=0x1 code=0x50000",
	};
	struct sca_decoder *dec = NULL;

	assert_int_equal(sca_decoder_new(&dec, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		for (size_t n = 0; n <= strlen(lines[i]); n++) {
			struct sca_framer *f = NULL;
			struct out out = {0};
			struct sca_pos pos = {"test", 2, 0};
			struct sca_record rec;

			assert_int_equal(framer_new(&f, NULL, true, NULL), 0);
			assert_int_equal(framer_line(f, (struct sca_str){lines[i], n}, &pos,
						     collect, &out), 0);
			assert_int_equal(framer_flush(f, collect, &out), 0);
			if (out.n && sca_record_decode(dec, &out.frames[0], &rec, NULL) == 0 &&
			    (rec.nr != 83 || rec.action != SCA_ACT_ERRNO || rec.pid != 5))
				fail_msg("line %zu cut at %zu is another record", i, n);
			framer_free(f);
		}
	}
	sca_decoder_free(dec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_traces),
		cmocka_unit_test(test_corpus),
		cmocka_unit_test(test_emit_stops),
		cmocka_unit_test(test_wants_all),
		cmocka_unit_test(test_new_input),
		cmocka_unit_test(test_cut_binary_field),
		cmocka_unit_test(test_cut_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
