/* SPDX-License-Identifier: Apache-2.0 */
/* A map of containers from any text: refused with a place in it, or its own text is a map, too. */
#include "fuzz.h"

#include <scaudit/tracker.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct sca_map *m = NULL, *again = NULL;
	struct sca_err err = SCA_ERR_INIT;
	char *text, *text2;
	size_t text_n, text2_n;
	int r;

	must(sca_map_new(&m, NULL) == 0 && sca_map_new(&again, NULL) == 0, "memory");
	r = sca_map_read(m, (struct sca_str){(const char *)data, n}, "map", &err);
	must(r == 0 || (r == SCA_E_SYNTAX && err.code == r && err.line > 0 && err.column > 0),
	     "a place");
	must(sca_map_text(m, &text, &text_n, NULL) == 0, "a map has a text");
	must(sca_map_read(again, (struct sca_str){text, text_n}, "map", &err) == 0, err.text);
	must(sca_map_text(again, &text2, &text2_n, NULL) == 0, "so has that");
	must(text_n == text2_n, "of the same length");
	free(text);
	free(text2);
	sca_map_free(m);
	sca_map_free(again);
	return 0;
}
