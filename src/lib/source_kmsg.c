/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's ring buffer, record by record. Its sequence numbers have no holes, so a hole in
 * what is read is what was overwritten, exactly. Only facility kern is believed: processes can
 * write every other one.
 *
 * The ring holds audit records while no audit daemon takes them, and of those only so many as
 * the kernel's limit on printing lets through (10 in 5 s); the rest are in its message about
 * suppressed callbacks, which becomes a loss.
 *
 * Below another root, DIR/dev/kmsg may be a regular file of such records, one a line.
 */
#include "rootdir.h"

#include <fcntl.h>
#include <jansson.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "source.h"
#include "source_kmsg.h"

#define RECORD_MAX  16384u /* the kernel's own limit is 8192 */
#define RECORDS_MAX 4096u  /* without a frame, before the caller gets its turn */
#define BOOT_ID     "proc/sys/kernel/random/boot_id"
#define BOOT_ID_MAX 64u
#define FILE_MS     250    /* a regular file cannot be polled */
#define KMSG_DEVICE makedev(1, 11)

struct kmsg {
	int fd;
	bool is_file, ended;
	uint64_t offset;   /* of a regular file */
	bool have_next;    /* a record was read, or an earlier run's position is known */
	uint64_t next;     /* number of the record that comes next */
	uint64_t before;   /* the same, in front of what the waiting frames came from */
	uint64_t seen;     /* records with lower numbers are an earlier run's */
	bool pending;      /* `record` is read, but not looked at yet */
	struct kmsg_record record;
	struct buf boot_id;
	uint64_t bytes, records, foreign, malformed, overlong;
	size_t n;
	char block[RECORD_MAX];
};

/* -- one record -- */

/* Digits up to `sep`. */
static bool take_number(struct sca_str *s, char sep, uint64_t *ret)
{
	struct sca_str part;

	return memchr(s->p, sep, s->n) && str_cut(s, sep, &part) && str_u64(part, ret) == 0;
}

bool kmsg_parse(struct sca_str s, struct kmsg_record *ret)
{
	struct sca_str flags;
	uint64_t priority;

	if (!s.n || !take_number(&s, ',', &priority) || !s.n ||
	    !take_number(&s, ',', &ret->seq) || !s.n || !take_number(&s, ',', &ret->usec) ||
	    !s.n || !memchr(s.p, ';', s.n) || !str_cut(&s, ';', &flags))
		return false;
	if (memchr(flags.p, '\n', flags.n))
		return false;
	ret->kernel = priority >> 3 == 0;
	if (!str_cut(&s, '\n', &ret->text))
		ret->text = (struct sca_str){NULL, 0};
	return true;
}

struct sca_str kmsg_unescape(char *p, size_t n)
{
	char *to = p, *const end = p + n;

	for (char *at = p; at < end;) {
		bool escape = end - at >= 4 && at[0] == '\\' && at[1] == 'x';
		int hi = escape ? hex_digit(at[2]) : -1, lo = escape ? hex_digit(at[3]) : -1;
		int c = hi >= 0 && lo >= 0 ? hi << 4 | lo : -1;

		if (c >= 0x20 && c != 0x7f) {
			*to++ = (char)c;
			at += 4;
		} else {
			*to++ = *at++;
		}
	}
	return (struct sca_str){p, (size_t)(to - p)};
}

/* -- reading -- */

enum got { GOT_RECORD, GOT_NOTHING, GOT_HOLE };

/* One line of a regular file into the block. The last one counts without its newline where
 * nothing more can come. */
static int read_line(struct sca_source *src, struct kmsg *k)
{
	ssize_t n = pread(k->fd, k->block, sizeof(k->block), (off_t)k->offset);
	const char *p;

	if (n < 0)
		return -errno;
	p = n ? memchr(k->block, '\n', (size_t)n) : NULL;
	if (n == 0 || (!p && src->follow && (size_t)n < sizeof(k->block)))
		return GOT_NOTHING;
	k->n = p ? (size_t)(p - k->block) : (size_t)n;
	k->offset += k->n + (p != NULL);
	k->overlong += k->n == sizeof(k->block);
	return GOT_RECORD;
}

/* One record into the block; each read() of the device gives one. */
static int read_record(struct sca_source *src, struct kmsg *k)
{
	ssize_t n;

	if (k->is_file)
		return read_line(src, k);
	do
		n = read(k->fd, k->block, sizeof(k->block));
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EPIPE)
		return GOT_HOLE;
	if (n < 0 && errno != EAGAIN)
		return -errno;
	k->n = n > 0 ? (size_t)n : 0;
	return n > 0 ? GOT_RECORD : GOT_NOTHING;
}

