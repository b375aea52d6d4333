/* SPDX-License-Identifier: Apache-2.0 */
/* The log set of auditd, found by its configuration. */
#include "text.h"

#include <fcntl.h>

#include "follow.h"

#define CONF        "/etc/audit/auditd.conf"
#define DEFAULT_LOG "/var/log/audit/audit.log"
#define CONF_MAX    65536u
#define ROUNDS_MAX  16u /* of looking for logs that came while reading */

struct audit {
	struct reader rd;
	struct logset set;
	struct log *current;
	unsigned rounds;
};

/* -- reading the logs -- */

static int start_log(struct audit *a, struct log *l, struct sca_err *err)
{
	int fd = fcntl(l->fd, F_DUPFD_CLOEXEC, 0);
	int r;

	l->started = true;
	if (fd < 0)
		r = sca_fail_errno(err, errno, "cannot read");
	else
		r = reader_start(&a->rd, fd, l->name, err);
	if (r == 0)
		a->current = l;
	else
		sca_err_at(err, l->name, 0, 0);
	return r;
}

/* At the end of the current log. Logs that came while the last one was read are read, too;
 * and as it may have grown before it was rotated, its end is looked for once more. */
static int at_end(struct audit *a, struct sca_err *err)
{
	if (!logset_next(&a->set) && a->rounds < ROUNDS_MAX) {
		int r;

		a->rounds++;
		r = logset_collect(&a->set, err);
		if (r < 0 || logset_next(&a->set))
			return r;
	}
	reader_finish(&a->rd);
	return 0;
}

static int audit_pump(struct sca_source *src, struct sca_err *err)
{
	struct audit *a = src->state;

	for (;;) {
		int r = a->current ? reader_pump(&a->rd, err) : SCA_NEXT_END;

		if (r == SCA_NEXT_IDLE) {
			r = at_end(a, err);
			if (r < 0)
				return r;
		} else if (r == SCA_NEXT_END) {
			struct log *l = logset_next(&a->set);

			if (a->current)
				a->current->done = true;
			a->current = NULL;
			if (!l)
				return SCA_NEXT_END;
			r = start_log(a, l, err);
			if (r < 0)
				return r;
		} else {
			return r;
		}
	}
}

static void audit_stats(const struct sca_source *src, struct sca_source_stats *add)
{
	const struct audit *a = src->state;

	reader_stats(&a->rd, add);
}

static const char *audit_name(const struct sca_source *src)
{
	const struct audit *a = src->state;

	return a->current ? a->current->name : a->set.path;
}

static void audit_progress(const struct sca_source *src, uint64_t *ret_done,
			   uint64_t *ret_total)
{
	const struct audit *a = src->state;
	uint64_t done = a->current ? stream_done(&a->rd.stream) : 0, total = 0;

	for (size_t i = 0; i < a->set.n; i++) {
		total += a->set.v[i]->size;
		if (a->set.v[i]->done)
			done += a->set.v[i]->size;
	}
	*ret_done = MIN(done, total);
	*ret_total = total;
}

static void audit_close(struct sca_source *src)
{
	struct audit *a = src->state;

	reader_release(&a->rd);
	logset_release(&a->set);
	free(a);
}

static const struct source_ops audit_ops = {
	.pump = audit_pump, .stats = audit_stats, .name = audit_name, .progress = audit_progress,
	.close = audit_close,
};

/* -- auditd.conf -- */

static int read_conf(const char *path, struct buf *out, struct sca_err *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t n;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return sca_fail_errno(err, errno, "cannot open");
	if (!buf_reserve(out, CONF_MAX))
		return sca_fail_errno(err, ENOMEM, "cannot read");
	while (out->n < CONF_MAX) {
		n = read(fd, out->p + out->n, CONF_MAX - out->n);
		if (n < 0 && errno != EINTR)
			return sca_fail_errno(err, errno, "cannot read");
		if (n == 0)
			return 0;
		out->n += n > 0 ? (size_t)n : 0;
	}
	return sca_fail(err, SCA_E_LIMIT, "is longer than %u bytes", CONF_MAX - 1);
}

/* "log_file = /path"; names match in any case and the last one counts, as in auditd. */
static struct sca_str conf_log_file(struct sca_str text)
{
	struct sca_str line, key, log = SCA_STR(DEFAULT_LOG);

	while (str_cut(&text, '\n', &line)) {
		line = str_trim(line);
		if (!str_cut(&line, '=', &key) ||
		    !str_eq_nocase(str_trim(key), SCA_STR("log_file")))
			continue;
		line = str_trim(line);
		str_cut(&line, ' ', &log);
	}
	return log;
}

/* Path of the live log under `root`, malloc'ed. */
static int locate(const char *root, char **ret, struct sca_err *err)
{
	_cleanup_buf_ struct buf conf = BUF_INIT, path = BUF_INIT, text = BUF_INIT;
	struct sca_str prefix = sca_str_z(root), log;
	int r;

	while (prefix.n && prefix.p[prefix.n - 1] == '/')
		prefix.n--;
	buf_add_str(&conf, prefix);
	buf_add_z(&conf, CONF);
	if (conf.failed)
		return sca_fail_errno(err, ENOMEM, "cannot open audit");
	r = read_conf(conf.p, &text, err);
	log = conf_log_file(buf_str(&text));
	if (r == 0 && (log.n < 2 || log.p[0] != '/' || log.p[log.n - 1] == '/' ||
		       memchr(log.p, '\0', log.n)))
		r = sca_fail(err, SCA_E_SYNTAX, "log_file is not the absolute path of a file");
	if (r < 0) {
		sca_err_at(err, conf.p, 0, 0);
		return r;
	}
	buf_add_str(&path, prefix);
	buf_add_str(&path, log);
	*ret = buf_steal(&path, NULL);
	return *ret ? 0 : sca_fail_errno(err, ENOMEM, "cannot open audit");
}

/* The live log need not be there yet. */
static int follow(struct sca_source *src, const char *root, struct sca_err *err)
{
	_cleanup_free_ char *path = NULL;
	int r = locate(root, &path, err);

	return r < 0 ? r : source_follow_open(src, path, err);
}

int source_audit_open(struct sca_source *src, const char *spec _unused_, const char *root,
		      struct sca_err *err)
{
	struct audit *a;
	char *path = NULL;
	int r;

	if (src->follow)
		return follow(src, root, err);
	a = calloc(1, sizeof(*a));
	if (!a)
		return sca_fail_errno(err, ENOMEM, "cannot open audit");
	src->ops = &audit_ops;
	src->state = a;
	r = reader_init(&a->rd, src, err);
	if (r == 0)
		r = framer_new(&src->framer, &src->limits, false, err);
	if (r == 0)
		r = locate(root, &path, err);
	if (r == 0)
		r = logset_init(&a->set, path, err);
	free(path);
	if (r == 0)
		r = logset_collect(&a->set, err);
	if (r == 0 && !a->set.n) {
		r = sca_fail(err, -ENOENT,
			     "no audit log is here; auditd does not run or writes none");
		sca_err_at(err, a->set.path, 0, 0);
	}
	return r;
}
