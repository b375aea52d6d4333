/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's body, kernel/auditsc.c audit_log_task() and audit_seccomp():
 *
 *	auid=%u uid=%u gid=%u ses=%u[ subj=CTX][ ppid=%d] pid=%d comm=X exe=Y sig=%ld arch=%x
 *	syscall=%ld compat=%d ip=0x%lx code=0x%x
 *
 * Fields are found by name. The table keeps the kernel's order, so that the search for the
 * next name nearly always ends at its first comparison. Everything behind a byte 0x1d (or
 * what a paste made of it) is auditd's enrichment, which is wrong for SECCOMP records and is
 * not read.
 */
#include "record_int.h"

enum value {
	V_U32,
	V_ID,    /* U32 whose highest value means unset */
	V_I32,
	V_NR,    /* signed decimal */
	V_ARCH,  /* hex without 0x */
	V_HEX64, /* hex behind 0x */
	V_CODE,  /* likewise, 32 bits; whatever follows it glued on */
	V_TEXT,  /* "text", or bytes in hex */
	V_SUBJ,  /* up to " pid=" or " ppid=" */
	V_HEAD,  /* starts another record: two bodies were torn into one */
};

struct field {
	char name[8]; /* with its '=' */
	uint8_t n;
	uint8_t value;
	uint32_t bit;
	size_t offset;
};

#define FIELD(name, value, bit, member) \
	{name "=", sizeof(name), value, bit, offsetof(struct sca_record, member)}

static const struct field fields[] = {
	FIELD("auid", V_ID, SCA_F_AUID, auid),
	FIELD("uid", V_U32, SCA_F_UID, uid),
	FIELD("gid", V_U32, SCA_F_GID, gid),
	FIELD("ses", V_ID, SCA_F_SES, ses),
	FIELD("pid", V_U32, SCA_F_PID, pid),
	FIELD("comm", V_TEXT, SCA_F_COMM, comm),
	FIELD("exe", V_TEXT, SCA_F_EXE, exe),
	FIELD("sig", V_I32, SCA_F_SIG, sig),
	FIELD("arch", V_ARCH, SCA_F_ARCH, arch),
	FIELD("syscall", V_NR, SCA_F_NR, nr),
	FIELD("compat", V_U32, SCA_F_COMPAT, compat),
	FIELD("ip", V_HEX64, SCA_F_IP, ip),
	FIELD("code", V_CODE, SCA_F_CODE, code),
	FIELD("subj", V_SUBJ, SCA_F_SUBJ, subj),
	FIELD("ppid", V_U32, SCA_F_PPID, ppid),
	FIELD("type", V_HEAD, 0, have),
	FIELD("msg", V_HEAD, 0, have),
};

/* State of one body. */
struct body {
	struct sca_decoder *dec;
	const char *start, *p, *end;
	size_t next;    /* row to try first */
	bool nr_last;   /* nothing follows the number: it may be cut */
	bool code_last; /* likewise */
	uint32_t token; /* arch as it stood */
	int64_t nr;
	struct sca_record *rec;
	struct sca_err *err;
};

/* What reading a value came to. CUT: the body ends inside it. */
enum got { GOT, GOT_NOTHING, GOT_CUT, GOT_BAD, GOT_RANGE, GOT_NOMEM };

#define SEPARATOR '\x1d'

static inline uint64_t load8(const char *p, const char *end)
{
	char tail[8] = {0};
	uint64_t v;

	if (likely(end - p >= 8))
		memcpy(&v, p, 8);
	else {
		memcpy(tail, p, (size_t)(end - p));
		memcpy(&v, tail, 8);
	}
	return v;
}

static inline uint64_t first_bytes(uint64_t v, size_t n)
{
	static const unsigned char ones[16] = {255, 255, 255, 255, 255, 255, 255, 255};
	uint64_t mask;

	memcpy(&mask, ones + 8 - n, 8);
	return v & mask;
}

