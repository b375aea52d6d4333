/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What attackers do, for forgery.py. It also builds static, for a container without a libc.
 *
 *	forge audit LOW-HIGH TEXT...     user messages of these types to the kernel's audit, each
 *	                                 with each text; prints "TYPE ERRNO" where it is refused
 *	forge deny COMM [ARG...]         one real denial, of getpgid (EPERM, logged), under this name
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TEXT_MAX 8192

struct message {
	struct nlmsghdr h;
	char text[TEXT_MAX];
};

/* The kernel's answer: 0, or an errno. */
static int send_audit(int fd, unsigned type, const char *text)
{
	static struct message m;
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
		char rest[TEXT_MAX];
	} answer;
	size_t n = strnlen(text, TEXT_MAX - 1);

	m.h = (struct nlmsghdr){
		.nlmsg_len = (uint32_t)NLMSG_SPACE(n + 1), .nlmsg_type = (uint16_t)type,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
	};
	memset(m.text, 0, sizeof(m.text));
	memcpy(m.text, text, n);
	if (send(fd, &m, m.h.nlmsg_len, 0) < 0)
		return errno;
	if (recv(fd, &answer, sizeof(answer), 0) < (ssize_t)NLMSG_LENGTH(sizeof(int)))
		return EIO;
	return -answer.e.error;
}

static int audit(const char *range, char **texts)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	char *end;
	unsigned long low = strtoul(range, &end, 10), high = *end == '-' ? strtoul(end + 1, NULL, 10)
									 : low;

	if (fd < 0) {
		perror("forge: socket");
		return 1;
	}
	for (unsigned long type = low; type <= high; type++)
		for (char **t = texts; *t; t++) {
			int r = send_audit(fd, (unsigned)type, *t);

			if (r)
				printf("%lu %d\n", type, r);
		}
	return 0;
}

static int deny(const char *comm)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {sizeof(f) / sizeof(f[0]), f};

	if (prctl(PR_SET_NAME, comm, 0, 0, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, &prog) < 0) {
		perror("forge: seccomp");
		return 1;
	}
	return syscall(SYS_getpgid, 0) == -1 && errno == EPERM ? 0 : 1;
}

int main(int argc, char **argv)
{
	if (argc > 3 && strcmp(argv[1], "audit") == 0)
		return audit(argv[2], argv + 3);
	if (argc > 2 && strcmp(argv[1], "deny") == 0)
		return deny(argv[2]);
	fputs("usage: forge audit LOW-HIGH TEXT... | deny COMM [ARG...]\n", stderr);
	return 2;
}
