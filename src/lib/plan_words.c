/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of the planner's sentences. */
#include "plan.h"

#include "text.h"

/* A word that somebody wrote into the profile: escaped, and no longer than a name can be. */
void say_word(struct buf *b, struct sca_str word)
{
	text_add_safe(b, (struct sca_str){word.p, MIN(word.n, (size_t)64)});
	if (word.n > 64)
		buf_add_z(b, "...");
}

void say_action(struct buf *b, enum sca_action action)
{
	const char *name = sca_action_scmp_name(action);

	if (name)
		buf_add_z(b, name + strlen("SCMP_ACT_"));
	else
		buf_add_z(b, sca_action_name(action));
}

static void say_outcome(struct buf *b, enum sca_action action, unsigned data)
{
	const char *name = sca_errno_name((int)data);

	say_action(b, action);
	if (action == SCA_ACT_ERRNO && name)
		buf_addf(b, "(%s)", name);
	else if (action == SCA_ACT_ERRNO)
		buf_addf(b, "(%u)", data);
}

void say_verdict(struct buf *b, const struct sca_verdict *v)
{
	say_outcome(b, v->action, v->data);
}

void say_default(struct buf *b, const struct sca_plan *pl)
{
	buf_add_z(b, "defaultAction ");
	say_outcome(b, pl->eff->default_action, pl->eff->default_err);
}

void say_rule(struct buf *b, struct sca_plan *pl, const struct eff_rule *rule)
{
	buf_addf(b, "rule %zu (line %u)", rule->index, plan_rule_line(pl, rule));
}

void say_gate(struct buf *b, const struct eff_rule *rule)
{
	static const char *const words[] = {
		[EFF_INC_CAPS] = "wants ",
		[EFF_INC_ARCHES] = "is for other machines",
		[EFF_INC_KERNEL] = "wants kernel ",
		[EFF_EXC_CAPS] = "excludes holders of ",
		[EFF_EXC_ARCHES] = "excludes this machine",
		[EFF_EXC_KERNEL] = "is for kernels before ",
		[EFF_NAME_FORM] = "is in the \"name\" form, which this front end ignores",
	};

	if ((size_t)rule->drop >= ARRAY_SIZE(words) || !words[rule->drop])
		return;
	buf_add_z(b, words[rule->drop]);
	say_word(b, rule->what);
}

static void say_between(struct buf *b, size_t i, size_t n, const char *last)
{
	if (i)
		buf_add_z(b, i + 1 == n ? last : ", ");
}

void say_reach(struct buf *b, const struct sca_reach *reach)
{
	for (size_t i = 0; i < reach->n; i++) {
		say_between(b, i, reach->n, " or ");
		say_verdict(b, &reach->v[i]);
	}
}

void say_archs(struct buf *b, struct sca_plan *pl, struct sca_str syscall)
{
	uint32_t archs[ARRAY_SIZE(pl->eff->archs) + ARRAY_SIZE(pl->archs)];
	size_t n = 0;
	int32_t nr;

	for (size_t i = 0; i < pl->eff->n_archs; i++)
		if (!sca_syscall_number(pl->names, pl->eff->archs[i], syscall, &nr))
			archs[n++] = pl->eff->archs[i];
	for (size_t i = 0; i < pl->n_archs; i++)
		if (!sca_syscall_number(pl->names, pl->archs[i], syscall, &nr))
			archs[n++] = pl->archs[i];
	for (size_t i = 0; i < n; i++) {
		say_between(b, i, n, " and ");
		buf_add_z(b, sca_arch_name(archs[i]));
	}
}

void say_caps(struct buf *b, const struct sca_advice *advice)
{
	struct sca_str caps = sca_str_z(advice->caps), word;

	for (size_t i = 0; str_cut(&caps, ' ', &word); i++) {
		buf_add_z(b, i ? " or " : "");
		buf_add_str(b, word);
	}
}

void say_advice(struct buf *b, const char *word, const char *text)
{
	size_t n = strlen(text);

	if (!n)
		return;
	if (b->n && b->p[b->n - 1] != ' ')
		buf_add_c(b, ' ');
	if (word) {
		buf_add_z(b, word);
		buf_add(b, text, n);
	} else {
		buf_add_c(b, (char)toupper((unsigned char)text[0]));
		buf_add(b, text + 1, n - 1);
	}
	if (text[n - 1] != '.')
		buf_add_c(b, '.');
}
