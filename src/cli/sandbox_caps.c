/* SPDX-License-Identifier: Apache-2.0 */
#include <cap-ng.h>

#include "sandbox.h"

#define CAPS_MAX 64

int sandbox_drop_caps(uint64_t keep, uint64_t *ret_kept, struct sca_err *err)
{
	unsigned sets = CAPNG_EFFECTIVE | CAPNG_PERMITTED;
	capng_select_t apply = CAPNG_SELECT_CAPS;

	if (capng_get_caps_process() < 0)
		return sca_fail(err, SCA_E_REFUSED, "can not read the own capabilities; is /proc "
				"mounted? --no-sandbox keeps them");
	*ret_kept = 0;
	for (unsigned i = 0; i < CAPS_MAX; i++)
		if (keep >> i & 1 && i <= CAP_LAST_CAP &&
		    capng_have_capability(CAPNG_PERMITTED, i))
			*ret_kept |= SANDBOX_CAP(i);
	/* The bounding set and what root regains by set-id calls: only while there is SETPCAP. */
	if (capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP)) {
		capng_lock();
		sets |= CAPNG_BOUNDING_SET;
		apply = CAPNG_SELECT_ALL;
	}
	capng_clear(apply);
	for (unsigned i = 0; i < CAPS_MAX; i++)
		if (*ret_kept >> i & 1)
			capng_update(CAPNG_ADD, (capng_type_t)sets, i);
	if (capng_apply(apply) < 0)
		return sca_fail(err, SCA_E_REFUSED, "can not give up capabilities; --no-sandbox "
				"keeps them");
	return 0;
}
