/* SPDX-License-Identifier: Apache-2.0 */
/* The map of containers: what it answers, and itself as text. */
#include "map_int.h"

#include <setjmp.h>
#include <cmocka.h>

#define I64 "aaaaaaaa0123456789abcdefaaaaaaaa0123456789abcdefaaaaaaaa01234567"
#define J64 "bbbbbbbb0123456789abcdefbbbbbbbb0123456789abcdefbbbbbbbb01234567"

static struct sca_map *new_map(void)
{
	struct sca_map *m = NULL;

	assert_int_equal(sca_map_new(&m, NULL), 0);
	return m;
}

static void put(struct sca_map *m, const char *node, uint32_t pid, int64_t ms, const char *id,
		const char *name, const char *sure)
{
	struct sca_container_ref ref = {
		.id = sca_str_z(id), .engine = SCA_STR("runc"), .name = sca_str_z(name),
		.sure = sca_str_z(sure),
	};

	assert_int_equal(sca_map_add(m, sca_str_z(node), pid, ms, &ref, NULL), 0);
}

/* What is remembered, in this order; the first one's node is the map's own. */
static const struct {
	const char *node, *id, *name, *sure;
	uint32_t pid;
	int64_t ms;
} sightings[] = {
	{"n1.example.org", I64, "web", "exact", 7, 1000},
	{"n1.example.org", I64, "web", "exact", 7, 9000},  /* one sighting from 1000 to 9000 */
	{"n1.example.org", I64, "web", "exact", 7, 60000}, /* too far for that */
	{"n1.example.org", J64, "db", "exact", 7, 62000},  /* the pid went round */
	{"n1.example.org", I64, "web", "exact", 7, 64000}, /* and again */
	{"n1.example.org", I64, "web", "likely", 8, 1000}, /* not kept */
	{"n1.example.org", "shop", "shop-1", "exact", 9, 1000},
	{"n2", "shop", "shop-2", "exact", 9, 1000},
	{"n2", I64, "", "exact", 10, 1000}, /* another node's, and names nothing */
};

static const struct {
	const char *node, *id; /* of the record; NULL: absent */
	uint32_t pid;
	int64_t ms;
	const char *want, *name, *sure;
} finds[] = {
	{NULL, NULL, 7, 1000, I64, "web", "exact"},
	{NULL, NULL, 7, 5000, I64, "web", "exact"},
	{NULL, NULL, 7, 999, "", "", ""},
	{NULL, NULL, 7, 9001, I64, "web", "likely"},
	{NULL, NULL, 7, 14000, I64, "web", "likely"},
	{NULL, NULL, 7, 14001, "", "", ""},
	{NULL, NULL, 7, 61000, I64, "web", "likely"},
	{NULL, NULL, 7, 62000, J64, "db", "exact"},
	{NULL, NULL, 7, 63000, J64, "db", "likely"},
	{NULL, NULL, 7, 64000, I64, "web", "exact"},
	{"N1", NULL, 7, 5000, I64, "web", "exact"},
	{"n1.other", NULL, 7, 5000, I64, "web", "exact"},
	{"n2", NULL, 7, 5000, "", "", ""},
	{"n3", NULL, 7, 5000, "", "", ""},
	{NULL, NULL, 8, 1000, "", "", ""},
	{NULL, NULL, 9, 1000, "shop", "shop-1", "exact"},
	{"n2", NULL, 9, 1000, "shop", "shop-2", "exact"},
	{NULL, I64, 0, 0, I64, "web", "exact"},
	{"n3", J64, 0, 0, J64, "db", "exact"},
	{NULL, "shop", 7, 5000, "shop", "shop-1", "likely"},
	{"n2", "shop", 0, 0, "shop", "shop-2", "likely"},
	{"n3", "shop", 0, 0, "", "", ""},
	{NULL, "other", 7, 5000, "", "", ""}, /* the id wins over the pid */
};

