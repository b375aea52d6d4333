/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls. Apart from the filter compiler the only file that asks libseccomp for them, and
 * the only one that knows its oddities: it takes numbers with and without an ABI's base,
 * answers -1 to -10000 for calls that an architecture multiplexes, and wants bit 30 on x32.
 */
#include "arch.h"

#include <seccomp.h>

/* Above every architecture's highest number; libseccomp's tables end at 547 (x32). */
#define NR_MAX 640

static const struct {
	int32_t nr;
	const char *name;
	enum arch_group group;
} late[] = {
#define LATE(nr, name, group) {nr, name, group},
#include "tables/syscalls_late.in"
};

static const struct {
	uint32_t token;
	int32_t nr;
	const char *name;
} private[] = {
#define PRIVATE(token, nr, name) {token, nr, name},
#include "tables/syscalls_late.in"
};

static const struct {
	uint32_t token, as;
} same[] = {
#define SAME(token, as) {token, as},
#include "tables/syscalls_late.in"
};

static const struct {
	uint32_t token;
	int32_t nr;
} lacks[] = {
#define LACKS(token, nr) {token, nr},
#include "tables/syscalls_late.in"
};

struct entry {
	const char *name;
	int32_t nr; /* kernel's, with the base */
};

/* The calls of one architecture. Numbers are looked up one by one, names all at once. */
struct table {
	const char *by_nr[NR_MAX]; /* index is the number without the base; NULL: not asked yet */
	struct entry sorted[NR_MAX + ARRAY_SIZE(private)]; /* by name; private numbers included */
	bool made; /* sorted, n and last */
	size_t n;
	int32_t last;
	uint32_t source; /* see source_of() */
	bool sourced;
};

/* In by_nr: there is no such call. */
static const char absent[] = "";

/* For the names of one architecture, in bytes; libseccomp 2.5.4's longest list takes 5 kB. */
#define TEXT_SIZE 16384
#define RESERVE_SIZE 4096

/*
 * All memory is taken at once, and the kernel gives pages of it as they are touched: a name
 * that could not be looked up for want of memory would look like a number without a name.
 * libseccomp takes some for each name, though, and gives it back.
 */
struct sca_names {
	void *reserve; /* what is given back for libseccomp's needs */
	char *text; /* names, one behind the other */
	size_t used, size;
	const char **all; /* every name once, in alphabetical order */
	size_t n_all;     /* 0 before it is needed */
	struct table tables[]; /* one for each architecture */
};

int sca_names_new(struct sca_names **ret, struct sca_err *err)
{
	size_t n = sca_arch_count();
	size_t tables = sizeof(struct sca_names) + n * sizeof(struct table);
	size_t all = n * ARRAY_SIZE(((struct table *)NULL)->sorted) * sizeof(char *);
	struct sca_names *names = calloc(1, tables + all + n * TEXT_SIZE);

	if (!names)
		return sca_fail(err, -ENOMEM, "no memory for the table of system calls");
	names->reserve = malloc(RESERVE_SIZE);
	if (!names->reserve) {
		free(names);
		return sca_fail(err, -ENOMEM, "no memory for the table of system calls");
	}
	names->all = (const char **)((char *)names + tables);
	names->text = (char *)names + tables + all;
	names->size = n * TEXT_SIZE;
	*ret = names;
	return 0;
}

struct sca_names *sca_names_free(struct sca_names *names)
{
	if (names) {
		free(names->reserve);
		free(names);
	}
	return NULL;
}

static const char *keep_name(struct sca_names *names, const char *name)
{
	size_t n = strlen(name) + 1;
	char *p = names->text + names->used;

	if (n > names->size - names->used)
		return NULL;
	memcpy(p, name, n);
	names->used += n;
	return p;
}

/* Whose numbers in libseccomp are those of `a`; 0 when libseccomp can not tell. */
static uint32_t source_of(struct sca_names *names, const struct arch *a)
{
	struct table *t = &names->tables[arch_index(a)];

	if (t->sourced)
		return t->source;
	if (arch_in_libseccomp(a->token))
		t->source = a->token;
	for (size_t i = 0; !t->source && i < ARRAY_SIZE(same); i++)
		if (same[i].token == a->token && arch_in_libseccomp(same[i].as))
			t->source = same[i].as;
	t->sourced = true;
	return t->source;
}

