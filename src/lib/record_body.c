/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's body, kernel/auditsc.c audit_log_task() and audit_seccomp():
 *
 *	auid=%u uid=%u gid=%u ses=%u[ subj=CTX][ ppid=%d] pid=%d comm=X exe=Y sig=%ld arch=%x
 *	syscall=%ld compat=%d ip=0x%lx code=0x%x
 *
 * Fields are found by name. The kernel's order is tried first, row by row of the table; where
 * a body leaves it, the fields that are left are searched for. Everything behind a byte 0x1d
 * (or what a paste made of it) is auditd's enrichment, which is wrong for SECCOMP records and
 * is not read.
 */
#include "record_value.h"

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
	uint64_t mask; /* of the name's bytes, the first one lowest */
	uint32_t bit;
	uint16_t offset;
	uint8_t n;
	uint8_t value;
};

/* In the kernel's order. */
#define KERNEL_FIELDS(ROW)                              \
	ROW("auid", V_ID, SCA_F_AUID, auid)             \
	ROW("uid", V_U32, SCA_F_UID, uid)               \
	ROW("gid", V_U32, SCA_F_GID, gid)               \
	ROW("ses", V_ID, SCA_F_SES, ses)                \
	ROW("ppid", V_U32, SCA_F_PPID, ppid)            \
	ROW("subj", V_SUBJ, SCA_F_SUBJ, subj)           \
	ROW("pid", V_U32, SCA_F_PID, pid)               \
	ROW("comm", V_TEXT, SCA_F_COMM, comm)           \
	ROW("exe", V_TEXT, SCA_F_EXE, exe)              \
	ROW("sig", V_I32, SCA_F_SIG, sig)               \
	ROW("arch", V_ARCH, SCA_F_ARCH, arch)           \
	ROW("syscall", V_NR, SCA_F_NR, nr)              \
	ROW("compat", V_U32, SCA_F_COMPAT, compat)      \
	ROW("ip", V_HEX64, SCA_F_IP, ip)                \
	ROW("code", V_CODE, SCA_F_CODE, code)

#define FIELD(name, value, bit, member)                                                 \
	{name "=", UINT64_MAX >> (64 - 8 * sizeof(name)), bit,                          \
	 offsetof(struct sca_record, member), sizeof(name), value},
#define FIELD_AT(name, value, bit, member) AT_##member,

enum { KERNEL_FIELDS(FIELD_AT) };

static const struct field fields[] = {
	KERNEL_FIELDS(FIELD)
	FIELD("type", V_HEAD, 0, have)
	FIELD("msg", V_HEAD, 0, have)
};

/* State of one body. */
struct body {
	struct sca_decoder *dec;
	struct sca_str text;
	uint32_t met;   /* rows of the table */
	bool nr_last;   /* nothing follows the number: it may be cut */
	bool code_last; /* likewise */
	uint32_t token; /* arch as it stood */
	int64_t nr;
	struct sca_record *rec;
	struct sca_err *err;
};

INLINE bool has_name(uint64_t word, const struct field *f)
{
	return (word & f->mask) == digits_load(f->name);
}

static const struct field *find_field(struct cursor c)
{
	uint64_t word = next_bytes(&c);

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (has_name(word, &fields[i]))
			return &fields[i];
	return NULL;
}

/* What the kernel writes when it has no string to show. */
static bool is_placeholder(struct sca_str s)
{
	return str_is(s, "(null)") || str_is(s, "<too_long>") || str_is(s, "<no_memory>");
}

static enum got hex_text(struct body *b, struct sca_str s, bool last, struct sca_str *ret)
{
	int r;

	if (is_placeholder(s))
		return GOT_NOTHING;
	r = decoder_hex(b->dec, s, b->text.n, ret);
	if (r == -ENOMEM)
		return GOT_NOMEM;
	if (r < 0 || s.n == 0)
		return last && s.n % 2 ? GOT_CUT : GOT_BAD;
	return GOT;
}

