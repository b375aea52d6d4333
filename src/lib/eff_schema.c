/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types of a profile's members, and what its reader does about a wrong one. The tables say
 * which members a front end's structs have; everything else in a file is ignored.
 */
#include "eff_int.h"

static const struct field fields_arg[] = {
	{.key = "index", .kind = FIELD_UINT},
	{.key = "value", .kind = FIELD_UINT64},
	{.key = "valueTwo", .kind = FIELD_UINT64},
	{.key = "op", .kind = FIELD_STRING, .required = true},
	{0},
};

static const struct field fields_filter[] = {
	{.key = "caps", .kind = FIELD_STRINGS},
	{.key = "arches", .kind = FIELD_STRINGS},
	{.key = "minKernel", .kind = FIELD_KERNEL},
	{0},
};

static const struct field fields_filter_common[] = {
	{.key = "caps", .kind = FIELD_STRINGS},
	{.key = "arches", .kind = FIELD_STRINGS},
	{0},
};

static const struct field fields_arch[] = {
	{.key = "architecture", .kind = FIELD_STRING},
	{.key = "subArchitectures", .kind = FIELD_STRINGS},
	{0},
};

#define RULE_OCI                                                                               \
	{.key = "names", .kind = FIELD_STRINGS, .required = true},                             \
	{.key = "action", .kind = FIELD_STRING, .required = true},                             \
	{.key = "errnoRet", .kind = FIELD_UINT},                                               \
	{.key = "args", .kind = FIELD_STRUCTS, .of = fields_arg}

static const struct field fields_rule_oci[] = {RULE_OCI, {0}};

static const struct field fields_rule_moby[] = {
	RULE_OCI,
	{.key = "name", .kind = FIELD_STRING},
	{.key = "comment", .kind = FIELD_STRING},
	{.key = "includes", .kind = FIELD_STRUCT, .of = fields_filter},
	{.key = "excludes", .kind = FIELD_STRUCT, .of = fields_filter},
	{0},
};

static const struct field fields_rule_common[] = {
	RULE_OCI,
	{.key = "name", .kind = FIELD_STRING},
	{.key = "comment", .kind = FIELD_STRING},
	{.key = "errno", .kind = FIELD_STRING},
	{.key = "includes", .kind = FIELD_STRUCT, .of = fields_filter_common},
	{.key = "excludes", .kind = FIELD_STRUCT, .of = fields_filter_common},
	{0},
};

#define TOP_OCI                                                                                \
	{.key = "defaultAction", .kind = FIELD_STRING, .required = true},                      \
	{.key = "defaultErrnoRet", .kind = FIELD_UINT},                                        \
	{.key = "architectures", .kind = FIELD_STRINGS},                                       \
	{.key = "flags", .kind = FIELD_STRINGS},                                               \
	{.key = "listenerPath", .kind = FIELD_STRING},                                         \
	{.key = "listenerMetadata", .kind = FIELD_STRING}

const struct field fields_oci[] = {
	TOP_OCI,
	{.key = "syscalls", .kind = FIELD_STRUCTS, .of = fields_rule_oci},
	{0},
};

const struct field fields_moby[] = {
	TOP_OCI,
	{.key = "archMap", .kind = FIELD_STRUCTS, .of = fields_arch},
	{.key = "syscalls", .kind = FIELD_STRUCTS, .of = fields_rule_moby},
	{0},
};

/* Before Docker 23: no defaultErrnoRet, no flags, no listener. */
const struct field fields_moby20[] = {
	{.key = "defaultAction", .kind = FIELD_STRING},
	{.key = "architectures", .kind = FIELD_STRINGS},
	{.key = "archMap", .kind = FIELD_STRUCTS, .of = fields_arch},
	{.key = "syscalls", .kind = FIELD_STRUCTS, .of = fields_rule_moby},
	{0},
};

const struct field fields_common[] = {
	TOP_OCI,
	{.key = "defaultErrno", .kind = FIELD_STRING},
	{.key = "archMap", .kind = FIELD_STRUCTS, .of = fields_arch},
	{.key = "syscalls", .kind = FIELD_STRUCTS, .of = fields_rule_common},
	{0},
};

static const char *const kind_names[] = {
	[FIELD_STRING] = "string",   [FIELD_UINT] = "uint",     [FIELD_UINT64] = "uint64",
	[FIELD_STRINGS] = "[]string", [FIELD_STRUCT] = "struct", [FIELD_STRUCTS] = "[]struct",
	[FIELD_KERNEL] = "string",
};

