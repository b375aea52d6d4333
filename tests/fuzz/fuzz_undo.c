/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two texts and the way from one to the other. An input is a text, a NUL, another one, a NUL, and
 * numbers that the undo is damaged by; or an undo of its own behind three NULs. Aborts when the
 * way back leads elsewhere, when a damaged one is taken, or when a difference is empty for texts
 * that differ.
 */
#include "fuzz.h"

#include <scaudit/patch.h>
#include <scaudit/twin.h>

static void check_taken(struct sca_str now, struct sca_str undo, struct sca_str before)
{
	struct sca_err err = SCA_ERR_INIT;
	char *text = NULL;
	size_t n = 0;
	int r = sca_undo_apply(now, undo, &text, &n, &err);

	must(r == 0 || ((r == SCA_E_SYNTAX || r == SCA_E_CONFLICT) && err.code == r &&
			err.text[0]), "a damaged undo is refused, and says so");
	must(r < 0 || !before.p || str_eq((struct sca_str){text, n}, before),
	     "what is taken leads back");
	free(text);
}

/* Bytes are set, cut out or cut off. What says the same in other words is no damage. */
static void damage(struct input *in, struct sca_str now, struct sca_str undo,
		   struct sca_str before)
{
	_cleanup_free_ char *copy = malloc(undo.n + 1);

	must(copy != NULL, "memory");
	for (unsigned i = 0; i < 8 && in->p < in->end; i++) {
		size_t at = (size_t)input_number(in, 2) % undo.n, n = undo.n;
		uint8_t c = input_byte(in);

		memcpy(copy, undo.p, n);
		if (c == 0)
			n = at;
		else if (c == 1)
			memmove(copy + at, copy + at + 1, --n - at);
		else
			copy[at] = (char)c;
		check_taken(now, (struct sca_str){copy, n}, before);
	}
}

static void check_diff(struct sca_str a, struct sca_str b)
{
	char *text = NULL;
	size_t n = 0;

	must(sca_text_diff(a, b, "f", &text, &n, NULL) == 0, "there is a difference");
	must((n == 0) == str_eq(a, b), "it is empty for equal texts only");
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct input in = {data, data + n};
	struct sca_str now = input_text(&in), before = input_text(&in), own = input_text(&in);
	char *undo = NULL;
	size_t undo_n = 0;

	if (n > 1 << 16)
		return 0;
	check_diff(now, before);
	must(sca_undo_make(now, before, &undo, &undo_n, NULL) == 0, "there is a way back");
	check_taken(now, (struct sca_str){undo, undo_n}, before);
	if (!str_eq(now, before))
		check_taken(before, (struct sca_str){undo, undo_n}, (struct sca_str){NULL, 0});
	damage(&in, now, (struct sca_str){undo, undo_n}, before);
	check_taken(now, own, (struct sca_str){NULL, 0});
	free(undo);
	return 0;
}
