/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Targets: who loads a profile, with which capabilities, on what kernel. One row per front
 * end, runtime and named capability set; parsing and printing read the same rows.
 */
#include "profile_int.h"

#include <linux/capability.h>
#include <sys/utsname.h>

#define CAP_BIT(c) (UINT64_C(1) << (c))

/* The bounding sets that engines give a container unless told otherwise. */
#define CAPS_PODMAN                                                                            \
	(CAP_BIT(CAP_CHOWN) | CAP_BIT(CAP_DAC_OVERRIDE) | CAP_BIT(CAP_FOWNER) |                \
	 CAP_BIT(CAP_FSETID) | CAP_BIT(CAP_KILL) | CAP_BIT(CAP_NET_BIND_SERVICE) |             \
	 CAP_BIT(CAP_SETFCAP) | CAP_BIT(CAP_SETGID) | CAP_BIT(CAP_SETPCAP) |                   \
	 CAP_BIT(CAP_SETUID) | CAP_BIT(CAP_SYS_CHROOT))
#define CAPS_DOCKER                                                                            \
	(CAPS_PODMAN | CAP_BIT(CAP_AUDIT_WRITE) | CAP_BIT(CAP_MKNOD) | CAP_BIT(CAP_NET_RAW))
#define CAPS_ALL (CAP_BIT(CAP_LAST_CAP + 1) - 1)

static const struct cap_set {
	const char *name;
	uint64_t caps;
} cap_sets[] = {
	{"docker-default", CAPS_DOCKER},
	{"podman-default", CAPS_PODMAN},
	{"all", CAPS_ALL},
	{"none", 0},
};

static const struct runtime {
	const char *name;
	unsigned version[3]; /* assumed when the user gives none */
} runtimes[SCA_RUNTIME_COUNT] = {
	[SCA_RUNTIME_RUNC] = {"runc", {1, 3, 0}},
	[SCA_RUNTIME_CRUN] = {"crun", {1, 14, 0}},
};

/* containerd's own default capabilities are Docker's. Docker 20.10 ships a runc of its time. */
static const struct frontend {
	const char *name;
	enum sca_runtime runtime;
	unsigned version[3]; /* zeros: the runtime's own default */
	uint64_t caps;
} frontends[SCA_FRONTEND_COUNT] = {
	[SCA_FRONTEND_DOCKER] = {"docker", SCA_RUNTIME_RUNC, {0}, CAPS_DOCKER},
	[SCA_FRONTEND_DOCKER20] = {"docker20", SCA_RUNTIME_RUNC, {1, 1, 5}, CAPS_DOCKER},
	[SCA_FRONTEND_PODMAN] = {"podman", SCA_RUNTIME_CRUN, {0}, CAPS_PODMAN},
	[SCA_FRONTEND_CRI] = {"cri", SCA_RUNTIME_RUNC, {0}, CAPS_DOCKER},
	[SCA_FRONTEND_OCI] = {"oci", SCA_RUNTIME_RUNC, {0}, CAPS_DOCKER},
};

static void set_default_version(struct sca_target *t)
{
	const struct frontend *f = &frontends[t->frontend];
	bool own = f->runtime == t->runtime && f->version[0];

	memcpy(t->version, own ? f->version : runtimes[t->runtime].version, sizeof(t->version));
}

/* A decimal number at the head of *s; steps over it. */
static bool take_number(struct sca_str *s, unsigned *ret)
{
	struct sca_str digits = {s->p, 0};
	uint32_t v;

	while (digits.n < s->n && ascii_digit(s->p[digits.n]))
		digits.n++;
	if (str_u32(digits, &v) < 0)
		return false;
	*ret = v;
	*s = str_skip(*s, digits.n);
	return true;
}

static bool take_dot(struct sca_str *s)
{
	if (s->n == 0 || s->p[0] != '.')
		return false;
	*s = str_skip(*s, 1);
	return true;
}