/* The next record that was not seen by an earlier run. enum got, or an error. */
static int next_record(struct sca_source *src, struct sca_err *err)
{
	struct kmsg *k = src->state;

	for (;;) {
		int r = read_record(src, k);

		if (r < 0) {
			k->ended = true;
			return sca_fail_errno(err, -r, "cannot read the kernel's log");
		}
		if (r != GOT_RECORD)
			return r;
		k->records++;
		k->bytes += k->n;
		if (!kmsg_parse((struct sca_str){k->block, k->n}, &k->record)) {
			/* In a file, the lines of keys and values stand for themselves. */
			k->malformed += !k->is_file || k->block[0] != ' ';
			continue;
		}
		if (k->record.seq >= k->seen)
			return r;
	}
}

/* -- frames -- */

/* When it was logged, by two clocks of now: one second's sleep of the machine is one second's
 * error, so it serves for losses only, which have no stamp of their own. */
static bool log_time(const struct kmsg *k, int64_t *ret_ms)
{
	struct timespec real, mono;
	int64_t age;

	if (k->is_file || clock_gettime(CLOCK_REALTIME, &real) < 0 ||
	    clock_gettime(CLOCK_MONOTONIC, &mono) < 0 || k->record.usec > INT64_MAX)
		return false;
	age = mono.tv_sec * 1000 + mono.tv_nsec / 1000000 - (int64_t)(k->record.usec / 1000);
	*ret_ms = real.tv_sec * 1000 + real.tv_nsec / 1000000 - MAX(age, 0);
	return true;
}

static int queue_frame(const struct sca_frame *frame, void *arg)
{
	struct sca_source *src = arg;
	const struct kmsg *k = src->state;
	struct sca_frame own = *frame;

	if (own.kind == SCA_FRAME_LOSS && !own.have_time)
		own.have_time = log_time(k, &own.time_ms);
	return source_queue(&own, src);
}

static int tell_hole(struct sca_source *src, uint64_t lost)
{
	const struct sca_pos nowhere = {NULL, 0, 0};
	char text[128];
	int n;

	if (lost)
		n = snprintf(text, sizeof(text), "kmsg: %llu records of the kernel's log were "
			     "overwritten before they were read", (unsigned long long)lost);
	else
		n = snprintf(text, sizeof(text), "kmsg: records of the kernel's log were "
			     "overwritten before the first was read");
	return framer_loss(src->framer, SCA_LOSS_KMSG, lost, SCA_SRC_KMSG,
			   (struct sca_str){text, (size_t)n}, &nowhere, source_queue, src);
}

static int take_record(struct sca_source *src)
{
	struct kmsg *k = src->state;
	const struct sca_pos nowhere = {NULL, 0, 0};
	struct sca_str text = k->record.text;

	k->before = k->next;
	k->next = k->record.seq + 1;
	k->have_next = true;
	k->pending = false;
	if (!k->record.kernel) {
		k->foreign += str_find(text, SCA_STR("type=1326 audit(")) != NULL;
		return 0;
	}
	if (!framer_anchored(text))
		return 0;
	text = kmsg_unescape(k->block + (text.p - k->block), text.n);
	return framer_trusted_line(src->framer, SCA_SRC_KMSG, SCA_TRUST_KERNEL, text, &nowhere,
				   queue_frame, src);
}

/* A hole is told first, and the record behind it with the next call. */
static int step(struct sca_source *src, int got)
{
	struct kmsg *k = src->state;
	uint64_t hole;

	if (got == GOT_HOLE) /* how much, the next record's number tells */
		return k->have_next ? 0 : tell_hole(src, 0);
	if (k->pending || !k->have_next || k->record.seq <= k->next)
		return take_record(src);
	hole = k->record.seq - k->next;
	k->pending = true;
	k->before = k->next;
	k->next = k->record.seq;
	return tell_hole(src, hole);
}

static int kmsg_pump(struct sca_source *src, struct sca_err *err)
{
	struct kmsg *k = src->state;

	for (unsigned i = 0; !k->ended && (i < RECORDS_MAX || !src->follow); i++) {
		int got = k->pending ? GOT_RECORD : next_record(src, err), r;

		if (got < 0)
			return got;
		if (got == GOT_NOTHING) {
			k->ended = !src->follow;
			break;
		}
		r = step(src, got);
		if (r < 0)
			return sca_fail_errno(err, -r, "cannot take the kernel's log");
		if (source_queued(src))
			return SCA_NEXT_FRAME;
	}
	return k->ended ? SCA_NEXT_END : SCA_NEXT_IDLE;
}

static void kmsg_stats(const struct sca_source *src, struct sca_source_stats *add)
{
	const struct kmsg *k = src->state;

	add->bytes += k->bytes;
	add->lines += k->records;
	add->foreign += k->foreign;
	add->undecodable += k->malformed;
	add->overlong += k->overlong;
}

static const char *kmsg_name(const struct sca_source *src _unused_)
{
	return "kmsg";
}

static void kmsg_progress(const struct sca_source *src, uint64_t *ret_done, uint64_t *ret_total)
{
	const struct kmsg *k = src->state;

	*ret_done = k->bytes;
	*ret_total = 0;
}

static int kmsg_fd(const struct sca_source *src, int *ret_wait_ms)
{
	const struct kmsg *k = src->state;

	*ret_wait_ms = k->ended || k->pending ? 0 : k->is_file ? FILE_MS : -1;
	return k->is_file ? -1 : k->fd;
}

