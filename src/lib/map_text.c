/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A map as text, one JSON object a line:
 *
 *	{"v":1,"kind":"container-map","node":"n1","containers":1,"pids":1}
 *	{"c":0,"node":"n1","id":"...","engine":"docker","name":"web"}
 *	{"c":0,"pid":4711,"first":"2026-11-24T06:14:08.421Z","last":"2026-11-24T06:14:09.001Z"}
 *
 * Texts of several nodes may stand one behind the other. What is read is held to this form: the
 * numbers in the first line tell of a text that was cut.
 */
#include "json_text.h"
#include "map_int.h"

#define LINE_MAX_BYTES 65536u

enum key_kind { K_NUMBER, K_TEXT };

enum {
	HAVE_V = 1 << 0,
	HAVE_KIND = 1 << 1,
	HAVE_NODE = 1 << 2,
	HAVE_CONTAINERS = 1 << 3,
	HAVE_PIDS = 1 << 4,
	HAVE_C = 1 << 5,
	HAVE_PID = 1 << 6,
	HAVE_FIRST = 1 << 7,
	HAVE_LAST = 1 << 8,
	HAVE_REF = 1 << 9, /* one or more of a container's words */
};
#define HEADER (HAVE_V | HAVE_KIND | HAVE_CONTAINERS | HAVE_PIDS)
#define SEEN   (HAVE_C | HAVE_PID | HAVE_FIRST | HAVE_LAST)

/* What one line says. */
struct line {
	unsigned have;
	uint64_t v, containers, pids, c, pid;
	struct sca_str kind, node, first, last;
	struct sca_container_ref ref;
};

static const struct key {
	const char *key;
	enum key_kind kind;
	unsigned bit;
	size_t offset;
} keys[] = {
	{"v", K_NUMBER, HAVE_V, offsetof(struct line, v)},
	{"kind", K_TEXT, HAVE_KIND, offsetof(struct line, kind)},
	{"c", K_NUMBER, HAVE_C, offsetof(struct line, c)},
	{"node", K_TEXT, HAVE_NODE, offsetof(struct line, node)},
	{"containers", K_NUMBER, HAVE_CONTAINERS, offsetof(struct line, containers)},
	{"pids", K_NUMBER, HAVE_PIDS, offsetof(struct line, pids)},
	{"pid", K_NUMBER, HAVE_PID, offsetof(struct line, pid)},
	{"first", K_TEXT, HAVE_FIRST, offsetof(struct line, first)},
	{"last", K_TEXT, HAVE_LAST, offsetof(struct line, last)},
	{"id", K_TEXT, HAVE_REF, offsetof(struct line, ref.id)},
	{"engine", K_TEXT, HAVE_REF, offsetof(struct line, ref.engine)},
	{"name", K_TEXT, HAVE_REF, offsetof(struct line, ref.name)},
	{"image", K_TEXT, HAVE_REF, offsetof(struct line, ref.image)},
	{"pod", K_TEXT, HAVE_REF, offsetof(struct line, ref.pod)},
	{"namespace", K_TEXT, HAVE_REF, offsetof(struct line, ref.ns)},
	{"pod_uid", K_TEXT, HAVE_REF, offsetof(struct line, ref.pod_uid)},
	{"unit", K_TEXT, HAVE_REF, offsetof(struct line, ref.unit)},
};

struct reading {
	struct sca_map *map; /* a new one */
	struct buf scratch;  /* a line's strings */
	struct buf node;     /* of the section */
	bool begun;
	uint64_t containers, pids;           /* as the section's first line has them */
	struct place *places[MAP_PLACES_MAX]; /* of the section, by number */
	uint64_t n_places, n_pids;
};

/* -- reading -- */

static int read_key(struct reading *rd, const struct jt_doc *doc, uint32_t node,
		    struct line *line, struct sca_err *err)
{
	size_t i, at = rd->scratch.n;
	void *to;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (jt_key_is(doc, node, keys[i].key, false))
			break;
	if (i == ARRAY_SIZE(keys))
		return jt_fail(doc, node, err, SCA_E_SYNTAX, "a key that no map has");
	if (jt_shadowed(doc, node))
		return jt_fail(doc, node, err, SCA_E_SYNTAX, "the key stands twice");
	line->have |= keys[i].bit;
	to = (char *)line + keys[i].offset;
	if (keys[i].kind == K_NUMBER)
		return jt_u64(doc, node, to) < 0 ?
		       jt_fail(doc, node, err, SCA_E_SYNTAX, "not a whole number") : 0;
	if (doc->nodes[node].type != JT_STRING)
		return jt_fail(doc, node, err, SCA_E_SYNTAX, "not a string");
	/* Room for all of the line was set aside, so that earlier spans stay. */
	if (!jt_string(doc, node, &rd->scratch))
		return sca_fail(err, -ENOMEM, "no memory for a map");
	*(struct sca_str *)to = (struct sca_str){rd->scratch.p + at, rd->scratch.n - at};
	return 0;
}

