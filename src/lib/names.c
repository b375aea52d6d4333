/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Architectures and system calls. Apart from the filter compiler the only file that asks
 * libseccomp, and the only one that knows its oddities: it takes numbers with and without an
 * ABI's base, answers -1 to -10000 for calls that an architecture multiplexes, and wants bit
 * 30 on x32.
 */
#include "text.h"

#include <scaudit/names.h>

#include <seccomp.h>

static const struct arch {
	uint32_t token;
	const char *name;
	const char *scmp_name;
	const char *go;
	const char *aliases;
	int32_t base;
	bool time64;
} archs[] = {
#define ARCH(token, name, scmp, go, aliases, base, time64) \
	{token, name, "SCMP_ARCH_" scmp, go, aliases, base, time64},
#define KARCH(token, name, aliases, base, time64) \
	{token, name, NULL, NULL, aliases, base, time64},
#include "tables/arch.in"
#undef ARCH
#undef KARCH
};

static const struct arch *arch_find(uint32_t token)
{
	for (size_t i = 0; i < ARRAY_SIZE(archs); i++)
		if (archs[i].token == token)
			return &archs[i];
	return NULL;
}

size_t sca_arch_count(void)
{
	return ARRAY_SIZE(archs);
}

uint32_t sca_arch_at(size_t i)
{
	return i < ARRAY_SIZE(archs) ? archs[i].token : 0;
}

const char *sca_arch_name(uint32_t arch)
{
	const struct arch *a = arch_find(arch);

	return a ? a->name : NULL;
}

const char *sca_arch_scmp_name(uint32_t arch)
{
	const struct arch *a = arch_find(arch);

	return a ? a->scmp_name : NULL;
}

const char *sca_arch_go_name(uint32_t arch)
{
	const struct arch *a = arch_find(arch);

	return a ? a->go : NULL;
}

/* The native architecture goes first: a filter holds one endianness. */
bool sca_arch_compilable(uint32_t arch)
{
	const struct arch *a = arch_find(arch);
	scmp_filter_ctx ctx;
	bool yes;

	if (!a || !a->scmp_name)
		return false;
	ctx = seccomp_init(SCMP_ACT_ALLOW);
	if (!ctx)
		return false;
	yes = seccomp_arch_exist(ctx, arch) == 0 ||
	      (seccomp_arch_remove(ctx, SCMP_ARCH_NATIVE) == 0 &&
	       seccomp_arch_add(ctx, arch) == 0);
	seccomp_release(ctx);
	return yes;
}

static bool in_words(const char *words, struct sca_str word)
{
	struct sca_str rest = sca_str_z(words), w;

	while (str_cut(&rest, ' ', &w))
		if (w.n && str_eq_nocase(w, word))
			return true;
	return false;
}

int sca_arch_parse(struct sca_str text, uint32_t *ret)
{
	bool prefixed = text.n > 2 && text.p[0] == '0' && ascii_lower(text.p[1]) == 'x';
	uint64_t token;

	if (text.n == 0)
		return SCA_E_UNKNOWN;
	for (size_t i = 0; i < ARRAY_SIZE(archs); i++) {
		const struct arch *a = &archs[i];

		if (str_eq_nocase(text, sca_str_z(a->name)) ||
		    (a->scmp_name && str_eq_nocase(text, sca_str_z(a->scmp_name))) ||
		    (a->go && str_eq_nocase(text, sca_str_z(a->go))) ||
		    in_words(a->aliases, text)) {
			*ret = a->token;
			return 0;
		}
	}
	if (str_hex64(prefixed ? str_skip(text, 2) : text, &token) == 0 &&
	    token <= UINT32_MAX && arch_find((uint32_t)token)) {
		*ret = (uint32_t)token;
		return 0;
	}
	return SCA_E_UNKNOWN;
}

uint32_t sca_arch_native(void)
{
	return seccomp_arch_native();
}

void sca_arch_from_record(uint32_t token, int64_t nr, uint32_t *ret_arch, int32_t *ret_nr)
{
	bool x32 = token == SCA_ARCH_X86_64 && nr >= SCA_X32_BIT &&
		   nr < 2 * (int64_t)SCA_X32_BIT;

	*ret_arch = x32 ? SCA_ARCH_X32 : token;
	*ret_nr = (int32_t)(x32 ? nr - SCA_X32_BIT : nr);
}

void sca_arch_to_record(uint32_t arch, int32_t nr, uint32_t *ret_token, int32_t *ret_nr)
{
	bool x32 = arch == SCA_ARCH_X32;

	*ret_token = x32 ? SCA_ARCH_X86_64 : arch;
	*ret_nr = x32 && nr >= 0 ? nr | SCA_X32_BIT : nr;
}