static void kmsg_close(struct sca_source *src)
{
	struct kmsg *k = src->state;

	sca_close_(&k->fd);
	buf_release(&k->boot_id);
	free(k);
}

/* -- where it goes on -- */

static int kmsg_position(const struct sca_source *src, struct buf *b, struct sca_err *err _unused_)
{
	const struct kmsg *k = src->state;

	if (!k->have_next || !k->boot_id.n)
		return 0;
	buf_add_z(b, "{\"boot_id\":");
	json_add_string(b, buf_str(&k->boot_id));
	buf_addf(b, ",\"next\":%llu}",
		 (unsigned long long)(source_queued(src) ? k->before : k->next));
	return 0;
}

static const struct source_ops kmsg_ops = {
	.pump = kmsg_pump, .stats = kmsg_stats, .name = kmsg_name, .progress = kmsg_progress,
	.close = kmsg_close, .fd = kmsg_fd, .position = kmsg_position,
};

/*
 * Behind what the earlier run saw, when the machine was not started anew since. Else from the
 * first record of this boot, of which none was seen: what the ring lacks of it is a hole.
 */
static int set_position(struct kmsg *k, struct sca_str position, struct sca_err *err)
{
	json_t *o = json_loadb(position.p, position.n, JSON_REJECT_DUPLICATES, NULL);
	const char *boot = json_string_value(json_object_get(o, "boot_id"));
	json_int_t next = json_integer_value(json_object_get(o, "next"));
	bool valid = boot && json_is_integer(json_object_get(o, "next")) && next >= 0;

	k->have_next = true;
	if (valid && str_eq(sca_str_z(boot), buf_str(&k->boot_id)))
		k->next = k->before = k->seen = (uint64_t)next;
	json_decref(o);
	return valid ? 0 : sca_fail(err, SCA_E_SYNTAX,
				    "the saved position is none of kmsg's; remove it to begin "
				    "anew");
}

/* Reads over what is there: its last number is where a next run goes on, even when nothing
 * comes in this one. */
static int skip_all(struct sca_source *src, struct sca_err *err)
{
	struct kmsg *k = src->state;
	int r;

	while ((r = next_record(src, err)) >= 0 && r != GOT_NOTHING) {
		if (r == GOT_HOLE)
			continue;
		k->have_next = true;
		k->next = k->before = k->record.seq + 1;
	}
	k->records = k->bytes = k->malformed = 0;
	return r < 0 ? r : 0;
}

static int open_log(struct kmsg *k, const char *root, struct sca_err *err)
{
	const char *top = root && root[0] ? root : "/";
	_cleanup_close_ int dir = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (dir < 0)
		return sca_fail_errno(err, errno, "cannot open the root directory %s", top);
	k->fd = root_open(dir, "dev/kmsg", O_RDONLY);
	if (k->fd == -EPERM || k->fd == -EACCES)
		return sca_fail_errno(err, -k->fd, "cannot open the kernel's log; it needs "
						   "CAP_SYSLOG and leave to use the device");
	if (k->fd == -ENOENT)
		return sca_fail(err, -ENOENT, "the kernel's log is not here; containers have no "
					      "/dev/kmsg unless it is given to them");
	if (k->fd < 0)
		return sca_fail_errno(err, -k->fd, "cannot open the kernel's log");
	if (fstat(k->fd, &st) < 0)
		return sca_fail_errno(err, errno, "cannot look at the kernel's log");
	k->is_file = S_ISREG(st.st_mode);
	if (!k->is_file && !(S_ISCHR(st.st_mode) && st.st_rdev == KMSG_DEVICE))
		return sca_fail(err, -EINVAL, "dev/kmsg is not the kernel's log here");
	/* Without it there is no position to go back to, and that is all. */
	if (root_read(dir, BOOT_ID, BOOT_ID_MAX, &k->boot_id) < 0)
		buf_reset(&k->boot_id);
	while (k->boot_id.n && k->boot_id.p[k->boot_id.n - 1] == '\n')
		k->boot_id.p[--k->boot_id.n] = '\0';
	return 0;
}

int source_kmsg_open(struct sca_source *src, const char *spec _unused_, const char *root,
		     struct sca_err *err)
{
	struct kmsg *k = calloc(1, sizeof(*k));
	int r;

	if (!k)
		return sca_fail_errno(err, ENOMEM, "cannot open kmsg");
	k->fd = -1;
	src->ops = &kmsg_ops;
	src->state = k;
	r = framer_new(&src->framer, &src->limits, false, err);
	if (r == 0)
		r = open_log(k, root, err);
	if (r == 0 && src->follow && src->how.position.n)
		r = set_position(k, src->how.position, err);
	else if (r == 0 && src->follow && !src->how.backlog)
		r = skip_all(src, err);
	if (r < 0)
		sca_err_at(err, "kmsg", 0, 0);
	return r;
}
