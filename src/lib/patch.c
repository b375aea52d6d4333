/* SPDX-License-Identifier: Apache-2.0 */
#include "home.h"
#include "patch_int.h"
#include "patch_tree.h"
#include "profile_int.h"

/* A guard for an addition shows what stands beside it. Above this size a part will do. */
#define GUARD_MAX 512u

struct maker {
	struct sca_patch *pt;
	const struct je_list *edits;
	struct tree tree;
	struct buf scratch;
	struct sca_err *err;
};

static int no_memory(struct maker *m)
{
	return sca_fail(m->err, -ENOMEM, "out of memory");
}

/* Keeps m->scratch as a string of the patch. */
static int keep(struct maker *m, const char **ret)
{
	char *p = m->scratch.failed ? NULL : arena_dup(&m->pt->arena, buf_str(&m->scratch));

	if (!p)
		return no_memory(m);
	if (strlen(p) != m->scratch.n)
		return sca_fail(m->err, SCA_E_CONFLICT,
				"a key holds a NUL character: no pointer can name it");
	*ret = p;
	return 0;
}

static int keep_path(struct maker *m, const struct cell *c, const char **ret)
{
	buf_reset(&m->scratch);
	return tree_path(c, &m->scratch) ? keep(m, ret) : no_memory(m);
}

static int keep_slot(struct maker *m, const struct cell *box, size_t slot, const char **ret)
{
	buf_reset(&m->scratch);
	tree_path(box, &m->scratch);
	buf_addf(&m->scratch, "/%zu", slot);
	return keep(m, ret);
}

static int keep_member(struct maker *m, const struct cell *object, struct sca_str key,
		       const char **ret)
{
	buf_reset(&m->scratch);
	tree_path(object, &m->scratch);
	jt_add_token(&m->scratch, key);
	return keep(m, ret);
}

static int keep_value(struct maker *m, const struct cell *c, const char **ret)
{
	buf_reset(&m->scratch);
	return tree_value(&m->tree, c, &m->scratch) ? keep(m, ret) : no_memory(m);
}

/* -- guards -- */

static int guard(struct maker *m, struct patch_step *st, const struct cell *c)
{
	struct patch_guard *g = &st->guards[st->n_guards];
	int r = keep_path(m, c, &g->path);

	if (r == 0)
		r = keep_value(m, c, &g->value);
	if (r == 0)
		st->n_guards++;
	return r;
}

/* The first child that its pointer leads to. */
static struct cell *first_kid(struct maker *m, const struct cell *c)
{
	size_t i = 0;

	while (i + 1 < c->n && c->kids[i]->node != JT_NONE &&
	       jt_shadowed(m->tree.doc, c->kids[i]->node))
		i++;
	return c->kids[i];
}

/* Guards a neighbour: all of it, or if that is long its first part. */
static int guard_near(struct maker *m, struct patch_step *st, struct cell *c)
{
	for (;;) {
		buf_reset(&m->scratch);
		if (!tree_value(&m->tree, c, &m->scratch) || !tree_open(&m->tree, c))
			return no_memory(m);
		if (m->scratch.n <= GUARD_MAX || c->n == 0)
			return guard(m, st, c);
		c = first_kid(m, c);
	}
}

/* Guards the place in an array where something comes in: the element that is there, or the
 * last one, or the empty array. */
static int guard_slot(struct maker *m, struct patch_step *st, struct cell *box, size_t slot)
{
	if (box->n == 0)
		return guard_near(m, st, box);
	return guard_near(m, st, box->kids[MIN(slot, box->n - 1)]);
}

/* -- one edit, one operation -- */

static struct cell *new_cell(struct maker *m, struct sca_str value)
{
	struct cell *c = arena_alloc(m->tree.arena, sizeof(*c));

	if (c)
		*c = (struct cell){.node = JT_NONE, .value = value};
	return c;
}

static int make_insert(struct maker *m, const struct je_edit *e, struct patch_step *st)
{
	struct cell *box = tree_cell(&m->tree, e->node), *c;
	int r;

	c = new_cell(m, sca_str_z(e->value));
	if (!box || !tree_open(&m->tree, box) || !c)
		return no_memory(m);
	r = guard_slot(m, st, box, cell_slot(box, e->index));
	if (r == 0)
		r = keep_slot(m, box, cell_slot(box, e->index), &st->op.path);
	if (r == 0)
		r = keep_value(m, c, &st->op.value);
	if (r == 0 && !tree_insert(&m->tree, box, e->index, c))
		return no_memory(m);
	return r;
}