static int end_section(const struct reading *rd, struct sca_err *err)
{
	if (rd->n_places != rd->containers || rd->n_pids != rd->pids)
		return sca_fail(err, SCA_E_SYNTAX, "the map is cut: it has %llu of %llu containers "
				"and %llu of %llu pids", (unsigned long long)rd->n_places,
				(unsigned long long)rd->containers, (unsigned long long)rd->n_pids,
				(unsigned long long)rd->pids);
	return 0;
}

static int take_header(struct reading *rd, const struct line *line, struct sca_err *err)
{
	int r = rd->begun ? end_section(rd, err) : 0;

	if (r < 0)
		return r;
	if (line->v != 1 || !str_is(line->kind, "container-map"))
		return sca_fail(err, SCA_E_SYNTAX, "not a map of containers of version 1");
	if (line->containers > MAP_PLACES_MAX || line->pids > SCA_MAP_PIDS_MAX)
		return sca_fail(err, SCA_E_SYNTAX, "more than a map can have: %u containers, %u "
				"pids", MAP_PLACES_MAX, SCA_MAP_PIDS_MAX);
	rd->begun = true;
	rd->containers = line->containers;
	rd->pids = line->pids;
	rd->n_places = rd->n_pids = 0;
	buf_reset(&rd->node);
	buf_add_str(&rd->node, line->node);
	if (rd->node.failed)
		return sca_fail(err, -ENOMEM, "no memory for a map");
	return map_own(rd->map, line->node, err);
}

static int take_place(struct reading *rd, const struct line *line, struct sca_err *err)
{
	int r;

	if (line->c != rd->n_places || rd->n_places == rd->containers)
		return sca_fail(err, SCA_E_SYNTAX, "containers are not numbered one by one");
	if (line->ref.id.n == 0 && line->ref.unit.n == 0)
		return sca_fail(err, SCA_E_SYNTAX, "a container without an id");
	r = map_place(rd->map, line->node.n ? line->node : buf_str(&rd->node), &line->ref,
		      &rd->places[rd->n_places], err);
	rd->n_places += r == 0;
	return r;
}

static int take_seen(struct reading *rd, const struct line *line, struct sca_err *err)
{
	int64_t first, last;

	if (line->c >= rd->n_places || rd->n_pids == rd->pids)
		return sca_fail(err, SCA_E_SYNTAX, "a pid of no container");
	if (line->pid > UINT32_MAX)
		return sca_fail(err, SCA_E_SYNTAX, "a pid does not fit 32 bits");
	if (time_parse_rfc3339(line->first, &first) < 0 ||
	    time_parse_rfc3339(line->last, &last) < 0 || first < 0 || last < first ||
	    last > MAP_TIME_MAX_MS)
		return sca_fail(err, SCA_E_SYNTAX, "first and last are not two times in order");
	rd->n_pids++;
	return map_seen(rd->map, rd->places[line->c], (uint32_t)line->pid, first, last, err);
}

static int take_line(struct reading *rd, const struct line *line, struct sca_err *err)
{
	if ((line->have & ~(unsigned)HAVE_NODE) == HEADER)
		return take_header(rd, line, err);
	if (!rd->begun)
		return sca_fail(err, SCA_E_SYNTAX, "not a map of containers: its first line is "
				"missing");
	if ((line->have & ~(unsigned)HAVE_NODE) == (HAVE_C | HAVE_REF))
		return take_place(rd, line, err);
	if (line->have == SEEN)
		return take_seen(rd, line, err);
	return sca_fail(err, SCA_E_SYNTAX, "neither a container nor a pid of one");
}

static int read_line(struct reading *rd, struct sca_str text, struct sca_err *err)
{
	struct line line = {0};
	struct jt_doc doc;
	int r;

	if (text.n > LINE_MAX_BYTES)
		return sca_fail(err, SCA_E_SYNTAX, "a line of more than %u bytes", LINE_MAX_BYTES);
	buf_reset(&rd->scratch);
	if (!buf_reserve(&rd->scratch, 3 * text.n))
		return sca_fail(err, -ENOMEM, "no memory for a map");
	r = jt_parse(&doc, text, err);
	if (r < 0)
		return r == -ENOMEM ? r : SCA_E_SYNTAX;
	r = doc.nodes[0].type == JT_OBJECT ? 0 :
	    jt_fail(&doc, 0, err, SCA_E_SYNTAX, "not an object");
	if (r == 0) {
		jt_for_each(&doc, 0, c) {
			r = read_key(rd, &doc, c, &line, err);
			if (r < 0)
				break;
		}
	}
	jt_release(&doc);
	return r < 0 ? r : take_line(rd, &line, err);
}

