/* SPDX-License-Identifier: Apache-2.0 */
/* The denial set: grouping, order, merging of report lines, and its bounds. */
#include "text.h"

#include <scaudit/denial.h>

#include <setjmp.h>
#include <cmocka.h>

static struct sca_record record(uint32_t arch, int32_t nr, enum sca_action action, const char *comm)
{
	return (struct sca_record){
		.have = SCA_F_ARCH | SCA_F_NR | SCA_F_CODE | SCA_F_COMM,
		.arch = arch,
		.nr = nr,
		.action = action,
		.denied = action != SCA_ACT_LOG,
		.comm = sca_str_z(comm),
		.count = 1,
	};
}

static struct sca_denials *set_new(size_t max)
{
	struct sca_denials *ds = NULL;

	assert_int_equal(sca_denials_new(&ds, max, NULL), 0);
	return ds;
}

static void add(struct sca_denials *ds, const struct sca_record *rec)
{
	assert_int_equal(sca_denials_add(ds, rec, NULL), 0);
}

static void test_groups(void **state _unused_)
{
	static const struct {
		uint32_t arch;
		int32_t nr;
		enum sca_action action;
		const char *comm;
		unsigned args_known;
		uint64_t arg0;
	} rows[] = {
		{0xc000003e, 83, SCA_ACT_ERRNO, "a", 0, 0},
		{0xc000003e, 83, SCA_ACT_ERRNO, "b", 0, 7},        /* arg0 is not known: same */
		{0xc000003e, 83, SCA_ACT_ERRNO, "a", 1, 7},        /* another group */
		{0xc000003e, 83, SCA_ACT_KILL_PROCESS, "a", 0, 0}, /* another action */
		{0x40000003, 83, SCA_ACT_ERRNO, "a", 0, 0},        /* another arch */
		{0xc000003e, -1, SCA_ACT_ERRNO, "a", 0, 0},
		{0xc000003e, 83, SCA_ACT_ERRNO, "a", 0, 0},
	};
	struct sca_denials *ds = set_new(0);
	struct sca_denial_totals t;
	const struct sca_denial *d;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sca_record rec =
			record(rows[i].arch, rows[i].nr, rows[i].action, rows[i].comm);

		rec.args_known = rows[i].args_known;
		rec.args[0] = rows[i].arg0;
		add(ds, &rec);
	}
	assert_int_equal(sca_denials_count(ds), 5);
	sca_denials_sort(ds);
	d = sca_denials_at(ds, 0);
	assert_int_equal(d->count, 3);
	assert_int_equal(d->n_comms, 2);
	assert_int_equal(d->forgeable, 3);
	/* ties: by arch, then number */
	assert_int_equal(sca_denials_at(ds, 1)->arch, 0x40000003);
	assert_int_equal(sca_denials_at(ds, 2)->nr, -1);
	assert_null(sca_denials_at(ds, 5));
	sca_denials_totals(ds, &t);
	assert_int_equal(t.events, 7);
	assert_int_equal(t.denied, 7);
	assert_int_equal(t.other, 0);
	assert_false(t.have_time);
	assert_null(sca_denials_free(ds));
}

static void test_times_and_reports(void **state _unused_)
{
	struct sca_denials *ds = set_new(0);
	struct sca_record rec = record(0xc000003e, 83, SCA_ACT_LOG, "x");
	const struct sca_denial *d;

	rec.have |= SCA_F_TIME;
	rec.time_ms = 5000;
	rec.trust = SCA_TRUST_KERNEL;
	add(ds, &rec);
	/* a line of a report: counts, span and names are taken over */
	rec = record(0xc000003e, 83, SCA_ACT_LOG, "x");
	rec.have &= ~(unsigned)SCA_F_COMM;
	rec.count = 41;
	rec.first_ms = 1000;
	rec.last_ms = 9000;
	rec.n_comms = 2;
	rec.comms[0] = SCA_STR("x");
	rec.comms[1] = SCA_STR("y");
	add(ds, &rec);
	assert_int_equal(sca_denials_count(ds), 1);
	d = sca_denials_at(ds, 0);
	assert_int_equal(d->count, 42);
	assert_int_equal(d->forgeable, 41);
	assert_int_equal(d->first_ms, 1000);
	assert_int_equal(d->last_ms, 9000);
	assert_int_equal(d->n_comms, 2);
	assert_false(d->denied);
	sca_denials_free(ds);
}

static void test_counts_saturate(void **state _unused_)
{
	struct sca_denials *ds = set_new(0);
	struct sca_record rec = record(0xc000003e, 1, SCA_ACT_ERRNO, "x");
	struct sca_denial_totals t;

	rec.count = UINT64_MAX;
	add(ds, &rec);
	add(ds, &rec);
	sca_denials_totals(ds, &t);
	assert_true(t.events == UINT64_MAX);
	assert_true(sca_denials_at(ds, 0)->count == UINT64_MAX);
	sca_denials_free(ds);
}

