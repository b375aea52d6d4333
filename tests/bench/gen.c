/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes audit logs for measurements: the same arguments give the same bytes.
 *
 *	gen mixed BYTES [SEED]    ENRICHED log of about BYTES, 0.4 % of the lines are SECCOMP
 *	gen dense LINES [SEED]    SECCOMP lines only, about 325 bytes each
 *	gen denials COUNT [SEED]  COUNT SECCOMP lines, no (arch, number) twice
 *
 * A record is a template; a $ and a letter stand for a value, see put_value(). Records of
 * one event share their stamp, process and names, as the kernel's do.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* -- vocabulary -- */

struct call {
	int nr;
	const char *name;
};

static const struct call calls[] = {
	{0, "read"}, {2, "open"}, {9, "mmap"}, {10, "mprotect"}, {16, "ioctl"}, {21, "access"},
	{41, "socket"}, {42, "connect"}, {43, "accept"}, {49, "bind"}, {56, "clone"},
	{58, "vfork"}, {61, "wait4"}, {62, "kill"}, {63, "uname"}, {72, "fcntl"},
	{76, "truncate"}, {80, "chdir"}, {82, "rename"}, {83, "mkdir"}, {84, "rmdir"},
	{87, "unlink"}, {88, "symlink"}, {90, "chmod"}, {92, "chown"}, {95, "umask"},
	{101, "ptrace"}, {105, "setuid"}, {112, "setsid"}, {135, "personality"},
	{140, "getpriority"}, {141, "setpriority"}, {155, "pivot_root"}, {157, "prctl"},
	{161, "chroot"}, {165, "mount"}, {166, "umount2"}, {175, "init_module"},
	{188, "setxattr"}, {203, "sched_setaffinity"}, {237, "mbind"}, {246, "kexec_load"},
	{250, "keyctl"}, {268, "fchmodat"}, {272, "unshare"}, {298, "perf_event_open"},
	{304, "open_by_handle_at"}, {308, "setns"}, {321, "bpf"}, {425, "io_uring_setup"},
	{435, "clone3"}, {452, "fchmodat2"},
};

static const char *const comms[] = {
	"\"sh\"", "\"runc:[2:INIT]\"", "\"nginx\"", "\"ThreadPoolSingl\"", "\"java\"",
	"\"python3\"", "\"node\"", "\"postgres\"", "\"tokio-runtime-w\"",
	"\"containerd-shim\"", "\"http-echo\"", "\"redis-server\"", "746872206E616D652078",
	"\"cron\"", "\"sshd\"", "\"systemd\"", "5468726561642048616E646C65",
};

static const char *const exes[] = {
	"\"/usr/bin/dash\"", "\"/usr/sbin/nginx\"", "\"/usr/lib/jvm/java-17/bin/java\"",
	"\"/usr/bin/python3.11\"", "\"/usr/local/bin/node\"",
	"\"/usr/lib/postgresql/15/bin/postgres\"", "\"/usr/local/bin/http-echo\"",
	"\"/usr/bin/containerd-shim-runc-v2\"", "\"/usr/sbin/cron\"", "\"/usr/sbin/sshd\"",
	"\"/usr/lib/systemd/systemd\"", "2F746D702F736F6D65207061746865",
};

static const char *const labels[] = {
	"system_u:system_r:container_t:s0:c583,c852",
	"system_u:system_r:container_t:s0:c205,c726",
	"system_u:system_r:container_t:s0:c417,c1003",
	"system_u:system_r:container_t:s0:c124,c883",
	"system_u:system_r:spc_t:s0",
};

static const char *const units[] = {
	"apt-daily", "logrotate", "systemd-tmpfiles-clean", "docker", "containerd",
	"NetworkManager", "fstrim", "man-db", "user@1000", "getty@tty1",
};

static const char *const paths[] = {
	"/etc/passwd", "/etc/shadow", "/etc/ld.so.cache",
	"/usr/lib/x86_64-linux-gnu/libc.so.6",
	"/var/lib/docker/overlay2/6f3c8f8b2f6a/merged/etc/hosts",
	"/lib64/ld-linux-x86-64.so.2", "/home/user/.ssh/authorized_keys",
	"/etc/sudoers.d/README", "/usr/bin/mount",
};

