/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs in a container whose profile kills for acct(): a process that is denied at once, under
 * a name that tells the container. victims.h starts it.
 *
 *	victim NAME first             makes the call itself
 *	victim NAME exec COUNT US     COUNT children that exec `victim NAME first`, US microseconds
 *	                              between the end of one and the next
 *	victim NAME fork COUNT US     the same without exec
 *	victim NAME storm COUNT 0     children as fast as they can be made, 64 at a time
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOGETHER 64

static void die(const char *name)
{
	prctl(PR_SET_NAME, name, 0, 0, 0);
	syscall(SYS_acct, "/none");
	_exit(3);
}

int main(int argc, char **argv)
{
	int count = argc > 4 ? atoi(argv[3]) : 0, pause_us = argc > 4 ? atoi(argv[4]) : 0;
	int together = argc > 2 && strcmp(argv[2], "storm") == 0 ? TOGETHER : 1, running = 0;

	if (argc < 3)
		return 2;
	if (strcmp(argv[2], "first") == 0)
		die(argv[1]);
	for (int i = 0; i < count; i++) {
		pid_t pid;

		while (running >= together && wait(NULL) > 0)
			running--;
		if (pause_us)
			usleep((useconds_t)pause_us);
		pid = fork();
		if (pid == 0 && strcmp(argv[2], "exec") == 0) {
			execl("/victim", "victim", argv[1], "first", (char *)NULL);
			_exit(4);
		}
		if (pid == 0)
			die(argv[1]);
		running += pid > 0;
	}
	while (wait(NULL) > 0)
		;
	return 0;
}
