/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auditd's af_unix plugin: it listens at a path, and serves one reader, from when its loop
 * comes to accept it. When it goes away this comes back to it, each time after a longer pause;
 * what was sent meanwhile is nobody's, so each such gap is a loss.
 */
#include "audisp.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "source.h"

#define PAUSE_MIN_MS 100
#define PAUSE_MAX_MS 30000
#define QUIET_MS     100 /* after which a message on its way would be here */
#define READS_MAX    64  /* without a frame, before the caller has its turn */

struct plugin {
	int fd; /* -1: not connected */
	enum sca_trust trust;
	struct audisp in;
	int64_t retry_at, pause;  /* of the monotonic clock, in milliseconds */
	int64_t came_at;          /* the last bytes */
	bool gap;                 /* a loss that is to be told */
	bool busy;                /* there is more to do now */
	uint64_t bytes, messages, torn, undecodable;
	const char *path;
	char name[]; /* unix:PATH */
};

/* -- the connection -- */

/* auditd runs as root, and so does who may put a socket of root's somewhere. */
static enum sca_trust peer_trust(int fd, const char *path)
{
	struct ucred peer = {.uid = UINT32_MAX};
	socklen_t n = sizeof(peer);
	struct stat st;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) < 0 || peer.uid != 0 ||
	    stat(path, &st) < 0 || st.st_uid != 0)
		return SCA_TRUST_FORGEABLE;
	return SCA_TRUST_KERNEL;
}

/* 0 or a negative errno. */
static int plugin_connect(struct plugin *pl, size_t line_max)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	memcpy(to.sun_path, pl->path, strlen(pl->path));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
		int r = -errno;

		close(fd);
		return r;
	}
	pl->fd = fd;
	pl->trust = peer_trust(fd, pl->path);
	audisp_start(&pl->in, line_max);
	return 0;
}

static void schedule(struct plugin *pl)
{
	pl->retry_at = clock_ms(CLOCK_MONOTONIC) + pl->pause;
	pl->pause = MIN(pl->pause * 2, (int64_t)PAUSE_MAX_MS);
}

static void disconnect(struct plugin *pl)
{
	close(pl->fd);
	pl->fd = -1;
	pl->gap = true;
	schedule(pl);
}

