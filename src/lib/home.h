/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands around a profile. Whatever the home, p->doc is the profile as JSON, so all that
 * judges and edits works on it; this module makes that JSON, knows where its values stand in the
 * file, and brings edits back into the file's own text.
 *
 * Inside of other JSON, p->json has the length of the file, with blanks for all that is around
 * the profile: offsets, lines and columns are the file's.
 */
#ifndef SCA_HOME_H
#define SCA_HOME_H

#include "profile_int.h"
#include "yaml.h"

#include <scaudit/policy.h>

struct home {
	struct jt_home jt; /* first, so that its callback finds the rest */
	enum sca_home kind;
	const char *pointer;
	size_t start, end; /* of the profile, or of the string that it is, in the file's text */
	bool is_yaml;
	struct yaml yaml;
	uint32_t *of;     /* YAML node of each JSON node; of a policy see home_policy.c */
	struct buf outer; /* the file's text, where p->text is not */
	struct buf note;
};

/* Finds the profile in p->text, and fills p->doc, with p->json and p->home where it is not all of
 * the file. Errors have a place. */
int home_open(struct sca_profile *p, struct sca_err *err);
/* A profile after edits of p->doc; `json` is the new JSON. p->home is not NULL. */
int home_apply(const struct sca_profile *p, const struct je_list *edits, struct sca_str json,
	       struct sca_profile **ret, struct sca_err *err);
struct home *home_free(struct home *h);
struct home *home_new(struct sca_profile *p, enum sca_home kind, const char *pointer);
/* What the operator makes of a SeccompProfile's own fields. */
int home_check_spo(struct sca_profile *p, struct sca_err *err);

/* -- home_policy.c -- */

/* A policy becomes a profile; p->text is it. */
int home_open_policy(struct sca_profile *p, enum sca_policy kind, struct sca_err *err);

/* -- home_yaml.c -- */

bool home_looks_like_yaml(struct sca_str text);
int home_open_yaml(struct sca_profile *p, struct sca_err *err);
int home_apply_yaml(const struct sca_profile *p, const struct je_list *edits, struct sca_str json,
		    struct sca_profile **ret, struct sca_err *err);

/* -- home_inspect.c -- */

/* p->doc is the whole output. */
int home_open_inspect(struct sca_profile *p, struct sca_err *err);

/* The one API group and kind that holds a profile. */
#define SPO_GROUP "security-profiles-operator.x-k8s.io/"
#define SPO_KIND  "SeccompProfile"

#endif
