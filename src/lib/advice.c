/* SPDX-License-Identifier: Apache-2.0 */
/* What is known about single calls: a table, see tables/advice.in. */
#include "base.h"

#include <scaudit/names.h>

static const struct sca_advice rows[] = {
#define ADVICE(name, caps, mandatory, fallback, danger, risk, answer) \
	{name, caps, mandatory, fallback, SCA_DANGER_##danger, risk, answer},
#include "tables/advice.in"
#undef ADVICE
};

const struct sca_advice *sca_advice_find(struct sca_str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (str_eq(name, sca_str_z(rows[i].name)))
			return &rows[i];
	return NULL;
}

const char *sca_danger_name(enum sca_danger danger)
{
	static const char *const names[] = {
		[SCA_DANGER_NONE] = "none",     [SCA_DANGER_NOTE] = "note",
		[SCA_DANGER_ESCAPE] = "escape", [SCA_DANGER_KERNEL] = "kernel",
		[SCA_DANGER_BYPASS] = "bypass",
	};

	return (unsigned)danger < ARRAY_SIZE(names) ? names[danger] : "unknown";
}
