/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of text to records. Aborts when the two ways of feeding disagree (every line, or only
 * those that may not be left out), when a frame is not what record.h says, or when a record
 * claims more than its frame can know.
 */
#include "fuzz.h"

#include "frame.h"
#include <scaudit/names.h>

struct run {
	bool regular, wanted_only;
	struct sca_decoder *dec;
	uint64_t frames, lost, hash;
};

static struct sca_dedup *dedup; /* large, so there is one for all inputs */

static void add(struct run *run, const void *p, size_t n)
{
	const unsigned char *u = p;

	for (size_t i = 0; i < n; i++)
		run->hash = (run->hash ^ u[i]) * 0x100000001b3u;
}

static void check_record(struct run *run, const struct sca_frame *f)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_record rec;
	int r = sca_record_decode(run->dec, f, &rec, &err);

	if (r < 0) {
		must(r == SCA_E_SYNTAX || r == SCA_E_RANGE || r == SCA_E_INCOMPLETE, "a code");
		must(err.code == r && err.text[0], "an error says what");
		return;
	}
	must(rec.have & SCA_F_NR, "a record has its number");
	must(rec.action < SCA_ACT_COUNT && rec.action != SCA_ACT_ALLOW, "an action is recorded");
	must(rec.denied == (rec.action != SCA_ACT_LOG && !sca_record_is_traced(&rec)),
	     "only LOG and a traced call are no denials");
	must(!sca_record_is_traced(&rec) || f->kind == SCA_FRAME_EVENT, "the kernel traces nothing");
	must(rec.trust == f->trust && rec.source == f->source, "trust is the frame's");
	must(rec.count > 0 && (rec.count == 1 || f->kind == SCA_FRAME_EVENT), "a count");
	must(rec.n_comms <= SCA_RECORD_NAMES_MAX && rec.n_exes <= SCA_RECORD_NAMES_MAX, "names");
	add(run, rec.comm.p, rec.comm.n);
	add(run, rec.exe.p, rec.exe.n);
	add(run, rec.subj.p, rec.subj.n);
	add(run, rec.container.id.p, rec.container.id.n);
	sca_record_is_runtime_init(&rec);
	sca_dedup_seen(dedup, f, &rec);
}

static int see(const struct sca_frame *f, void *arg)
{
	struct run *run = arg;

	run->frames++;
	must(run->regular || f->trust == SCA_TRUST_FORGEABLE, "trust only of a regular file");
	must(f->source < SCA_SRC_COUNT, "a source");
	must(f->trust == SCA_TRUST_FORGEABLE || f->source == SCA_SRC_AUDITD ||
		     f->source == SCA_SRC_JOURNAL,
	     "trust only of auditd's format and the journal");
	add(run, &f->kind, sizeof(f->kind));
	add(run, &f->pos.line, sizeof(f->pos.line));
	add(run, &f->serial, sizeof(f->serial));
	add(run, f->node.p, f->node.n);
	add(run, f->body.p, f->body.n);
	if (f->kind == SCA_FRAME_LOSS)
		run->lost += f->lost;
	else
		check_record(run, f);
	return 0;
}

static void feed(struct run *run, struct sca_str text)
{
	const struct sca_limits limits = {.entry_max = 4096};
	struct sca_pos pos = {"fuzz", 0, 0};
	struct sca_source_stats s = {0};
	const char *start = text.p;
	struct sca_framer *f = NULL;
	struct sca_str line;

	must(sca_decoder_new(&run->dec, NULL) == 0 &&
		     framer_new(&f, &limits, run->regular, NULL) == 0 &&
		     (dedup || sca_dedup_new(&dedup, NULL) == 0),
	     "memory");
	while (str_cut(&text, '\n', &line)) {
		pos.line++;
		pos.offset = (uint64_t)(line.p - start);
		if (!run->wanted_only || framer_wants_all(f) || framer_anchored(line))
			must(framer_line(f, line, &pos, see, run) == 0, "a line is read");
	}
	must(framer_flush(f, see, run) == 0, "the end is read");
	framer_stats(f, &s);
	must(s.frames == run->frames && s.lost == run->lost, "counts");
	framer_free(f);
	sca_decoder_free(run->dec);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct run all = {.regular = true}, wanted = {.regular = true, .wanted_only = true};
	struct run pipe = {.wanted_only = true};
	struct sca_str text = {(const char *)data, n};

	if (n == 0)
		return 0;
	feed(&all, text);
	feed(&wanted, text);
	feed(&pipe, text);
	must(all.frames == wanted.frames && all.hash == wanted.hash, "lines may be left out");
	must(pipe.frames == wanted.frames, "trust changes nothing else");
	return 0;
}
