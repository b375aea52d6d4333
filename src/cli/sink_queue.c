/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ring of records. Its pages are mapped twice in a row, so a record that wraps around is
 * in one piece for write() and sendmsg() without being copied or padded.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "sink_int.h"

/* In front of each record: its length and its number. */
#define HEAD (sizeof(uint32_t) + sizeof(uint64_t))

static int map_twice(struct queue *q, int fd)
{
	int prot = PROT_READ | PROT_WRITE, flags = MAP_SHARED | MAP_FIXED;
	char *p = mmap(NULL, 2 * q->cap, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return -errno;
	q->p = p;
	if (mmap(p, q->cap, prot, flags, fd, 0) == MAP_FAILED ||
	    mmap(p + q->cap, q->cap, prot, flags, fd, 0) == MAP_FAILED)
		return -errno;
	return 0;
}

int queue_init(struct queue *q, size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int fd, r = 0;

	*q = (struct queue){0};
	if (bytes > UINT32_MAX / 2)
		bytes = UINT32_MAX / 2;
	q->cap = bytes ? (bytes + page - 1) / page * page : page;
	fd = memfd_create("scaudit-queue", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = ftruncate(fd, (off_t)q->cap) < 0 ? -errno : map_twice(q, fd);
	close(fd);
	if (r < 0)
		queue_release(q);
	return r;
}

void queue_release(struct queue *q)
{
	if (q->p)
		munmap(q->p, 2 * q->cap);
	*q = (struct queue){0};
}

bool queue_put(struct queue *q, uint64_t number, const char *p, size_t n)
{
	size_t room = q->cap - (size_t)(q->tail - q->head);
	uint32_t len = (uint32_t)n;
	char *to = q->p + q->tail % q->cap;

	if (n > q->cap || room < HEAD + n)
		return false;
	memcpy(to, &len, sizeof(len));
	memcpy(to + sizeof(len), &number, sizeof(number));
	memcpy(to + HEAD, p, n);
	q->tail += HEAD + n;
	q->n++;
	return true;
}

uint64_t queue_oldest(const struct queue *q)
{
	uint64_t number;

	memcpy(&number, q->p + q->head % q->cap + sizeof(uint32_t), sizeof(number));
	return number;
}

bool queue_step(const struct queue *q, uint64_t *at, struct sca_str *ret)
{
	const char *p = q->p + *at % q->cap;
	uint32_t len;

	if (*at == q->tail)
		return false;
	memcpy(&len, p, sizeof(len));
	*ret = (struct sca_str){p + HEAD, len};
	*at += HEAD + len;
	return true;
}

void queue_sent(struct queue *q)
{
	struct sca_str rec;

	if (queue_step(q, &q->next, &rec))
		q->n_sent++;
}

/* An empty queue starts over at the front of its memory, where the pages are in use already. */
void queue_settled(struct queue *q)
{
	struct sca_str rec;

	if (q->head == q->next)
		queue_sent(q);
	if (!queue_step(q, &q->head, &rec))
		return;
	q->n--;
	q->n_sent--;
	if (q->n == 0)
		q->head = q->next = q->tail = 0;
}

void queue_rewind(struct queue *q)
{
	q->next = q->head;
	q->n_sent = 0;
}
