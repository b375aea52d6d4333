/* SPDX-License-Identifier: Apache-2.0 */
#include "probe.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void child(void (*f)(void *), void *arg, int fd, unsigned seconds)
{
	struct rlimit cpu = {seconds, seconds}, none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_CPU, &cpu);
	f(arg);
	while (write(fd, "", 1) < 0 && errno == EINTR)
		;
	_exit(0);
}

int probe_run(void (*f)(void *arg), void *arg, unsigned seconds)
{
	int ends[2], r = SCA_E_LIMIT;
	ssize_t n;
	pid_t pid;
	char c;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid < 0) {
		r = -errno;
	} else if (pid == 0) {
		child(f, arg, ends[1], seconds);
	} else {
		/* The byte tells; the exit status may be somebody else's to collect. */
		close(ends[1]);
		ends[1] = -1;
		while ((n = read(ends[0], &c, 1)) < 0 && errno == EINTR)
			;
		if (n == 1)
			r = 0;
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	sca_close_(&ends[0]);
	sca_close_(&ends[1]);
	return r;
}
