/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sources: where frames come from. A source is named by a spec, as --from takes it:
 *
 *	PATH    a file, plain, .gz, .xz or .zst (told by content, not by name)
 *	-       standard input (file descriptor 0)
 *	audit   the log set that auditd.conf names, oldest rotated file first
 *	netlink the kernel's audit multicast group, beside any audit daemon (follow only)
 *	kmsg    /dev/kmsg
 *	journal systemd's journal
 *	unix:PATH  auditd's af_unix plugin, format string or binary (follow only)
 *
 * The kind of text is told per line, so a mixed file works: auditd RAW and ENRICHED,
 * dmesg in all its forms, syslog, journalctl text/json/export, auditbeat, laurel,
 * go-audit, ausearch -i, wrapped pastes, scaudit's own NDJSON.
 *
 * A source owns no loop and no thread. sca_source_next() never blocks on anything but
 * the read of a regular file or pipe.
 */
#ifndef SCAUDIT_SOURCE_H
#define SCAUDIT_SOURCE_H

#include <scaudit/record.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sca_source;

/* Limits; a zero field means the default in brackets. */
struct sca_limits {
	size_t line_max;   /* bytes of one line [1 MiB]; the rest of a longer one is skipped */
	size_t entry_max;  /* bytes of one multi-line entry [256 KiB] */
	unsigned paste_max; /* lines one wrapped record may span [8] */
};

enum sca_next {
	SCA_NEXT_IDLE = 0,  /* nothing now (only sources that follow) */
	SCA_NEXT_FRAME = 1, /* *ret holds a frame, valid until the next call */
	SCA_NEXT_END = 2,   /* no more */
};

struct sca_source_stats {
	uint64_t bytes;         /* read, after decompression */
	uint64_t lines;
	uint64_t frames;
	uint64_t overlong;      /* lines longer than line_max */
	uint64_t torn;          /* a record whose end is missing: cut line, wrap without rest */
	uint64_t foreign;       /* like a record, where only other text can stand: forged or quoted */
	uint64_t undecodable;   /* a shape we know with contents we can not use */
	uint64_t loss_messages; /* LOSS frames */
	uint64_t lost;          /* sum of their counts */
	uint64_t nul_bytes;     /* NUL bytes seen in text: binary input */
};

/*
 * Opens. `root` is a directory under which absolute paths of "audit" are looked up ("/" or
 * NULL for the real ones); a PATH is taken as it stands. Errors name the path and say why:
 * no such file, a directory, no permission, damaged or truncated compressed data (the
 * latter at next()).
 */
SCA_API int sca_source_open(struct sca_source **ret, const char *spec, const char *root,
			    const struct sca_limits *limits, struct sca_err *err);

/* How a source is followed: it gives SCA_NEXT_IDLE where it would end. */
struct sca_follow {
	bool backlog;  /* what is there already comes first: rotated files of a PATH, oldest first;
			* the whole ring buffer or journal. Else only what comes from now on. */
	struct sca_str position; /* goes on where an earlier run was (sca_source_position());
				  * wins over backlog; empty: none */
};
/*
 * Opens for following. A PATH need not exist yet, and may be renamed, truncated, removed and
 * made again: nothing that was written to it is missed while the renamed file stays, also
 * compressed, in its directory. What is missed is a LOSS frame. A FIFO that has a name does not
 * end with its writer; a PATH that is compressed does not grow, so it is SCA_E_UNSUPPORTED.
 */
SCA_API int sca_source_follow(struct sca_source **ret, const char *spec, const char *root,
			      const struct sca_limits *limits, const struct sca_follow *how,
			      struct sca_err *err);
/* When to call next() again after SCA_NEXT_IDLE: as soon as the returned descriptor (-1: none)
 * is readable, and after *ret_wait_ms (-1: never) in any case. Both may change with next(). */
SCA_API int sca_source_fd(const struct sca_source *src, int *ret_wait_ms);
/* Where to go on: one JSON object in one line, behind every frame that next() gave out and in
 * front of all others. Borrowed until the next call. Empty for sources that cannot go back. */
SCA_API int sca_source_position(struct sca_source *src, struct sca_str *ret,
				struct sca_err *err);

/* enum sca_next, or an error: it comes behind all frames that could be read before it, and
 * once; the next call goes on behind it (the next file of a set, or SCA_NEXT_END). */
SCA_API int sca_source_next(struct sca_source *src, struct sca_frame *ret, struct sca_err *err);
SCA_API void sca_source_stats(const struct sca_source *src, struct sca_source_stats *ret);

/* Name for messages, borrowed: the path, "standard input", or the set's current file. */
SCA_API const char *sca_source_name(const struct sca_source *src);
/* Bytes consumed of the input and its total size, for progress; total 0 when unknown. */
SCA_API void sca_source_progress(const struct sca_source *src, uint64_t *ret_done,
				 uint64_t *ret_total);
SCA_API struct sca_source *sca_source_free(struct sca_source *src);

#ifdef __cplusplus
}
#endif
#endif
