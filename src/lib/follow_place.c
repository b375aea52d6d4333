/* SPDX-License-Identifier: Apache-2.0 */
/* A place in a log: found again after rotation, packing and restarts. */
#include "json_text.h"

#include "follow.h"

#define TEXT_MAX  65536u
#define KIND      "file"
#define BEGIN_MIN 64u /* bytes that tell a log from others: a record's stamp is among them */

static uint64_t hash_begin(const struct log *l, size_t n)
{
	return hash_more(0, l->begin.p, n);
}

struct place place_of(const struct log *l, const struct sca_pos *at)
{
	return (struct place){
		.known = true,
		.dev = l->dev,
		.ino = l->ino,
		.at = {NULL, at->line, at->offset},
		.mtime_ns = l->mtime_ns,
		.begin_n = (uint32_t)l->begin.n,
		.begin_hash = hash_begin(l, l->begin.n),
	};
}

/* What may pass 2^63 is a string: many readers of JSON know no greater integer. */
void place_write(const struct place *p, const char *path, struct buf *out)
{
	buf_add_z(out, "{\"kind\":\"" KIND "\",\"path\":");
	json_add_string(out, sca_str_z(path));
	buf_addf(out, ",\"mtime\":%lld", (long long)p->mtime_ns);
	if (p->known) {
		buf_addf(out, ",\"dev\":\"%llu\",\"ino\":\"%llu\",\"offset\":%llu",
			 (unsigned long long)p->dev, (unsigned long long)p->ino,
			 (unsigned long long)p->at.offset);
		if (p->at.line)
			buf_addf(out, ",\"line\":%llu", (unsigned long long)p->at.line);
		buf_addf(out, ",\"begin\":%u,\"hash\":\"%016llx\"", p->begin_n,
			 (unsigned long long)p->begin_hash);
	}
	buf_add_c(out, '}');
}

/* -- reading it back -- */

static int bad(struct sca_err *err, const char *what)
{
	return sca_fail(err, SCA_E_SYNTAX,
			"the saved position is damaged: %s; remove it to start anew", what);
}

/* Text of a member that is a string without escapes; empty for any other. */
static struct sca_str text_of(const struct jt_doc *doc, const char *key)
{
	uint32_t node = jt_member(doc, 0, key, false);
	struct sca_str s;

	if (node == JT_NONE || doc->nodes[node].type != JT_STRING)
		return (struct sca_str){NULL, 0};
	s = jt_raw(doc, node);
	return (struct sca_str){s.p + 1, s.n - 2};
}

static bool number_of(const struct jt_doc *doc, const char *key, uint64_t max, uint64_t *ret)
{
	uint32_t node = jt_member(doc, 0, key, false);
	uint64_t v;

	if (node == JT_NONE || doc->nodes[node].type != JT_NUMBER || jt_u64(doc, node, &v) < 0 ||
	    v > max)
		return false;
	*ret = v;
	return true;
}

static int read_file(struct place *p, const struct jt_doc *doc, struct sca_err *err)
{
	uint64_t begin_n;
	struct sca_str hash = text_of(doc, "hash");

	if (str_u64(text_of(doc, "dev"), &p->dev) < 0 || str_u64(text_of(doc, "ino"), &p->ino) < 0)
		return bad(err, "its dev or ino is no number in quotation marks");
	if (!number_of(doc, "offset", INT64_MAX, &p->at.offset))
		return bad(err, "its offset is no place in a file");
	if (!number_of(doc, "begin", LOG_BEGIN, &begin_n) || hash.n != 16 ||
	    str_hex64(hash, &p->begin_hash) < 0)
		return bad(err, "its begin or hash is not in the form that was saved");
	if (begin_n == 0 && p->at.offset > 0)
		return bad(err, "it is behind the beginning of a file that has none");
	if (jt_member(doc, 0, "line", false) != JT_NONE &&
	    !number_of(doc, "line", INT64_MAX, &p->at.line))
		return bad(err, "its line is no number");
	p->begin_n = (uint32_t)begin_n;
	p->known = true;
	return 0;
}

static int read_doc(struct place *p, const struct jt_doc *doc, struct sca_err *err)
{
	uint64_t mtime;

	if (doc->nodes[0].type != JT_OBJECT)
		return bad(err, "it is no JSON object");
	if (!str_is(text_of(doc, "kind"), KIND))
		return bad(err, "it is not that of a file");
	if (!number_of(doc, "mtime", INT64_MAX, &mtime))
		return bad(err, "its mtime is no time");
	p->mtime_ns = (int64_t)mtime;
	return jt_member(doc, 0, "ino", false) == JT_NONE ? 0 : read_file(p, doc, err);
}

int place_read(struct place *ret, struct sca_str text, struct sca_err *err)
{
	struct sca_err why = SCA_ERR_INIT;
	struct place p = {0};
	struct jt_doc doc;
	int r;

	if (text.n > TEXT_MAX)
		return bad(err, "it is too long");
	r = jt_parse(&doc, text, &why);
	if (r == -ENOMEM)
		return sca_fail_errno(err, ENOMEM, "cannot read the saved position");
	if (r < 0)
		return bad(err, why.text);
	r = read_doc(&p, &doc, err);
	jt_release(&doc);
	if (r == 0)
		*ret = p;
	return r;
}

/* -- finding it -- */

static bool same_file(const struct place *p, const struct log *l)
{
	return p->dev == l->dev && p->ino == l->ino;
}

/* Whether a line may begin there: behind a line, or a hole. Of a packed log it is not known. */
static bool is_line_start(const struct log *l, uint64_t offset)
{
	char c;

	if (l->packed || offset == 0 || offset == l->size)
		return true;
	return offset < l->size && log_read_at(l->fd, &c, 1, offset - 1) == 1 &&
	       (c == '\n' || c == '\0');
}

static bool same_begin(const struct place *p, const struct log *l)
{
	return l->begin.n >= p->begin_n && hash_begin(l, p->begin_n) == p->begin_hash &&
	       is_line_start(l, p->at.offset);
}

size_t place_find(const struct place *p, const struct logset *set)
{
	for (size_t i = 0; i < set->n; i++)
		if (same_file(p, set->v[i]) && same_begin(p, set->v[i]))
			return i;
	for (size_t i = 0; p->begin_n >= BEGIN_MIN && i < set->n; i++)
		if (same_begin(p, set->v[i]))
			return i;
	return set->n;
}

void place_keep_newer(const struct place *p, struct logset *set)
{
	size_t first = set->n;

	while (first > 0 && (set->v[first - 1]->place.age == 0 ||
			     set->v[first - 1]->mtime_ns >= p->mtime_ns))
		first--;
	while (first-- > 0)
		log_free(logset_take(set, 0));
	for (size_t i = set->n; i-- > 0;)
		if (p->known && same_file(p, set->v[i]) && set->v[i]->place.age != 0)
			log_free(logset_take(set, i));
}
