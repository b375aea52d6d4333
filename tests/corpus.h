/* SPDX-License-Identifier: Apache-2.0 */
/* Every real profile of the shared corpus, one after the other. To be included behind cmocka.h. */
#ifndef TESTS_CORPUS_H
#define TESTS_CORPUS_H

#include <glob.h>

#include <scaudit/profile.h>

static inline void corpus_open(glob_t *g)
{
	const char *top = getenv("SCA_SHARED");
	char pattern[512];

	memset(g, 0, sizeof(*g));
	for (int i = 0; i < 2; i++) {
		snprintf(pattern, sizeof(pattern), "%s/data/profiles/*.%s", top ? top : "../shared",
			 i ? "profile" : "json");
		glob(pattern, i ? GLOB_APPEND : 0, NULL, g);
	}
	if (g->gl_pathc)
		return;
	globfree(g);
	print_message("no profiles: %s is not there\n", pattern);
	skip();
}

#define corpus_for_each(g, path) \
	for (size_t i_ = 0; i_ < (g)->gl_pathc && ((path) = (g)->gl_pathv[i_]); i_++)

static inline struct sca_profile *corpus_load(const char *path)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_profile *p = NULL;
	char text[512];

	if (sca_profile_load_file(&p, path, &err) < 0) {
		sca_err_format(&err, text, sizeof(text));
		fail_msg("%s", text);
	}
	return p;
}

#endif