static inline const struct field *find_field(struct body *b)
{
	uint64_t word = load8(b->p, b->end);
	size_t k = b->next;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		uint64_t name;

		memcpy(&name, fields[k].name, 8);
		if (first_bytes(word, fields[k].n) == name) {
			b->next = k + 1 < ARRAY_SIZE(fields) ? k + 1 : 0;
			return &fields[k];
		}
		k = k + 1 < ARRAY_SIZE(fields) ? k + 1 : 0;
	}
	return NULL;
}

static inline bool at_stop(const struct body *b)
{
	return b->p == b->end || *b->p == ' ' || *b->p == SEPARATOR;
}

static inline enum got read_decimal(struct body *b, uint64_t max, uint64_t *ret)
{
	const char *p = b->p;
	uint64_t v = 0;

	for (; p < b->end && ascii_digit(*p); p++) {
		v = v * 10 + (unsigned)(*p - '0');
		if (unlikely(v > max))
			return GOT_RANGE;
	}
	if (unlikely(p == b->p))
		return p == b->end ? GOT_CUT : GOT_BAD;
	b->p = p;
	*ret = v;
	return likely(at_stop(b)) ? GOT : GOT_BAD;
}

static inline int lower_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The kernel prints lower case: an upper-case digit is the start of a glued-on "AUID=". */
static inline enum got read_hex(struct body *b, unsigned digits, uint64_t *ret)
{
	const char *p = b->p;
	uint64_t v = 0;
	int d;

	for (; p < b->end && (d = lower_hex(*p)) >= 0; p++) {
		if (unlikely(digits-- == 0))
			return GOT_RANGE;
		v = v << 4 | (unsigned)d;
	}
	if (unlikely(p == b->p))
		return p == b->end ? GOT_CUT : GOT_BAD;
	b->p = p;
	*ret = v;
	return GOT;
}

static inline enum got read_0x(struct body *b, unsigned digits, uint64_t *ret)
{
	if (unlikely(b->end - b->p < 2))
		return GOT_CUT;
	if (unlikely(b->p[0] != '0' || b->p[1] != 'x'))
		return GOT_BAD;
	b->p += 2;
	return read_hex(b, digits, ret);
}

/* What the kernel writes when it has no string to show. */
static bool is_placeholder(struct sca_str s)
{
	return str_is(s, "(null)") || str_is(s, "<too_long>") || str_is(s, "<no_memory>");
}

/*
 * include/linux/audit.h, audit_log_untrustedstring(): quoted when every byte is printable
 * and none is a blank or a quote, else hex. So a quoted value is literal, whatever it is.
 */
static enum got read_text(struct body *b, struct sca_str *ret)
{
	const char *q;
	struct sca_str s;
	int r;

	if (b->p == b->end)
		return GOT_CUT;
	if (likely(*b->p == '"')) {
		q = memchr(b->p + 1, '"', (size_t)(b->end - b->p - 1));
		if (!q)
			return GOT_CUT;
		s = (struct sca_str){b->p + 1, (size_t)(q - b->p - 1)};
		b->p = q + 1;
		if (!at_stop(b))
			return GOT_BAD;
		if (s.n && *s.p == '<' && is_placeholder(s))
			return GOT_NOTHING;
		*ret = s;
		return GOT;
	}
	for (q = b->p; q < b->end && *q != ' ' && *q != SEPARATOR; q++)
		;
	s = (struct sca_str){b->p, (size_t)(q - b->p)};
	if (is_placeholder(s)) {
		b->p = q;
		return GOT_NOTHING;
	}
	r = decoder_hex(b->dec, s, (size_t)(b->end - b->start), ret);
	if (r == -ENOMEM)
		return GOT_NOMEM;
	if (r < 0 || s.n == 0)
		return q == b->end && s.n % 2 ? GOT_CUT : GOT_BAD;
	b->p = q;
	return GOT;
}

/* A security context may hold blanks, "docker-default (enforce)", and older AppArmor doubles
 * the '='. */
