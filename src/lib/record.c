/* SPDX-License-Identifier: Apache-2.0 */
/* Frames to records: the decoder, and what is common to both kinds of body. */
#include "record_int.h"

const char *sca_source_kind_name(enum sca_source_kind kind)
{
	static const char *const names[SCA_SRC_COUNT] = {
		[SCA_SRC_AUDITD] = "auditd",
		[SCA_SRC_KERNEL] = "kernel",
		[SCA_SRC_KMSG] = "kmsg",
		[SCA_SRC_SYSLOG] = "syslog",
		[SCA_SRC_JOURNAL] = "journal",
		[SCA_SRC_NETLINK] = "netlink",
		[SCA_SRC_AUSEARCH] = "ausearch",
		[SCA_SRC_AUDITBEAT] = "auditbeat",
		[SCA_SRC_LAUREL] = "laurel",
		[SCA_SRC_GO_AUDIT] = "go-audit",
		[SCA_SRC_SCAUDIT] = "scaudit",
		[SCA_SRC_PASTE] = "paste",
		[SCA_SRC_STRACE] = "strace",
		[SCA_SRC_NAMES] = "names",
		[SCA_SRC_SYSDIG] = "sysdig",
		[SCA_SRC_FALCO] = "falco",
		[SCA_SRC_PERF] = "perf",
	};

	return (unsigned)kind < SCA_SRC_COUNT ? names[kind] : "unknown";
}

const char *sca_loss_name(enum sca_loss loss)
{
	static const char *const names[SCA_LOSS_COUNT] = {
		[SCA_LOSS_NONE] = "none",
		[SCA_LOSS_KERNEL] = "kernel",
		[SCA_LOSS_BACKLOG] = "backlog",
		[SCA_LOSS_RATE] = "rate-limit",
		[SCA_LOSS_MEMORY] = "memory",
		[SCA_LOSS_PRINTK] = "printk",
		[SCA_LOSS_LOGGER] = "logger",
		[SCA_LOSS_NETLINK] = "netlink",
		[SCA_LOSS_KMSG] = "kmsg",
		[SCA_LOSS_FILE] = "file",
		[SCA_LOSS_GAP] = "gap",
		[SCA_LOSS_TORN] = "torn",
		[SCA_LOSS_OVERLONG] = "overlong",
		[SCA_LOSS_OUTPUT] = "output",
	};

	return (unsigned)loss < SCA_LOSS_COUNT ? names[loss] : "unknown";
}

int sca_decoder_new(struct sca_decoder **ret, struct sca_err *err)
{
	struct sca_decoder *dec = calloc(1, sizeof(*dec));

	if (!dec)
		return sca_fail(err, -ENOMEM, "no memory for the decoder");
	*ret = dec;
	return 0;
}

struct sca_decoder *sca_decoder_free(struct sca_decoder *dec)
{
	if (!dec)
		return NULL;
	sca_names_free(dec->names);
	buf_release(&dec->scratch);
	free(dec);
	return NULL;
}

void sca_decoder_set_arch(struct sca_decoder *dec, uint32_t arch)
{
	dec->default_arch = arch;
}

void sca_decoder_stats(const struct sca_decoder *dec, struct sca_decode_stats *ret)
{
	*ret = dec->stats;
}

int decoder_hex(struct sca_decoder *dec, struct sca_str hex, size_t room, struct sca_str *ret)
{
	struct buf *s = &dec->scratch;
	size_t at = s->n;

	if (at == 0 && !buf_reserve(s, room))
		return -ENOMEM;
	if (hex.n % 2)
		return SCA_E_SYNTAX;
	for (size_t i = 0; i < hex.n; i += 2) {
		int hi = hex_digit(hex.p[i]), lo = hex_digit(hex.p[i + 1]);

		if (hi < 0 || lo < 0)
			return SCA_E_SYNTAX;
		buf_add_c(s, (char)(hi << 4 | lo));
	}
	if (s->failed)
		return -ENOMEM;
	*ret = (struct sca_str){s->p + at, s->n - at};
	return 0;
}

/* There and back: the number of a record without arch may still hold the x32 bit. */
static void assume_arch(const struct sca_decoder *dec, struct sca_record *rec)
{
	uint32_t token;

	sca_arch_to_record(dec->default_arch, rec->nr, &token, &rec->nr);
	sca_arch_from_record(token, rec->nr, &rec->arch, &rec->nr);
	rec->have |= SCA_F_ARCH;
	rec->arch_given = true;
}

static void count_failure(struct sca_decoder *dec, int r)
{
	if (r == SCA_E_INCOMPLETE)
		dec->stats.incomplete++;
	else if (r == SCA_E_SYNTAX || r == SCA_E_RANGE)
		dec->stats.malformed++;
}

static void fill_head(const struct sca_frame *frame, struct sca_record *rec)
{
	rec->source = frame->source;
	rec->trust = frame->trust;
	if (frame->have_time) {
		rec->time_ms = frame->time_ms;
		rec->have |= SCA_F_TIME;
	}
	if (frame->have_serial) {
		rec->serial = frame->serial;
		rec->have |= SCA_F_SERIAL;
	}
	if (frame->node.n) {
		rec->node = frame->node;
		rec->have |= SCA_F_NODE;
	}
}

int sca_record_decode(struct sca_decoder *dec, const struct sca_frame *frame,
		      struct sca_record *ret, struct sca_err *err)
{
	struct sca_record rec = {.pos = frame->pos, .count = 1};
	int r;

	fill_head(frame, &rec);
	dec->scratch.n = 0;
	if (frame->kind == SCA_FRAME_RECORD)
		r = record_decode_body(dec, frame->body, &rec, err);
	else if (frame->kind == SCA_FRAME_EVENT)
		r = record_decode_event(dec, frame->body, &rec, err);
	else
		return sca_fail(err, -EINVAL, "a loss message holds no record");
	if (r < 0) {
		count_failure(dec, r);
		return r;
	}
	if (!(rec.have & SCA_F_ARCH)) {
		dec->stats.no_arch++;
		if (dec->default_arch)
			assume_arch(dec, &rec);
	}
	dec->stats.records++;
	*ret = rec;
	return 0;
}

static bool ends_with(struct sca_str s, struct sca_str tail)
{
	return s.n >= tail.n && memcmp(s.p + s.n - tail.n, tail.p, tail.n) == 0;
}

bool sca_record_is_runtime_init(const struct sca_record *rec)
{
	struct sca_str comm = rec->comm;

	if (comm.n == 13 && ascii_digit(comm.p[6]))
		return memcmp(comm.p, "runc:[", 6) == 0 && memcmp(comm.p + 7, ":INIT]", 6) == 0;
	return str_is(comm, "crun") &&
	       (str_is(rec->exe, "/") || ends_with(rec->exe, SCA_STR("/crun")));
}
