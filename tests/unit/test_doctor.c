/* SPDX-License-Identifier: Apache-2.0 */
/* The judgement of a host, from made-up facts; audit's rules as the kernel tells them; the map. */
#include "doctor_int.h"

#include <libaudit.h>

#include <setjmp.h>
#include <cmocka.h>

#define ALL "kill_process kill_thread trap errno user_notif trace log"

/* A host on which all is well. */
static void well(struct doctor_facts *f)
{
	*f = (struct doctor_facts){
		.live = true,
		.avail = SCA_STR(ALL " allow"), .logged = SCA_STR(ALL),
		.have_avail = true, .have_logged = true,
		.audit_off = FACT_NO,
		.audit = {.known = true, .enabled = 1, .pid = 42, .backlog_limit = 8192},
		.have_rules = true,
		.printk_known = true, .printk_seconds = 5, .printk_burst = 10,
		.auditd = FACT_YES, .auditd_pid = 42, .taker = "auditd",
		.conf = "/etc/audit/auditd.conf", .log = "/var/log/audit/audit.log",
		.conf_read = true, .write_logs = true, .local_events = true,
		.log_room = true, .log_free_mb = 1000, .log_floor_mb = 50,
		.log_floor_action = "SUSPEND",
		.journald = FACT_YES, .journal_listens = FACT_YES,
		.n_sources = 1, .sources = {{.spec = "audit", .usable = true}},
		.levels_known = true,
		.init_pid = FACT_YES, .init_net = FACT_YES, .init_user = FACT_YES,
		.cgroups = CGROUPS_V2,
		.n_runtimes = 1,
		.runtimes = {{"/usr/bin/crun", SCA_RUNTIME_CRUN, true, {1, 14, 0}}},
		.newest_call = "mseal", .newer_known = true,
	};
}

static void drop_errno(struct doctor_facts *f)
{
	f->logged = SCA_STR("kill_process kill_thread trap user_notif trace log");
}
static void log_nothing(struct doctor_facts *f)
{
	f->logged = SCA_STR("");
}
static void old_kernel(struct doctor_facts *f)
{
	f->have_avail = f->have_logged = false;
}
static void audit_off(struct doctor_facts *f)
{
	f->audit_off = FACT_YES;
}
static void audit_disabled(struct doctor_facts *f)
{
	f->audit.enabled = 0;
}
static void not_root(struct doctor_facts *f)
{
	f->audit = (struct audit_state){.why = "it tells root only"};
	f->have_rules = false;
}
static void rate(struct doctor_facts *f)
{
	f->audit.rate_limit = 7;
}
static void short_queue(struct doctor_facts *f)
{
	f->audit.backlog_limit = 64;
}
static void panics(struct doctor_facts *f)
{
	f->audit.failure = 2;
}
static void lost(struct doctor_facts *f)
{
	f->audit.lost = 5;
}
static void exclude(struct doctor_facts *f)
{
	f->n_rules = 1;
	f->rules[0] = (struct audit_rule){"never,exclude -F 'msgtype=SECCOMP'", true};
}
static void exclude_some(struct doctor_facts *f)
{
	exclude(f);
	f->rules[0].all = false;
}
static void exclude_locked(struct doctor_facts *f)
{
	exclude(f);
	f->audit.enabled = 2;
}
static void no_daemon(struct doctor_facts *f)
{
	f->audit.pid = 0;
	f->auditd = FACT_NO;
	f->auditd_pid = 0;
}
static void namesake(struct doctor_facts *f)
{
	f->audit.pid = 0;
}
static void other_taker(struct doctor_facts *f)
{
	f->audit.pid = 77;
	f->taker = "auditbeat";
}
static void no_log(struct doctor_facts *f)
{
	f->write_logs = false;
}
static void not_local(struct doctor_facts *f)
{
	f->local_events = false;
}
static void full_disk(struct doctor_facts *f)
{
	f->log_free_mb = 50;
}
static void deaf_journal(struct doctor_facts *f)
{
	f->journal_drops = 3;
}
static void no_socket(struct doctor_facts *f)
{
	f->journal_listens = FACT_NO;
}
static void blind_journal(struct doctor_facts *f)
{
	f->journal_listens = FACT_UNKNOWN;
}
static void unknown_net(struct doctor_facts *f)
{
	f->journal_listens = FACT_NO;
	f->init_net = FACT_UNKNOWN;
}
static void old_runc(struct doctor_facts *f)
{
	f->runtimes[0] =
		(struct runtime_fact){"/usr/bin/runc", SCA_RUNTIME_RUNC, true, {1, 1, 5}};
}
static void new_calls(struct doctor_facts *f)
{
	f->n_newer = 1;
	f->newer = "listns";
}
static void other_net(struct doctor_facts *f)
{
	f->init_net = FACT_NO;
}
static void other_pids(struct doctor_facts *f)
{
	f->init_pid = FACT_NO;
}
static void no_source(struct doctor_facts *f)
{
	f->sources[0] = (struct source_fact){.spec = "audit", .why = "audit: no permission"};
}
static void no_bpf(struct doctor_facts *f)
{
	f->levels[SCA_TRACK_BPF] = "the kernel refuses it";
}

