/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A body of the kernel's text. Aborts when the decoder comes to something else by the kernel's
 * order of fields than by searching for them.
 */
#include "fuzz.h"
#include "record_order.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct sca_decoder *decs[2] = {NULL, NULL};
	const char *what;

	must(sca_decoder_new(&decs[0], NULL) == 0 && sca_decoder_new(&decs[1], NULL) == 0,
	     "memory");
	what = order_differs(decs, (struct sca_str){(const char *)data, n});
	must(!what, what);
	sca_decoder_free(decs[0]);
	sca_decoder_free(decs[1]);
	return 0;
}
