/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decoder's inside, shared by the two readers of bodies: the kernel's text
 * (record_body.c) and scaudit's own events (record_event.c).
 */
#ifndef SCA_RECORD_INT_H
#define SCA_RECORD_INT_H

#include "text.h"

#include <scaudit/names.h>
#include <scaudit/record.h>

struct sca_decoder {
	struct sca_decode_stats stats;
	uint32_t default_arch;   /* 0: none */
	struct buf scratch;      /* strings that stood in hex or with escapes */
	struct sca_names *names; /* made when an event names a call without its number */
};

/* Bytes of a string of hex digits, kept in the scratch; *room is set aside at the first one,
 * so that the spans before it stay where they are. SCA_E_SYNTAX, -ENOMEM. */
int decoder_hex(struct sca_decoder *dec, struct sca_str hex, size_t room, struct sca_str *ret);

/* Both fill all of a zeroed record but what the frame's head holds. */
int record_decode_body(struct sca_decoder *dec, struct sca_str body, struct sca_record *rec,
		       struct sca_err *err);
int record_decode_event(struct sca_decoder *dec, struct sca_str body, struct sca_record *rec,
			struct sca_err *err);

/* Whether the text starts with the name of a body's field and its '='. */
bool record_field_starts(struct sca_str text);

#endif
