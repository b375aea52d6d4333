/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Enters the sandbox as the program does, and then does what the program never would; for
 * tests/live/sandbox.py.
 *
 *	tool_sandboxed [-o FILE] [-f LOG] read|write|call|thread WHAT...
 *
 * -o as the program's; -f: what follows LOG, else what --sandbox makes of a verb. Prints one word a
 * WHAT (path, number of a call, "ok" or an errno's name).
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "input.h"
#include "sandbox.h"

/* main.c's, which is not linked. */
const struct exit_row exit_rows[] = {{EXIT_DONE, NULL, "done"}};
const size_t exit_row_count = 1;

static void *call(void *arg)
{
	uint64_t nr = 0;
	long r;

	span_u64(span_z(arg), &nr);
	r = syscall((long)nr, 0L, 0L, 0L, 0L, 0L, 0L);
	puts(r < 0 ? strerrorname_np(errno) : "ok");
	fflush(stdout);
	return NULL;
}

static void try(const char *how, char *what)
{
	pthread_t thread;
	int fd;

	if (strcmp(how, "call") == 0) {
		call(what);
		return;
	}
	if (strcmp(how, "thread") == 0) {
		if (pthread_create(&thread, NULL, call, what) == 0)
			pthread_join(thread, NULL);
		return;
	}
	fd = strcmp(how, "read") == 0 ? open(what, O_RDONLY | O_CLOEXEC) :
					open(what, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	puts(fd < 0 ? strerrorname_np(errno) : "ok");
	fflush(stdout);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	struct cli cli = {.err = SCA_ERR_INIT, .verb = verb_find("log"), .sandbox = SANDBOX_ON};
	struct input *in = NULL;
	int i = 1, r = 0;

	for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
		if (strcmp(argv[i], "-o") == 0)
			cli.output = argv[i + 1];
		else if (words_add(&cli.from, argv[i + 1]))
			cli.follow = true;
	}
	if (cli.follow)
		r = input_open(&in, &cli, 0);
	if (r == 0)
		r = sandbox_enter(&cli, in);
	if (r < 0) {
		say_error(&cli.err);
		return 2;
	}
	for (int w = i + 1; w < argc; w++)
		try(argv[i], argv[w]);
	input_free(in);
	free(cli.from.v);
	return 0;
}
