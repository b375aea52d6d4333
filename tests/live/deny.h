/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real denials in turn, for tests of live sources, and whether each was seen: once, with its fields.
 * Others may cause denials meanwhile, so ours have a name of their own. To be included behind
 * cmocka.h.
 */
#ifndef TESTS_DENY_H
#define TESTS_DENY_H

#include "../denials.h"

#include <signal.h>

#include <scaudit/record.h>
#include <scaudit/source.h>

#define DENIALS_MAX 256

/* What is denied in turn, and how. */
static const struct denial_kind {
	int nr;
	uint32_t verdict;
	enum sca_action action;
} denial_kinds[] = {
	{SYS_getpriority, SECCOMP_RET_LOG, SCA_ACT_LOG},
	{SYS_getpgid, SECCOMP_RET_ERRNO | EPERM, SCA_ACT_ERRNO},
	{SYS_getsid, SECCOMP_RET_KILL_PROCESS, SCA_ACT_KILL_PROCESS},
};

struct denials {
	char comm[16];
	size_t n;
	pid_t pids[DENIALS_MAX];
	unsigned seen[DENIALS_MAX];
	uint32_t serials[DENIALS_MAX];
	size_t losses; /* LOSS frames, of whatever reason */
	size_t forgeable;
	enum sca_loss loss;
};

static inline void denials_init(struct denials *d)
{
	static unsigned n;

	*d = (struct denials){0};
	snprintf(d->comm, sizeof(d->comm), "sca%d.%u", (int)getpid(), n++ % 1000);
}

/* Processes that are each denied one call, and end. */
static inline void deny(struct denials *d, size_t n)
{
	for (; n--; d->n++) {
		const struct denial_kind *k = &denial_kinds[d->n % ARRAY_SIZE(denial_kinds)];
		pid_t pid;
		int status;

		assert_true(d->n < DENIALS_MAX);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			denials_make(d->comm, k->verdict, &(struct denial){.nr = k->nr}, 1, 1);
		d->pids[d->n] = pid;
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(WIFSIGNALED(status) ? WTERMSIG(status) : 0,
				 k->action == SCA_ACT_KILL_PROCESS ? SIGSYS : 0);
	}
}

static inline void denials_take(struct denials *d, struct sca_decoder *dec,
				const struct sca_frame *f)
{
	struct sca_record rec;

	if (f->kind == SCA_FRAME_LOSS) {
		d->losses++;
		d->loss = f->loss;
		return;
	}
	if (sca_record_decode(dec, f, &rec, NULL) < 0 || !str_eq(rec.comm, sca_str_z(d->comm)))
		return;
	for (size_t i = 0; i < d->n; i++) {
		const struct denial_kind *k = &denial_kinds[i % ARRAY_SIZE(denial_kinds)];

		if (rec.pid != (uint32_t)d->pids[i])
			continue;
		d->seen[i]++;
		d->serials[i] = rec.serial;
		d->forgeable += rec.trust != SCA_TRUST_KERNEL;
		if (rec.nr != k->nr || rec.action != k->action || rec.uid != getuid() ||
		    !(rec.have & SCA_F_SERIAL) || !(rec.have & SCA_F_TIME) ||
		    llabs(rec.time_ms - (int64_t)time(NULL) * 1000) > 60000)
			fail_msg("pid %u: nr %d, action %d, want %d, %d; have %#x, at %lld", rec.pid,
				 rec.nr, rec.action, k->nr, k->action, rec.have,
				 (long long)rec.time_ms);
		return;
	}
	fail_msg("a record of pid %u, which was not denied anything", rec.pid);
}

static inline bool denials_all_seen(const struct denials *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (!d->seen[i])
			return false;
	return true;
}

/* A caller's loop: until all were seen and nothing comes for a moment, or for twenty seconds. */
static inline void denials_wait(struct denials *d, struct sca_source *src)
{
	struct sca_decoder *dec;
	struct sca_err err = SCA_ERR_INIT;
	struct sca_frame f;
	unsigned still = 0;

	assert_int_equal(sca_decoder_new(&dec, NULL), 0);
	for (unsigned i = 0; i < 200 && still < 5; i++) {
		struct pollfd p = {.events = POLLIN};
		int wait, r;

		while ((r = sca_source_next(src, &f, &err)) == SCA_NEXT_FRAME) {
			denials_take(d, dec, &f);
			still = 0;
		}
		if (r < 0)
			fail_msg("%s: %s", sca_source_name(src), err.text);
		if (r == SCA_NEXT_END)
			break;
		still = denials_all_seen(d) ? still + 1 : 0;
		p.fd = sca_source_fd(src, &wait);
		poll(&p, p.fd >= 0, wait >= 0 && wait < 100 ? wait : 100);
	}
	sca_decoder_free(dec);
}

static inline void denials_check(const char *what, const struct denials *d)
{
	size_t missing = 0, twice = 0;

	for (size_t i = 0; i < d->n; i++) {
		missing += d->seen[i] == 0;
		twice += d->seen[i] > 1;
	}
	print_message("%s: %zu denials, %zu not seen, %zu more than once, %zu forgeable, %zu losses\n",
		      what, d->n, missing, twice, d->forgeable, d->losses);
	if (missing || twice || d->forgeable)
		fail_msg("%s: not each exactly once, from the kernel", what);
}

#endif