void sca_target_init(struct sca_target *t, enum sca_frontend frontend)
{
	struct utsname u;

	*t = (struct sca_target){
		.frontend = frontend,
		.runtime = frontends[frontend].runtime,
		.caps = frontends[frontend].caps,
		.arch = sca_arch_native(),
	};
	set_default_version(t);
	if (uname(&u) == 0)
		sca_target_set_kernel(t, sca_str_z(u.release), NULL);
}

int sca_frontend_parse(struct sca_str text, enum sca_frontend *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(frontends); i++) {
		if (str_eq(text, sca_str_z(frontends[i].name))) {
			*ret = (enum sca_frontend)i;
			return 0;
		}
	}
	return SCA_E_UNKNOWN;
}

const char *sca_frontend_name(enum sca_frontend f)
{
	return (size_t)f < ARRAY_SIZE(frontends) ? frontends[f].name : NULL;
}

const char *sca_runtime_name(enum sca_runtime r)
{
	return (size_t)r < ARRAY_SIZE(runtimes) ? runtimes[r].name : NULL;
}

/* "1.1.5", "1.2", "v1.3.0-rc.1": missing parts are 0, what follows the numbers is ignored. */
static bool parse_version(struct sca_str s, unsigned ret[3], struct sca_str *ret_rest)
{
	unsigned v[3] = {0};

	if (s.n && s.p[0] == 'v')
		s = str_skip(s, 1);
	for (size_t i = 0; i < 3; i++) {
		if (!take_number(&s, &v[i]))
			return false;
		if (i == 2 || !take_dot(&s))
			break;
	}
	if (s.n && !strchr("-+~", s.p[0]))
		return false;
	memcpy(ret, v, sizeof(v));
	*ret_rest = s;
	return true;
}

/* Before 1.0.0-rc93 runc had no ENOSYS stub and no defaultErrnoRet: nothing here models it. */
static bool too_old(enum sca_runtime r, const unsigned v[3], struct sca_str rest)
{
	unsigned rc;

	if (r != SCA_RUNTIME_RUNC || v[0] > 1 || (v[0] == 1 && (v[1] || v[2])))
		return false;
	if (v[0] == 0)
		return true;
	if (!str_starts(rest, SCA_STR("-rc")))
		return false;
	rest = str_skip(rest, 3);
	take_dot(&rest);
	return take_number(&rest, &rc) && rc < 93;
}

int sca_target_set_runtime(struct sca_target *t, struct sca_str text, struct sca_err *err)
{
	struct sca_str name = {NULL, 0}, rest = {NULL, 0}, version = text;
	unsigned v[3];
	size_t i;

	str_cut(&version, ':', &name);
	for (i = 0; i < ARRAY_SIZE(runtimes); i++)
		if (str_eq(name, sca_str_z(runtimes[i].name)))
			break;
	if (i == ARRAY_SIZE(runtimes))
		return sca_fail(err, SCA_E_UNKNOWN,
				"unknown runtime \"%.*s\"; give runc or crun, with "
				"\":VERSION\" if known",
				CUT(text));
	if (!version.p) {
		t->runtime = (enum sca_runtime)i;
		set_default_version(t);
		return 0;
	}
	if (!parse_version(version, v, &rest))
		return sca_fail(err, SCA_E_SYNTAX,
				"runtime version \"%.*s\" is not of the form 1.2.3",
				CUT(version));
	if (too_old((enum sca_runtime)i, v, rest))
		return sca_fail(err, SCA_E_UNSUPPORTED,
				"runc before 1.0.0-rc93 is not modelled; give a newer version");
	t->runtime = (enum sca_runtime)i;
	memcpy(t->version, v, sizeof(v));
	return 0;
}

static const struct cap_set *find_cap_set(struct sca_str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(cap_sets); i++)
		if (str_eq(name, sca_str_z(cap_sets[i].name)))
			return &cap_sets[i];
	return NULL;
}