static const char *const titles[] = {
	"2F62696E2F7368002D63002F7573722F6C69622F6C6F67726F74617465",
	"6E67696E783A20776F726B65722070726F63657373",
	"707974686F6E33002D6D00687474702E736572766572",
	"\"sshd\"", "2F7573722F7362696E2F43524F4E002D66",
};

static const uint32_t codes[] = {0x50000, 0x50000, 0x7ffc0000, 0x7ffc0000, 0x80000000, 0};

/* -- deterministic values -- */

struct gen {
	uint64_t state;
	uint64_t bytes, lines, seccomp_lines;
	/* of the current event */
	uint64_t ms;
	uint32_t serial, pid, ppid, uid, ses;
	const char *comm, *exe, *label, *unit;
	struct call call;
	uint32_t arch, code;
	const char *arch_name;
};

static uint64_t rnd(struct gen *g)
{
	g->state ^= g->state << 13;
	g->state ^= g->state >> 7;
	g->state ^= g->state << 17;
	return g->state * 0x2545f4914f6cdd1dull >> 16;
}
#define PICK(g, table) ((table)[rnd(g) % COUNT(table)])

static void new_event(struct gen *g)
{
	bool root = rnd(g) % 3 != 0, session = rnd(g) % 4 == 0;

	g->ms += rnd(g) % 40;
	g->serial++;
	g->pid = 300 + (uint32_t)(rnd(g) % 60000);
	g->ppid = 1 + (uint32_t)(rnd(g) % 3000);
	g->uid = root ? 0 : 1000;
	g->ses = session ? 1 + (uint32_t)(rnd(g) % 200) : UINT32_MAX;
	g->comm = PICK(g, comms);
	g->exe = PICK(g, exes);
	g->label = PICK(g, labels);
	g->unit = PICK(g, units);
	g->call = PICK(g, calls);
	g->code = PICK(g, codes);
	g->arch = 0xc000003e;
	g->arch_name = "x86_64";
}

/* -- templates: $ and a letter -- */

#define WHO   "uid=$u gid=$u euid=$u suid=$u fsuid=$u egid=$u sgid=$u fsgid=$u"
#define NAMES "AUID=\"$A\" UID=\"$U\" GID=\"$U\""
#define SUBJ  "subj=$l"
#define USER(type, rest)                                                                \
	"type=" type " msg=audit($T): pid=$p uid=$u auid=$a ses=$s " SUBJ " msg='" rest \
	" hostname=10.0.$b.$b addr=10.0.$b.$b terminal=ssh res=success'"                \
	"\x1dUID=\"$U\" AUID=\"$A\"\n"
#define SYSCALL(key)                                                                    \
	"type=SYSCALL msg=audit($T): arch=c000003e syscall=$n success=yes exit=$b "     \
	"a0=$h a1=$h a2=$b a3=$h items=2 ppid=$P pid=$p auid=$a " WHO " tty=pts0 ses=$s " \
	"comm=$c exe=$e " SUBJ " key=" key "\x1d" "ARCH=x86_64 SYSCALL=$N " NAMES       \
	" EUID=\"$U\" SUID=\"$U\" FSUID=\"$U\" EGID=\"$U\" SGID=\"$U\" FSGID=\"$U\"\n"
#define CWD       "type=CWD msg=audit($T): cwd=\"/var/lib\"\n"
#define PROCTITLE "type=PROCTITLE msg=audit($T): proctitle=$t\n"
#define PATH(item)                                                                      \
	"type=PATH msg=audit($T): item=" item " name=\"$f\" inode=$i dev=fe:01 mode=0100644 " \
	"ouid=0 ogid=0 rdev=00:00 nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 " \
	"cap_frootid=0\x1d" "OUID=\"root\" OGID=\"root\"\n"