static int make_move(struct maker *m, const struct je_edit *e, struct patch_step *st)
{
	struct cell *box = tree_cell(&m->tree, e->node), *c = tree_cell(&m->tree, e->from);
	int r;

	if (!box || !tree_open(&m->tree, box) || !c)
		return no_memory(m);
	r = guard(m, st, c);
	if (r == 0)
		r = guard_slot(m, st, box, cell_slot(box, e->index));
	if (r == 0)
		r = keep_path(m, c, &st->op.from);
	if (r < 0)
		return r;
	tree_remove(c); /* RFC 6902: the target is that of the document without it */
	c->raw_key = c->key = (struct sca_str){NULL, 0};
	r = keep_slot(m, box, cell_slot(box, e->index), &st->op.path);
	if (r == 0 && !tree_insert(&m->tree, box, e->index, c))
		return no_memory(m);
	return r;
}

static int make_member(struct maker *m, const struct je_edit *e, struct patch_step *st)
{
	struct cell *object = tree_cell(&m->tree, e->node), *c;
	_cleanup_buf_ struct buf raw = BUF_INIT;
	int r;

	c = new_cell(m, sca_str_z(e->value));
	json_add_string(&raw, sca_str_z(e->key));
	if (!object || !tree_open(&m->tree, object) || !c || raw.failed ||
	    !arena_dup_str(m->tree.arena, buf_str(&raw), &c->raw_key))
		return no_memory(m);
	c->key = sca_str_z(e->key);
	r = guard_near(m, st, object);
	if (r == 0)
		r = keep_member(m, object, c->key, &st->op.path);
	if (r == 0)
		r = keep_value(m, c, &st->op.value);
	if (r == 0 && !tree_insert(&m->tree, object, m->tree.doc->nodes[e->node].n, c))
		return no_memory(m);
	return r;
}

static int make_change(struct maker *m, const struct je_edit *e, struct patch_step *st)
{
	struct cell *c = tree_cell(&m->tree, e->node);
	int r;

	if (!c)
		return no_memory(m);
	r = guard(m, st, c);
	if (r == 0)
		r = keep_path(m, c, &st->op.path);
	if (r < 0)
		return r;
	if (e->kind == JE_REMOVE) {
		tree_remove(c);
		return 0;
	}
	c->node = JT_NONE;
	c->value = sca_str_z(e->value);
	return keep_value(m, c, &st->op.value);
}

static int make_step(struct maker *m, const struct je_edit *e)
{
	struct patch_step *st = &m->pt->steps[m->pt->n];
	int r;

	st->op.cause = e->cause;
	switch (e->kind) {
	case JE_INSERT:
		st->op.kind = e->from == JT_NONE ? SCA_OP_ADD : SCA_OP_MOVE;
		r = e->from == JT_NONE ? make_insert(m, e, st) : make_move(m, e, st);
		break;
	case JE_MEMBER:
		st->op.kind = SCA_OP_ADD;
		r = make_member(m, e, st);
		break;
	default:
		st->op.kind = e->kind == JE_REMOVE ? SCA_OP_REMOVE : SCA_OP_REPLACE;
		r = make_change(m, e, st);
		break;
	}
	if (r == 0)
		m->pt->n++;
	return r;
}

static int make_steps(struct maker *m)
{
	const struct je_list *l = m->edits;
	int r = 0;

	for (size_t i = 0; i < l->n && r == 0; i++)
		if (l->v[i].kind != JE_REMOVE)
			r = make_step(m, &l->v[i]);
	for (size_t i = 0; i < l->n && r == 0; i++)
		if (l->v[i].kind == JE_REMOVE)
			r = make_step(m, &l->v[i]);
	return r;
}

/* The patch's own copy of the edits and of the text they are for. */
static bool copy_edits(struct sca_patch *pt, const struct je_list *l)
{
	je_init(&pt->edits, NULL);
	for (size_t i = 0; i < l->n; i++)
		if (je_copy(&pt->edits, &l->v[i]) < 0)
			return false;
	pt->steps = calloc(l->n ? l->n : 1, sizeof(*pt->steps));
	pt->text_n = l->doc->text.n;
	pt->text = malloc(pt->text_n ? pt->text_n : 1);
	if (!pt->steps || !pt->text)
		return false;
	memcpy(pt->text, l->doc->text.p, pt->text_n);
	return true;
}

