/* SPDX-License-Identifier: Apache-2.0 */
#include "home.h"

struct home *home_new(struct sca_profile *p, enum sca_home kind, const char *pointer)
{
	struct home *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->kind = kind;
	h->pointer = h->jt.pointer = pointer;
	h->jt.text = buf_str(&p->text);
	p->home = h;
	return h;
}

struct home *home_free(struct home *h)
{
	if (!h)
		return NULL;
	yaml_release(&h->yaml);
	free(h->of);
	buf_release(&h->outer);
	buf_release(&h->note);
	free(h);
	return NULL;
}

/* -- inside of other JSON -- */

static size_t same_offset(const struct jt_home *home, const struct jt_doc *doc, uint32_t node)
{
	(void)home;
	return doc->nodes[node].start;
}

/* Blanks for the bytes around the profile. In front of it on its own line stands a CR, which is
 * a blank to JSON and no indentation to json_layout. */
static bool blank_out(struct sca_profile *p, size_t start, size_t end)
{
	struct sca_str text = buf_str(&p->text);
	const char *nl = memrchr(text.p, '\n', start);
	size_t line = nl ? (size_t)(nl + 1 - text.p) : 0;
	bool margin = true;

	p->json.max = SCA_PROFILE_MAX_BYTES;
	buf_add_str(&p->json, text);
	if (p->json.failed)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (i == start)
			i = end - 1;
		else if (i >= line && i < start && c != ' ' && c != '\t')
			margin = false;
		if (i >= end - 1 && i < end)
			continue;
		if (c != '\n' && c != '\r' && c != '\t')
			p->json.p[i] = i >= line && i < start && !margin ? '\r' : ' ';
	}
	return true;
}

static int open_span(struct sca_profile *p, enum sca_home kind, const char *pointer, uint32_t node,
		     struct sca_err *err)
{
	size_t start = p->doc.nodes[node].start, end = p->doc.nodes[node].end;
	struct home *h = home_new(p, kind, pointer);

	if (!h || !blank_out(p, start, end))
		return sca_fail(err, -ENOMEM, "out of memory");
	h->start = start;
	h->end = end;
	h->jt.offset = same_offset;
	jt_release(&p->doc);
	p->doc = (struct jt_doc){.nodes = NULL};
	return jt_parse(&p->doc, buf_str(&p->json), err);
}

static int open_oci(struct sca_profile *p, struct sca_err *err)
{
	uint32_t node = jt_find(&p->doc, SCA_STR("/linux/seccomp"));

	if (node == JT_NONE || p->doc.nodes[node].type != JT_OBJECT)
		return jt_fail(&p->doc, node == JT_NONE ? 0 : node, err, SCA_E_CONFLICT,
			       "a container's configuration without linux.seccomp: it runs "
			       "without a filter, which denies nothing");
	return open_span(p, SCA_HOME_OCI, "/linux/seccomp", node, err);
}

static bool string_is(const struct jt_doc *doc, const char *key, const char *want, bool prefix)
{
	char room[256]; /* a longer one is another */
	struct buf text = {.p = room, .cap = sizeof(room), .max = sizeof(room) - 1};
	uint32_t node = jt_member(doc, 0, key, false);

	if (node == JT_NONE || doc->nodes[node].type != JT_STRING || !jt_string(doc, node, &text))
		return false;
	return prefix ? str_starts(buf_str(&text), sca_str_z(want)) :
			str_eq(buf_str(&text), sca_str_z(want));
}

static int open_resource(struct sca_profile *p, struct sca_err *err)
{
	const struct jt_doc *doc = &p->doc;
	uint32_t node;
	int r;

	if (!string_is(doc, "apiVersion", SPO_GROUP, true) ||
	    !string_is(doc, "kind", SPO_KIND, false))
		return jt_fail(doc, jt_member(doc, 0, "kind", false), err, SCA_E_UNSUPPORTED,
			       "of Kubernetes' resources only a " SPO_KIND " of " SPO_GROUP
			       "* holds a profile that is read where it stands");
	node = jt_find(doc, SCA_STR("/spec"));
	if (node == JT_NONE || doc->nodes[node].type != JT_OBJECT)
		return jt_fail(doc, 0, err, SCA_E_SYNTAX, "a " SPO_KIND " without a spec");
	r = open_span(p, SCA_HOME_SPO, "/spec", node, err);
	return r < 0 ? r : home_check_spo(p, err);
}

/* -- all homes -- */

/* The top is a profile by its own keys, whatever else is there. */
static bool is_profile(const struct jt_doc *doc)
{
	return jt_member(doc, 0, "defaultAction", true) != JT_NONE ||
	       jt_member(doc, 0, "syscalls", true) != JT_NONE;
}

static bool is_inspect(const struct jt_doc *doc)
{
	uint32_t top = 0;

	if (doc->nodes[0].type == JT_ARRAY)
		top = doc->nodes[0].first;
	return top != JT_NONE && doc->nodes[top].type == JT_OBJECT &&
	       jt_member(doc, top, "HostConfig", false) != JT_NONE;
}

