/* SPDX-License-Identifier: Apache-2.0 */
/* A profile from nothing, laid out as moby's default.json is. */
#include "plan.h"
#include "startup.h"

#define ARCHS_MAX 8

static size_t find_archs(const struct sca_target *t, const struct sca_denials *ds,
			 uint32_t archs[ARCHS_MAX])
{
	size_t n = 1;

	archs[0] = t->arch;
	for (size_t i = 0; i < sca_denials_count(ds) && n < ARCHS_MAX; i++) {
		const struct sca_denial *d = sca_denials_at(ds, i);
		bool known = !d->have_arch || d->arch == SCA_ARCH_X32 ||
			     !arch_runs_on(t->arch, d->arch) || !sca_arch_scmp_name(d->arch);

		for (size_t j = 0; j < n; j++)
			known |= archs[j] == d->arch;
		if (!known)
			archs[n++] = d->arch;
	}
	return n;
}

static bool is_call(struct sca_names *names, const uint32_t *archs, size_t n, struct sca_str name)
{
	int32_t nr;

	for (size_t i = 0; i < n; i++)
		if (sca_syscall_number(names, archs[i], name, &nr) == 0)
			return true;
	return false;
}

static void add_text(struct buf *b, const struct sca_target *t, enum sca_action action,
		     const struct sca_denials *ds, struct sca_names *names)
{
	uint32_t archs[ARCHS_MAX];
	size_t n = find_archs(t, ds, archs), at = 0, shown = 0;
	struct sca_str name;

	buf_addf(b, "{\n\t\"defaultAction\": \"%s\",\n", sca_action_scmp_name(action));
	if (action == SCA_ACT_ERRNO)
		buf_addf(b, "\t\"defaultErrnoRet\": %d,\n", EPERM);
	buf_add_z(b, "\t\"architectures\": [");
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "%s\n\t\t\"%s\"", i ? "," : "", sca_arch_scmp_name(archs[i]));
	buf_add_z(b, "\n\t],\n\t\"syscalls\": [\n\t\t{\n\t\t\t\"names\": [");
	while (startup_next(t, START_MADE, &at, &name))
		if (is_call(names, archs, n, name))
			buf_addf(b, "%s\n\t\t\t\t\"%s\"", shown++ ? "," : "", name.p);
	buf_add_z(b, "\n\t\t\t],\n\t\t\t\"action\": \"SCMP_ACT_ALLOW\"\n\t\t}\n\t]\n}\n");
}

int sca_profile_draft(struct sca_profile **ret, const struct sca_target *t, enum sca_action action,
		      const struct sca_denials *ds, struct sca_names *names, struct sca_err *err)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	if (!sca_action_denies(action) || !sca_action_scmp_name(action) ||
	    action == SCA_ACT_USER_NOTIF || action == SCA_ACT_TRACE)
		return sca_fail(err, -EINVAL, "a profile from nothing denies by itself");
	if (!sca_arch_scmp_name(t->arch))
		return sca_fail(err, SCA_E_UNSUPPORTED, "libseccomp has no architecture %s",
				sca_arch_name(t->arch) ? sca_arch_name(t->arch) : "of that kind");
	add_text(&text, t, action, ds, names);
	if (text.failed)
		return sca_fail(err, -ENOMEM, "no memory for a profile");
	return sca_profile_load_mem(ret, buf_str(&text), "new profile", err);
}
