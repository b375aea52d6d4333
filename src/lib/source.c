/* SPDX-License-Identifier: Apache-2.0 */
#include "base.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "source.h"

/* The words of --from; whatever is none of them is the path of a file. */
static const struct {
	const char *word; /* one that ends in ':' goes on */
	int (*open)(struct sca_source *src, const char *spec, const char *root,
		    struct sca_err *err);
} kinds[] = {
	{"audit", source_audit_open},
	{"netlink", source_netlink_open},
	{"kmsg", source_kmsg_open},
	{"journal", source_journal_open},
	{"unix:", source_unix_open},
};

static void set_limits(struct sca_limits *l, const struct sca_limits *given)
{
	*l = given ? *given : (struct sca_limits){0};
	if (!l->line_max)
		l->line_max = 1u << 20;
	if (!l->entry_max)
		l->entry_max = 256u << 10;
	if (!l->paste_max)
		l->paste_max = 8;
}

static bool is_kind(const char *spec, const char *word)
{
	size_t n = strlen(word);

	return word[n - 1] == ':' ? strncmp(spec, word, n) == 0 : strcmp(spec, word) == 0;
}

static int open_source(struct sca_source **ret, const char *spec, const char *root,
		       const struct sca_limits *limits, const struct sca_follow *how,
		       struct sca_err *err)
{
	struct sca_source *src;
	int (*open)(struct sca_source *, const char *, const char *, struct sca_err *) =
		source_file_open;
	int r;

	if (!spec || !spec[0])
		return sca_fail(err, -EINVAL,
				"the name of a source is empty; name a file, -, audit, journal, "
				"kmsg, netlink or unix:PATH");
	src = calloc(1, sizeof(*src));
	if (!src)
		return sca_fail_errno(err, ENOMEM, "cannot open %s", spec);
	set_limits(&src->limits, limits);
	src->follow = how != NULL;
	src->grace_ms = 1000;
	if (how)
		src->how = *how;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (is_kind(spec, kinds[i].word))
			open = kinds[i].open;
	r = open(src, spec, root, err);
	if (r < 0) {
		sca_source_free(src);
		return r;
	}
	src->how.position = (struct sca_str){NULL, 0};
	*ret = src;
	return 0;
}

int sca_source_open(struct sca_source **ret, const char *spec, const char *root,
		    const struct sca_limits *limits, struct sca_err *err)
{
	return open_source(ret, spec, root, limits, NULL, err);
}

int sca_source_follow(struct sca_source **ret, const char *spec, const char *root,
		      const struct sca_limits *limits, const struct sca_follow *how,
		      struct sca_err *err)
{
	return open_source(ret, spec, root, limits, how ? how : &(struct sca_follow){0}, err);
}

int sca_source_fd(const struct sca_source *src, int *ret_wait_ms)
{
	*ret_wait_ms = -1;
	return src->ops->fd ? src->ops->fd(src, ret_wait_ms) : -1;
}

int sca_source_position(struct sca_source *src, struct sca_str *ret, struct sca_err *err)
{
	int r = 0;

	buf_reset(&src->place);
	if (src->ops->position)
		r = src->ops->position(src, &src->place, err);
	if (r == 0 && src->place.failed)
		r = sca_fail_errno(err, ENOMEM, "cannot tell the position");
	if (r == 0)
		*ret = buf_str(&src->place);
	return r;
}

struct sca_source *sca_source_free(struct sca_source *src)
{
	if (!src)
		return NULL;
	if (src->state)
		src->ops->close(src);
	framer_free(src->framer);
	free(src->queue);
	buf_release(&src->place);
	free(src);
	return NULL;
}

int source_queue(const struct sca_frame *frame, void *arg)
{
	struct sca_source *src = arg;

	if (!vec_grow(&src->queue, &src->queue_cap, src->queue_n))
		return -ENOMEM;
	src->queue[src->queue_n++] = *frame;
	return 0;
}

int sca_source_next(struct sca_source *src, struct sca_frame *ret, struct sca_err *err)
{
	if (!source_queued(src)) {
		int r;

		src->queue_at = src->queue_n = 0;
		r = src->ops->pump(src, err);
		if (r != SCA_NEXT_FRAME)
			return r;
	}
	*ret = src->queue[src->queue_at++];
	return SCA_NEXT_FRAME;
}

void sca_source_stats(const struct sca_source *src, struct sca_source_stats *ret)
{
	*ret = (struct sca_source_stats){0};
	framer_stats(src->framer, ret);
	src->ops->stats(src, ret);
}

const char *sca_source_name(const struct sca_source *src)
{
	return src->ops->name(src);
}

void sca_source_progress(const struct sca_source *src, uint64_t *ret_done, uint64_t *ret_total)
{
	src->ops->progress(src, ret_done, ret_total);
}

int source_check_fd(int fd, struct sca_err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return sca_fail_errno(err, errno, "cannot look at it");
	if (S_ISDIR(st.st_mode))
		return sca_fail(err, -EISDIR, "is a directory; name a log file in it");
	return 0;
}

int source_open_fd(int dirfd, const char *path, int *ret_fd, struct sca_err *err)
{
	int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int r;

	if (fd < 0 && (errno == EACCES || errno == EPERM))
		return sca_fail_errno(err, errno, "cannot open (many logs are for root only)");
	if (fd < 0)
		return sca_fail_errno(err, errno, "cannot open");
	r = source_check_fd(fd, err);
	if (r == 0)
		*ret_fd = fd;
	else
		close(fd);
	return r;
}