static const char *const kind_cures[] = {
	[FIELD_STRING] = "write a string",
	[FIELD_UINT] = "write decimal digits, without quotes, sign, fraction or exponent",
	[FIELD_UINT64] = "write decimal digits, without quotes, sign, fraction or exponent",
	[FIELD_STRINGS] = "write an array of strings",
	[FIELD_STRUCT] = "write an object",
	[FIELD_STRUCTS] = "write an array of objects",
	[FIELD_KERNEL] = "write a string",
};

static enum jt_type kind_type(enum field_kind kind)
{
	switch (kind) {
	case FIELD_UINT:
	case FIELD_UINT64:
		return JT_NUMBER;
	case FIELD_STRINGS:
	case FIELD_STRUCTS:
		return JT_ARRAY;
	case FIELD_STRUCT:
		return JT_OBJECT;
	default:
		return JT_STRING;
	}
}

static enum jt_type type_of(const struct low *lo, uint32_t node)
{
	return lo->doc->nodes[node].type;
}

static const struct field *find_field(const struct low *lo, const struct field *of,
				      uint32_t node)
{
	for (; of->key; of++)
		if (jt_key_is(lo->doc, node, of->key, !low_yajl(lo)))
			return of;
	return NULL;
}

const struct field *low_field(const struct field *of, const char *key)
{
	for (; of->key; of++)
		if (strcmp(of->key, key) == 0)
			return of;
	return NULL;
}

uint32_t low_member(const struct low *lo, uint32_t object, const struct field *of,
		    const char *key)
{
	const struct field *f = low_field(of, key);
	uint32_t found = JT_NONE;

	if (!f || type_of(lo, object) != JT_OBJECT)
		return JT_NONE;
	jt_for_each (lo->doc, object, c) {
		if (!jt_key_is(lo->doc, c, key, !low_yajl(lo)))
			continue;
		if (low_yajl(lo))
			return type_of(lo, c) == kind_type(f->kind) ? c : JT_NONE;
		if (type_of(lo, c) != JT_NULL)
			found = c;
	}
	return found;
}

/* -- Go -- */

static int mismatch(struct low *lo, uint32_t node, const char *type, const char *cure)
{
	static const char *const names[] = {
		[JT_NULL] = "null",     [JT_FALSE] = "bool",   [JT_TRUE] = "bool",
		[JT_NUMBER] = "number", [JT_STRING] = "string", [JT_ARRAY] = "array",
		[JT_OBJECT] = "object",
	};
	enum jt_type have = type_of(lo, node);
	struct sca_str raw =
		have == JT_NUMBER ? jt_raw(lo->doc, node) : (struct sca_str){"", 0};

	return low_reject(lo, node, "cannot unmarshal %s%s%.*s into Go value of type %s; %s",
			  names[have], raw.n ? " " : "", CUT(raw), type, cure);
}

static int bad_kernel(struct low *lo, uint32_t node)
{
	struct sca_str raw = jt_raw(lo->doc, node);

	return low_reject(lo, node,
			  "invalid kernel version %.*s, expected \"<kernel>.<major>\"; write "
			  "two numbers, each at most 255",
			  CUT(raw));
}

/* strconv.ParseUint(s, 10, 8) */
static bool kernel_part(struct sca_str s, unsigned *ret)
{
	uint32_t v;

	if (str_u32(s, &v) < 0 || v > 255)
		return false;
	*ret = v;
	return true;
}

int low_kernel(struct low *lo, uint32_t node, unsigned ret[2])
{
	struct sca_str s, part;

	buf_reset(&lo->text);
	if (!jt_string(lo->doc, node, &lo->text))
		return low_no_memory(lo);
	s = buf_str(&lo->text);
	ret[0] = ret[1] = 0;
	if (s.n == 0)
		return 0;
	if (!str_cut(&s, '.', &part) || !kernel_part(part, &ret[0]) || !s.p ||
	    !kernel_part(s, &ret[1]) || (ret[0] == 0 && ret[1] == 0))
		return bad_kernel(lo, node);
	return 0;
}

static int check_object(struct low *lo, uint32_t object, const struct field *of);

static int check_elements(struct low *lo, uint32_t array, const struct field *f)
{
	bool strings = f->kind == FIELD_STRINGS;

	jt_for_each (lo->doc, array, c) {
		int r = 0;

		if (type_of(lo, c) == JT_NULL)
			continue;
		if (type_of(lo, c) != (strings ? JT_STRING : JT_OBJECT))
			return mismatch(lo, c, strings ? "string" : "struct",
					kind_cures[strings ? FIELD_STRING : FIELD_STRUCT]);
		if (!strings)
			r = check_object(lo, c, f->of);
		if (r < 0)
			return r;
	}
	return 0;
}