static bool lacks_call(const struct arch *a, int32_t nr)
{
	for (size_t i = 0; i < ARRAY_SIZE(lacks); i++)
		if (lacks[i].token == a->token && lacks[i].nr == nr)
			return true;
	return false;
}

/* NULL from libseccomp means no such call, or no memory: then it gets the reserve. */
static char *resolve(struct sca_names *names, uint32_t arch, int32_t nr)
{
	char *name;

	errno = 0;
	name = seccomp_syscall_resolve_num_arch(arch, nr);
	if (name || errno != ENOMEM || !names->reserve)
		return name;
	free(steal(&names->reserve));
	errno = 0;
	return seccomp_syscall_resolve_num_arch(arch, nr);
}


static int ask_libseccomp(struct sca_names *names, const struct arch *a, int32_t i,
			  const char **ret)
{
	int32_t bit = a->token == SCA_ARCH_X32 ? SCA_X32_BIT : 0;
	uint32_t source = source_of(names, a);
	char *name;

	*ret = NULL;
	if (!source || (source != a->token && lacks_call(a, i)))
		return 0;
	name = resolve(names, source, (a->base + i) | bit);
	if (!name)
		return errno == ENOMEM ? -ENOMEM : 0;
	*ret = keep_name(names, name);
	free(name);
	if (!names->reserve)
		names->reserve = malloc(RESERVE_SIZE); /* or the next one goes without */
	return *ret ? 0 : -ENOMEM;
}

static const char *late_name(const struct arch *a, int32_t nr)
{
	for (size_t i = 0; i < ARRAY_SIZE(late) && late[i].nr <= nr; i++)
		if (late[i].nr == nr && late[i].group & a->groups)
			return late[i].name;
	return NULL;
}

static const char *private_name(const struct arch *a, int32_t nr)
{
	for (size_t i = 0; i < ARRAY_SIZE(private); i++)
		if (private[i].nr == nr && private[i].token == a->token)
			return private[i].name;
	return NULL;
}

/* Name of the number i, which is without the base; NULL for none. What libseccomp says, counts. */
static int name_at(struct sca_names *names, const struct arch *a, int32_t i, const char **ret)
{
	const char **slot = &names->tables[arch_index(a)].by_nr[i], *name;
	int r;

	if (!*slot) {
		r = ask_libseccomp(names, a, i, &name);
		if (r < 0)
			return r;
		if (!name)
			name = late_name(a, i);
		if (!name)
			name = private_name(a, i);
		*slot = name ? name : absent;
	}
	*ret = *slot == absent ? NULL : *slot;
	return 0;
}