static void check_finds(const struct sca_map *m)
{
	for (size_t i = 0; i < ARRAY_SIZE(finds); i++) {
		struct sca_record rec = {.pid = finds[i].pid, .time_ms = finds[i].ms,
					 .have = SCA_F_PID | SCA_F_TIME};
		struct sca_container_ref ref = {0};

		if (finds[i].node) {
			rec.node = sca_str_z(finds[i].node);
			rec.have |= SCA_F_NODE;
		}
		rec.container.id = sca_str_z(finds[i].id);
		assert_int_equal(sca_map_find(m, &rec, &ref, NULL), 0);
		if (!str_eq(ref.id, sca_str_z(finds[i].want)) ||
		    !str_eq(ref.name, sca_str_z(finds[i].name)) ||
		    !str_eq(ref.sure, sca_str_z(finds[i].sure)) ||
		    !str_is(ref.via, "map") != !finds[i].want[0])
			fail_msg("row %zu: id '%.*s', name '%.*s', sure '%.*s', via '%.*s'", i,
				 (int)ref.id.n, ref.id.p, (int)ref.name.n, ref.name.p,
				 (int)ref.sure.n, ref.sure.p, (int)ref.via.n, ref.via.p);
	}
}

static struct sca_map *filled(void)
{
	struct sca_map *m = new_map();

	for (size_t i = 0; i < ARRAY_SIZE(sightings); i++)
		put(m, sightings[i].node, sightings[i].pid, sightings[i].ms, sightings[i].id,
		    sightings[i].name, sightings[i].sure);
	return m;
}

static void test_find(void **state _unused_)
{
	struct sca_map *m = filled();

	check_finds(m);
	sca_map_free(m);
}

/* The text of a map makes the same map, and the same text. */
static void test_text(void **state _unused_)
{
	struct sca_map *m = filled(), *again = new_map();
	char *text, *text2;
	size_t n, n2;

	assert_int_equal(sca_map_text(m, &text, &n, NULL), 0);
	assert_int_equal(sca_map_read(again, (struct sca_str){text, n}, "map", NULL), 0);
	check_finds(again);
	assert_int_equal(sca_map_text(again, &text2, &n2, NULL), 0);
	assert_string_equal(text, text2);
	assert_int_equal(sca_map_read(again, (struct sca_str){text, n}, "map", NULL), 0);
	free(text2);
	assert_int_equal(sca_map_text(again, &text2, &n2, NULL), 0);
	assert_string_equal(text, text2); /* twice the same is once */
	free(text);
	free(text2);
	sca_map_free(m);
	sca_map_free(again);
}

static void test_strings(void **state _unused_)
{
	static const char odd[] = "\"\\\n\x1b\xff{}";
	struct sca_map *m = new_map(), *again = new_map();
	struct sca_record rec = {.pid = 1, .time_ms = 5, .have = SCA_F_PID | SCA_F_TIME};
	struct sca_container_ref ref;
	char *text;
	size_t n;

	put(m, "", 1, 5, odd, odd, "exact");
	assert_int_equal(sca_map_text(m, &text, &n, NULL), 0);
	assert_int_equal(sca_map_read(again, (struct sca_str){text, n}, "map", NULL), 0);
	assert_int_equal(sca_map_find(again, &rec, &ref, NULL), 0);
	assert_true(str_is(ref.name, "\"\\\n\x1b\\xff{}")); /* what is no UTF-8 becomes text */
	free(text);
	sca_map_free(m);
	sca_map_free(again);
}

#define HEAD(c, p) "{\"v\":1,\"kind\":\"container-map\",\"node\":\"n1\",\"containers\":" #c \
		   ",\"pids\":" #p "}\n"
#define BOX(n)     "{\"c\":" #n ",\"id\":\"x" #n "\"}\n"
#define PID        "{\"c\":0,\"pid\":1,\"first\":\"2026-01-01T00:00:00Z\",\"last\":" \
		   "\"2026-01-01T00:00:01Z\"}\n"

