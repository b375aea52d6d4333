/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Actions and their errno values.
 */
#include "check.h"

static uint32_t given(const struct checking *ck, uint32_t object, const char *key)
{
	uint32_t node = ck->doc->nodes[object].type == JT_OBJECT ?
				jt_member(ck->doc, object, key, true) :
				JT_NONE;

	return node != JT_NONE && ck->doc->nodes[node].type != JT_NULL ? node : JT_NONE;
}

static void fake_success(struct checking *ck, uint32_t object, const char *key)
{
	check_add(ck, CHECK_FAKE_SUCCESS, check_member(ck, object, key),
		  "SCMP_ACT_ERRNO with errno 0",
		  "The kernel does not make the call and returns 0, so the program believes that it "
		  "worked.",
		  "Write 1 (EPERM) or 38 (ENOSYS).");
}

/* An errno beside an action that has none: runc ignores it, crun refuses the profile. */
static void errno_ignored(struct checking *ck, uint32_t object, const char *key,
			  enum sca_action action)
{
	uint32_t node = given(ck, object, key);

	if (node == JT_NONE || action == SCA_ACT_ERRNO || action == SCA_ACT_TRACE ||
	    action == SCA_ACT_UNKNOWN)
		return;
	check_add(ck, CHECK_ERRNO_IGNORED, node,
		  check_text(ck, "%s beside %s", key, sca_action_scmp_name(action)),
		  "runc ignores it, crun refuses the profile for it.", "Remove it.");
	check_edit(ck, node, NULL, NULL);
}

/* "SCMP_ACT_KILL" as it is written, told once. */
static bool kill_thread(struct checking *ck, uint32_t object, const char *key)
{
	uint32_t node = given(ck, object, key);

	if (node == JT_NONE || !jt_string_is(ck->doc, node, "SCMP_ACT_KILL"))
		return false;
	check_add(ck, CHECK_KILL_THREAD, node, "SCMP_ACT_KILL ends one thread",
		  "The other threads of the process go on, perhaps waiting for it for ever.",
		  "Write SCMP_ACT_KILL_PROCESS (runc 1.1.3 or newer, crun), or "
		  "SCMP_ACT_KILL_THREAD where that is meant.");
	return true;
}

void check_actions(struct checking *ck)
{
	const struct eff *e = ck->eff;
	bool told = kill_thread(ck, ck->top, "defaultAction");
	bool notify = false;

	if (e->default_action == SCA_ACT_ERRNO && e->default_err == 0)
		fake_success(ck, ck->top, "defaultErrnoRet");
	errno_ignored(ck, ck->top, "defaultErrnoRet", e->default_action);
	for (size_t i = 0; i < e->n_rules; i++) {
		const struct eff_rule *r = &e->rules[i];

		if (r->action == SCA_ACT_ERRNO && r->err == 0)
			fake_success(ck, r->node, "errnoRet");
		errno_ignored(ck, r->node, "errnoRet", r->action);
		told = told || kill_thread(ck, r->node, "action");
		if (r->drop != EFF_KEPT || r->action != SCA_ACT_USER_NOTIF || e->has_listener ||
		    notify)
			continue;
		notify = true;
		check_add(ck, CHECK_NO_LISTENER, check_member(ck, r->node, "action"),
			  "SCMP_ACT_NOTIFY, and no listenerPath",
			  "runc refuses the profile; crun loads it without a listener, and such "
			  "calls answer ENOSYS.",
			  "Set listenerPath to the agent's socket.");
	}
}
