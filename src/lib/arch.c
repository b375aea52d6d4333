/* SPDX-License-Identifier: Apache-2.0 */
/* Architectures: tokens, names, and how a record's pair of token and number splits. */
#include "arch.h"

#include <seccomp.h>

static const struct arch archs[] = {
#define BITS64 (COMMON | CLONE3 | SHADOW | SINCE_6_19)
#define BITS32 (BITS64 | TIME64)
#define ARCH(token, name, scmp, go, aliases, base, groups) \
	{token, name, "SCMP_ARCH_" scmp, go, aliases, base, groups},
#define KARCH(token, name, aliases, base, groups) \
	{token, name, NULL, NULL, aliases, base, groups},
#include "tables/arch.in"
#undef ARCH
#undef KARCH
};

const struct arch *arch_find(uint32_t token)
{
	for (size_t i = 0; i < ARRAY_SIZE(archs); i++)
		if (archs[i].token == token)
			return &archs[i];
	return NULL;
}

size_t arch_index(const struct arch *a)
{
	return (size_t)(a - archs);
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

/* Every architecture of libseccomp's has read. */
bool arch_in_libseccomp(uint32_t token)
{
	return seccomp_syscall_resolve_name_arch(token, "read") != __NR_SCMP_ERROR;
}

bool sca_arch_compilable(uint32_t arch)
{
	const struct arch *a = arch_find(arch);

	return a && a->scmp_name && arch_in_libseccomp(arch);
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
