/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command and tells, as the last line of standard error, how it ended, its own peak memory in
 * KiB (not that of who started it) and the time it took in milliseconds:
 *
 *	peak SECONDS COMMAND [ARGUMENT...]
 *
 * After that many seconds, and when a second SIGTERM comes, it is killed; the first one is handed on.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t pid;

static void end(int sig)
{
	static volatile sig_atomic_t times;

	kill(pid, sig == SIGALRM || times++ ? SIGKILL : SIGTERM);
}

int main(int argc, char **argv)
{
	struct sigaction act = {.sa_handler = end};
	struct timespec from, to;
	struct rusage ru;
	int status, r;

	if (argc < 3) {
		fputs("usage: peak SECONDS COMMAND [ARGUMENT...]\n", stderr);
		return 2;
	}
	clock_gettime(CLOCK_MONOTONIC, &from);
	pid = fork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	close(STDIN_FILENO); /* the command's alone: who writes there sees it go */
	close(STDOUT_FILENO);
	sigaction(SIGALRM, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	alarm((unsigned)strtoul(argv[1], NULL, 10));
	do
		r = wait4(pid, &status, 0, &ru);
	while (r < 0 && errno == EINTR);
	clock_gettime(CLOCK_MONOTONIC, &to);
	fprintf(stderr, "\npeak: %s %d, %ld KiB, %ld ms\n", WIFSIGNALED(status) ? "signal" : "exit",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), ru.ru_maxrss,
		(long)((to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000));
	return pid < 0;
}
