/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <time.h>
#include <unistd.h>

#include "out.h"
#include "dest.h"

#define BLOCK 65536u

static bool no_memory;

void memory_ran_out(void)
{
	no_memory = true;
}

bool memory_is_out(void)
{
	return no_memory;
}

void memory_say(void)
{
	static const char text[] = "scaudit: memory ran out; the answer is missing or not whole\n";

	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		return; /* there is nobody to tell */
}

void memory_end(int code)
{
	temps_remove();
	memory_say();
	_exit(code);
}

void out_release(struct out *o)
{
	if (o->temp)
		temp_drop(o->temp);
	if (o->dest && o->fd >= 0)
		close(o->fd);
	if (o->own_dest) {
		dest_close(o->dest);
		free(o->dest);
	}
	free(o->p);
	*o = (struct out)OUT_MEMORY;
}

bool out_grow(struct out *o, size_t extra)
{
	size_t cap = o->cap ? o->cap : 256, need;
	char *p;

	if (o->error)
		return false;
	if (__builtin_add_overflow(o->n, extra, &need)) {
		o->error = ENOMEM;
		return false;
	}
	while (cap < need)
		if (__builtin_mul_overflow(cap, (size_t)2, &cap))
			cap = need;
	p = realloc(o->p, cap);
	if (!p) {
		memory_ran_out();
		o->error = ENOMEM;
		return false;
	}
	o->p = p;
	o->cap = cap;
	return true;
}

void out_addf(struct out *o, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || (o->cap - o->n <= (size_t)n && !out_grow(o, (size_t)n + 1)))
		return;
	va_start(ap, fmt);
	vsnprintf(o->p + o->n, (size_t)n + 1, fmt, ap);
	va_end(ap);
	o->n += (size_t)n;
}

void out_pad(struct out *o, size_t n)
{
	if (o->cap - o->n < n && !out_grow(o, n))
		return;
	if (n)
		memset(o->p + o->n, ' ', n);
	o->n += n;
}

void out_u64(struct out *o, uint64_t v)
{
	uint64_t more = 10;
	size_t n = 1;
	char *p;

	for (; n < 20 && v >= more; n++)
		more *= 10;
	if (o->cap - o->n < n && !out_grow(o, n))
		return;
	o->n += n;
	p = o->p + o->n;
	do {
		*--p = (char)('0' + v % 10);
		v /= 10;
	} while (v);
}