static const struct {
	const char *text;
	int code;
	unsigned line, column; /* 0: any */
} texts[] = {
	{HEAD(1, 1) BOX(0) PID, 0, 0, 0},
	{HEAD(0, 0), 0, 0, 0},
	{HEAD(1, 1) BOX(0) PID HEAD(1, 0) BOX(0), 0, 0, 0},
	{"", SCA_E_SYNTAX, 1, 1},
	{"{}", SCA_E_SYNTAX, 1, 1},
	{"[]", SCA_E_SYNTAX, 1, 1},
	{BOX(0), SCA_E_SYNTAX, 1, 1},
	{HEAD(1, 1) BOX(0), SCA_E_SYNTAX, 2, 1},               /* cut */
	{HEAD(1, 0) BOX(0) PID, SCA_E_SYNTAX, 3, 1},           /* too many */
	{HEAD(2, 0) BOX(0) BOX(0), SCA_E_SYNTAX, 3, 1},
	{HEAD(2, 0) BOX(1), SCA_E_SYNTAX, 2, 1},
	{HEAD(1, 1) PID BOX(0), SCA_E_SYNTAX, 2, 1},
	{HEAD(1, 0) "\n" BOX(0), SCA_E_SYNTAX, 2, 1},
	{HEAD(1, 0) "{\"c\":0,\"id\":7}\n", SCA_E_SYNTAX, 2, 13},
	{HEAD(1, 0) "{\"c\":-1,\"id\":\"x\"}\n", SCA_E_SYNTAX, 2, 6},
	{HEAD(1, 0) "{\"c\":0,\"id\":\"x\",\"id\":\"y\"}\n", SCA_E_SYNTAX, 2, 0},
	{HEAD(1, 0) "{\"c\":0,\"id\":\"x\",\"more\":1}\n", SCA_E_SYNTAX, 2, 0},
	{HEAD(1, 0) "{\"c\":0,\"name\":\"x\"}\n", SCA_E_SYNTAX, 2, 1},
	{HEAD(1, 0) "{\"c\":0,\"id\":\"x\"\n", SCA_E_SYNTAX, 2, 0},
	{HEAD(1, 1) BOX(0) "{\"c\":0,\"pid\":4294967296,\"first\":\"2026-01-01T00:00:00Z\","
	 "\"last\":\"2026-01-01T00:00:00Z\"}\n", SCA_E_SYNTAX, 3, 1},
	{HEAD(1, 1) BOX(0) "{\"c\":0,\"pid\":1,\"first\":\"2026-01-01T00:00:01Z\","
	 "\"last\":\"2026-01-01T00:00:00Z\"}\n", SCA_E_SYNTAX, 3, 1},
	{HEAD(4097, 0), SCA_E_SYNTAX, 1, 1},
	{"{\"v\":2,\"kind\":\"container-map\",\"containers\":0,\"pids\":0}", SCA_E_SYNTAX, 1, 1},
	{"{\"v\":1,\"kind\":\"denial\",\"containers\":0,\"pids\":0}", SCA_E_SYNTAX, 1, 1},
};

static void test_read(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct sca_map *m = filled();
		struct sca_err err = SCA_ERR_INIT;
		char *before, *behind;
		size_t n;
		int r;

		assert_int_equal(sca_map_text(m, &before, &n, NULL), 0);
		r = sca_map_read(m, sca_str_z(texts[i].text), "f", &err);
		assert_int_equal(sca_map_text(m, &behind, &n, NULL), 0);
		if (r != texts[i].code || err.code != r || err.line != texts[i].line ||
		    (texts[i].column && err.column != texts[i].column) ||
		    (r && strcmp(err.file, "f") != 0))
			fail_msg("row %zu: %d, %s:%u:%u: %s", i, r, err.file, err.line, err.column,
				 err.text);
		if (r && strcmp(before, behind) != 0)
			fail_msg("row %zu: the map is not as it was", i);
		assert_int_equal(sca_map_read(m, sca_str_z(texts[i].text), "f", NULL), r);
		free(before);
		free(behind);
		sca_map_free(m);
	}
}

/* The oldest make room, a container with all that was seen of it. */
static void test_bounds(void **state _unused_)
{
	struct sca_map *m = new_map();
	struct sca_record rec = {.have = SCA_F_PID | SCA_F_TIME, .time_ms = 1000};
	struct sca_container_ref ref;
	char id[32];

	for (uint32_t i = 0; i < SCA_MAP_PIDS_MAX + 10; i++)
		put(m, "n", i, 1000, "one", "", "exact");
	assert_int_equal(m->n_seens, SCA_MAP_PIDS_MAX);
	rec.pid = 9;
	assert_int_equal(sca_map_find(m, &rec, &ref, NULL), 0);
	assert_true(str_is(ref.via, "none"));
	rec.pid = 10;
	assert_int_equal(sca_map_find(m, &rec, &ref, NULL), 0);
	assert_true(str_is(ref.id, "one") && str_is(ref.sure, "exact"));
	for (uint32_t i = 0; i < MAP_PLACES_MAX; i++) {
		snprintf(id, sizeof(id), "box-%u", i);
		put(m, "n", i, 50000, id, "", "exact");
	}
	assert_int_equal(m->n_places, MAP_PLACES_MAX);
	assert_int_equal(m->n_seens, MAP_PLACES_MAX);
	sca_map_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),    cmocka_unit_test(test_text),
		cmocka_unit_test(test_strings), cmocka_unit_test(test_read),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