/* -- system calls -- */

/* Above every architecture's highest number; libseccomp's tables end at 547 (x32). */
#define NR_MAX 640

enum who { ALL, TIME64, NOT_SH, NOT_X32, NOT_S390, SECRETMEM };

static const struct uniform {
	int32_t nr;
	const char *name;
	enum who who;
} uniform[] = {
#define UNIFORM(nr, name, who) {nr, name, who},
#define PRIVATE(token, nr, name)
#include "tables/syscalls_late.in"
#undef UNIFORM
#undef PRIVATE
};

static const struct {
	uint32_t token;
	int32_t nr;
	const char *name;
} private[] = {
#define UNIFORM(nr, name, who)
#define PRIVATE(token, nr, name) {token, nr, name},
#include "tables/syscalls_late.in"
#undef UNIFORM
#undef PRIVATE
};

struct entry {
	const char *name;
	int32_t nr; /* kernel's, with the base */
};

/* The calls of one architecture, filled on first use. */
struct table {
	bool filled;
	const char *by_nr[NR_MAX]; /* index is the number without the base */
	struct entry *sorted;      /* by name; private numbers included */
	size_t n;
	int32_t last;
};

struct sca_names {
	struct arena arena;
	struct table tables[ARRAY_SIZE(archs)];
};

int sca_names_new(struct sca_names **ret, struct sca_err *err)
{
	struct sca_names *names = calloc(1, sizeof(*names));

	if (!names)
		return sca_fail(err, -ENOMEM, "no memory for the table of system calls");
	*ret = names;
	return 0;
}

struct sca_names *sca_names_free(struct sca_names *names)
{
	if (names) {
		arena_release(&names->arena);
		free(names);
	}
	return NULL;
}

static bool has_uniform(const struct arch *a, const struct uniform *u)
{
	static const uint32_t secretmem[] = {0x40000003, 0xc000003e, 0x4000003e, 0xc00000b7,
					     0xc00000f3, 0x00000016, 0x80000016};

	switch (u->who) {
	case ALL:
		return true;
	case TIME64:
		return a->time64;
	case NOT_SH:
		return a->token != 0x4000002a && a->token != 0x2a;
	case NOT_X32:
		return a->token != SCA_ARCH_X32;
	case NOT_S390:
		return a->token != 0x16;
	case SECRETMEM:
		for (size_t i = 0; i < ARRAY_SIZE(secretmem); i++)
			if (a->token == secretmem[i])
				return true;
		return false;
	}
	return false;
}

static bool fill_from_libseccomp(struct arena *arena, const struct arch *a, struct table *t)
{
	int32_t bit = a->token == SCA_ARCH_X32 ? SCA_X32_BIT : 0;

	if (!a->scmp_name)
		return true;
	for (int32_t i = 0; i < NR_MAX; i++) {
		char *name = seccomp_syscall_resolve_num_arch(a->token, (a->base + i) | bit);

		if (!name)
			continue;
		t->by_nr[i] = arena_dup(arena, sca_str_z(name));
		free(name);
		if (!t->by_nr[i])
			return false;
	}
	return true;
}

static int cmp_entry(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static bool sort_table(struct arena *arena, const struct arch *a, struct table *t)
{
	t->sorted = arena_alloc(arena, (NR_MAX + ARRAY_SIZE(private)) * sizeof(*t->sorted));
	if (!t->sorted)
		return false;
	t->n = 0;
	t->last = -1;
	for (int32_t i = 0; i < NR_MAX; i++) {
		if (!t->by_nr[i])
			continue;
		t->sorted[t->n++] = (struct entry){t->by_nr[i], a->base + i};
		t->last = a->base + i;
	}
	for (size_t i = 0; i < ARRAY_SIZE(private); i++)
		if (private[i].token == a->token && private[i].nr >= NR_MAX)
			t->sorted[t->n++] = (struct entry){private[i].name, private[i].nr};
	if (t->n > 1)
		qsort(t->sorted, t->n, sizeof(*t->sorted), cmp_entry);
	return true;
}

/* The filled table of an architecture; NULL for an unknown one, or when out of memory. */
static const struct table *table_of(struct sca_names *names, uint32_t arch)
{
	const struct arch *a = arch_find(arch);
	struct table *t;

	if (!a)
		return NULL;
	t = &names->tables[a - archs];
	if (t->filled)
		return t;
	if (!fill_from_libseccomp(&names->arena, a, t))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(uniform); i++)
		if (has_uniform(a, &uniform[i]) && !t->by_nr[uniform[i].nr])
			t->by_nr[uniform[i].nr] = uniform[i].name;
	for (size_t i = 0; i < ARRAY_SIZE(private); i++)
		if (private[i].token == arch && private[i].nr < NR_MAX &&
		    !t->by_nr[private[i].nr])
			t->by_nr[private[i].nr] = private[i].name;
	if (!sort_table(&names->arena, a, t))
		return NULL;
	t->filled = true;
	return t;
}