#define SERVICE(type)                                                                   \
	"type=" type " msg=audit($T): pid=1 uid=0 auid=4294967295 ses=4294967295 " SUBJ \
	" msg='unit=$d comm=\"systemd\" exe=\"/usr/lib/systemd/systemd\" hostname=? addr=? " \
	"terminal=? res=success'\x1dUID=\"root\" AUID=\"unset\"\n"

#define SECCOMP                                                                         \
	"type=SECCOMP msg=audit($T): auid=$a uid=$u gid=$u ses=$s " SUBJ " pid=$p comm=$c " \
	"exe=$e sig=$g arch=$r syscall=$n compat=0 ip=0x7f$h29 code=0x$k\x1d" NAMES     \
	" ARCH=$R SYSCALL=$N\n"

/* Events of a busy host, chosen with weights. */
static const struct {
	unsigned weight;
	const char *text;
} events[] = {
	{40, SYSCALL("\"exec\"")
	     "type=EXECVE msg=audit($T): argc=3 a0=\"sh\" a1=\"-c\" a2=\"$f\"\n"
	     CWD PATH("0") PATH("1") PROCTITLE},
	{25, SYSCALL("(null)") CWD PATH("0") PROCTITLE},
	{10, SERVICE("SERVICE_START")},
	{10, SERVICE("SERVICE_STOP")},
	{8, USER("USER_AUTH", "op=PAM:authentication grantors=pam_unix acct=\"user\" exe=$e")
	    USER("USER_ACCT", "op=PAM:accounting grantors=pam_unix acct=\"user\" exe=$e")},
	{8, USER("CRED_ACQ", "op=PAM:setcred grantors=pam_unix acct=\"user\" exe=$e")
	    USER("USER_START", "op=PAM:session_open grantors=pam_unix,pam_systemd "
			       "acct=\"user\" exe=$e")},
	{8, USER("USER_END", "op=PAM:session_close grantors=pam_unix acct=\"user\" exe=$e")
	    USER("CRED_DISP", "op=PAM:setcred grantors=pam_unix acct=\"user\" exe=$e")},
	{5, "type=AVC msg=audit($T): avc:  denied  { read } for  pid=$p comm=$c name=\"hosts\" "
	    "dev=\"overlay\" ino=$i scontext=$l tcontext=system_u:object_r:var_t:s0 "
	    "tclass=file permissive=0\n" SYSCALL("(null)") PROCTITLE},
	{3, "type=BPF msg=audit($T): prog-id=$b op=LOAD\n" SYSCALL("(null)") PROCTITLE},
	{2, "type=ANOM_ABEND msg=audit($T): auid=$a uid=$u gid=$u ses=$s " SUBJ " pid=$p "
	    "comm=$c exe=$e sig=11 res=1\x1d" NAMES "\n"},
};

static int put_value(struct gen *g, char letter, char *out, size_t room)
{
	const char *user = g->uid ? "user" : "root";

	switch (letter) {
	case 'T':
		return snprintf(out, room, "%" PRIu64 ".%03u:%u", g->ms / 1000,
				(unsigned)(g->ms % 1000), g->serial);
	case 'p':
		return snprintf(out, room, "%u", g->pid);
	case 'P':
		return snprintf(out, room, "%u", g->ppid);
	case 'u':
		return snprintf(out, room, "%u", g->uid);
	case 'U':
		return snprintf(out, room, "%s", user);
	case 'a':
		return snprintf(out, room, "%u", g->ses == UINT32_MAX ? UINT32_MAX : g->uid);
	case 'A':
		return snprintf(out, room, "%s", g->ses == UINT32_MAX ? "unset" : user);
	case 's':
		return snprintf(out, room, "%u", g->ses);
	case 'c':
		return snprintf(out, room, "%s", g->comm);
	case 'e':
		return snprintf(out, room, "%s", g->exe);
	case 'l':
		return snprintf(out, room, "%s", g->label);
	case 'd':
		return snprintf(out, room, "%s", g->unit);
	case 'n':
		return snprintf(out, room, "%d", g->call.nr);
	case 'N':
		return snprintf(out, room, "%s", g->call.name);
	case 'f':
		return snprintf(out, room, "%s", PICK(g, paths));
	case 't':
		return snprintf(out, room, "%s", PICK(g, titles));
	case 'g':
		return snprintf(out, room, "%d", g->code & 0x7fffffff ? 0 : 31);
	case 'r':
		return snprintf(out, room, "%x", g->arch);
	case 'R':
		return snprintf(out, room, "%s", g->arch_name);
	case 'k':
		return snprintf(out, room, "%x", g->code);
	case 'b':
		return snprintf(out, room, "%u", (unsigned)(rnd(g) % 250));
	case 'i':
		return snprintf(out, room, "%u", 1000 + (unsigned)(rnd(g) % 9000000));
	case 'h':
		return snprintf(out, room, "%08x", (unsigned)rnd(g));
	}
	return -1;
}

