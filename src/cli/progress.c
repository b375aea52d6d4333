/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Progress on standard error. A read through a log may stay inside the library for long, so a
 * timer interrupts it: the handler only reads counters, formats without the heap and calls
 * write(2). Nothing shows in the first second, and the line is erased in the end.
 */
#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

static struct {
	struct sca_source *const *sources;
	size_t n;
	struct timespec begin;
	volatile sig_atomic_t shown;
} watch;

struct line {
	char text[96];
	size_t n;
};

static void add_z(struct line *l, const char *z)
{
	while (*z && l->n < sizeof(l->text))
		l->text[l->n++] = *z++;
}

static void add_number(struct line *l, uint64_t v)
{
	char digits[20];
	size_t i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	while (i < sizeof(digits) && l->n < sizeof(l->text))
		l->text[l->n++] = digits[i++];
}

static void show(int sig)
{
	struct line l = {.n = 0};
	uint64_t done = 0, total = 0, secs;
	bool known = true;
	int saved = errno;
	struct timespec now;

	(void)sig;
	for (size_t i = 0; i < watch.n; i++) {
		uint64_t d, t;

		sca_source_progress(watch.sources[i], &d, &t);
		done += d;
		total += t;
		known &= t > 0;
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	secs = (uint64_t)(now.tv_sec - watch.begin.tv_sec);
	add_z(&l, "\r");
	add_number(&l, done >> 20);
	if (known && total) {
		add_z(&l, " of ");
		add_number(&l, total >> 20);
		add_z(&l, " MiB, ");
		add_number(&l, done >= total ? 100 : done / (total / 100 + 1));
		add_z(&l, " %");
	} else {
		add_z(&l, " MiB");
	}
	if (secs) {
		add_z(&l, ", ");
		add_number(&l, (done >> 20) / secs);
		add_z(&l, " MiB/s");
	}
	add_z(&l, "\033[K");
	watch.shown = 1;
	if (write(STDERR_FILENO, l.text, l.n) < 0)
		watch.shown = 0;
	errno = saved;
}

void progress_start(struct sca_source *const *sources, size_t n)
{
	struct itimerval every = {{0, 250000}, {1, 0}};
	struct sigaction sa = {.sa_handler = show, .sa_flags = SA_RESTART};

	watch.sources = sources;
	watch.n = n;
	watch.shown = 0;
	clock_gettime(CLOCK_MONOTONIC, &watch.begin);
	sigemptyset(&sa.sa_mask);
	if (sigaction(SIGALRM, &sa, NULL) == 0)
		setitimer(ITIMER_REAL, &every, NULL);
}

void progress_hide(void)
{
	if (watch.shown && write(STDERR_FILENO, "\r\033[K", 4) == 4)
		watch.shown = 0;
}

void progress_stop(void)
{
	struct itimerval off = {{0, 0}, {0, 0}};

	setitimer(ITIMER_REAL, &off, NULL);
	signal(SIGALRM, SIG_IGN);
	progress_hide();
	watch.n = 0;
}