/* Lines are parsed one by one, and count themselves from 1. */
static int read_all(struct reading *rd, struct sca_str text, const char *file, struct sca_err *err)
{
	struct sca_str line;
	unsigned n = 0;
	int r = 0;

	while (r == 0 && text.n && str_cut(&text, '\n', &line)) {
		struct sca_err e = SCA_ERR_INIT;

		n++;
		r = read_line(rd, line, &e);
		if (r == 0)
			continue;
		if (e.code != r)
			e.code = r;
		e.line = n;
		e.column = MAX(e.column, 1u);
		if (err)
			*err = e;
	}
	if (r == 0 && !rd->begun)
		r = sca_fail(err, SCA_E_SYNTAX, "not a map of containers: it is empty");
	else if (r == 0)
		r = end_section(rd, err);
	if (r < 0)
		sca_err_at(err, file, MAX(n, 1u), 1);
	return r;
}

int sca_map_read(struct sca_map *m, struct sca_str text, const char *file, struct sca_err *err)
{
	struct reading *rd = calloc(1, sizeof(*rd));
	struct place *to = NULL;
	const struct place *p;
	const struct seen *s;
	int r;

	if (!rd)
		return sca_fail(err, -ENOMEM, "no memory for a map");
	r = sca_map_new(&rd->map, err);
	if (r == 0)
		r = read_all(rd, text, file, err);
	if (r == 0)
		r = map_own(m, (struct sca_str){rd->map->own, rd->map->own_n}, err);
	for (p = rd->map ? rd->map->places : NULL; r == 0 && p; p = p->newer)
		r = map_place(m, place_node(p), &p->kept.ref, &to, err);
	for (s = rd->map ? rd->map->seens : NULL; r == 0 && s; s = s->newer) {
		r = map_place(m, place_node(s->place), &s->place->kept.ref, &to, err);
		if (r == 0)
			r = map_seen(m, to, s->pid, s->first_ms, s->last_ms, err);
	}
	buf_release(&rd->scratch);
	buf_release(&rd->node);
	sca_map_free(rd->map);
	free(rd);
	return r;
}

/* -- writing -- */

static void put_text(struct buf *b, const char *key, struct sca_str value)
{
	if (value.n == 0)
		return;
	buf_addf(b, ",\"%s\":", key);
	json_add_string(b, value);
}

static void put_place(struct buf *b, const struct place *p)
{
	buf_addf(b, "{\"c\":%llu", (unsigned long long)p->number);
	put_text(b, "node", place_node(p));
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].bit == HAVE_REF) {
			size_t at = keys[i].offset - offsetof(struct line, ref);

			put_text(b, keys[i].key,
				 *(const struct sca_str *)((const char *)&p->kept.ref + at));
		}
	buf_add_z(b, "}\n");
}

static void put_seen(struct buf *b, const struct seen *s)
{
	char first[TIME_TEXT_MAX], last[TIME_TEXT_MAX];

	time_format_ms(s->first_ms, first);
	time_format_ms(s->last_ms, last);
	buf_addf(b, "{\"c\":%llu,\"pid\":%u,\"first\":\"%s\",\"last\":\"%s\"}\n",
		 (unsigned long long)s->place->number, s->pid, first, last);
}

int sca_map_text(const struct sca_map *m, char **ret, size_t *ret_n, struct sca_err *err)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	const struct seen *s;
	struct place *p;
	uint64_t n = 0;
	char *text;

	buf_add_z(&b, "{\"v\":1,\"kind\":\"container-map\"");
	put_text(&b, "node", (struct sca_str){m->own, m->own_n});
	buf_addf(&b, ",\"containers\":%zu,\"pids\":%zu}\n", m->n_places, m->n_seens);
	for (p = m->places; p; p = p->newer) {
		p->number = n++;
		put_place(&b, p);
	}
	for (s = m->seens; s; s = s->newer)
		put_seen(&b, s);
	text = buf_steal(&b, ret_n);
	if (!text)
		return sca_fail(err, -ENOMEM, "no memory for a map");
	*ret = text;
	return 0;
}