static int check_value(struct low *lo, uint32_t node, const struct field *f)
{
	unsigned kernel[2];
	uint64_t v;

	if (type_of(lo, node) == JT_NULL)
		return 0;
	if (type_of(lo, node) != kind_type(f->kind) ||
	    (kind_type(f->kind) == JT_NUMBER && jt_u64(lo->doc, node, &v) < 0))
		return mismatch(lo, node, kind_names[f->kind], kind_cures[f->kind]);
	switch (f->kind) {
	case FIELD_STRUCT:
		return check_object(lo, node, f->of);
	case FIELD_STRINGS:
	case FIELD_STRUCTS:
		return check_elements(lo, node, f);
	case FIELD_KERNEL:
		return low_kernel(lo, node, kernel);
	default:
		return 0;
	}
}

/*
 * Of two equal keys the last one counts, but Go decodes the second array of structs into the
 * elements of the first: members that the second lacks keep the first one's values. Nobody
 * means that, so it is not modelled.
 */
static int check_once(struct low *lo, uint32_t object, uint32_t node, const struct field *f)
{
	if (!f->of)
		return 0;
	jt_for_each (lo->doc, object, c) {
		if (c == node)
			return 0;
		if (jt_key_is(lo->doc, c, f->key, true))
			break;
	}
	return jt_fail(lo->doc, node, lo->err, SCA_E_UNSUPPORTED,
		       "\"%s\" stands twice and %s merges the two; write it once", f->key,
		       lo->reader);
}

static int check_object(struct low *lo, uint32_t object, const struct field *of)
{
	jt_for_each (lo->doc, object, c) {
		const struct field *f = find_field(lo, of, c);
		int r;

		if (!f)
			continue;
		r = check_value(lo, c, f);
		if (r == 0)
			r = check_once(lo, object, c, f);
		if (r < 0)
			return r;
	}
	return 0;
}

/* -- crun -- */

/* The C parser takes a sign in 64-bit numbers and wraps it around. */
static bool yajl_number(struct sca_str raw, enum field_kind kind, uint64_t *ret)
{
	bool minus = kind == FIELD_UINT64 && raw.n && raw.p[0] == '-';
	uint64_t v;

	if (str_u64(minus ? str_skip(raw, 1) : raw, &v) < 0 ||
	    (kind == FIELD_UINT && v > UINT32_MAX))
		return false;
	*ret = minus ? 0 - v : v;
	return true;
}

static int yajl_object(struct low *lo, uint32_t object, const struct field *of);

static int yajl_value(struct low *lo, uint32_t node, const struct field *f)
{
	struct sca_str raw = jt_raw(lo->doc, node);
	int r = 0;
	uint64_t v;

	if (kind_type(f->kind) == JT_NUMBER && !yajl_number(raw, f->kind, &v))
		return low_refuse(lo, node,
				  "invalid value '%.*s' with type '%s' for key '%s'; %s",
				  CUT(raw), f->kind == FIELD_UINT ? "uint32" : "uint64", f->key,
				  kind_cures[f->kind]);
	if (f->kind == FIELD_STRUCTS)
		for (uint32_t c = lo->doc->nodes[node].first; c != JT_NONE && r == 0;
		     c = lo->doc->nodes[c].next)
			r = yajl_object(lo, c, f->of);
	return r;
}

static int yajl_object(struct low *lo, uint32_t object, const struct field *of)
{
	const struct field *all = of;

	for (; of->key; of++) {
		uint32_t node = low_member(lo, object, all, of->key);
		int r = 0;

		if (node != JT_NONE)
			r = yajl_value(lo, node, of);
		else if (of->required)
			r = low_refuse(lo, object,
				       "required field '%s' not present; %s with exactly this "
				       "key",
				       of->key, kind_cures[of->kind]);
		if (r < 0)
			return r;
	}
	return 0;
}

int low_check(struct low *lo, uint32_t top)
{
	if (low_yajl(lo))
		return yajl_object(lo, top, lo->front->top);
	if (type_of(lo, top) == JT_NULL)
		return 0;
	if (type_of(lo, top) != JT_OBJECT)
		return mismatch(lo, top, "struct", kind_cures[FIELD_STRUCT]);
	return check_object(lo, top, lo->front->top);
}

uint64_t low_number(const struct low *lo, uint32_t node)
{
	uint64_t v = 0;

	if (node != JT_NONE && lo->doc->nodes[node].type == JT_NUMBER)
		yajl_number(jt_raw(lo->doc, node), FIELD_UINT64, &v);
	return v;
}

int low_string(struct low *lo, uint32_t node, struct sca_str *ret)
{
	buf_reset(&lo->text);
	if (type_of(lo, node) == JT_STRING && !jt_string(lo->doc, node, &lo->text))
		return low_no_memory(lo);
	return arena_dup_str(&lo->e->arena, buf_str(&lo->text), ret) ? 0 : low_no_memory(lo);
}