#define LOGGED "/proc/sys/kernel/seccomp/actions_logged"

/* One thing is wrong: which finding says so, and the exact commands. */
static const struct {
	const char *name;
	void (*change)(struct doctor_facts *f);
	const char *id;
	enum sca_health health;
	const char *show, *undo; /* NULL: none */
} rows[] = {
	{"errno hidden", drop_errno, "actions-logged", SCA_HEALTH_PROBLEM,
	 "echo 'kill_process kill_thread trap user_notif trace log errno' >" LOGGED,
	 "echo 'kill_process kill_thread trap user_notif trace log' >" LOGGED},
	{"all hidden", log_nothing, "actions-logged", SCA_HEALTH_PROBLEM,
	 "echo 'kill_process kill_thread trap errno user_notif trace log' >" LOGGED,
	 "echo '' >" LOGGED},
	{"old kernel", old_kernel, "kernel", SCA_HEALTH_PROBLEM, NULL, NULL},
	{"old kernel", old_kernel, "actions-logged", SCA_HEALTH_UNKNOWN, NULL, NULL},
	{"audit=0", audit_off, "audit", SCA_HEALTH_PROBLEM, NULL, NULL},
	{"enabled 0 hides nothing", audit_disabled, "audit", SCA_HEALTH_OK, NULL, NULL},
	{"not root", not_root, "audit", SCA_HEALTH_UNKNOWN, NULL, NULL},
	{"not root, by name", not_root, "auditd", SCA_HEALTH_OK, NULL, NULL},
	{"rate limit", rate, "audit-limits", SCA_HEALTH_PROBLEM, "auditctl -r 0", "auditctl -r 7"},
	{"queue", short_queue, "audit-limits", SCA_HEALTH_NOTE, "auditctl -b 8192",
	 "auditctl -b 64"},
	{"panic", panics, "audit-limits", SCA_HEALTH_NOTE, NULL, NULL},
	{"lost", lost, "audit-limits", SCA_HEALTH_NOTE, NULL, NULL},
	{"exclude", exclude, "audit-rules", SCA_HEALTH_PROBLEM,
	 "auditctl -d never,exclude -F 'msgtype=SECCOMP'",
	 "auditctl -a never,exclude -F 'msgtype=SECCOMP'"},
	{"exclude some", exclude_some, "audit-rules", SCA_HEALTH_NOTE,
	 "auditctl -d never,exclude -F 'msgtype=SECCOMP'",
	 "auditctl -a never,exclude -F 'msgtype=SECCOMP'"},
	{"exclude, locked", exclude_locked, "audit-rules", SCA_HEALTH_PROBLEM, NULL, NULL},
	{"no daemon", no_daemon, "auditd", SCA_HEALTH_NOTE, NULL, NULL},
	{"only the name", namesake, "auditd", SCA_HEALTH_NOTE, NULL, NULL},
	{"auditbeat", other_taker, "auditd", SCA_HEALTH_NOTE, NULL, NULL},
	{"write_logs = no", no_log, "auditd", SCA_HEALTH_PROBLEM,
	 "sed -i 's/^ *write_logs *=.*/write_logs = yes/I' '/etc/audit/auditd.conf' && "
	 "kill -HUP 42",
	 "sed -i 's/^ *write_logs *=.*/write_logs = no/I' '/etc/audit/auditd.conf' && "
	 "kill -HUP 42"},
	{"local_events = no", not_local, "auditd", SCA_HEALTH_PROBLEM, NULL, NULL},
	{"full disk", full_disk, "auditd-disk", SCA_HEALTH_PROBLEM, "kill -USR2 42", NULL},
	{"deaf journald", deaf_journal, "journald", SCA_HEALTH_PROBLEM,
	 "systemctl restart systemd-journald", NULL},
	{"journald without socket", no_socket, "journald", SCA_HEALTH_NOTE,
	 "systemctl unmask systemd-journald-audit.socket && systemctl start "
	 "systemd-journald-audit.socket && systemctl restart systemd-journald",
	 "systemctl mask --now systemd-journald-audit.socket && systemctl restart "
	 "systemd-journald"},
	{"journald of root", blind_journal, "journald", SCA_HEALTH_UNKNOWN, NULL, NULL},
	{"journald elsewhere", unknown_net, "journald", SCA_HEALTH_UNKNOWN, NULL, NULL},
	{"runc 1.1.5", old_runc, "runtime", SCA_HEALTH_NOTE, NULL, NULL},
	{"new calls", new_calls, "libseccomp", SCA_HEALTH_NOTE, NULL, NULL},
	{"another network", other_net, "namespaces", SCA_HEALTH_PROBLEM, NULL, NULL},
	{"other pids", other_pids, "namespaces", SCA_HEALTH_PROBLEM, NULL, NULL},
	{"no source", no_source, "source", SCA_HEALTH_PROBLEM, NULL, NULL},
	{"no bpf", no_bpf, "attribution", SCA_HEALTH_NOTE, NULL, NULL},
};