static enum got read_subj(struct body *b, struct sca_str *ret)
{
	static const struct sca_str stops[] = {SCA_STR(" pid="), SCA_STR(" ppid=")};
	struct sca_str rest = {b->p, (size_t)(b->end - b->p)};
	const char *q = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(stops); i++) {
		const char *s = str_find(rest, stops[i]);

		if (s && (!q || s < q))
			q = s;
	}
	if (!q) {
		q = memchr(rest.p, ' ', rest.n);
		if (!q)
			return GOT_CUT;
	}
	*ret = (struct sca_str){b->p, (size_t)(q - b->p)};
	if (ret->n && *ret->p == '=')
		*ret = str_skip(*ret, 1);
	b->p = q;
	return ret->n ? GOT : GOT_NOTHING;
}

static enum got read_code(struct body *b, uint32_t *ret)
{
	uint64_t v = 0;
	enum got g = read_0x(b, 8, &v);

	if (g != GOT)
		return g;
	if (b->p < b->end && *b->p >= 'g' && *b->p <= 'z')
		return GOT_BAD;
	*ret = (uint32_t)v;
	b->code_last = b->p == b->end;
	if (!at_stop(b))
		b->p = b->end;
	return GOT;
}

static enum got read_nr(struct body *b)
{
	bool neg = b->p < b->end && *b->p == '-';
	uint64_t v = 0;
	enum got g;

	b->p += neg;
	g = read_decimal(b, INT32_MAX, &v);
	b->nr = neg ? -(int64_t)v : (int64_t)v;
	b->nr_last = b->p == b->end;
	return g;
}

static inline enum got read_value(struct body *b, const struct field *f, void *to)
{
	uint64_t v = 0;
	enum got g;

	switch (f->value) {
	case V_U32:
	case V_ID:
		g = read_decimal(b, UINT32_MAX, &v);
		*(uint32_t *)to = (uint32_t)v;
		return g == GOT && f->value == V_ID && v == UINT32_MAX ? GOT_NOTHING : g;
	case V_I32:
		g = read_decimal(b, INT32_MAX, &v);
		*(int32_t *)to = (int32_t)v;
		return g;
	case V_NR:
		return read_nr(b);
	case V_ARCH:
		g = read_hex(b, 8, &v);
		b->token = (uint32_t)v;
		return g == GOT && !at_stop(b) ? GOT_BAD : g;
	case V_HEX64:
		g = read_0x(b, 16, to);
		return g == GOT && !at_stop(b) ? GOT_BAD : g;
	case V_CODE:
		return read_code(b, to);
	case V_TEXT:
		return read_text(b, to);
	case V_SUBJ:
		return read_subj(b, to);
	}
	return GOT_BAD;
}

/* Steps over the token at p: a blank ends it, except between quotes. */
static void skip_token(struct body *b)
{
	bool quoted = false;

	for (; b->p < b->end && (quoted || !at_stop(b)); b->p++)
		if (*b->p == '"')
			quoted = !quoted;
}

bool record_field_starts(struct sca_str text)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (fields[i].value != V_HEAD &&
		    str_starts(text, (struct sca_str){fields[i].name, fields[i].n}))
			return true;
	return str_starts(text, SCA_STR("reason="));
}

/* Whether the token at `at` holds the dots of a quotation that was cut short by hand. */
static bool is_elided(const struct body *b, const char *at)
{
	struct sca_str s = {at, (size_t)(b->end - at)};
	const char *q = s.n ? memchr(s.p, ' ', s.n) : NULL;

	if (q)
		s.n = (size_t)(q - s.p);
	return str_find(s, SCA_STR("...")) || str_find(s, SCA_STR("\xe2\x80\xa6"));
}

static bool has_elision(const struct body *b)
{
	struct sca_str s = {b->start, (size_t)(b->end - b->start)};

	return str_find(s, SCA_STR("...")) || str_find(s, SCA_STR("\xe2\x80\xa6"));
}

