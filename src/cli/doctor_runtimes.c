/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Container runtimes of this host. Programs below another root are found and not run: they are
 * somebody else's.
 */
#include <limits.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor.h"

#define ANSWER_MS 5000

/* Starts `path --version` with nothing of our environment; *ret_fd is what it writes to. */
static pid_t start(const char *path, int *ret_fd)
{
	char name[PATH_MAX], option[] = "--version", where[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char *const argv[] = {name, option, NULL};
	char *const env[] = {where, NULL};
	posix_spawn_file_actions_t actions;
	int ends[2];
	pid_t pid = -1;

	snprintf(name, sizeof(name), "%s", path);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	if (posix_spawn_file_actions_init(&actions) == 0) {
		posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
		posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
		posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
		if (posix_spawn(&pid, path, &actions, NULL, argv, env) != 0)
			pid = -1;
		posix_spawn_file_actions_destroy(&actions);
	}
	close(ends[1]);
	if (pid < 0)
		close(ends[0]);
	else
		*ret_fd = ends[0];
	return pid;
}

/* What it says, up to where room ends; a runtime that says nothing in time is ended. */
static size_t listen_to(pid_t pid, int fd, char *text, size_t room)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	size_t n = 0;
	ssize_t got = -1;

	while (n < room && poll(&p, 1, ANSWER_MS) > 0 && (got = read(fd, text + n, room - n)) > 0)
		n += (size_t)got;
	if (got != 0)
		kill(pid, SIGKILL);
	close(fd);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return n;
}

/* "runc version 1.1.5+ds1\n..." becomes "runc:1.1.5+ds1". */
static char *version_word(const char *text)
{
	size_t name = strcspn(text, " \n"), n;
	const char *version = text + name;
	char *word;

	if (strncmp(version, " version ", 9) != 0)
		return NULL;
	version += 9;
	n = strcspn(version, " \r\n");
	if (asprintf(&word, "%.*s:%.*s", (int)name, text, (int)n, version) >= 0)
		return word;
	memory_ran_out();
	return NULL;
}

static char *ask(const char *path)
{
	char text[512];
	int fd = -1;
	pid_t pid = start(path, &fd);

	if (pid < 0)
		return NULL;
	text[listen_to(pid, fd, text, sizeof(text) - 1)] = '\0';
	return version_word(text);
}

/* /bin and /usr/bin may be one. */
static bool known(const struct checkup *c, const struct stat *st)
{
	struct stat other;

	for (size_t i = 0; i < c->n_runtimes; i++)
		if (stat(c->runtimes[i].path, &other) == 0 && other.st_dev == st->st_dev &&
		    other.st_ino == st->st_ino)
			return true;
	return false;
}

int runtimes_find(struct checkup *c, const char *root, struct sca_err *err)
{
	static const char *const dirs[] = {
		"/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/bin", "/sbin",
		"/usr/libexec/crio",
	};
	bool live = !root || strspn(root, "/") == strlen(root);
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(dirs) * SCA_RUNTIME_COUNT; i++) {
		struct found_runtime *r = &c->runtimes[c->n_runtimes];
		char *path;

		if (asprintf(&path, "%s%s/%s", live ? "" : root, dirs[i / SCA_RUNTIME_COUNT],
			     sca_runtime_name(i % SCA_RUNTIME_COUNT)) < 0)
			return sca_fail(err, -ENOMEM, "no memory");
		if (c->n_runtimes == RUNTIMES_MAX || stat(path, &st) < 0 ||
		    !S_ISREG(st.st_mode) || known(c, &st)) {
			free(path);
			continue;
		}
		*r = (struct found_runtime){path, live ? ask(path) : NULL};
		c->n_runtimes++;
	}
	return 0;
}