/* Reads once. False when there is nothing now, or no connection any more. */
static bool receive(struct plugin *pl, int *ret_r)
{
	size_t room;
	ssize_t n;
	char *p;

	*ret_r = 0;
	if (!audisp_room(&pl->in, &p, &room)) {
		*ret_r = -ENOMEM;
		return false;
	}
	do
		n = recv(pl->fd, p, room, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return false;
	if (n <= 0) {
		pl->torn += audisp_torn(&pl->in);
		disconnect(pl);
		return false;
	}
	audisp_took(&pl->in, (size_t)n);
	pl->bytes += (uint64_t)n;
	pl->came_at = clock_ms(CLOCK_MONOTONIC);
	return true;
}

/* -- messages -- */

/* The framer trusts what has auditd's form: this holds only if auditd is at the other end. */
static int queue_line(const struct sca_frame *frame, void *arg)
{
	struct sca_source *src = arg;
	const struct plugin *pl = src->state;
	struct sca_frame own = *frame;

	own.trust = MIN(own.trust, pl->trust);
	return source_queue(&own, src);
}

static int take_line(struct sca_source *src, struct sca_str line, const struct sca_pos *pos)
{
	int r;

	while (line.n && (line.p[line.n - 1] == '\0' || line.p[line.n - 1] == '\n'))
		line.n--;
	if (!framer_anchored(line))
		return 0;
	r = framer_line(src->framer, line, pos, queue_line, src);
	/* Each is whole: what would go on in the next one is torn, and gave no frame yet. */
	return r < 0 || !framer_wants_all(src->framer)
		? r : framer_flush(src->framer, queue_line, src);
}

/* Until frames wait. 0; SCA_E_SYNTAX when it is not auditd's stream; -ENOMEM. */
static int take_messages(struct sca_source *src, bool quiet)
{
	struct plugin *pl = src->state;
	struct audisp_message m;
	int r = 0;

	while (!source_queued(src) && (r = audisp_next(&pl->in, quiet, &m)) > 0) {
		struct sca_pos pos = {pl->name, ++pl->messages, pl->bytes};

		pl->pause = PAUSE_MIN_MS;
		if (m.line)
			r = take_line(src, m.text, &pos);
		else
			r = framer_payload(src->framer, SCA_SRC_AUDITD, pl->trust, m.type,
					   m.text, &pos, source_queue, src);
		if (r < 0)
			return r;
	}
	return r;
}

static int tell_gap(struct sca_source *src)
{
	struct plugin *pl = src->state;
	const struct sca_pos pos = {pl->name, 0, pl->bytes};

	pl->gap = false;
	return framer_loss(src->framer, SCA_LOSS_GAP, 0, SCA_SRC_AUDITD,
			   SCA_STR("the connection to auditd ended"), &pos, source_queue, src);
}

static bool is_quiet(const struct plugin *pl)
{
	return audisp_wants_quiet(&pl->in) && clock_ms(CLOCK_MONOTONIC) - pl->came_at >= QUIET_MS;
}

/* One step: what is read already, then a read. False when there is nothing more to do now. */
static bool step(struct sca_source *src, int *ret_r)
{
	struct plugin *pl = src->state;
	int r = pl->fd >= 0 ? take_messages(src, false) : 0;
	bool more;

	*ret_r = 0;
	if (r == 0 && pl->fd >= 0 && !source_queued(src)) {
		more = receive(pl, &r);
		if (more || (r == 0 && pl->fd < 0))
			return true;
		if (r == 0 && is_quiet(pl))
			r = take_messages(src, true);
	}
	if (r == SCA_E_SYNTAX) {
		pl->undecodable++;
		disconnect(pl);
		return true;
	}
	*ret_r = r;
	return false;
}

static int unix_pump(struct sca_source *src, struct sca_err *err)
{
	struct plugin *pl = src->state;
	int r = 0;

	if (pl->fd < 0 && !pl->gap) {
		if (clock_ms(CLOCK_MONOTONIC) < pl->retry_at)
			return SCA_NEXT_IDLE;
		if (plugin_connect(pl, src->limits.line_max) < 0) {
			schedule(pl);
			return SCA_NEXT_IDLE;
		}
	}
	pl->busy = true;
	for (unsigned i = 0; i < READS_MAX && pl->busy; i++)
		pl->busy = pl->fd >= 0 && step(src, &r);
	if (r == 0 && pl->gap && !source_queued(src))
		r = tell_gap(src);
	if (r < 0)
		return sca_fail_errno(err, -r, "%s: cannot read", pl->name);
	return source_queued(src) ? SCA_NEXT_FRAME : SCA_NEXT_IDLE;
}

/* -- the table's functions -- */

static void unix_stats(const struct sca_source *src, struct sca_source_stats *add)
{
	const struct plugin *pl = src->state;

	add->bytes += pl->bytes;
	add->lines += pl->messages;
	add->overlong += pl->in.overlong;
	add->torn += pl->torn;
	add->undecodable += pl->undecodable;
}

static const char *unix_name(const struct sca_source *src)
{
	const struct plugin *pl = src->state;

	return pl->name;
}

static void unix_progress(const struct sca_source *src, uint64_t *ret_done, uint64_t *ret_total)
{
	const struct plugin *pl = src->state;

	*ret_done = pl->bytes;
	*ret_total = 0;
}

static int unix_fd(const struct sca_source *src, int *ret_wait_ms)
{
	const struct plugin *pl = src->state;
	int64_t at = pl->fd < 0 ? pl->retry_at : pl->came_at + QUIET_MS;

	if (pl->busy)
		*ret_wait_ms = 0;
	else if (pl->fd < 0 || audisp_wants_quiet(&pl->in))
		*ret_wait_ms = (int)MAX(at - clock_ms(CLOCK_MONOTONIC), 0);
	return pl->fd;
}

static void unix_close(struct sca_source *src)
{
	struct plugin *pl = src->state;

	if (pl->fd >= 0)
		close(pl->fd);
	audisp_release(&pl->in);
	free(pl);
}

static const struct source_ops unix_ops = {
	.pump = unix_pump, .stats = unix_stats, .name = unix_name, .progress = unix_progress,
	.close = unix_close, .fd = unix_fd,
};

static int refuse(int r, struct sca_err *err)
{
	switch (r) {
	case -ENOENT:
	case -ECONNREFUSED:
		return sca_fail_errno(err, -r, "cannot connect; is auditd running with active = yes "
				      "in plugins.d/af_unix.conf?");
	case -EAGAIN:
		return sca_fail_errno(err, -r, "cannot connect; auditd serves one reader, and others "
				      "wait already");
	case -EACCES:
	case -EPERM:
		return sca_fail_errno(err, -r, "cannot connect (its mode is in af_unix.conf)");
	default:
		return sca_fail_errno(err, -r, "cannot connect");
	}
}

int source_unix_open(struct sca_source *src, const char *spec, const char *root _unused_,
		     struct sca_err *err)
{
	size_t n = strlen(spec);
	struct plugin *pl = calloc(1, sizeof(*pl) + n + 1);
	int r = 0;

	if (!pl)
		return sca_fail_errno(err, ENOMEM, "cannot open %s", spec);
	memcpy(pl->name, spec, n);
	pl->path = pl->name + strlen("unix:");
	pl->fd = -1;
	pl->pause = PAUSE_MIN_MS;
	src->ops = &unix_ops;
	src->state = pl;
	if (!pl->path[0] || strlen(pl->path) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		r = sca_fail(err, -EINVAL, "is no path of a socket; name auditd's, as in "
			     "unix:/run/audit/audispd_events");
	else if (!src->follow)
		r = sca_fail(err, SCA_E_UNSUPPORTED,
			     "has only what comes from now on; follow it (log -f)");
	if (r == 0)
		r = framer_new(&src->framer, &src->limits, true, err);
	if (r == 0) {
		r = plugin_connect(pl, src->limits.line_max);
		if (r < 0)
			r = refuse(r, err);
	}
	if (r < 0)
		sca_err_at(err, pl->name, 0, 0);
	return r;
}