static struct sca_doctor *judged(void (*change)(struct doctor_facts *f))
{
	struct sca_doctor *d = calloc(1, sizeof(*d));

	assert_non_null(d);
	well(&d->f);
	if (change)
		change(&d->f);
	doctor_judge(d);
	assert_false(d->failed);
	return d;
}

static void test_well(void **state _unused_)
{
	struct sca_doctor *d = judged(NULL);

	assert_true(sca_doctor_count(d) >= 12);
	for (size_t i = 0; i < sca_doctor_count(d); i++) {
		const struct sca_diagnosis *f = sca_doctor_at(d, i);

		if (f->health != SCA_HEALTH_OK || f->show[0] || f->undo[0])
			fail_msg("%s: %s", f->id, f->what);
	}
	assert_null(sca_doctor_at(d, sca_doctor_count(d)));
	sca_doctor_free(d);
}

static bool found(const struct sca_doctor *d, size_t row)
{
	for (size_t i = 0; i < sca_doctor_count(d); i++) {
		const struct sca_diagnosis *f = sca_doctor_at(d, i);

		if (strcmp(f->id, rows[row].id) == 0 && f->health == rows[row].health &&
		    strcmp(f->show, rows[row].show ? rows[row].show : "") == 0 &&
		    strcmp(f->undo, rows[row].undo ? rows[row].undo : "") == 0)
			return true;
	}
	return false;
}

