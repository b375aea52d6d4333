/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock by hand: libc has no functions for it, and what a header lacks an older kernel lacks,
 * too. Rights of descriptors that are open already stay as they are.
 */
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dest.h"
#include "sandbox.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule       445
#define SYS_landlock_restrict_self  446
#endif

#define ASK_ABI        1u
#define PATH_BENEATH   1
#define BIT(n)         (UINT64_C(1) << (n))
#define EXECUTE        BIT(0)
#define WRITE_FILE     BIT(1)
#define READ_FILE      BIT(2)
#define READ_DIR       BIT(3)
#define REMOVE_FILE    BIT(5)
#define MAKE_REG       BIT(8)
#define TRUNCATE       BIT(14)
#define OF_FILES       (EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | BIT(15))
#define SCOPES         3u /* abstract sockets, signals */

/* What each version knows: it refuses what it does not know. */
static const struct {
	int abi;
	uint64_t files;
} known[] = {
	{1, BIT(13) - 1}, {2, BIT(14) - 1}, {3, BIT(15) - 1}, {5, BIT(16) - 1},
};

struct ruleset {
	uint64_t files, net, scopes; /* as of version 6; older ones take the first or two */
};

struct beneath {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

int sandbox_files_open(struct sandbox_files *f, struct sca_err *err)
{
	struct ruleset attr = {0};
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0L, (long)ASK_ABI);

	*f = (struct sandbox_files){.ruleset = -1, .abi = abi < 0 ? 0 : (int)abi};
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (f->abi >= known[i].abi)
			f->handled = known[i].files;
	if (f->abi < 1)
		return 0;
	attr.files = f->handled;
	attr.scopes = f->abi >= 6 ? SCOPES : 0;
	f->ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr,
				  f->abi >= 6 ? sizeof(attr) : sizeof(attr.files), 0L);
	return f->ruleset < 0 ? sca_fail_errno(err, errno, "can not make a Landlock ruleset") : 0;
}

static int add(const struct sandbox_files *f, const char *path, uint64_t allowed,
	       struct sca_err *err)
{
	struct beneath rule = {.allowed = allowed & f->handled};
	struct stat st;
	long r;
	int e;

	if (f->ruleset < 0)
		return 0;
	rule.fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.fd < 0)
		return 0;
	if (fstat(rule.fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed &= OF_FILES;
	r = syscall(SYS_landlock_add_rule, (long)f->ruleset, (long)PATH_BENEATH, &rule, 0L);
	e = errno;
	close(rule.fd);
	return r < 0 ? sca_fail_errno(err, e, "can not add %s to the Landlock ruleset", path) : 0;
}

int sandbox_may_read(const struct sandbox_files *f, const char *path, struct sca_err *err)
{
	return add(f, path, READ_FILE | READ_DIR, err);
}

/* Where the file is, also behind a link; and where its name is. */
int sandbox_may_write(const struct sandbox_files *f, const char *path, struct sca_err *err)
{
	const uint64_t in_dir = WRITE_FILE | READ_FILE | READ_DIR | REMOVE_FILE | MAKE_REG |
				TRUNCATE;
	_cleanup_free_ char *real = realpath(path, NULL);
	const char *names[] = {path, real};
	struct stat st;
	int r = 0;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) /* it stays, and is written to */
		return add(f, path, WRITE_FILE | READ_FILE, err);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(names) && names[i]; i++) {
		_cleanup_free_ char *dir = path_dir(names[i]);

		r = dir ? add(f, dir, in_dir, err) : sca_fail(err, -ENOMEM, "no memory");
	}
	return r;
}

int sandbox_files_enter(struct sandbox_files *f, struct sca_err *err)
{
	long r = f->ruleset < 0 ? 0 : syscall(SYS_landlock_restrict_self, (long)f->ruleset, 0L);
	int e = errno;

	if (f->ruleset >= 0)
		close(f->ruleset);
	f->ruleset = -1;
	return r < 0 ? sca_fail_errno(err, e, "can not enter Landlock") : 0;
}
