/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Denials at the kernel's full rate through the netlink source, each decoded.
 *
 *	netlink [COUNT [PROCESSES [whose [LEVEL...]]]]
 *
 * whose: each record is also attributed, without those levels of a tracker (bpf, lineage).
 *
 * Prints: sent, seen, dropped by the socket, lost by the kernel, seconds, seconds of CPU, peak
 * memory in KiB at a tenth and at the end. Exits with 1 when some are missing uncounted, with 77
 * and a reason when it is not possible here.
 */
#include "denials.h"

#include <scaudit/scaudit.h>

#include <inttypes.h>
#include <sys/resource.h>

#define PROCESSES_MAX 64u
#define QUIET_MS      500

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long peak_kib(void)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	return ru.ru_maxrss;
}

static unsigned long number(const char *text, unsigned long otherwise)
{
	char *end;
	unsigned long n = text ? strtoumax(text, &end, 10) : 0;

	return n ? n : otherwise;
}

struct run {
	struct sca_source *src;
	struct sca_decoder *dec;
	struct sca_containers *cs;
	struct sca_tracker *tracker; /* NULL: nobody asks whose they are */
	const char *name; /* of the children */
	uint64_t sent, seen, dropped;
	unsigned running; /* children */
	double last;      /* when the last of ours came */
	long kib_tenth;
};

static void take(struct run *run, const struct sca_frame *f)
{
	struct sca_container_ref whose;
	struct sca_record rec;

	if (f->kind == SCA_FRAME_LOSS) {
		run->dropped += f->loss == SCA_LOSS_NETLINK ? f->lost : 0;
		return;
	}
	if (sca_record_decode(run->dec, f, &rec, NULL) < 0 ||
	    !str_eq(rec.comm, sca_str_z(run->name)))
		return;
	if (run->tracker)
		sca_tracker_find(run->tracker, &rec, &whose, NULL);
	if (++run->seen == run->sent / 10)
		run->kib_tenth = peak_kib();
}

/* Until all children have ended and nothing came for a while. */
static int consume(struct run *run, struct sca_err *err)
{
	struct sca_frame f;
	int r, wait, status;

	for (;;) {
		struct pollfd p = {.fd = sca_source_fd(run->src, &wait), .events = POLLIN};
		bool came = false;

		while ((r = sca_source_next(run->src, &f, err)) == SCA_NEXT_FRAME) {
			take(run, &f);
			came = true;
		}
		if (r != SCA_NEXT_IDLE)
			return r;
		if (came)
			run->last = seconds(CLOCK_MONOTONIC);
		while (run->running && waitpid(-1, &status, WNOHANG) > 0) {
			run->running--;
			if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
				return sca_fail(err, SCA_E_UNSUPPORTED, "no filter that logs");
		}
		r = poll(&p, 1, QUIET_MS);
		if (r == 0 && run->running == 0)
			return 0;
		if (r == 0)
			denials_nudge();
	}
}

static int start(struct run *run, unsigned processes)
{
	const struct denial d = {SYS_getppid, false};
	unsigned long each = run->sent / processes;

	run->sent = each * processes;
	for (; run->running < processes; run->running++)
		if (denials_start(run->name, SECCOMP_RET_LOG, &d, 1, each) < 0)
			return -errno;
	return 0;
}

/* The words behind "whose". */
static int track(struct run *run, char *const *levels, struct sca_err *err)
{
	unsigned skip = 0;
	int r;

	for (; *levels; levels++)
		for (unsigned i = 0; i < SCA_TRACK_COUNT; i++)
			if (strcmp(*levels, sca_track_name((enum sca_track)i)) == 0)
				skip |= 1u << i;
	r = sca_containers_new(&run->cs, NULL, err);
	return r < 0 ? r : sca_tracker_new(&run->tracker, run->cs, skip, err);
}

int main(int argc, char **argv)
{
	unsigned processes = (unsigned)number(argc > 2 ? argv[2] : NULL, 4);
	struct run run = {.sent = number(argc > 1 ? argv[1] : NULL, 1000000), .name = "denials"};
	struct audit_status before = {0}, after = {0};
	struct sca_err err = SCA_ERR_INIT;
	double begin, cpu;
	uint64_t kernel = 0;
	int r;

	r = sca_source_follow(&run.src, "netlink", NULL, NULL, NULL, &err);
	if (r == 0)
		r = sca_decoder_new(&run.dec, &err);
	if (r == 0 && argc > 3)
		r = track(&run, argv + 4, &err);
	if (r < 0) {
		fprintf(stderr, "netlink: %s\n", err.text);
		return 77;
	}
	audit_state(&before);
	begin = seconds(CLOCK_MONOTONIC);
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	r = start(&run, processes < PROCESSES_MAX ? processes : PROCESSES_MAX);
	if (r == 0)
		r = consume(&run, &err);
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	if (r < 0) {
		fprintf(stderr, "netlink: %s\n", err.text);
		return 1;
	}
	if (audit_state(&after))
		kernel = after.lost - before.lost;
	printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %.6f %.6f %ld %ld\n", run.sent,
	       run.seen, run.dropped, kernel, run.last - begin, cpu,
	       run.kib_tenth, peak_kib());
	sca_tracker_free(run.tracker);
	sca_containers_free(run.cs);
	sca_decoder_free(run.dec);
	sca_source_free(run.src);
	return run.seen + run.dropped + kernel != run.sent;
}
