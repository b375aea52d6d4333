/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCA_JOURNAL_FILES_H
#define SCA_JOURNAL_FILES_H

#include "text.h"

#include <systemd/sd-journal.h>

/*
 * Opens the system journals of this machine, or those below another root (empty: this one);
 * *j is to be closed, also on failure, unless it is NULL as it was. With `watch`, files that
 * come later are seen. Says what may not be read, and when there is nothing at all.
 *
 * A container may have a journal of its own linked into the host's directory, under its own
 * machine's id, and what it writes there is its own word. Those are left out; but below
 * another root nothing tells which one is the machine's, so that all is forgeable then.
 */
int journal_open_files(sd_journal **j, struct sca_str root, bool watch, enum sca_trust *ret_trust,
		       struct sca_err *err);

#endif
