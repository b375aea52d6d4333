/* SPDX-License-Identifier: Apache-2.0 */
/* Not through libaudit: it writes to the system log when it is refused, and may wait. */
#include "text.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <poll.h>
#include <sys/socket.h>

#include "source_netlink.h"

#define ASK_MS   1000
#define FIRST_MS 100 /* for the count to start from */

/* Whether the kernel keeps records for a daemon that is not there. */
static bool holds_records(void)
{
	_cleanup_close_ int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	char text[8192];
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text));
	struct sca_str s = {text, n > 0 ? (size_t)n : 0}, word;

	s = str_trim(s);
	while (str_cut(&s, ' ', &word))
		if (str_is(word, "audit=1") || str_is(word, "audit=on"))
			return true;
	return false;
}

void kernel_lost_close(struct kernel_lost *k)
{
	sca_close_(&k->fd);
	k->fd = -1;
}

static void ask(struct kernel_lost *k)
{
	const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	const struct nlmsghdr h = {
		.nlmsg_len = sizeof(h), .nlmsg_type = AUDIT_GET, .nlmsg_flags = NLM_F_REQUEST,
	};

	if (sendto(k->fd, &h, sizeof(h), MSG_DONTWAIT, (const struct sockaddr *)&kernel,
		   sizeof(kernel)) < 0)
		kernel_lost_close(k);
	k->asked = true;
	k->next_ms = clock_ms(CLOCK_MONOTONIC_COARSE) + ASK_MS;
}

/* The counter goes back to 0 when it is told to (auditctl --reset-lost). */
uint32_t kernel_lost_answer(struct kernel_lost *k, const char *p, size_t n)
{
	struct audit_status st = {0};
	struct nlmsghdr h;
	uint32_t before = k->lost;
	bool known = k->known;

	if (n < sizeof(h))
		return 0;
	memcpy(&h, p, sizeof(h));
	if (h.nlmsg_type == NLMSG_ERROR)
		kernel_lost_close(k); /* no permission (any more) */
	if (h.nlmsg_type != AUDIT_GET ||
	    n - sizeof(h) < offsetof(struct audit_status, lost) + sizeof(st.lost))
		return 0;
	memcpy(&st, p + sizeof(h), MIN(n - sizeof(h), sizeof(st)));
	k->asked = false;
	k->known = true;
	k->lost = st.lost;
	if (!known || (st.pid == 0 && k->holds))
		return 0;
	return st.lost >= before ? st.lost - before : st.lost;
}

uint32_t kernel_lost_look(struct kernel_lost *k)
{
	struct sockaddr_nl from = {0};
	socklen_t from_n = sizeof(from);
	char answer[512];
	ssize_t n;

	if (k->fd < 0)
		return 0;
	if (!k->asked && clock_ms(CLOCK_MONOTONIC_COARSE) >= k->next_ms)
		ask(k);
	if (k->fd < 0 || !k->asked)
		return 0;
	n = recvfrom(k->fd, answer, sizeof(answer), MSG_DONTWAIT, (struct sockaddr *)&from,
		     &from_n);
	if (n < 0 || from_n != sizeof(from) || from.nl_pid != 0)
		return 0;
	return kernel_lost_answer(k, answer, (size_t)n);
}

void kernel_lost_open(struct kernel_lost *k)
{
	struct pollfd p = {.events = POLLIN};

	*k = (struct kernel_lost){.holds = holds_records()};
	k->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_AUDIT);
	if (k->fd < 0)
		return;
	ask(k);
	p.fd = k->fd;
	if (k->fd >= 0 && poll(&p, 1, FIRST_MS) > 0)
		kernel_lost_look(k);
}
