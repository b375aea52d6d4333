/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was bad already: lines of an earlier replay or report, one JSON object each. A call is
 * told by architecture, number and arguments; containers come and go under other names.
 */
#include "replay.h"

#define HASH_NONFATAL_OOM 1
#define HASH_FUNCTION(key, n, hash) HASH_OAT(key, n, hash) /* the default falls through cases */
#include <uthash.h>

#define BASELINE_MAX (64u << 20)

struct known {
	char *key;
	enum replay_weight weight;
	UT_hash_handle hh;
};

struct baseline {
	struct known *known;
};

static void add_key_args(struct out *o, const struct sca_denial *d)
{
	for (unsigned i = 0; d->args_known >> i; i++) {
		out_c(o, '/');
		if (d->args_known >> i & 1)
			out_hex(o, d->args[i]);
	}
}

static bool add_json_args(struct out *o, const json_t *args)
{
	const json_t *arg;
	size_t i;

	json_array_foreach(args, i, arg) {
		uint64_t v;

		out_c(o, '/');
		if (json_is_null(arg))
			continue;
		if (!json_is_string(arg) || !span_u64(span_z(json_string_value(arg)), &v))
			return false;
		out_hex(o, v);
	}
	return true;
}

/* What an earlier line said. A report's denial was one, and is known as such. */
static bool weight_of(const json_t *line, enum replay_weight *ret)
{
	const char *state = json_string_value(json_object_get(line, "replay"));

	if (!state) {
		*ret = json_is_true(json_object_get(line, "denied")) ? REPLAY_BAD : REPLAY_FINE;
		return true;
	}
	for (unsigned i = 0; i < SCA_REPLAY_COUNT; i++)
		if (strcmp(state, sca_replay_state_name(i)) == 0) {
			*ret = replay_weight(i);
			return true;
		}
	return false;
}

static int add_known(struct baseline *b, const char *key, enum replay_weight weight)
{
	struct known *k;

	HASH_FIND_STR(b->known, key, k);
	if (!k) {
		k = calloc(1, sizeof(*k));
		if (k)
			k->key = strdup(key);
		if (!k || !k->key) {
			free(k);
			return -ENOMEM;
		}
		HASH_ADD_KEYPTR(hh, b->known, k->key, strlen(k->key), k);
		if (!k->hh.tbl) {
			free(k->key);
			free(k);
			return -ENOMEM;
		}
	}
	if (weight > k->weight)
		k->weight = weight;
	return 0;
}

/* Lines without a call, as those about losses, say nothing. */
static int add_line(struct baseline *b, const json_t *line, struct sca_err *err)
{
	const char *arch = json_string_value(json_object_get(line, "arch"));
	const json_t *nr = json_object_get(line, "nr");
	_cleanup_out_ struct out key = OUT_MEMORY;
	enum replay_weight weight;

	if (!weight_of(line, &weight))
		return sca_fail(err, SCA_E_SYNTAX, "a state that replay does not know");
	if (!arch || !json_is_integer(nr))
		return 0;
	out_addf(&key, "%s/%lld", arch, (long long)json_integer_value(nr));
	if (!add_json_args(&key, json_object_get(line, "args")))
		return sca_fail(err, SCA_E_SYNTAX, "arguments that are no numbers");
	if (key.error || add_known(b, out_string(&key), weight) < 0)
		return sca_fail(err, -ENOMEM, "no memory");
	return 0;
}

static int load_lines(struct baseline *b, struct sca_str text, struct sca_err *err)
{
	struct sca_str line;
	int r = 0;

	for (unsigned no = 1; r == 0 && span_cut(&text, '\n', &line); no++) {
		json_error_t why;
		json_t *doc;

		if (line.n == 0)
			continue;
		doc = json_loadb(line.p, line.n, JSON_ALLOW_NUL, &why);
		r = json_is_object(doc) ? add_line(b, doc, err) :
			    sca_fail(err, SCA_E_SYNTAX,
				     "no JSON object; a baseline is what replay or report "
				     "wrote with --format ndjson");
		json_decref(doc);
		if (r < 0)
			sca_err_at(err, NULL, no, 1);
	}
	return r;
}

int baseline_load(struct baseline **ret, const char *path, struct sca_err *err)
{
	_cleanup_out_ struct out text = OUT_MEMORY;
	struct baseline *b = calloc(1, sizeof(*b));
	int r = b ? file_read(&text, path, BASELINE_MAX, err) :
		    sca_fail(err, -ENOMEM, "no memory");

	if (r == 0) {
		r = load_lines(b, (struct sca_str){text.p, text.n}, err);
		if (r < 0)
			sca_err_at(err, path, 0, 0);
	}
	if (r < 0) {
		baseline_free(b);
		return r;
	}
	*ret = b;
	return 0;
}

struct baseline *baseline_free(struct baseline *b)
{
	struct known *k, *next;

	if (!b)
		return NULL;
	HASH_ITER(hh, b->known, k, next) {
		HASH_DEL(b->known, k);
		free(k->key);
		free(k);
	}
	free(b);
	return NULL;
}

bool baseline_has(const struct baseline *b, const struct sca_replayed *r)
{
	const char *arch = sca_arch_name(r->denial->arch);
	_cleanup_out_ struct out key = OUT_MEMORY;
	struct known *k;

	if (!b || !arch || !r->denial->have_arch || !r->denial->have_nr)
		return false;
	out_addf(&key, "%s/%d", arch, r->denial->nr);
	add_key_args(&key, r->denial);
	HASH_FIND_STR(b->known, out_string(&key), k);
	return k && k->weight >= replay_weight(r->state);
}
