/* SPDX-License-Identifier: Apache-2.0 */
/* Who takes the records: auditd with its configuration and its disk, and journald. */
#include "doctor_int.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/netlink.h>
#include <sys/statvfs.h>

#include "rootdir.h"

#define SMALL_MAX     4096u
#define CONF_MAX      65536u
#define TABLE_MAX     (1u << 20)
#define PROCESSES_MAX 65536u
#define FDS_MAX       4096u
#define READLOG       1u /* bit of AUDIT_NLGRP_READLOG */

struct daemons {
	struct sca_doctor *d;
	int root;
	uint32_t auditd, journald;
	bool blind; /* journald's descriptors can not be looked at */
};

/* comm of a process: up to 15 bytes of anybody's choice. */
static int read_comm(struct daemons *s, uint32_t pid, struct buf *b)
{
	char path[48];
	int r;

	snprintf(path, sizeof(path), "proc/%u/comm", pid);
	r = root_read(s->root, path, SMALL_MAX, b);
	if (r == 0)
		b->n = str_trim(buf_str(b)).n;
	return r;
}

static int find_daemons(struct daemons *s)
{
	int fd = root_open(s->root, "proc", O_RDONLY | O_DIRECTORY), r = 0;
	_cleanup_buf_ struct buf comm = BUF_INIT;
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	bool any = false;
	struct dirent *de;
	uint32_t pid;

	if (!dir) {
		r = fd >= 0 && errno == ENOMEM ? -ENOMEM : 0;
		sca_close_(&fd);
		return r;
	}
	for (unsigned n = 0; r == 0 && n < PROCESSES_MAX && (de = readdir(dir)); n++) {
		if (str_u32(sca_str_z(de->d_name), &pid) < 0)
			continue;
		buf_reset(&comm);
		r = read_comm(s, pid, &comm);
		r = r == -ENOMEM ? r : 0;
		any |= comm.n > 0;
		if (!s->auditd && str_is(buf_str(&comm), "auditd"))
			s->auditd = pid;
		if (!s->journald && str_is(buf_str(&comm), "systemd-journal"))
			s->journald = pid;
	}
	closedir(dir);
	if (any) {
		s->d->f.auditd = s->auditd ? FACT_YES : FACT_NO;
		s->d->f.journald = s->journald ? FACT_YES : FACT_NO;
	}
	return r;
}

/* -- auditd -- */

/* It becomes part of commands for a shell. */
static bool plain_path(struct sca_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!isalnum((unsigned char)s.p[i]) && !memchr("/._-+", s.p[i], 5))
			return false;
	return s.n && s.p[0] == '/' && s.n < PATH_MAX;
}

/* The directory behind -c on its command line; a process may write there what it likes. */
static bool conf_dir(struct sca_str args, struct sca_str *ret)
{
	struct sca_str arg;

	while (str_cut(&args, '\0', &arg)) {
		if (!str_starts(arg, SCA_STR("-c")))
			continue;
		if (arg.n > 2)
			*ret = str_skip(arg, 2);
		else if (!str_cut(&args, '\0', ret))
			return false;
		return plain_path(*ret);
	}
	return false;
}

static int find_conf(struct daemons *s)
{
	_cleanup_buf_ struct buf args = BUF_INIT;
	struct sca_str dir = SCA_STR("/etc/audit"), own;
	char path[48];

	snprintf(path, sizeof(path), "proc/%u/cmdline", s->auditd);
	if (s->auditd && root_read(s->root, path, SMALL_MAX, &args) == -ENOMEM)
		return -ENOMEM;
	if (conf_dir(buf_str(&args), &own))
		dir = own;
	s->d->f.conf = arena_printf(&s->d->arena, "%.*s/auditd.conf", (int)dir.n, dir.p);
	return s->d->f.conf ? 0 : -ENOMEM;
}

struct conf {
	struct sca_str log, write_logs, local_events, floor, action;
};

/* Names match in any case and the last one counts, as in auditd. */
static void conf_read(struct sca_str text, struct conf *c)
{
	const struct {
		const char *key;
		struct sca_str *value;
	} rows[] = {
		{"log_file", &c->log},
		{"write_logs", &c->write_logs},
		{"local_events", &c->local_events},
		{"admin_space_left", &c->floor},
		{"admin_space_left_action", &c->action},
	};
	struct sca_str line, key;

	while (str_cut(&text, '\n', &line)) {
		if (!str_cut(&line, '=', &key))
			continue;
		line = str_trim(line);
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
			if (str_eq_nocase(str_trim(key), sca_str_z(rows[i].key)))
				str_cut(&line, ' ', rows[i].value);
	}
}

/* "50" (MB) or "5%" */
static bool floor_mb(struct sca_str text, const struct statvfs *st, uint64_t *ret)
{
	bool percent = text.n && text.p[text.n - 1] == '%';
	uint64_t v, size;

	text.n -= percent;
	if (str_u64(text, &v) < 0 || mul_overflow((uint64_t)st->f_blocks, st->f_frsize, &size))
		return false;
	*ret = percent ? (size >> 20) / 100 * MIN(v, 100u) : v;
	return true;
}