int sca_target_set_caps(struct sca_target *t, struct sca_str text, struct sca_err *err)
{
	struct sca_str item;
	uint64_t caps = 0;
	bool first = true;

	while (str_cut(&text, ',', &item)) {
		const struct cap_set *set;
		unsigned cap;
		char step;

		item = str_trim(item);
		step = item.n && (item.p[0] == '+' || item.p[0] == '-') ? item.p[0] : '\0';
		set = find_cap_set(item);
		if (step)
			item = str_skip(item, 1);
		if (step && first)
			caps = t->caps;
		first = false;
		if (set) {
			caps |= set->caps;
			continue;
		}
		if (sca_cap_parse(item, &cap) < 0)
			return sca_fail(err, SCA_E_UNKNOWN,
					"unknown capability \"%.*s\"; write CAP_NAME, or "
					"docker-default, podman-default, all, none",
					CUT(item));
		caps = step == '-' ? caps & ~CAP_BIT(cap) : caps | CAP_BIT(cap);
	}
	if (first)
		return sca_fail(err, SCA_E_SYNTAX,
				"empty capability set; write none for no capability");
	t->caps = caps;
	return 0;
}

int sca_target_set_kernel(struct sca_target *t, struct sca_str text, struct sca_err *err)
{
	struct sca_str s = text;
	unsigned major, minor;

	if (!take_number(&s, &major) || !take_dot(&s) || !take_number(&s, &minor) ||
	    (s.n && !strchr(".-+_~", s.p[0])))
		return sca_fail(err, SCA_E_SYNTAX,
				"kernel version \"%.*s\" is not of the form 6.1 or 6.1.0-amd64",
				CUT(text));
	t->kernel[0] = major;
	t->kernel[1] = minor;
	return 0;
}

int sca_target_set_arch(struct sca_target *t, struct sca_str text, struct sca_err *err)
{
	uint32_t arch;

	if (sca_arch_parse(text, &arch) < 0)
		return sca_fail(
			err, SCA_E_UNKNOWN,
			"unknown architecture \"%.*s\"; scaudit resolve lists the known ones",
			CUT(text));
	if (!sca_arch_compilable(arch))
		return sca_fail(err, SCA_E_UNSUPPORTED,
				"this libseccomp can not compile a filter for %s",
				sca_arch_name(arch));
	t->arch = arch;
	return 0;
}

/* The set as the nearest named one and the steps from it, in the form set_caps() reads. */
static void add_caps(struct buf *b, uint64_t caps)
{
	const struct cap_set *best = &cap_sets[0];

	for (size_t i = 1; i < ARRAY_SIZE(cap_sets); i++)
		if (__builtin_popcountll(caps ^ cap_sets[i].caps) <
		    __builtin_popcountll(caps ^ best->caps))
			best = &cap_sets[i];
	buf_add_z(b, best->name);
	for (unsigned c = 0; c < 64; c++) {
		const char *name = sca_cap_name(c);

		if (!((caps ^ best->caps) >> c & 1))
			continue;
		buf_addf(b, ",%c", caps >> c & 1 ? '+' : '-');
		if (name)
			buf_add_z(b, name);
		else
			buf_addf(b, "%u", c);
	}
}

void target_runtime(const struct sca_target *t, char buf[TARGET_RUNTIME_MAX])
{
	snprintf(buf, TARGET_RUNTIME_MAX, "%s %u.%u.%u", runtimes[t->runtime].name,
		 t->version[0], t->version[1], t->version[2]);
}

size_t sca_target_format(const struct sca_target *t, char *buf, size_t cap)
{
	char runtime[TARGET_RUNTIME_MAX], room[4096]; /* 64 capabilities at most */
	struct buf b = {.p = room, .cap = sizeof(room), .max = sizeof(room) - 1};
	const char *arch = sca_arch_name(t->arch);
	size_t n;

	if (cap == 0)
		return 0;
	target_runtime(t, runtime);
	buf_addf(&b, "%s, %s, caps ", frontends[t->frontend].name, runtime);
	add_caps(&b, t->caps);
	buf_addf(&b, ", kernel %u.%u, %s", t->kernel[0], t->kernel[1], arch ? arch : "unknown");
	n = b.failed ? 0 : MIN(b.n, cap - 1);
	if (n)
		memcpy(buf, b.p, n);
	buf[n] = '\0';
	return n;
}