static void put(struct gen *g, const char *text)
{
	char line[4096];
	size_t n = 0;

	for (; *text; text++) {
		if (*text == '$') {
			int len = put_value(g, *++text, line + n, sizeof(line) - n);

			if (len < 0 || (size_t)len >= sizeof(line) - n)
				abort();
			n += (size_t)len;
			continue;
		}
		if (n == sizeof(line))
			abort();
		line[n++] = *text;
		g->lines += *text == '\n';
	}
	g->bytes += fwrite(line, 1, n, stdout);
}

static void seccomp(struct gen *g)
{
	new_event(g);
	put(g, SECCOMP);
	g->seccomp_lines++;
}

static const char *any_event(struct gen *g)
{
	unsigned sum = 0, at;

	for (size_t i = 0; i < COUNT(events); i++)
		sum += events[i].weight;
	at = (unsigned)(rnd(g) % sum);
	for (size_t i = 0;; i++) {
		if (at < events[i].weight)
			return events[i].text;
		at -= events[i].weight;
	}
}

/* Denials come in bursts: a refused program tries again. */
static void mixed(struct gen *g, uint64_t bytes)
{
	while (g->bytes < bytes && !ferror(stdout)) {
		if (g->seccomp_lines * 1000 < g->lines * 4)
			for (uint64_t burst = 1 + rnd(g) % 8; burst; burst--)
				seccomp(g);
		new_event(g);
		put(g, any_event(g));
	}
}

static void dense(struct gen *g, uint64_t lines)
{
	while (lines-- && !ferror(stdout))
		seccomp(g);
}

static bool denials(struct gen *g, uint64_t count)
{
	static const struct {
		uint32_t arch;
		int add;
		const char *name;
	} archs[] = {
		{0xc000003e, 0, "x86_64"},
		{0x40000003, 0, "i386"},
		{0xc000003e, 0x40000000, "x86_64"}, /* x32 */
	};
	const int numbers = 450;

	if (count > COUNT(archs) * (unsigned)numbers)
		return false;
	for (uint64_t i = 0; i < count; i++) {
		new_event(g);
		g->arch = archs[i % COUNT(archs)].arch;
		g->arch_name = archs[i % COUNT(archs)].name;
		g->call.nr = numbers - 1 - (int)(i / COUNT(archs)) + archs[i % COUNT(archs)].add;
		g->call.name = "unknown-syscall(-1)";
		g->code = 0x50000;
		put(g, SECCOMP);
	}
	return true;
}

int main(int argc, char **argv)
{
	struct gen g = {.ms = 1795502175137, .serial = 19000};
	uint64_t n = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
	bool ok = n > 0;

	g.state = argc > 3 ? strtoull(argv[3], NULL, 10) | 1 : 20261124;
	setvbuf(stdout, NULL, _IOFBF, 1 << 20);
	if (ok && strcmp(argv[1], "mixed") == 0)
		mixed(&g, n);
	else if (ok && strcmp(argv[1], "dense") == 0)
		dense(&g, n);
	else if (ok && strcmp(argv[1], "denials") == 0)
		ok = denials(&g, n);
	else
		ok = false;
	if (!ok) {
		fprintf(stderr, "usage: gen mixed BYTES|dense LINES|denials COUNT [SEED]\n");
		return 2;
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("gen");
		return 1;
	}
	return 0;
}
