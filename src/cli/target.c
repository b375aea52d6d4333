/* SPDX-License-Identifier: Apache-2.0 */
/* What verbs that judge a profile start with: the profile, and the world it is loaded in. */
#include "target.h"

int profile_open(struct sca_profile **ret, const char *path, struct sca_err *err)
{
	return sca_profile_load_file(ret, path, err);
}

/* Where a profile stands, as one reads it. */
static const char *const home_words[SCA_HOME_COUNT] = {
	[SCA_HOME_YAML] = "a profile in YAML",
	[SCA_HOME_SPO] = "spec of a SeccompProfile",
	[SCA_HOME_OCI] = "linux.seccomp of a container's configuration",
	[SCA_HOME_INSPECT] = "HostConfig.SecurityOpt of what docker inspect prints",
	[SCA_HOME_MINIJAIL] = "made from a policy of minijail",
	[SCA_HOME_SYSTEMD] = "made from systemd's SystemCallFilter= and its like",
};

void home_lines(const struct page *pg, const struct sca_profile *p, bool decides)
{
	const char *words = home_words[sca_profile_home(p)];
	_cleanup_out_ struct out o = OUT_MEMORY;
	enum sca_frontend frontend;

	if (!words)
		return;
	out_z(&o, words);
	if (decides && sca_profile_frontend(p, &frontend))
		out_addf(&o, ", so the front end is %s", sca_frontend_name(frontend));
	page_line(pg, "profile:", INK_FAINT, out_string(&o));
	if (!sca_profile_note(p))
		return;
	o.n = 0;
	out_safe(&o, span_z(sca_profile_note(p)));
	page_line(pg, "note:", INK_WARN, out_string(&o));
}

#define INSPECT_WAY \
	"--format profile -o FILE writes the patched profile, for docker run --security-opt " \
	"seccomp=FILE"

#define POLICY_WAY "--format %s -o FILE writes it with the change, --format profile as a profile"

/* NULL: not a policy. */
static const char *policy_format(const struct sca_profile *p)
{
	enum sca_home home = sca_profile_home(p);

	return home == SCA_HOME_MINIJAIL ? "minijail" :
	       home == SCA_HOME_SYSTEMD	 ? "systemd" : NULL;
}

int home_check_file(const struct sca_profile *p, const char *option, struct sca_err *err)
{
	if (!sca_profile_apart(p))
		return 0;
	if (policy_format(p))
		return sca_fail(err, SCA_E_CONFLICT,
				"%s: the file is a policy, not a profile; " POLICY_WAY, option,
				policy_format(p));
	return sca_fail(err, SCA_E_CONFLICT,
			"%s: the file only tells of a container; " INSPECT_WAY, option);
}

bool home_next(struct out *o, const struct sca_profile *old_profile,
	       const struct sca_profile *new_profile)
{
	struct sca_err err = SCA_ERR_INIT;
	char text[1024];

	if (sca_profile_check_text(new_profile, &err) < 0) {
		sca_err_format(&err, text, sizeof(text));
		out_safe(o, span_z(text));
		return true;
	}
	if (!sca_profile_apart(old_profile))
		return false;
	if (policy_format(old_profile)) {
		out_lit(o, "the patch's paths are those of the profile made from the policy; ");
		out_addf(o, POLICY_WAY, policy_format(old_profile));
		return true;
	}
	out_lit(o, "the patch's paths are the profile's own; " INSPECT_WAY);
	return true;
}

int target_for(struct cli *cli, const struct sca_profile *p, bool told, struct sca_target *t,
	       bool *ret_given)
{
	const struct {
		const char *word, *option;
		int (*set)(struct sca_target *t, struct sca_str text, struct sca_err *err);
	} steps[] = {
		{cli->runtime, "runtime", sca_target_set_runtime},
		{cli->caps, "caps", sca_target_set_caps},
		{cli->kernel, "kernel", sca_target_set_kernel},
		{cli->target_arch, "target-arch", sca_target_set_arch},
	};
	enum sca_frontend frontend = SCA_FRONTEND_DOCKER;

	if (cli->frontend && sca_frontend_parse(span_z(cli->frontend), &frontend) < 0)
		return sca_fail(&cli->err, SCA_E_UNKNOWN,
				"--frontend %s: there are docker, docker20, podman, cri, oci",
				cli->frontend);
	if (!cli->frontend && p)
		sca_profile_frontend(p, &frontend);
	if (!told)
		sca_target_init(t, frontend);
	else if (cli->frontend)
		t->frontend = frontend;
	*ret_given = told || cli->frontend;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		if (!steps[i].word)
			continue;
		*ret_given = true;
		if (steps[i].set(t, span_z(steps[i].word), &cli->err) < 0)
			return sca_wrap(&cli->err, "--%s", steps[i].option);
	}
	return 0;
}

int target_set(struct cli *cli, bool told, struct sca_target *t, bool *ret_given)
{
	return target_for(cli, NULL, told, t, ret_given);
}

void target_line(const struct page *pg, const struct sca_target *t, bool given)
{
	_cleanup_out_ struct out o = OUT_MEMORY;
	char text[512];

	sca_target_format(t, text, sizeof(text));
	out_safe(&o, span_z(text));
	if (!given)
		out_lit(&o,
			" (defaults; --frontend, --runtime, --caps, --kernel say otherwise)");
	page_line(pg, "target:", INK_FAINT, out_string(&o));
}