const char *sca_syscall_name(struct sca_names *names, uint32_t arch, int32_t nr)
{
	const struct table *t = table_of(names, arch);
	int32_t i;

	if (!t || nr < 0)
		return NULL;
	i = nr - archs[t - names->tables].base;
	if (i >= 0 && i < NR_MAX)
		return t->by_nr[i];
	for (size_t k = 0; k < ARRAY_SIZE(private); k++)
		if (private[k].token == arch && private[k].nr == nr)
			return private[k].name;
	return NULL;
}

static int cmp_name(struct sca_str name, const char *z)
{
	size_t n = strlen(z);
	int r = memcmp(name.p, z, MIN(name.n, n));

	return r ? r : (name.n > n) - (name.n < n);
}

int sca_syscall_number(struct sca_names *names, uint32_t arch, struct sca_str name, int32_t *ret)
{
	const struct table *t = table_of(names, arch);
	size_t lo = 0, hi;

	if (!t || name.n == 0)
		return SCA_E_UNKNOWN;
	for (hi = t->n; lo < hi;) {
		size_t mid = lo + (hi - lo) / 2;
		int r = cmp_name(name, t->sorted[mid].name);

		if (r == 0) {
			*ret = t->sorted[mid].nr;
			return 0;
		}
		if (r < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return SCA_E_UNKNOWN;
}

int32_t sca_syscall_last(struct sca_names *names, uint32_t arch)
{
	const struct table *t = table_of(names, arch);

	return t ? t->last : -1;
}

/* Runtimes resolve against the native architecture; pseudo numbers count as known. */
bool sca_syscall_in_libseccomp(struct sca_names *names, struct sca_str name)
{
	char z[128];

	(void)names;
	if (name.n == 0 || name.n >= sizeof(z) || memchr(name.p, '\0', name.n))
		return false;
	memcpy(z, name.p, name.n);
	z[name.n] = '\0';
	return seccomp_syscall_resolve_name(z) != __NR_SCMP_ERROR;
}

/* Edit distance with a swap of neighbours as one step, up to `limit`; more otherwise. */
static unsigned distance(struct sca_str a, struct sca_str b, unsigned limit)
{
	unsigned rows[3][64], *before = rows[0], *above = rows[1], *row = rows[2];

	if (a.n >= 63 || b.n >= 63 || (a.n > b.n ? a.n - b.n : b.n - a.n) > limit)
		return limit + 1;
	for (unsigned j = 0; j <= b.n; j++)
		above[j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		unsigned *t = before;

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b.n; j++) {
			unsigned d = above[j - 1] + (a.p[i - 1] != b.p[j - 1]);

			d = MIN(d, above[j] + 1);
			d = MIN(d, row[j - 1] + 1);
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
				d = MIN(d, before[j - 2] + 1);
			row[j] = d;
		}
		before = above;
		above = row;
		row = t;
	}
	return above[b.n];
}

/* Names of the usual architectures; the first in alphabetical order among equals. */
const char *sca_syscall_nearest(struct sca_names *names, struct sca_str name)
{
	static const uint32_t where[] = {SCA_ARCH_X86_64, SCA_ARCH_X86, SCA_ARCH_AARCH64};
	unsigned best = name.n < 4 ? 1 : 2, limit = best;
	const char *ret = NULL;
	char lower[63];

	if (name.n < 2 || name.n >= sizeof(lower))
		return NULL;
	for (size_t i = 0; i < name.n; i++)
		lower[i] = name.p[i] == '-' ? '_' : ascii_lower(name.p[i]);
	for (size_t k = 0; k < ARRAY_SIZE(where); k++) {
		const struct table *t = table_of(names, where[k]);

		for (size_t i = 0; t && i < t->n; i++) {
			struct sca_str s = sca_str_z(t->sorted[i].name);
			unsigned d = distance((struct sca_str){lower, name.n}, s, limit);

			if (d < best || (d == best && !ret && d <= limit)) {
				best = d;
				ret = t->sorted[i].name;
			}
		}
	}
	return ret;
}