void out_i64(struct out *o, int64_t v)
{
	if (v < 0)
		out_c(o, '-');
	out_u64(o, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

static const char hex_digits[] = "0123456789abcdef";

void out_hex(struct out *o, uint64_t v)
{
	size_t n = 2 + 16 - (size_t)__builtin_clzll(v | 1) / 4;
	char *p;

	if (o->cap - o->n < n && !out_grow(o, n))
		return;
	o->n += n;
	p = o->p + o->n;
	do {
		*--p = hex_digits[v & 15];
		v >>= 4;
	} while (v);
	*--p = 'x';
	*--p = '0';
}

void out_grouped(struct out *o, uint64_t v)
{
	char text[27];
	size_t i = sizeof(text);
	unsigned n = 0;

	do {
		if (n && n % 3 == 0)
			text[--i] = ',';
		text[--i] = (char)('0' + v % 10);
		v /= 10;
		n++;
	} while (v);
	out_add(o, text + i, sizeof(text) - i);
}

void out_bytes_hex(struct out *o, struct sca_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		out_c(o, hex_digits[c >> 4]);
		out_c(o, hex_digits[c & 15]);
	}
}

/* "2026-11-24T06:14:08.", and how long it is. A year that gmtime_r can not hold is no date; what
 * the record said still has to come out. */
static size_t put_second(char text[48], int64_t secs)
{
	time_t t = (time_t)secs;
	struct tm tm;
	int n;

	if (!gmtime_r(&t, &tm))
		memset(&tm, 0, sizeof(tm));
	n = snprintf(text, 48, "%04lld-%02d-%02dT%02d:%02d:%02d.", (long long)tm.tm_year + 1900,
		     tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	return n < 0 ? 0 : (size_t)n;
}

/* Events come by the thousand in one second: its text is kept. */
void out_time(struct out *o, int64_t ms)
{
	static char text[48];
	static int64_t kept = INT64_MIN;
	static size_t n;
	int64_t secs = ms / 1000, frac = ms % 1000;

	if (frac < 0) {
		frac += 1000;
		secs--;
	}
	if (secs != kept) {
		n = put_second(text, secs);
		kept = secs;
	}
	out_add(o, text, n);
	out_c(o, (char)('0' + frac / 100));
	out_c(o, (char)('0' + frac / 10 % 10));
	out_c(o, (char)('0' + frac % 10));
	out_c(o, 'Z');
}

int out_flush(struct out *o)
{
	size_t done = 0;

	while (!o->error && done < o->n && o->fd >= 0) {
		ssize_t n = write(o->fd, o->p + done, o->n - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno == EAGAIN)
			poll(&(struct pollfd){.fd = o->fd, .events = POLLOUT}, 1, -1);
		else if (errno != EINTR)
			o->error = errno;
	}
	if (o->fd >= 0)
		o->n = 0;
	return -o->error;
}

void out_record_end(struct out *o)
{
	if (o->fd >= 0 && (o->each || o->n >= BLOCK) && !no_memory)
		out_flush(o);
}

const char *out_string(struct out *o)
{
	if (o->n == o->cap && !out_grow(o, 1))
		return "";
	o->p[o->n] = '\0';
	return o->p;
}

/* What is no regular file is written as it is; one that others hold open is added to. */
static int open_as_is(struct out *o, const struct dest *to, struct sca_err *err)
{
	int how = to->opened ? O_APPEND : O_NOFOLLOW;
	struct stat st;

	o->fd = openat(to->dir, to->name, O_WRONLY | O_NOCTTY | O_CLOEXEC | how);
	if (o->fd < 0)
		return sca_fail_errno(err, errno, "can not write %s", to->path);
	if (!to->opened && (fstat(o->fd, &st) < 0 || S_ISREG(st.st_mode)))
		return sca_fail(err, SCA_E_CONFLICT, "%s is another file than it was a moment ago",
				to->path);
	return 0;
}

int out_open_dest(struct out *o, struct dest *to, mode_t mode, struct sca_err *err)
{
	*o = (struct out){.fd = -1, .dest = to};
	return to->as_is ? open_as_is(o, to, err) : temp_new(&o->temp, to, mode, &o->fd, err);
}

int out_open_mode(struct out *o, const char *path, mode_t mode, struct sca_err *err)
{
	struct dest *to;
	int r;

	*o = (struct out){.fd = STDOUT_FILENO};
	o->each = !path && isatty(STDOUT_FILENO);
	if (!path)
		return 0;
	o->fd = -1;
	to = malloc(sizeof(*to));
	if (!to)
		return sca_fail(err, -ENOMEM, "no memory");
	r = dest_open(to, path, err);
	if (r < 0) {
		free(to);
		return r;
	}
	r = out_open_dest(o, to, mode, err);
	o->own_dest = true;
	return r;
}

int out_open(struct out *o, const char *path, struct sca_err *err)
{
	return out_open_mode(o, path, MODE_PUBLIC, err);
}

int out_finish(struct out *o, struct sca_err *err)
{
	struct temp *t = o->temp;
	int r = no_memory ? -ENOMEM : out_flush(o);

	if (r == -EPIPE)
		return 0;
	if (r < 0)
		return sca_fail_errno(err, -r, "can not write %s",
				      o->dest ? o->dest->path : "the output");
	o->temp = NULL;
	return t ? temp_commit(t, o->dest, o->fd, err) : 0;
}
