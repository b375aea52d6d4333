/* SPDX-License-Identifier: Apache-2.0 */
/* JSON documents, made with jansson. */
#ifndef CLI_RENDER_DOCUMENT_H
#define CLI_RENDER_DOCUMENT_H

#include <jansson.h>

#include "event.h"

/* Once, before anything else: jansson, here and in the library, never sees a lack of memory. */
void document_init(void);
/* A string of any bytes: what is not UTF-8 becomes the text \xNN. NULL when out of memory. */
json_t *document_text(struct sca_str s);
/* jansson's integers are signed: a larger one is cut to the largest. */
json_t *document_u64(uint64_t v);
json_t *document_hex(uint64_t v); /* "0x2a" */
/* The event's fields with the NDJSON keys. */
json_t *document_event(const struct event *ev);
/* Writes and frees. Fails when memory ran out anywhere on the way. */
int document_write(struct out *o, json_t *doc, struct sca_err *err);

#endif
