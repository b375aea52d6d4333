/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <sched.h>
#include <sys/personality.h>
#include <sys/socket.h>

#include "trace_args.h"

/* Which argument of which call. Where strace gives it a name of its own, that finds it. */
static const struct {
	const char *call, *label;
	unsigned index;
} wanted[] = {
#if !defined(__s390__)
	{"clone", "flags=", 0},
#endif
	{"unshare", NULL, 0},
	{"setns", NULL, 1},
	{"socket", NULL, 0},
	{"socketpair", NULL, 0},
	{"personality", NULL, 0},
	{"ioctl", NULL, 1},
	{"prctl", NULL, 0},
	{"ptrace", NULL, 0},
	{"bpf", NULL, 0},
	{"keyctl", NULL, 0},
};

/* Values that are the same on every architecture; strace's names for them are the kernel's. */
static const struct {
	const char *name;
	uint64_t value;
} constants[] = {
#define C(name) {#name, name},
	C(CLONE_VM) C(CLONE_FS) C(CLONE_FILES) C(CLONE_SIGHAND) C(CLONE_PTRACE) C(CLONE_VFORK)
	C(CLONE_PARENT) C(CLONE_THREAD) C(CLONE_NEWNS) C(CLONE_SYSVSEM) C(CLONE_SETTLS)
	C(CLONE_PARENT_SETTID) C(CLONE_CHILD_CLEARTID) C(CLONE_DETACHED) C(CLONE_UNTRACED)
	C(CLONE_CHILD_SETTID) C(CLONE_NEWCGROUP) C(CLONE_NEWUTS) C(CLONE_NEWIPC)
	C(CLONE_NEWUSER) C(CLONE_NEWPID) C(CLONE_NEWNET) C(CLONE_IO)
	{"CLONE_PIDFD", 0x1000}, {"CLONE_NEWTIME", 0x80},
#if !defined(__mips__)
	{"SIGCHLD", 17},
#endif
	C(AF_UNSPEC) C(AF_UNIX) C(AF_INET) C(AF_AX25) C(AF_IPX) C(AF_APPLETALK) C(AF_NETROM)
	C(AF_BRIDGE) C(AF_ATMPVC) C(AF_X25) C(AF_INET6) C(AF_ROSE) C(AF_DECnet) C(AF_NETBEUI)
	C(AF_SECURITY) C(AF_KEY) C(AF_NETLINK) C(AF_PACKET) C(AF_ASH) C(AF_ECONET) C(AF_ATMSVC)
	C(AF_RDS) C(AF_SNA) C(AF_IRDA) C(AF_PPPOX) C(AF_WANPIPE) C(AF_LLC) C(AF_IB) C(AF_MPLS)
	C(AF_CAN) C(AF_TIPC) C(AF_BLUETOOTH) C(AF_IUCV) C(AF_RXRPC) C(AF_ISDN) C(AF_PHONET)
	C(AF_IEEE802154) C(AF_CAIF) C(AF_ALG) C(AF_NFC) C(AF_VSOCK) C(AF_KCM) C(AF_QIPCRTR)
	C(AF_SMC) C(AF_XDP)
	C(PER_LINUX) C(PER_LINUX32) C(PER_BSD) C(PER_SVR4)
	C(UNAME26) C(ADDR_NO_RANDOMIZE) C(MMAP_PAGE_ZERO) C(ADDR_COMPAT_LAYOUT)
	C(READ_IMPLIES_EXEC) C(ADDR_LIMIT_32BIT) C(SHORT_INODE) C(WHOLE_SECONDS)
	C(STICKY_TIMEOUTS) C(ADDR_LIMIT_3GB)
#undef C
};

/* Decimal, hex, or octal as strace writes modes; a negative one is of the full width. */
static bool read_number(struct sca_str s, uint64_t *ret)
{
	uint64_t v = 0;
	int64_t i;

	if (s.n > 1 && s.p[0] == '0' && s.p[1] != 'x') {
		for (size_t k = 1; k < s.n; k++) {
			if (s.p[k] < '0' || s.p[k] > '7' || v >> 61)
				return false;
			v = v << 3 | (unsigned)(s.p[k] - '0');
		}
		*ret = v;
		return true;
	}
	if (str_i64(s, &i) == 0) {
		*ret = (uint64_t)i;
		return true;
	}
	return str_any64(s, ret) == 0;
}

static bool read_word(struct sca_str s, uint64_t *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(constants); i++) {
		if (str_eq(s, sca_str_z(constants[i].name))) {
			*ret = constants[i].value;
			return true;
		}
	}
	if (str_is(s, "NULL")) {
		*ret = 0;
		return true;
	}
	return read_number(s, ret);
}

/* "CLONE_VM|SIGCHLD", "CLONE_VM|0x400 and a comment"; false when a part of it is unknown. */
static bool read_value(struct sca_str s, uint64_t *ret)
{
	const char *comment = str_find(s, SCA_STR("/*"));
	struct sca_str part;
	uint64_t all = 0, v;

	if (comment)
		s.n = (size_t)(comment - s.p);
	s = str_trim(s);
	if (s.n == 0)
		return false;
	while (str_cut(&s, '|', &part)) {
		if (!read_word(str_trim(part), &v))
			return false;
		all |= v;
	}
	*ret = all;
	return true;
}

/* Bytes of the first argument: up to a comma, or to the parenthesis that ends the call. *ret_whole
 * is false when the text ends before. A descriptor's path, as -y puts it behind the number, is
 * whatever somebody named a file, but strace escapes < and > in it; "->" stands between the two
 * ends of a connection. */
static size_t argument_len(struct sca_str s, bool *ret_whole)
{
	unsigned depth = 0;
	bool quoted = false, path = false;
	size_t i;

	for (i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (path) {
			path = c != '>' || s.p[i - 1] == '-';
		} else if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
		} else if (c == '"') {
			quoted = true;
		} else if (c == '<') {
			path = true;
		} else if (c == '(' || c == '[' || c == '{') {
			depth++;
		} else if ((c == ')' || c == ']' || c == '}') && depth) {
			depth--;
		} else if ((c == ',' || c == ')') && !depth) {
			break;
		}
	}
	*ret_whole = i < s.n;
	return MIN(i, s.n);
}

/* The argument of a row. */
static bool find_argument(struct sca_str text, const char *label, unsigned index, bool end_whole,
			  struct sca_str *ret)
{
	for (unsigned i = 0; i < 6 && text.n; i++) {
		bool whole;
		size_t n = argument_len(text, &whole);
		struct sca_str arg = str_trim((struct sca_str){text.p, n});

		if (label ? str_starts(arg, sca_str_z(label)) : i == index) {
			*ret = label ? str_skip(arg, strlen(label)) : arg;
			return whole || end_whole;
		}
		if (!whole || text.p[n] == ')')
			return false;
		text = str_skip(text, n + 1);
	}
	return false;
}

unsigned trace_args(struct sca_str name, struct sca_str text, bool whole, uint64_t args[6])
{
	unsigned known = 0;

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		unsigned at = wanted[i].index;
		struct sca_str arg;

		if (str_eq(name, sca_str_z(wanted[i].call)) &&
		    find_argument(text, wanted[i].label, at, whole, &arg) &&
		    read_value(arg, &args[at]))
			known |= 1u << at;
	}
	return known;
}