static int open_json(struct sca_profile *p, struct sca_err *err)
{
	const struct jt_doc *doc = &p->doc;

	if (is_inspect(doc))
		return home_open_inspect(p, err);
	if (doc->nodes[0].type != JT_OBJECT || is_profile(doc))
		return 0;
	if (jt_member(doc, 0, "ociVersion", false) != JT_NONE)
		return open_oci(p, err);
	if (jt_member(doc, 0, "apiVersion", false) != JT_NONE &&
	    jt_member(doc, 0, "kind", false) != JT_NONE)
		return open_resource(p, err);
	return 0;
}

int home_open(struct sca_profile *p, struct sca_err *err)
{
	struct sca_str text = buf_str(&p->text);
	enum sca_policy policy;
	int r;

	if (sca_policy_guess(text, &policy))
		r = home_open_policy(p, policy, err);
	else if (home_looks_like_yaml(text))
		r = home_open_yaml(p, err);
	else
		r = jt_parse(&p->doc, text, err);
	if (r == 0 && !p->home)
		r = open_json(p, err);
	if (r == 0 && p->home)
		p->doc.home = &p->home->jt;
	return r;
}

int home_check_spo(struct sca_profile *p, struct sca_err *err)
{
	const struct jt_doc *doc = &p->doc;
	uint32_t node, rules = jt_member(doc, 0, "syscalls", false);
	uint64_t u;

	p->doc.home = &p->home->jt;
	node = jt_member(doc, 0, "defaultErrnoRet", false);
	if (node != JT_NONE)
		return jt_fail(doc, node, err, SCA_E_CONFLICT,
			       "a " SPO_KIND " has no defaultErrnoRet: Kubernetes drops it, and "
			       "denied calls get EPERM; take it away");
	if (rules != JT_NONE && doc->nodes[rules].type == JT_ARRAY)
		jt_for_each (doc, rules, rule) {
			if (doc->nodes[rule].type != JT_OBJECT)
				continue;
			node = jt_member(doc, rule, "errnoRet", false);
			if (node != JT_NONE && jt_u64(doc, node, &u) == 0 && u == 0)
				return jt_fail(doc, node, err, SCA_E_CONFLICT,
					       "errnoRet 0 counts as absent in a " SPO_KIND
					       ": take it away");
		}
	node = jt_member(doc, 0, "baseProfileName", false);
	if (node != JT_NONE && doc->nodes[node].type == JT_STRING) {
		buf_add_z(&p->home->note, "The profile is built on ");
		buf_add_str(&p->home->note, jt_raw(doc, node));
		buf_add_z(&p->home->note,
			  " (baseProfileName), whose rules the operator adds. They are not "
			  "looked at here: a call that they allow is seen as denied.");
	}
	return p->home->note.failed ? sca_fail(err, -ENOMEM, "out of memory") : 0;
}

/* The new JSON has the old file's length around the profile. */
static int apply_span(const struct sca_profile *p, struct sca_str json, struct sca_profile **ret,
		      struct sca_err *err)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	const struct home *h = p->home;
	size_t tail = p->text.n - h->end;

	buf_add(&text, p->text.p, h->start);
	buf_add(&text, json.p + h->start, json.n - h->start - tail);
	buf_add(&text, p->text.p + h->end, tail);
	if (text.failed)
		return sca_fail(err, -ENOMEM, "out of memory");
	return sca_profile_load_text(ret, buf_str(&text), p->name, err);
}

int home_apply(const struct sca_profile *p, const struct je_list *edits, struct sca_str json,
	       struct sca_profile **ret, struct sca_err *err)
{
	if (p->home->is_yaml)
		return home_apply_yaml(p, edits, json, ret, err);
	if (sca_profile_apart(p))
		return sca_profile_load_mem(ret, json, p->name, err);
	return apply_span(p, json, ret, err);
}

/* -- what the header offers -- */

enum sca_home sca_profile_home(const struct sca_profile *p)
{
	return p->home ? p->home->kind : SCA_HOME_JSON;
}

bool sca_profile_apart(const struct sca_profile *p)
{
	enum sca_home home = sca_profile_home(p);

	return home == SCA_HOME_INSPECT || home == SCA_HOME_MINIJAIL ||
	       home == SCA_HOME_SYSTEMD;
}

const char *sca_profile_pointer(const struct sca_profile *p)
{
	return p->home ? p->home->pointer : "";
}

const char *sca_profile_note(const struct sca_profile *p)
{
	return p->home && p->home->note.n ? p->home->note.p : NULL;
}

bool sca_profile_frontend(const struct sca_profile *p, enum sca_frontend *ret)
{
	static const struct {
		enum sca_home home;
		enum sca_frontend frontend;
	} table[] = {
		{SCA_HOME_SPO, SCA_FRONTEND_CRI},
		{SCA_HOME_OCI, SCA_FRONTEND_OCI},
		{SCA_HOME_INSPECT, SCA_FRONTEND_DOCKER},
	};
	enum sca_home home = sca_profile_home(p);

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].home == home) {
			*ret = table[i].frontend;
			return true;
		}
	return false;
}
