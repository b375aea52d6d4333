/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in front of libc (LD_PRELOAD): the wall clock is off by the seconds that the file
 * CLOCK_SHIFT holds at the moment, so that it can be set while a program runs. Clocks that do
 * not stand for a date go on as they do.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long shift(void)
{
	const char *path = getenv("CLOCK_SHIFT");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	char text[32];
	ssize_t n;

	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	return strtol(text, NULL, 10);
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
	static __typeof__(&clock_gettime) next;
	int r;

	if (!next)
		next = (__typeof__(next))dlsym(RTLD_NEXT, "clock_gettime");
	r = next(clock, t);
	if (r == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		t->tv_sec += shift();
	return r;
}

time_t time(time_t *ret)
{
	struct timespec t = {0};

	clock_gettime(CLOCK_REALTIME, &t);
	if (ret)
		*ret = t.tv_sec;
	return t.tv_sec;
}

int gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
	struct timespec t = {0};

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &t);
	ret->tv_sec = t.tv_sec;
	ret->tv_usec = t.tv_nsec / 1000;
	return 0;
}
