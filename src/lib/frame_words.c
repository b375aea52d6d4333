/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the words that tools print back to the kernel's body. Arch and syscall must have a
 * number or there is no record; any other word that has none is left out, as are the names
 * of users and groups, which mean something on one host only.
 */
#include "frame_int.h"

#include <signal.h>

static const struct {
	struct sca_str name;
	uint32_t code;
} codes[] = {
	{{"kill-process", 12}, 0x80000000}, {{"kill-thread", 11}, 0x00000000},
	{{"trap", 4}, 0x00030000},          {{"errno", 5}, 0x00050000},
	{{"user-notify", 11}, 0x7fc00000},  {{"trace", 5}, 0x7ff00000},
	{{"log", 3}, 0x7ffc0000},
};

/* The number in "unknown-syscall(-1)", "unknown(1000660000)"; the word itself without. */
static struct sca_str inside_brackets(struct sca_str s, struct sca_str name)
{
	if (s.n < name.n + 2 || !str_starts(s, name) || s.p[name.n] != '(' || s.p[s.n - 1] != ')')
		return s;
	return (struct sca_str){s.p + name.n + 1, s.n - name.n - 2};
}

static void add_number(struct buf *b, const char *key, struct sca_str s)
{
	uint64_t v;

	if (str_u64(s, &v) == 0)
		buf_addf(b, "%s=%llu ", key, (unsigned long long)v);
}

static void add_id(struct buf *b, const char *key, struct sca_str s)
{
	if (str_is(s, "unset") || str_is(s, "-1"))
		s = SCA_STR("4294967295");
	add_number(b, key, inside_brackets(s, SCA_STR("unknown")));
}

/* As the kernel's audit_log_untrustedstring(). */
static void add_text(struct buf *b, const char *key, struct sca_str s)
{
	bool plain = true;

	if (!s.p)
		return;
	for (size_t i = 0; i < s.n; i++)
		plain = plain && s.p[i] > 0x20 && s.p[i] < 0x7f && s.p[i] != '"';
	buf_addf(b, "%s=", key);
	if (plain) {
		buf_add_c(b, '"');
		buf_add_str(b, s);
		buf_add_c(b, '"');
	} else {
		for (size_t i = 0; i < s.n; i++)
			buf_addf(b, "%02X", (unsigned char)s.p[i]);
	}
	buf_add_c(b, ' ');
}

/* The value ends at " pid=": one that holds it would be the start of made-up fields. */
static void add_context(struct buf *b, struct sca_str s)
{
	if (s.n == 0 || str_find(s, SCA_STR(" pid=")) || str_find(s, SCA_STR(" ppid=")))
		return;
	buf_add_z(b, "subj=");
	buf_add_str(b, s);
	buf_add_c(b, ' ');
}

static bool read_signal(struct sca_str s, uint64_t *ret)
{
	if (str_u64(s, ret) == 0)
		return true;
	if (!str_starts(s, SCA_STR("SIG")))
		return false;
	s = str_skip(s, 3);
	if (str_u64(s, ret) == 0)
		return true;
	for (int sig = 1; sig < NSIG; sig++) {
		const char *name = sigabbrev_np(sig);

		if (name && str_eq(s, sca_str_z(name))) {
			*ret = (uint64_t)sig;
			return true;
		}
	}
	return false;
}

/* Audit-userspace before 3.1.2 says "kill" for kill-process and kill-thread alike; only
 * strict mode's SIGKILL tells what it is. */
static bool read_code(struct sca_str s, uint64_t sig, uint64_t *ret)
{
	s = inside_brackets(s, SCA_STR("unknown-seccomp-code"));
	if (str_starts(s, SCA_STR("0x")))
		return str_hex64(str_skip(s, 2), ret) == 0 && *ret <= UINT32_MAX;
	if (str_is(s, "kill") && sig == 9) {
		*ret = 0;
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		if (str_eq(s, codes[i].name)) {
			*ret = codes[i].code;
			return true;
		}
	}
	return false;
}

/* A number is the record's own. A name has one on the architecture that stands beside it. */
static int read_call(struct sca_framer *f, const struct words *w, uint32_t *ret_token,
		     int64_t *ret_nr)
{
	struct sca_str text = inside_brackets(w->syscall, SCA_STR("unknown-syscall"));
	struct sca_names *names;
	uint32_t arch = 0;
	int32_t nr;
	int r;

	if (w->old_arm && str_is(w->arch, "armeb"))
		arch = SCA_ARCH_ARM;
	else if (w->arch.n && sca_arch_parse(w->arch, &arch) < 0)
		return SCA_E_UNKNOWN;
	sca_arch_to_record(arch, 0, ret_token, &nr);
	if (str_i64(text, ret_nr) == 0)
		return 0;
	if (!w->arch.n)
		return SCA_E_UNKNOWN;
	r = frame_names(f, &names);
	if (r < 0)
		return r;
	if (sca_syscall_number(names, arch, text, &nr) < 0)
		return SCA_E_UNKNOWN;
	sca_arch_to_record(arch, nr, ret_token, &nr);
	*ret_nr = nr;
	return 0;
}

static void add_call(struct buf *b, const struct words *w, uint32_t token, int64_t nr)
{
	uint64_t v, sig = 0;

	if (read_signal(w->sig, &sig))
		buf_addf(b, "sig=%llu ", (unsigned long long)sig);
	if (w->arch.n)
		buf_addf(b, "arch=%x ", token);
	buf_addf(b, "syscall=%lld ", (long long)nr);
	add_number(b, "compat", w->compat);
	if (str_starts(w->ip, SCA_STR("0x")) && str_hex64(str_skip(w->ip, 2), &v) == 0)
		buf_addf(b, "ip=0x%llx ", (unsigned long long)v);
	if (read_code(w->code, sig, &v))
		buf_addf(b, "code=0x%llx ", (unsigned long long)v);
}

int frame_words(struct sca_framer *f, const struct words *w, const struct sca_frame *frame)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct sca_frame out = *frame;
	uint32_t token = 0;
	int64_t nr = 0;
	int r = read_call(f, w, &token, &nr);

	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		f->stats.undecodable++;
		return 0;
	}
	add_id(&b, "auid", w->auid);
	add_id(&b, "uid", w->uid);
	add_id(&b, "gid", w->gid);
	add_id(&b, "ses", w->ses);
	add_context(&b, w->subj);
	add_number(&b, "pid", w->pid);
	add_text(&b, "comm", w->comm);
	add_text(&b, "exe", w->exe);
	add_call(&b, w, token, nr);
	if (b.failed)
		return -ENOMEM;
	r = frame_keep(f, buf_str(&b), &out.body); /* ends in a blank: nothing was cut */
	return r < 0 ? r : frame_send(f, &out);
}