static void test_containers(void **state _unused_)
{
	struct sca_denials *ds = set_new(0);
	struct sca_record rec = record(0xc000003e, 83, SCA_ACT_ERRNO, "x");

	add(ds, &rec);
	rec.container.id = SCA_STR("aaaa");
	rec.container.via = SCA_STR("proc");
	add(ds, &rec);
	rec.container.via = SCA_STR("bpf-exit"); /* the same container found another way */
	add(ds, &rec);
	rec.container.id = SCA_STR("bbbb");
	add(ds, &rec);
	assert_int_equal(sca_denials_count(ds), 3);
	sca_denials_sort(ds);
	assert_true(str_is(sca_denials_at(ds, 0)->container.id, "aaaa"));
	assert_true(str_is(sca_denials_at(ds, 0)->container.via, "proc"));
	sca_denials_free(ds);
}

/* Every group has one place, whatever came first. */
static void test_order(void **state _unused_)
{
	static const struct {
		const char *container;
		uint32_t arch;
		bool denied;
		unsigned args_known;
		uint64_t arg0, arg5;
	} rows[] = { /* in their order */
		{NULL, 0, true, 0, 0, 0},
		{NULL, 0xc000003e, false, 0, 0, 0},
		{NULL, 0xc000003e, true, 0, 0, 0},
		{NULL, 0xc000003e, true, 1, 0, 0},
		{NULL, 0xc000003e, true, 1, 7, 0},
		{NULL, 0xc000003e, true, 1, UINT64_MAX, 0},
		{NULL, 0xc000003e, true, 0x21, 7, 1},
		{NULL, 0xc000003e, true, 0x21, 7, UINT64_MAX},
		{"a", 0xc000003e, true, 0, 0, 0},
		{"a", 0xc000003e, true, 1, 0, 0},
		{"ab", 0xc000003e, true, 0, 0, 0},
		{"b", 0xc000003e, true, 0, 0, 0},
	};

	/* steps that reach all twelve */
	for (size_t step = 1; step < ARRAY_SIZE(rows); step += step % 6 == 1 ? 4 : 2) {
		struct sca_denials *ds = set_new(0);
		size_t at = 0;

		for (size_t i = 0; i < ARRAY_SIZE(rows); i++, at += step) {
			size_t k = at % ARRAY_SIZE(rows);
			struct sca_record rec = record(rows[k].arch, 83, SCA_ACT_ERRNO, "x");

			if (!rows[k].arch)
				rec.have &= ~SCA_F_ARCH;
			rec.denied = rows[k].denied;
			rec.args_known = rows[k].args_known;
			rec.args[0] = rows[k].arg0;
			rec.args[5] = rows[k].arg5;
			if (rows[k].container)
				rec.container.id = sca_str_z(rows[k].container);
			add(ds, &rec);
		}
		assert_int_equal(sca_denials_count(ds), ARRAY_SIZE(rows));
		sca_denials_sort(ds);
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
			const struct sca_denial *d = sca_denials_at(ds, i);

			if (d->arch != rows[i].arch || d->denied != rows[i].denied ||
			    d->args_known != rows[i].args_known || d->args[0] != rows[i].arg0 ||
			    d->args[5] != rows[i].arg5 ||
			    !str_eq(d->container.id, sca_str_z(rows[i].container ?
							       rows[i].container : "")))
				fail_msg("step %zu: row %zu is not at its place", step, i);
		}
		sca_denials_free(ds);
	}
}

static void test_bounds(void **state _unused_)
{
	struct sca_denials *ds = set_new(100);
	struct sca_denial_totals t;
	char comm[16];

	for (int i = 0; i < 250; i++) {
		struct sca_record rec = record(0xc000003e, i, SCA_ACT_ERRNO, "x");

		add(ds, &rec);
	}
	for (int i = 0; i < 20; i++) {
		struct sca_record rec;

		snprintf(comm, sizeof(comm), "c%d", i);
		rec = record(0xc000003e, 1, SCA_ACT_ERRNO, comm);
		add(ds, &rec);
	}
	sca_denials_totals(ds, &t);
	assert_int_equal(sca_denials_count(ds), 100);
	assert_int_equal(t.other, 150);
	assert_int_equal(t.events, 270);
	sca_denials_sort(ds);
	assert_int_equal(sca_denials_at(ds, 0)->n_comms, SCA_DENIAL_NAMES_MAX);
	assert_int_equal(sca_denials_at(ds, 0)->more_comms, 13);
	sca_denials_free(ds);
}

/* Names of 4 KiB, all different: memory stays under the cap and every event is counted. */
static void test_hostile_names(void **state _unused_)
{
	struct sca_denials *ds = set_new(0);
	struct sca_denial_totals t;
	static char name[4096];
	uint64_t kept = 0;

	memset(name, 'n', sizeof(name));
	for (int i = 0; i < 4000; i++) {
		struct sca_record rec = record(0xc000003e, i % 700, SCA_ACT_ERRNO, "");

		memcpy(name, &i, sizeof(i));
		rec.comm = (struct sca_str){name, sizeof(name)};
		add(ds, &rec);
	}
	sca_denials_totals(ds, &t);
	assert_int_equal(t.events, 4000);
	for (size_t i = 0; i < sca_denials_count(ds); i++) {
		const struct sca_denial *d = sca_denials_at(ds, i);

		assert_int_equal(d->n_comms + d->more_comms, d->count);
		kept += d->n_comms;
	}
	assert_true(kept * sizeof(name) <= 2u << 20);
	sca_denials_free(ds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_groups),      cmocka_unit_test(test_times_and_reports),
		cmocka_unit_test(test_counts_saturate), cmocka_unit_test(test_containers),
		cmocka_unit_test(test_bounds),      cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