/*
 * include/linux/audit.h, audit_log_untrustedstring(): quoted when every byte is printable
 * and none is a blank or a quote, else hex. So a quoted value is literal, whatever it is.
 */
INLINE enum got read_text(struct body *b, struct cursor *c, struct sca_str *ret)
{
	const char *start = c->p, *q;
	struct sca_str s;

	if (c->p == c->end)
		return GOT_CUT;
	if (likely(*start == '"')) {
		start++;
		q = memchr(start, '"', (size_t)(c->end - start));
		if (unlikely(!q))
			return GOT_CUT;
		c->p = q + 1;
		s = (struct sca_str){start, (size_t)(q - start)};
		if (s.n && *s.p == '<' && is_placeholder(s))
			return GOT_NOTHING;
		*ret = s;
		return stopped(c);
	}
	while (!at_stop(c))
		c->p++;
	s = (struct sca_str){start, (size_t)(c->p - start)};
	return hex_text(b, s, c->p == c->end, ret);
}

/* What is glued on behind the code is no part of the record, nor is what follows. */
INLINE enum got read_code(struct body *b, struct cursor *c, uint64_t *ret)
{
	enum got g = read_0x(c, 8, ret);

	if (unlikely(g != GOT))
		return g;
	if (unlikely(c->p < c->end && *c->p >= 'g' && *c->p <= 'z'))
		return GOT_BAD;
	b->code_last = c->p == c->end;
	if (unlikely(!at_stop(c)))
		c->p = c->end;
	return GOT;
}

INLINE enum got read_nr(struct body *b, struct cursor *c)
{
	bool neg = c->p < c->end && *c->p == '-';
	uint64_t v = 0;
	enum got g;

	c->p += neg;
	g = read_decimal(c, INT32_MAX, &v);
	b->nr = neg ? -(int64_t)v : (int64_t)v;
	b->nr_last = c->p == c->end;
	return g;
}

INLINE enum got read_value(struct body *b, struct cursor *c, const struct field *f)
{
	void *to = (char *)b->rec + f->offset;
	uint64_t v = 0;
	enum got g = GOT_BAD;

	switch (f->value) {
	case V_U32:
		g = read_decimal(c, UINT32_MAX, &v);
		break;
	case V_ID:
		g = read_id(c, &v);
		break;
	case V_I32:
		g = read_decimal(c, INT32_MAX, &v);
		break;
	case V_CODE:
		g = read_code(b, c, &v);
		break;
	case V_NR:
		return read_nr(b, c);
	case V_ARCH:
		g = read_hex(c, 8, &v);
		b->token = (uint32_t)v;
		return g == GOT ? stopped(c) : g;
	case V_HEX64:
		g = read_0x(c, 16, to);
		return g == GOT ? stopped(c) : g;
	case V_TEXT:
		return read_text(b, c, to);
	case V_SUBJ:
		return read_subj(c, to);
	}
	if (likely(g == GOT))
		*(uint32_t *)to = (uint32_t)v;
	return g;
}

/* The end of the token at p: a blank, except between quotes. */
static const char *token_end(const char *p, const char *end)
{
	bool quoted = false;

	for (; p < end && (quoted || (*p != ' ' && *p != SEPARATOR)); p++)
		if (*p == '"')
			quoted = !quoted;
	return p;
}

bool record_field_starts(struct sca_str text)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (fields[i].value != V_HEAD &&
		    str_starts(text, (struct sca_str){fields[i].name, fields[i].n}))
			return true;
	return str_starts(text, SCA_STR("reason="));
}

/* Dots where somebody cut a quotation short by hand. */
static bool has_elision(struct sca_str s)
{
	return str_find(s, SCA_STR("...")) || str_find(s, SCA_STR("\xe2\x80\xa6"));
}

/* A value that is not there, or not as it should be. *p is where it starts; where to go on
 * is left there. */
