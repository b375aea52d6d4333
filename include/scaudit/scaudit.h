/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libscaudit: from SECCOMP records to a proved patch of the profile in force.
 *
 * Rules that hold for every function:
 *
 *  1. X_new and X_open give the caller an object; `x = sca_x_free(x)` takes NULL and
 *     returns NULL.
 *  2. Getters return borrowed data, valid until the next call that takes the object
 *     non-const. What the caller keeps is said to be malloc'ed.
 *  3. `ret` parameters are written on success only, `err` on failure only; err may be NULL.
 *  4. The library prints nothing, exits never, reads no environment, installs no signal
 *     handler and holds no global state. ENOMEM is returned, always.
 *  5. Objects are not locked: one object, one thread at a time.
 *  6. Every input has a limit. Passing it is counted, never fatal, or SCA_E_LIMIT.
 */
#ifndef SCAUDIT_SCAUDIT_H
#define SCAUDIT_SCAUDIT_H

#define SCA_VERSION "0.1.0"

#include <scaudit/check.h>
#include <scaudit/compare.h>
#include <scaudit/container.h>
#include <scaudit/denial.h>
#include <scaudit/doctor.h>
#include <scaudit/error.h>
#include <scaudit/explain.h>
#include <scaudit/held.h>
#include <scaudit/names.h>
#include <scaudit/patch.h>
#include <scaudit/policy.h>
#include <scaudit/profile.h>
#include <scaudit/record.h>
#include <scaudit/replay.h>
#include <scaudit/source.h>
#include <scaudit/tracker.h>
#include <scaudit/twin.h>
#include <scaudit/types.h>
#include <scaudit/unused.h>

#endif
