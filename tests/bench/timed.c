/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command once, its output thrown away, and prints the seconds it took and its peak
 * memory in KiB.
 *
 *	timed [-n] COMMAND [ARGUMENT...]
 *
 * The output goes to memory: grep stops at its first match when it sees /dev/null. With -n it
 * goes to /dev/null, for commands that write much.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Starts a command; -1 when that is not possible. */
static pid_t start(char *const command[], int discard)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int out = discard ? null : memfd_create("output", MFD_CLOEXEC);
	pid_t pid = null < 0 || out < 0 ? -1 : vfork();

	if (pid == 0) {
		dup2(null, STDIN_FILENO);
		dup2(out, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execvp(command[0], command);
		_exit(127);
	}
	return pid;
}

int main(int argc, char **argv)
{
	int discard = argc > 1 && strcmp(argv[1], "-n") == 0;
	char **command = argv + 1 + discard;
	struct timespec begin, end;
	struct rusage ru;
	int status;
	pid_t pid;

	if (!command[0]) {
		fprintf(stderr, "usage: timed [-n] COMMAND [ARGUMENT...]\n");
		return 2;
	}
	clock_gettime(CLOCK_MONOTONIC, &begin);
	pid = start(command, discard);
	if (pid < 0 || wait4(pid, &status, 0, &ru) != pid) {
		perror("timed");
		return 1;
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) {
		fprintf(stderr, "timed: %s failed\n", command[0]);
		return 1;
	}
	printf("%.6f %ld\n",
	       (double)(end.tv_sec - begin.tv_sec) +
		       (double)(end.tv_nsec - begin.tv_nsec) / 1e9,
	       ru.ru_maxrss);
	return 0;
}