static int odd_value(const struct body *b, const struct field *f, enum got got, const char **p)
{
	const char *end = b->text.p + b->text.n, *stop = token_end(*p, end);
	int name = f->n - 1;

	if (got == GOT_CUT) {
		*p = end;
		return 0;
	}
	if (got == GOT_NOMEM)
		return sca_fail(b->err, -ENOMEM, "no memory for the value of %.*s", name, f->name);
	if (has_elision((struct sca_str){*p, (size_t)(stop - *p)})) {
		*p = stop;
		return 0;
	}
	if (f->value == V_HEAD)
		return sca_fail(b->err, SCA_E_SYNTAX, "another record starts inside this one");
	if (got == GOT_RANGE)
		return sca_fail(b->err, SCA_E_RANGE, "value of %.*s does not fit", name, f->name);
	return sca_fail(b->err, SCA_E_SYNTAX, "value of %.*s is not as the kernel writes it", name,
			f->name);
}

/*
 * Reads a field of the kernel's order if it is next. False: its value is odd, and was left where
 * it stands.
 */
INLINE bool read_usual(struct body *b, struct cursor *c, size_t row)
{
	const struct field *f = &fields[row];
	struct cursor at = {c->p + (row > 0), c->end};
	enum got g;

	if (unlikely(c->p == c->end) || (row > 0 && unlikely(*c->p != ' ')) ||
	    !has_name(next_bytes(&at), f))
		return true;
	at.p += f->n;
	g = read_value(b, &at, f);
	if (likely(g == GOT))
		b->rec->have |= f->bit;
	else if (g != GOT_NOTHING)
		return false;
	b->met |= 1u << row;
	c->p = at.p;
	return true;
}

/* The fields that come in the kernel's order, some of them left out. Each row becomes code of
 * its own, without a search and without a choice of how to read it. */
static void read_in_order(struct body *b, struct cursor *start)
{
	struct cursor c = *start;
	bool usual = true;

#define READ_ROW(name, value, bit, member) usual = usual && read_usual(b, &c, AT_##member);
	KERNEL_FIELDS(READ_ROW)
#undef READ_ROW
	*start = c;
}

/* The fields from c on, in any order. */
static int read_others(struct body *b, struct cursor c)
{
	while (c.p < c.end && *c.p != SEPARATOR) {
		const struct field *f;
		uint32_t this;
		const char *at;
		enum got g;
		int r;

		if (*c.p == ' ') {
			c.p++;
			continue;
		}
		f = find_field(c);
		if (!f) {
			c.p = token_end(c.p, c.end);
			continue;
		}
		this = 1u << (f - fields);
		if (b->met & this) {
			b->dec->stats.duplicate_field++;
			c.p = token_end(c.p, c.end);
			continue;
		}
		b->met |= this;
		c.p += f->n;
		at = c.p;
		g = read_value(b, &c, f);
		if (g == GOT) {
			b->rec->have |= f->bit;
		} else if (g != GOT_NOTHING) {
			r = odd_value(b, f, g, &at);
			if (r < 0)
				return r;
			c.p = at;
		}
	}
	return 0;
}

static int read_fields(struct body *b)
{
	struct cursor c = {b->text.p, b->text.p + b->text.n};

	read_in_order(b, &c);
	return read_others(b, c);
}

/* Whether the code is a known action's with its last digits missing: 0x5000, 0x7ffc00. */
static bool is_cut_code(uint32_t code)
{
	if (!(code & 0xffff) && sca_action_from_code(code, 0) != SCA_ACT_UNKNOWN)
		return false;
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
		if (b->nr_last && !has_elision(b->text))
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
	struct body b = {.dec = dec, .text = body, .rec = rec, .err = err};
	int r = body.n ? read_fields(&b) : 0;

	if (r == 0)
		r = judge(&b);
	if (r < 0)
		return r;
	if (rec->have & SCA_F_ARCH)
		sca_arch_from_record(b.token, b.nr, &rec->arch, &rec->nr);
	else
		rec->nr = (int32_t)b.nr;
	return 0;
}