int patch_from_edits(struct sca_patch **ret, const struct je_list *edits, struct sca_err *err)
{
	struct maker m = {.edits = edits, .scratch = BUF_INIT, .err = err};
	struct arena cells = ARENA_INIT;
	int r = je_check(edits, err);

	if (r < 0)
		return r;
	m.pt = calloc(1, sizeof(*m.pt));
	if (!m.pt || !copy_edits(m.pt, edits) || !tree_init(&m.tree, edits->doc, &cells))
		r = no_memory(&m);
	else
		r = make_steps(&m);
	buf_release(&m.scratch);
	tree_release(&m.tree);
	arena_release(&cells);
	if (r < 0) {
		sca_patch_free(m.pt);
		return r;
	}
	*ret = m.pt;
	return 0;
}

struct sca_patch *sca_patch_free(struct sca_patch *pt)
{
	if (!pt)
		return NULL;
	arena_release(&pt->arena);
	je_release(&pt->edits);
	free(pt->steps);
	free(pt->text);
	free(pt);
	return NULL;
}

/* -- what the header offers -- */

size_t sca_patch_count(const struct sca_patch *pt)
{
	return pt->n;
}

const struct sca_op *sca_patch_op(const struct sca_patch *pt, size_t i)
{
	return i < pt->n ? &pt->steps[i].op : NULL;
}

static int check_text(const struct sca_patch *pt, const struct sca_profile *p,
		      struct sca_err *err)
{
	if (str_eq(p->doc.text, (struct sca_str){pt->text, pt->text_n}))
		return 0;
	sca_err_at(err, p->name, 0, 0);
	return sca_fail(err, SCA_E_CONFLICT, "the patch was made for another text");
}

int sca_patch_apply(const struct sca_patch *pt, const struct sca_profile *p,
		    struct sca_profile **ret, struct sca_err *err)
{
	struct je_list edits = pt->edits;
	struct sca_str text;
	char *q;
	int r = check_text(pt, p, err);

	if (r < 0)
		return r;
	edits.doc = &p->doc;
	r = je_apply(&edits, &q, &text.n, err);
	if (r < 0)
		return r;
	text.p = q;
	r = p->home ? home_apply(p, &edits, text, ret, err) :
		      sca_profile_load_mem(ret, text, p->name, err);
	free(q);
	return r < 0 ? sca_wrap(err, "patched text") : 0;
}

/* A pointer of the profile as one of the document around it. */
static void add_pointer(struct buf *out, const char *name, const char *top, const char *path)
{
	_cleanup_buf_ struct buf whole = BUF_INIT;

	buf_addf(&whole, "%s%s", top, path);
	buf_addf(out, ",\"%s\":", name);
	json_add_string(out, buf_str(&whole));
	out->failed |= whole.failed;
}

static void add_op(struct buf *out, const char *op, const char *top, const char *from,
		   const char *path, const char *value)
{
	buf_addf(out, "%s  {\"op\":\"%s\"", out->n > 2 ? ",\n" : "", op);
	if (from)
		add_pointer(out, "from", top, from);
	add_pointer(out, "path", top, path);
	if (value)
		buf_addf(out, ",\"value\":%s", value);
	buf_add_c(out, '}');
}

int sca_patch_json(const struct sca_patch *pt, const struct sca_profile *p, char **ret,
		   size_t *ret_n, struct sca_err *err)
{
	static const char *const names[] = {
		[SCA_OP_ADD] = "add",
		[SCA_OP_REMOVE] = "remove",
		[SCA_OP_REPLACE] = "replace",
		[SCA_OP_MOVE] = "move",
	};
	const char *top = sca_profile_pointer(p);
	struct buf out = BUF_INIT;
	int r = check_text(pt, p, err);
	char *text;

	if (r < 0)
		return r;
	buf_add_z(&out, pt->n ? "[\n" : "[");
	for (size_t i = 0; i < pt->n; i++) {
		const struct patch_step *st = &pt->steps[i];

		for (size_t j = 0; j < st->n_guards; j++)
			add_op(&out, "test", top, NULL, st->guards[j].path, st->guards[j].value);
		add_op(&out, names[st->op.kind], top, st->op.from, st->op.path, st->op.value);
	}
	buf_add_z(&out, pt->n ? "\n]\n" : "]\n");
	text = buf_steal(&out, ret_n);
	if (!text)
		return sca_fail(err, -ENOMEM, "out of memory");
	*ret = text;
	return 0;
}
