/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ausearch -i:
 *
 *	auid=unset uid=root gid=root ses=unset subj=CTX pid=641 comm=NAME exe=PATH sig=SIGSYS
 *	arch=x86_64 syscall=mkdir compat=0 ip=0x7f.. code=kill-process
 *
 * Names stand decoded and without quotes, so they may hold blanks and whole false fields. What
 * is behind them is therefore read from the end, what is before them from the start, and
 * where comm ends is taken for known only if it can end in one place.
 */
#include "frame_int.h"

static struct sca_str first_word(struct sca_str s)
{
	const char *q;

	s = str_trim(s);
	q = s.n ? memchr(s.p, ' ', s.n) : NULL;
	if (q)
		s.n = (size_t)(q - s.p);
	return s;
}

static const char *find_last(struct sca_str s, struct sca_str key)
{
	for (size_t i = s.n; i >= key.n; i--)
		if (memcmp(s.p + i - key.n, key.p, key.n) == 0)
			return s.p + i - key.n;
	return NULL;
}

/* Takes the last "key=" and what is behind it off *s. */
static void cut_last(struct sca_str *s, struct sca_str key, struct sca_str *ret)
{
	const char *p = s->n ? find_last(*s, key) : NULL;

	if (!p)
		return;
	*ret = first_word((struct sca_str){p + key.n, (size_t)(s->p + s->n - p) - key.n});
	s->n = (size_t)(p - s->p);
}

static struct sca_str value_of(struct sca_str s, struct sca_str key)
{
	const char *p = str_find(s, key);

	if (!p)
		return (struct sca_str){NULL, 0};
	return first_word((struct sca_str){p + key.n, (size_t)(s.p + s.n - p) - key.n});
}

/* comm and exe; s ends in them. */
static void cut_names(struct sca_str *s, struct words *w)
{
	const struct sca_str comm_key = SCA_STR(" comm="), exe_key = SCA_STR(" exe=");
	const char *comm = str_find(*s, comm_key), *exe, *again;
	struct sca_str rest;

	if (!comm)
		return;
	rest = str_skip(*s, (size_t)(comm - s->p) + comm_key.n);
	s->n = (size_t)(comm - s->p);
	exe = str_find(rest, exe_key);
	if (!exe) {
		w->comm = str_trim(rest);
		return;
	}
	again = find_last(rest, exe_key);
	if (again != exe)
		return;
	w->comm = (struct sca_str){rest.p, (size_t)(exe - rest.p)};
	w->exe = str_trim(str_skip(rest, w->comm.n + exe_key.n));
	if (str_is(w->exe, "(null)"))
		w->exe = (struct sca_str){NULL, 0};
}

static struct sca_str context_of(struct sca_str s)
{
	const char *p = str_find(s, SCA_STR(" subj="));

	return p ? str_trim(str_skip(s, (size_t)(p - s.p) + 6)) : (struct sca_str){NULL, 0};
}

int frame_ausearch(struct sca_framer *f, struct sca_str text, const struct sca_frame *frame)
{
	struct words w = {.old_arm = true};
	struct sca_frame out = *frame;
	struct sca_str s = text, ppid;

	cut_last(&s, SCA_STR(" code="), &w.code);
	cut_last(&s, SCA_STR(" ip="), &w.ip);
	cut_last(&s, SCA_STR(" compat="), &w.compat);
	cut_last(&s, SCA_STR(" syscall="), &w.syscall);
	cut_last(&s, SCA_STR(" arch="), &w.arch);
	cut_last(&s, SCA_STR(" sig="), &w.sig);
	cut_names(&s, &w);
	cut_last(&s, SCA_STR(" pid="), &w.pid);
	cut_last(&s, SCA_STR(" ppid="), &ppid);
	w.subj = context_of(s);
	w.auid = str_starts(s, SCA_STR("auid=")) ? first_word(str_skip(s, 5)) : w.auid;
	w.uid = value_of(s, SCA_STR(" uid="));
	w.gid = value_of(s, SCA_STR(" gid="));
	w.ses = value_of(s, SCA_STR(" ses="));
	if (out.source != SCA_SRC_PASTE)
		out.source = SCA_SRC_AUSEARCH;
	return frame_words(f, &w, &out);
}