static int read_room(struct daemons *s, const struct conf *c)
{
	struct doctor_facts *f = &s->d->f;
	_cleanup_free_ char *dir = strdup(f->log);
	_cleanup_close_ int fd = -1;
	struct statvfs st;
	uint64_t free_bytes;
	char *slash = dir ? strrchr(dir, '/') : NULL;

	if (!dir)
		return -ENOMEM;
	if (!slash || !f->live)
		return 0;
	*slash = '\0';
	fd = root_open(s->root, dir, O_RDONLY | O_DIRECTORY);
	if (fd < 0 || fstatvfs(fd, &st) < 0 ||
	    mul_overflow((uint64_t)st.f_bavail, st.f_frsize, &free_bytes))
		return 0;
	f->log_free_mb = free_bytes >> 20;
	f->log_room = floor_mb(c->floor, &st, &f->log_floor_mb);
	f->log_floor_action = arena_dup(&s->d->arena, c->action);
	return f->log_floor_action ? 0 : -ENOMEM;
}

static int read_conf(struct daemons *s)
{
	struct conf c = {.log = SCA_STR("/var/log/audit/audit.log"),
			 .write_logs = SCA_STR("yes"),
			 .local_events = SCA_STR("yes"),
			 .action = SCA_STR("SUSPEND")};
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct doctor_facts *f = &s->d->f;
	int r = root_read(s->root, f->conf, CONF_MAX, &text);

	if (r == -ENOMEM)
		return r;
	f->conf_read = r == 0;
	conf_read(buf_str(&text), &c);
	f->write_logs = !str_eq_nocase(c.write_logs, SCA_STR("no"));
	f->local_events = !str_eq_nocase(c.local_events, SCA_STR("no"));
	f->log = arena_dup(&s->d->arena, c.log);
	return f->log ? read_room(s, &c) : -ENOMEM;
}

/* -- journald -- */

/* Whether one of its descriptors is the socket with that inode. */
static bool holds_socket(struct daemons *s, struct sca_str inode)
{
	char path[48], link[64];
	unsigned n = 0;
	struct dirent *de;
	bool found = false;
	DIR *dir;
	int fd;

	snprintf(path, sizeof(path), "proc/%u/fd", s->journald);
	fd = root_open(s->root, path, O_RDONLY | O_DIRECTORY);
	dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (!dir) {
		s->d->failed |= fd >= 0 && errno == ENOMEM;
		s->blind = true;
		sca_close_(&fd);
		return false;
	}
	while (!found && n++ < FDS_MAX && (de = readdir(dir))) {
		ssize_t len = readlinkat(dirfd(dir), de->d_name, link, sizeof(link));
		struct sca_str target = {link, len > 0 ? (size_t)len : 0};

		if (!str_starts(target, SCA_STR("socket:[")))
			continue;
		target = str_skip(target, 8);
		target.n -= target.n > 0;
		found = str_eq(target, inode);
	}
	closedir(dir);
	return found;
}

/* sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode */
static bool split_row(struct sca_str line, struct sca_str col[10])
{
	size_t n = 0;

	while (n < 10 && str_cut(&line, ' ', &col[n]))
		n += col[n].n > 0;
	return n == 10;
}

static int read_listeners(struct daemons *s)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct sca_str rest, line, col[10];
	struct doctor_facts *f = &s->d->f;
	uint32_t protocol, drops;
	uint64_t groups;
	int r = root_read(s->root, "proc/net/netlink", TABLE_MAX, &text);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	f->journal_listens = FACT_NO;
	rest = buf_str(&text);
	while (str_cut(&rest, '\n', &line)) {
		if (!split_row(line, col) || str_u32(col[1], &protocol) < 0 ||
		    protocol != NETLINK_AUDIT || str_hex64(col[3], &groups) < 0 ||
		    !(groups & READLOG) || str_u32(col[8], &drops) < 0 ||
		    !holds_socket(s, col[9]))
			continue;
		f->journal_listens = FACT_YES;
		f->journal_drops = drops;
	}
	if (f->journal_listens == FACT_NO && s->blind)
		f->journal_listens = FACT_UNKNOWN;
	return 0;
}

/* Who the kernel says that it sends to need not be auditd. */
static int read_taker(struct daemons *s)
{
	_cleanup_buf_ struct buf comm = BUF_INIT;
	struct doctor_facts *f = &s->d->f;

	if (!f->audit.known || !f->audit.pid)
		return 0;
	if (read_comm(s, f->audit.pid, &comm) == -ENOMEM)
		return -ENOMEM;
	if (comm.n == 0)
		return 0; /* in another pid namespace */
	f->taker = arena_dup(&s->d->arena, buf_str(&comm));
	if (!f->taker)
		return -ENOMEM;
	if (str_is(buf_str(&comm), "auditd"))
		s->auditd = f->audit.pid;
	return 0;
}

int doctor_read_daemons(struct sca_doctor *d, int root)
{
	struct daemons s = {.d = d, .root = root};
	int r = find_daemons(&s);

	if (r == 0)
		r = read_taker(&s);
	d->f.auditd_pid = s.auditd;
	if (r == 0)
		r = find_conf(&s);
	if (r == 0)
		r = read_conf(&s);
	if (r == 0 && s.journald)
		r = read_listeners(&s);
	return r;
}