static void test_rows(void **state _unused_)
{
	unsigned failed = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sca_doctor *d = judged(rows[i].change);

		if (!found(d, i)) {
			failed++;
			print_error("%s: no such finding; there are\n", rows[i].name);
			for (size_t j = 0; j < sca_doctor_count(d); j++)
				print_error("\t%s %s: %s\n\t\t%s\n", d->findings[j].id,
					    sca_health_name(d->findings[j].health),
					    d->findings[j].what, d->findings[j].show);
		}
		/* What one thing breaks is one complaint, but for these two. */
		for (size_t j = 0; j < sca_doctor_count(d); j++)
			if (d->findings[j].health > SCA_HEALTH_UNKNOWN &&
			    strcmp(d->findings[j].id, rows[i].id) != 0 &&
			    rows[i].change != old_kernel) {
				failed++;
				print_error("%s: also %s\n", rows[i].name, d->findings[j].what);
			}
		sca_doctor_free(d);
	}
	assert_int_equal(failed, 0);
}

static void test_silent(void **state _unused_)
{
	static const struct {
		void (*change)(struct doctor_facts *f);
		enum sca_action action;
		bool flag;
		const char *why;
	} cases[] = {
		{NULL, SCA_ACT_ERRNO, true, ""},
		{NULL, SCA_ACT_ERRNO, false, "the filter is loaded without SECCOMP_FILTER_FLAG_LOG"},
		{NULL, SCA_ACT_TRAP, false, "the filter is loaded without SECCOMP_FILTER_FLAG_LOG"},
		{NULL, SCA_ACT_TRACE, false, "the filter is loaded without SECCOMP_FILTER_FLAG_LOG"},
		{NULL, SCA_ACT_USER_NOTIF, false,
		 "the filter is loaded without SECCOMP_FILTER_FLAG_LOG"},
		{NULL, SCA_ACT_KILL_PROCESS, false, ""},
		{NULL, SCA_ACT_KILL_THREAD, false, ""},
		{NULL, SCA_ACT_LOG, false, ""},
		{NULL, SCA_ACT_ALLOW, false, ""},
		{drop_errno, SCA_ACT_ERRNO, true, "not in kernel.seccomp.actions_logged"},
		{drop_errno, SCA_ACT_TRAP, true, ""},
		{log_nothing, SCA_ACT_KILL_PROCESS, true, "not in kernel.seccomp.actions_logged"},
		{exclude, SCA_ACT_KILL_PROCESS, true, "an audit rule excludes SECCOMP records"},
		{exclude_some, SCA_ACT_KILL_PROCESS, true, ""},
		{audit_off, SCA_ACT_LOG, true, "the kernel was started with audit=0"},
		{old_kernel, SCA_ACT_ERRNO, true, ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct doctor_facts f;

		well(&f);
		if (cases[i].change)
			cases[i].change(&f);
		assert_string_equal(doctor_silent(&f, cases[i].action, cases[i].flag),
				    cases[i].why);
	}
}

static void test_flag(void **state _unused_)
{
	static const struct {
		enum sca_runtime runtime;
		unsigned v[3];
		bool takes;
	} cases[] = {
		{SCA_RUNTIME_RUNC, {1, 1, 15}, false}, {SCA_RUNTIME_RUNC, {1, 2, 0}, true},
		{SCA_RUNTIME_RUNC, {1, 0, 3}, false},  {SCA_RUNTIME_RUNC, {2, 0, 0}, true},
		{SCA_RUNTIME_CRUN, {0, 8, 0}, false},  {SCA_RUNTIME_CRUN, {0, 9, 0}, true},
		{SCA_RUNTIME_CRUN, {1, 0, 0}, true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(doctor_takes_flag(cases[i].runtime, cases[i].v), cases[i].takes);
}

/* -- audit's rules -- */

struct field {
	uint32_t field, op, value;
};

static bool rule(uint32_t list, uint32_t action, const struct field *fields, size_t n,
		 struct sca_doctor *d, struct audit_rule *ret)
{
	struct audit_rule_data r = {.flags = list, .action = action, .field_count = (uint32_t)n};

	for (size_t i = 0; i < n; i++) {
		r.fields[i] = fields[i].field;
		r.fieldflags[i] = fields[i].op;
		r.values[i] = fields[i].value;
	}
	return doctor_rule(d, &r, sizeof(r), ret);
}

static void test_rules(void **state _unused_)
{
	static const struct {
		uint32_t list, action;
		struct field fields[2];
		size_t n;
		const char *text; /* NULL: drops no SECCOMP record */
		bool all;
	} cases[] = {
		{AUDIT_FILTER_EXCLUDE, AUDIT_NEVER, {{AUDIT_MSGTYPE, AUDIT_EQUAL, 1326}}, 1,
		 "never,exclude -F 'msgtype=SECCOMP'", true},
		{AUDIT_FILTER_EXCLUDE, AUDIT_ALWAYS, {{AUDIT_MSGTYPE, AUDIT_EQUAL, 1326}}, 1,
		 "always,exclude -F 'msgtype=SECCOMP'", true},
		{AUDIT_FILTER_EXCLUDE, AUDIT_NEVER, {{AUDIT_MSGTYPE, AUDIT_EQUAL, 1300}}, 1, NULL,
		 false},
		{AUDIT_FILTER_EXCLUDE, AUDIT_ALWAYS,
		 {{AUDIT_MSGTYPE, AUDIT_GREATER_THAN_OR_EQUAL, 1300},
		  {AUDIT_MSGTYPE, AUDIT_LESS_THAN_OR_EQUAL, 1399}},
		 2, "always,exclude -F 'msgtype>=SYSCALL' -F 'msgtype<=1399'", true},
		{AUDIT_FILTER_EXCLUDE, AUDIT_ALWAYS,
		 {{AUDIT_MSGTYPE, AUDIT_NOT_EQUAL, 1300}}, 1,
		 "always,exclude -F 'msgtype!=SYSCALL'", true},
		{AUDIT_FILTER_EXCLUDE, AUDIT_ALWAYS,
		 {{AUDIT_MSGTYPE, AUDIT_EQUAL, 1326}, {AUDIT_UID, AUDIT_EQUAL, 1000}}, 2,
		 "always,exclude -F 'msgtype=SECCOMP' -F 'uid=1000'", false},
		{AUDIT_FILTER_TASK, AUDIT_NEVER, {{0, 0, 0}}, 0, NULL, false},
		{AUDIT_FILTER_EXIT, AUDIT_NEVER, {{AUDIT_UID, AUDIT_EQUAL, 0}}, 1, NULL, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sca_doctor d = {.n = 0};
		struct audit_rule got = {NULL, false};
		bool drops = rule(cases[i].list, cases[i].action, cases[i].fields, cases[i].n, &d,
				  &got);

		if (drops != (cases[i].text != NULL) ||
		    (drops && (!got.text || strcmp(got.text, cases[i].text) != 0 ||
			       got.all != cases[i].all)))
			fail_msg("row %zu: %d %s", i, drops, got.text ? got.text : "(none)");
		arena_release(&d.arena);
	}
}

/* A string that is longer than the message, and one that would leave its quotes. */
static void test_hostile_rules(void **state _unused_)
{
	struct audit_rule_data *r = calloc(1, sizeof(*r) + 4);
	struct sca_doctor d = {.n = 0};
	struct audit_rule got = {NULL, false};
	size_t n = sizeof(*r) + 4;

	assert_non_null(r);
	r->flags = AUDIT_FILTER_EXCLUDE;
	r->field_count = 1;
	r->buflen = 4;
	r->fields[0] = AUDIT_EXE;
	r->fieldflags[0] = AUDIT_EQUAL;
	r->values[0] = 4000000000u;
	assert_true(doctor_rule(&d, r, n, &got));
	assert_null(got.text);
	assert_false(got.all);
	r->values[0] = 4;
	memcpy((char *)r + sizeof(*r), "/a'b", 4);
	assert_true(doctor_rule(&d, r, n, &got));
	assert_null(got.text);
	memcpy((char *)r + sizeof(*r), "/a b", 4);
	assert_true(doctor_rule(&d, r, n, &got));
	assert_string_equal(got.text, "never,exclude -F 'exe=/a b'");
	r->field_count = AUDIT_MAX_FIELDS + 1;
	assert_false(doctor_rule(&d, r, n, &got));
	assert_false(doctor_rule(&d, r, sizeof(*r) - 1, &got));
	arena_release(&d.arena);
	free(r);
}

/* -- the map -- */

static void test_map(void **state _unused_)
{
	static const char text[] =
		"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":["
		"{\"names\":[\"read\",\"write\"],\"action\":\"SCMP_ACT_ALLOW\"},"
		"{\"names\":[\"mkdir\"],\"action\":\"SCMP_ACT_LOG\"},"
		"{\"names\":[\"personality\"],\"action\":\"SCMP_ACT_ALLOW\","
		"\"args\":[{\"index\":0,\"value\":0,\"op\":\"SCMP_CMP_EQ\"}]}]}";
	struct sca_doctor_options o = {.root = "/nowhere"};
	struct sca_profile *p = NULL;
	struct sca_names *names = NULL;
	struct sca_doctor d = {.n = 0};
	struct sca_target t;
	size_t calls[SCA_SIGHT_COUNT] = {0}, conditional = 0;

	assert_int_equal(sca_names_new(&names, NULL), 0);
	assert_int_equal(sca_profile_load_mem(&p, sca_str_z(text), "it's.json", NULL), 0);
	sca_target_init(&t, SCA_FRONTEND_OCI);
	assert_int_equal(sca_target_set_arch(&t, SCA_STR("x86_64"), NULL), 0);
	o.profile = p;
	o.target = &t;
	well(&d.f);
	assert_int_equal(doctor_map(&d, &o, names, NULL), 0);
	for (size_t i = 0; i < d.n_verdicts; i++) {
		calls[d.verdicts[i].sight] += d.verdicts[i].n;
		for (size_t j = 0; j < d.verdicts[i].n; j++)
			conditional += d.verdicts[i].calls[j].by_args;
	}
	assert_int_equal(calls[SCA_SIGHT_ALLOWED], 3);
	assert_int_equal(calls[SCA_SIGHT_LOGGED], 1);
	assert_int_equal(calls[SCA_SIGHT_DENIED], 0);
	assert_true(calls[SCA_SIGHT_SILENT] > 300);
	assert_int_equal(conditional, 2);
	assert_int_equal(d.verdicts[0].sight, SCA_SIGHT_SILENT);
	assert_true(d.verdicts[0].calls[0].danger >= SCA_DANGER_ESCAPE);
	assert_int_equal(d.n, 1);
	assert_string_equal(d.findings[0].show,
			    "jq '.flags = (.flags // [\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\"]) + "
			    "[\"SECCOMP_FILTER_FLAG_LOG\"]' 'it'\\''s.json' >'it'\\''s.json.logging'");
	assert_string_equal(d.findings[0].undo, "rm -- 'it'\\''s.json.logging'");
	for (size_t i = 0; i < d.n_verdicts; i++)
		free(d.lists[i].v);
	free(d.lists);
	free(d.verdicts);
	free(d.findings);
	arena_release(&d.arena);
	sca_profile_free(p);
	sca_names_free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_well),         cmocka_unit_test(test_rows),
		cmocka_unit_test(test_silent),       cmocka_unit_test(test_flag),
		cmocka_unit_test(test_rules),        cmocka_unit_test(test_hostile_rules),
		cmocka_unit_test(test_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
