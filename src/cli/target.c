/* SPDX-License-Identifier: Apache-2.0 */
/* What verbs that judge a profile start with: the profile, and the world it is loaded in. */
#include "target.h"

/* The first line with something in it is "key: value", a comment or a document mark. */
static bool looks_like_yaml(const char *path)
{
	char text[2048];
	FILE *f = fopen(path, "re");
	size_t n;
	char *p = text;

	if (!f)
		return false;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	for (;;) {
		p += strspn(p, " \t\r\n");
		if (*p != '#')
			break;
		p += strcspn(p, "\n");
	}
	if (strncmp(p, "---", 3) == 0)
		return true;
	n = strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
	return n > 0 && p[n] == ':';
}

int profile_open(struct sca_profile **ret, const char *path, struct sca_err *err)
{
	int r = sca_profile_load_file(ret, path, err);

	if (r == SCA_E_SYNTAX && looks_like_yaml(path))
		return sca_fail(err, r,
				"this looks like YAML, perhaps a Kubernetes SeccompProfile; "
				"scaudit reads JSON: yq -o json .spec FILE makes it");
	return r;
}

int target_set(struct cli *cli, bool told, struct sca_target *t, bool *ret_given)
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
