/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_files.h"

#include <dirent.h>
#include <fcntl.h>

static const char *const places[] = {"/var/log/journal", "/run/log/journal"};

struct look {
	bool denied;   /* something is there that may not be read */
	bool readable; /* a system journal */
	bool others;   /* of more than one machine */
	bool no_memory;
	char first[33]; /* directory that had one */
};

/* Whether system journals are in the directory. Takes fd. */
static bool look_at_files(int fd, struct look *l)
{
	DIR *d = fdopendir(fd);
	struct dirent *de;
	bool found = false;

	if (!d) {
		l->no_memory = l->no_memory || errno == ENOMEM;
		close(fd);
		return false;
	}
	while ((de = readdir(d))) {
		if (strncmp(de->d_name, "system", 6) != 0)
			continue;
		found = true;
		if (faccessat(fd, de->d_name, R_OK, AT_EACCESS) == 0)
			l->readable = true;
		else
			l->denied = l->denied || errno == EACCES;
	}
	closedir(d);
	return found;
}

/* A machine's id, or where those of others are put by systemd-journal-remote. */
static bool is_directory_of_journals(const char *name)
{
	size_t n = 0;

	while (hex_digit(name[n]) >= 0)
		n++;
	return (n == 32 && name[n] == '\0') || strcmp(name, "remote") == 0;
}

static void look_at(const char *path, struct look *l)
{
	DIR *d = opendir(path);
	struct dirent *de;

	if (!d) {
		l->denied = l->denied || errno == EACCES;
		l->no_memory = l->no_memory || errno == ENOMEM;
		return;
	}
	while ((de = readdir(d))) {
		int fd;

		if (!is_directory_of_journals(de->d_name))
			continue;
		fd = openat(dirfd(d), de->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0) {
			l->denied = l->denied || errno == EACCES;
		} else if (look_at_files(fd, l)) {
			if (!l->first[0])
				memcpy(l->first, de->d_name, strlen(de->d_name));
			l->others = l->others || strcmp(l->first, de->d_name) != 0;
		}
	}
	closedir(d);
}

static int look_around(struct sca_str root, struct look *ret, struct sca_err *err)
{
	_cleanup_buf_ struct buf path = BUF_INIT;

	*ret = (struct look){0};
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		buf_reset(&path);
		buf_add_str(&path, root);
		buf_add_z(&path, places[i]);
		if (path.failed)
			return sca_fail_errno(err, ENOMEM, "cannot open the journal");
		look_at(path.p, ret);
	}
	/* what was not seen might be another machine's */
	return ret->no_memory ? sca_fail_errno(err, ENOMEM, "cannot open the journal") : 0;
}

/* libsystemd opens what it can and says nothing of the rest; below another root it does not
 * know either where its files are. */
static int check_files(sd_journal *j, struct sca_str root, const struct look *l,
		       struct sca_err *err)
{
	if (root.n ? l->readable
		   : sd_journal_has_persistent_files(j) > 0 || sd_journal_has_runtime_files(j) > 0)
		return 0;
	if (l->denied)
		return sca_fail_errno(err, EACCES, "cannot read (for root and members of the "
				      "group systemd-journal)");
	return sca_fail(err, -ENOENT, "no system journal of this machine is in %.*s%s or "
			"%.*s%s; journald does not run or keeps nothing", (int)root.n, root.p,
			places[0], (int)root.n, root.p, places[1]);
}

int journal_open_files(sd_journal **j, struct sca_str root, bool watch, enum sca_trust *ret_trust,
		       struct sca_err *err)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	struct look l;
	int r = look_around(root, &l, err);

	if (r < 0)
		return r;
	buf_add_str(&path, root);
	if (path.failed)
		return sca_fail_errno(err, ENOMEM, "cannot open");
	if (root.n)
		r = sd_journal_open_directory(j, path.p, SD_JOURNAL_OS_ROOT | SD_JOURNAL_SYSTEM);
	else
		r = sd_journal_open(j, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM);
	if (r >= 0 && watch)
		r = sd_journal_get_fd(*j);
	if (r < 0)
		return sca_fail_errno(err, -r, "cannot open");
	*ret_trust = root.n && l.others ? SCA_TRUST_FORGEABLE : SCA_TRUST_KERNEL;
	return check_files(*j, root, &l, err);
}