static int cmp_entry(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static int sort_table(struct sca_names *names, const struct arch *a, struct table *t)
{
	int32_t last = -1;
	const char *name;
	size_t n = 0;

	for (int32_t i = 0; i < NR_MAX; i++) {
		int r = name_at(names, a, i, &name);

		if (r < 0)
			return r;
		if (name)
			t->sorted[n++] = (struct entry){name, last = a->base + i};
	}
	for (size_t i = 0; i < ARRAY_SIZE(private); i++)
		if (private[i].token == a->token && private[i].nr >= NR_MAX)
			t->sorted[n++] = (struct entry){private[i].name, last = private[i].nr};
	if (n)
		qsort(t->sorted, n, sizeof(t->sorted[0]), cmp_entry);
	t->made = true;
	t->n = n;
	t->last = last;
	return 0;
}

/* The sorted table of an architecture. 0, SCA_E_UNKNOWN; -ENOMEM when libseccomp has none. */
static int table_of(struct sca_names *names, const struct arch *a, const struct table **ret)
{
	struct table *t;

	if (!a)
		return SCA_E_UNKNOWN;
	t = &names->tables[arch_index(a)];
	if (!t->made) {
		int r = sort_table(names, a, t);

		if (r < 0)
			return r;
	}
	*ret = t;
	return 0;
}

const char *sca_syscall_name(struct sca_names *names, uint32_t arch, int32_t nr)
{
	const struct arch *a = arch_find(arch);
	const char *name;

	if (!a || nr < 0)
		return NULL;
	if (nr < a->base || nr - a->base >= NR_MAX)
		return private_name(a, nr);
	return name_at(names, a, nr - a->base, &name) < 0 ? NULL : name;
}

/* libseccomp wants names with a NUL, which none of its own has inside. */
#define NAME_MAX_SIZE 128

static bool terminated(struct sca_str name, char z[NAME_MAX_SIZE])
{
	if (name.n == 0 || name.n >= NAME_MAX_SIZE || memchr(name.p, '\0', name.n))
		return false;
	memcpy(z, name.p, name.n);
	z[name.n] = '\0';
	return true;
}

static int cmp_name(struct sca_str name, const char *z)
{
	size_t n = strlen(z);
	int r = memcmp(name.p, z, MIN(name.n, n));

	return r ? r : (name.n > n) - (name.n < n);
}

static int search(const struct table *t, struct sca_str name, int32_t *ret)
{
	size_t lo = 0, hi = t->n;

	while (lo < hi) {
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

/*
 * libseccomp finds a name at once, and a number that is none of its pseudo numbers is the
 * kernel's. The rest, calls that are multiplexed or newer, needs the table.
 */
int sca_syscall_number(struct sca_names *names, uint32_t arch, struct sca_str name, int32_t *ret)
{
	int32_t bit = arch == SCA_ARCH_X32 ? SCA_X32_BIT : 0;
	const struct arch *a = arch_find(arch);
	const struct table *t;
	char z[NAME_MAX_SIZE];
	int r;

	if (!a || !terminated(name, z))
		return SCA_E_UNKNOWN;
	r = seccomp_syscall_resolve_name_arch(arch, z);
	if (r >= 0) {
		*ret = r & ~bit;
		return 0;
	}
	r = table_of(names, a, &t);
	return r < 0 ? r : search(t, name, ret);
}

int32_t sca_syscall_last(struct sca_names *names, uint32_t arch)
{
	const struct table *t;

	return table_of(names, arch_find(arch), &t) < 0 ? -1 : t->last;
}

/* Runtimes resolve against the native architecture; pseudo numbers count as known. */
bool sca_syscall_in_libseccomp(struct sca_names *names, struct sca_str name)
{
	char z[NAME_MAX_SIZE];

	(void)names;
	return terminated(name, z) && seccomp_syscall_resolve_name(z) != __NR_SCMP_ERROR;
}

static int cmp_z(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Collects the names of all architectures. */
static bool gather(struct sca_names *names)
{
	const char **all = names->all;
	const struct table *t;
	size_t n = 0;

	if (names->n_all)
		return true;
	for (size_t i = 0; i < sca_arch_count(); i++) {
		if (table_of(names, arch_find(sca_arch_at(i)), &t) < 0)
			return false;
		for (size_t k = 0; k < t->n; k++)
			all[n++] = t->sorted[k].name;
	}
	qsort(all, n, sizeof(*all), cmp_z);
	for (size_t i = 0; i < n; i++)
		if (names->n_all == 0 || strcmp(all[i], all[names->n_all - 1]) != 0)
			all[names->n_all++] = all[i];
	return true;
}

/* Two slips at most, and less than one in three letters; the first in alphabetical order among
 * equals. Case, and '-' for '_', are no slips. */
const char *sca_syscall_nearest(struct sca_names *names, struct sca_str name)
{
	const char *ret = NULL;
	char lower[STR_NEAR_MAX];
	unsigned limit;

	if (name.n == 0 || name.n >= sizeof(lower) || !gather(names))
		return NULL;
	for (size_t i = 0; i < name.n; i++)
		lower[i] = name.p[i] == '-' ? '_' : ascii_lower(name.p[i]);
	limit = (unsigned)MIN((name.n - 1) / 3, (size_t)2) + 1; /* to stay below */
	for (size_t i = 0; limit && i < names->n_all; i++) {
		unsigned d = str_distance((struct sca_str){lower, name.n},
					  sca_str_z(names->all[i]), limit - 1);

		if (d < limit) {
			limit = d;
			ret = names->all[i];
		}
	}
	return ret;
}