static int odd_value(struct body *b, const struct field *f, const char *at, enum got got)
{
	int name = f->n - 1;

	switch (got) {
	case GOT:
	case GOT_NOTHING:
		return 0;
	case GOT_CUT:
		b->p = b->end;
		return 0;
	case GOT_NOMEM:
		return sca_fail(b->err, -ENOMEM, "no memory for the value of %.*s", name, f->name);
	case GOT_BAD:
	case GOT_RANGE:
		break;
	}
	if (is_elided(b, at)) {
		b->p = at;
		skip_token(b);
		return 0;
	}
	if (f->value == V_HEAD)
		return sca_fail(b->err, SCA_E_SYNTAX, "another record starts inside this one");
	if (got == GOT_RANGE)
		return sca_fail(b->err, SCA_E_RANGE, "value of %.*s does not fit", name, f->name);
	return sca_fail(b->err, SCA_E_SYNTAX, "value of %.*s is not as the kernel writes it", name,
			f->name);
}

static int read_fields(struct body *b)
{
	uint32_t met = 0;

	while (b->p < b->end) {
		const struct field *f;
		const char *at;
		enum got g;
		int r;

		if (*b->p == ' ') {
			b->p++;
			continue;
		}
		if (*b->p == SEPARATOR)
			break;
		f = find_field(b);
		if (!f) {
			skip_token(b);
			continue;
		}
		if (unlikely(met & 1u << (f - fields))) {
			b->dec->stats.duplicate_field++;
			skip_token(b);
			continue;
		}
		met |= 1u << (f - fields);
		b->p += f->n;
		at = b->p;
		g = read_value(b, f, (char *)b->rec + f->offset);
		if (likely(g == GOT)) {
			b->rec->have |= f->bit;
			continue;
		}
		r = odd_value(b, f, at, g);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Whether the code is a known action's with its last digits missing: 0x5000, 0x7ffc00. */
static bool is_cut_code(uint32_t code)
{
	for (enum sca_action a = 0; a < SCA_ACT_ALLOW; a++)
		for (uint32_t c = sca_action_code(a) >> 4; c; c >>= 4)
			if (c == code)
				return true;
	return false;
}

/*
 * The signal tells a kill from everything else (it is 0 for all that is not one), so a record
 * whose code is missing or cut still proves a denial when it has one.
 */
static int judge(struct body *b)
{
	struct sca_record *rec = b->rec;
	bool killed = (rec->have & SCA_F_SIG) && rec->sig != 0;

	if (!(rec->have & SCA_F_NR))
		return sca_fail(b->err, SCA_E_INCOMPLETE, "record has no syscall");
	if ((rec->have & SCA_F_CODE) && b->code_last && is_cut_code(rec->code)) {
		rec->have &= ~(uint32_t)SCA_F_CODE;
		rec->code = 0;
	}
	if (!(rec->have & SCA_F_CODE)) {
		if (!killed)
			return sca_fail(b->err, SCA_E_INCOMPLETE,
					"record has neither a code nor the signal of a kill");
		if (b->nr_last && !has_elision(b))
			return sca_fail(b->err, SCA_E_INCOMPLETE,
					"record ends in its syscall number, which may be cut");
		rec->action = SCA_ACT_UNKNOWN;
	} else {
		rec->action = sca_action_from_code(rec->code, rec->sig);
		if (rec->action == SCA_ACT_ALLOW)
			return sca_fail(b->err, SCA_E_SYNTAX,
					"code 0x%x means allowed, which is never recorded",
					rec->code);
	}
	rec->denied = sca_action_denies(rec->action);
	return 0;
}

int record_decode_body(struct sca_decoder *dec, struct sca_str body, struct sca_record *rec,
		       struct sca_err *err)
{
	struct body b = {
		.dec = dec,
		.start = body.p,
		.p = body.p,
		.end = body.n ? body.p + body.n : body.p,
		.rec = rec,
		.err = err,
	};
	int r = read_fields(&b);

	if (r < 0)
		return r;
	r = judge(&b);
	if (r < 0)
		return r;
	if (rec->have & SCA_F_ARCH)
		sca_arch_from_record(b.token, b.nr, &rec->arch, &rec->nr);
	else
		rec->nr = (int32_t)b.nr;
	return 0;
}
