/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What live sources take in: records of /dev/kmsg, one a line, and the whole input as one
 * datagram of the audit socket. Aborts when something is believed that does not begin as the
 * kernel's own, or when a frame does not outlive the call that made it.
 */
#include "fuzz.h"

#include "frame.h"
#include "source_kmsg.h"
#include "source_netlink.h"

struct seen {
	struct sca_frame v[16];
	size_t n;
};

static int keep(const struct sca_frame *f, void *arg)
{
	struct seen *seen = arg;

	must(seen->n < ARRAY_SIZE(seen->v), "a message holds few frames");
	seen->v[seen->n++] = *f;
	return 0;
}

static const struct sca_pos nowhere = {NULL, 0, 0};

/* Reads every byte, which a sanitizer checks. */
static void check(const struct seen *seen, enum sca_source_kind kind, struct sca_decoder *dec)
{
	for (size_t i = 0; i < seen->n; i++) {
		const struct sca_frame *f = &seen->v[i];
		struct sca_record rec;
		unsigned sum = 0;

		for (size_t k = 0; k < f->body.n; k++)
			sum += (unsigned char)f->body.p[k];
		must(sum || !f->body.n || memchr(f->body.p, '\0', f->body.n), "a body");
		must(f->source == kind && f->trust == SCA_TRUST_KERNEL, "kind and trust");
		must(f->kind != SCA_FRAME_EVENT, "the kernel writes no events");
		if (f->kind == SCA_FRAME_RECORD)
			sca_record_decode(dec, f, &rec, NULL);
	}
}

static void one_message(struct sca_framer *f, struct sca_decoder *dec, struct sca_str line)
{
	struct seen seen = {.n = 0};
	struct kmsg_record rec;
	struct sca_str text;
	char *copy;

	if (!kmsg_parse(line, &rec) || !rec.text.n)
		return;
	copy = malloc(rec.text.n);
	must(copy != NULL, "memory");
	memcpy(copy, rec.text.p, rec.text.n);
	text = kmsg_unescape(copy, rec.text.n);
	must(text.n <= rec.text.n, "taking escapes back makes nothing longer");
	must(framer_trusted_line(f, SCA_SRC_KMSG, SCA_TRUST_KERNEL, text, &nowhere, keep,
				 &seen) == 0, "a message is taken");
	must(!seen.n || str_starts(text, SCA_STR("audit: ")) ||
		     str_starts(text, SCA_STR("type=1")) || memmem(text.p, text.n, "_skb", 4),
	     "what is believed begins as the kernel's own");
	check(&seen, SCA_SRC_KMSG, dec);
	free(copy);
}

static void one_datagram(struct sca_framer *f, struct sca_decoder *dec, const char *p, size_t n)
{
	const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct seen seen = {.n = 0};
	struct kernel_lost lost = {.fd = -1, .known = true};
	struct sca_str text;
	uint32_t type;

	kernel_lost_answer(&lost, p, n);
	if (datagram_read(&kernel, p, n, false, &type, &text) != DATAGRAM_RECORD)
		return;
	must(text.p >= p && text.p + text.n == p + n, "the text is in the datagram");
	must(framer_payload(f, SCA_SRC_NETLINK, SCA_TRUST_KERNEL, type, text, &nowhere, keep,
			    &seen) == 0, "a payload is taken");
	must(seen.n <= 1, "a payload is one record");
	check(&seen, SCA_SRC_NETLINK, dec);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct sca_str text = {(const char *)data, n}, line;
	struct sca_source_stats s = {0};
	struct sca_decoder *dec;
	struct sca_framer *f;

	must(framer_new(&f, NULL, false, NULL) == 0 && sca_decoder_new(&dec, NULL) == 0, "memory");
	while (str_cut(&text, '\n', &line))
		one_message(f, dec, line);
	one_datagram(f, dec, (const char *)data, n);
	framer_stats(f, &s);
	framer_free(f);
	sca_decoder_free(dec);
	return 0;
}
