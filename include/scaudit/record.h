/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames and records.
 *
 * A frame is the waist of the program: whatever the source, past it there is a header
 * (type, stamp, serial, node, position, trust) and a body. The body is the kernel's text
 * of a SECCOMP record ("auid=... code=0x...", kernel/auditsc.c audit_seccomp()); readers of
 * other shapes (ausearch -i, JSON of shippers) rewrite theirs into it. scaudit's own events
 * keep their JSON object as the body (kind EVENT).
 *
 * A record is the decoded body. Its spans point into the frame or into the decoder and are
 * valid until the next call on either.
 */
#ifndef SCAUDIT_RECORD_H
#define SCAUDIT_RECORD_H

#include <scaudit/error.h>
#include <scaudit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

enum sca_frame_kind {
	SCA_FRAME_RECORD, /* one SECCOMP record, body in the kernel's text */
	SCA_FRAME_EVENT,  /* one line of scaudit's own NDJSON, body is the object */
	SCA_FRAME_LOSS,   /* somebody says that records were lost; see lost */
};

/* Where the line came from; names in the event's source.kind. */
enum sca_source_kind {
	SCA_SRC_AUDITD,    /* type=SECCOMP msg=audit(...): */
	SCA_SRC_KERNEL,    /* dmesg text: audit: type=1326 audit(...): */
	SCA_SRC_KMSG,      /* /dev/kmsg records */
	SCA_SRC_SYSLOG,    /* a syslog file or agent, with host and tag in front */
	SCA_SRC_JOURNAL,   /* journalctl: text, json, export; libsystemd */
	SCA_SRC_NETLINK,
	SCA_SRC_AUSEARCH,  /* ausearch -i */
	SCA_SRC_AUDITBEAT,
	SCA_SRC_LAUREL,
	SCA_SRC_GO_AUDIT,
	SCA_SRC_SCAUDIT,   /* our own NDJSON */
	SCA_SRC_PASTE,     /* put together from several lines of text */
	SCA_SRC_STRACE,    /* a trace: calls that were made */
	SCA_SRC_NAMES,     /* a list of names, or strace -c: likewise */
	SCA_SRC_SYSDIG,    /* its events, in text or JSON: likewise */
	SCA_SRC_FALCO,     /* its alerts: likewise */
	SCA_SRC_PERF,      /* perf trace: likewise */
	SCA_SRC_COUNT,
};
SCA_API const char *sca_source_kind_name(enum sca_source_kind kind);

/* Why records are missing; names in a loss event's `reason`. */
enum sca_loss {
	SCA_LOSS_NONE,     /* no LOSS frame */
	SCA_LOSS_KERNEL,   /* "kernel": audit_lost= of the kernel's audit queue */
	SCA_LOSS_BACKLOG,  /* "backlog": its backlog or a queue of kauditd is full */
	SCA_LOSS_RATE,     /* "rate-limit": auditctl -r */
	SCA_LOSS_MEMORY,   /* "memory": the kernel had none */
	SCA_LOSS_PRINTK,   /* "printk": callbacks suppressed, no audit daemon took the records */
	SCA_LOSS_LOGGER,   /* "logger": a syslog daemon's or journald's own limit */
	SCA_LOSS_NETLINK,  /* "netlink": our socket's buffer was full */
	SCA_LOSS_KMSG,     /* "kmsg": the ring buffer was overwritten before it was read */
	SCA_LOSS_FILE,     /* "file": a log was truncated or removed before its end was read */
	SCA_LOSS_GAP,      /* "gap": nobody listened between the last run and this one */
	SCA_LOSS_TORN,     /* "torn": lines or records cut in the middle */
	SCA_LOSS_OVERLONG, /* "overlong": lines above the limit */
	SCA_LOSS_OUTPUT,   /* "output": a consumer was too slow for its queue */
	SCA_LOSS_COUNT,
};
SCA_API const char *sca_loss_name(enum sca_loss loss);

struct sca_frame {
	enum sca_frame_kind kind;
	enum sca_source_kind source;
	enum sca_trust trust;
	uint32_t type;   /* 1326, or 1701 for kernels before 3.8 */
	bool have_time;
	bool have_serial;
	int64_t time_ms; /* since the epoch; the audit stamp where there is one */
	uint32_t serial; /* per boot and node, shared by all record types, wraps */
	enum sca_loss loss; /* LOSS: why; body is what said so, may be empty */
	uint64_t lost;   /* LOSS: how many, 0 when the source does not say */
	struct sca_str node; /* empty when unknown */
	struct sca_str body;
	struct sca_pos pos;
};

/* Bits of sca_record.have: the field stood in the record. */
enum sca_field {
	SCA_F_TIME = 1 << 0,
	SCA_F_SERIAL = 1 << 1,
	SCA_F_NODE = 1 << 2,
	SCA_F_CODE = 1 << 3,
	SCA_F_NR = 1 << 4,
	SCA_F_ARCH = 1 << 5,
	SCA_F_PID = 1 << 6,
	SCA_F_COMM = 1 << 7,
	SCA_F_EXE = 1 << 8,
	SCA_F_UID = 1 << 9,
	SCA_F_GID = 1 << 10,
	SCA_F_AUID = 1 << 11, /* not set when the value is 4294967295 (unset) */
	SCA_F_SES = 1 << 12,  /* likewise */
	SCA_F_SUBJ = 1 << 13,
	SCA_F_SIG = 1 << 14,
	SCA_F_COMPAT = 1 << 15,
	SCA_F_IP = 1 << 16,
	SCA_F_PPID = 1 << 17, /* ChromeOS */
};

#define SCA_RECORD_NAMES_MAX 8

/* Identity of a container as an event carries it; empty spans when unknown. */
struct sca_container_ref {
	struct sca_str id, engine, name, image, pod, ns, pod_uid, unit, via, sure;
	struct sca_str candidates; /* sure "candidates": for people, "web, db and 3 more" */
};

struct sca_record {
	uint32_t have; /* SCA_F_* */
	enum sca_source_kind source;
	enum sca_trust trust;
	int64_t time_ms;
	uint32_t serial;
	struct sca_str node;

	enum sca_action action;
	bool denied;     /* false for LOG, and for a call that was traced */
	uint32_t code;   /* as it stood; the low half is data of old kernels */
	uint32_t arch;   /* libseccomp's token; x32 already told apart */
	int32_t nr;      /* kernel number without the x32 bit; -1 is a real value */
	bool arch_given; /* the arch came from an option, not from the record */
	int32_t sig;
	uint32_t compat;
	uint64_t ip;
	uint32_t pid, ppid, uid, gid, auid, ses; /* pid is the tgid in the initial pid namespace */
	struct sca_str comm; /* decoded bytes; name of the calling thread; attacker-chosen */
	struct sca_str exe;  /* decoded bytes; as seen from the task's own root */
	struct sca_str subj;

	unsigned args_known; /* bit n: args[n] is known; from our own events only */
	uint64_t args[6];

	/* Only from our own events and report lines; otherwise count 1 and nothing else. */
	uint64_t count;
	int64_t first_ms, last_ms; /* both 0 when absent */
	struct sca_str comms[SCA_RECORD_NAMES_MAX], exes[SCA_RECORD_NAMES_MAX];
	unsigned n_comms, n_exes;
	struct sca_container_ref container;

	struct sca_pos pos;
};

/* Decoder: holds scratch space for decoded strings and counters of odd input. */
struct sca_decoder;

struct sca_decode_stats {
	uint64_t records;         /* decoded */
	uint64_t incomplete;      /* refused: no syscall, or neither code nor signal */
	uint64_t malformed;       /* refused: a field's value is not in the kernel's form */
	uint64_t duplicate_field; /* a known field twice in one body; the first one counts */
	uint64_t no_arch;         /* decoded without arch */
};

SCA_API int sca_decoder_new(struct sca_decoder **ret, struct sca_err *err);
SCA_API struct sca_decoder *sca_decoder_free(struct sca_decoder *dec);

/* Architecture to assume for records that carry none (old kernels); 0 for none. */
SCA_API void sca_decoder_set_arch(struct sca_decoder *dec, uint32_t arch);

/*
 * Decodes a RECORD or EVENT frame. 0, SCA_E_INCOMPLETE, SCA_E_SYNTAX or SCA_E_RANGE; the
 * failures are counted and are no reason to stop reading. Never guesses a value.
 */
SCA_API int sca_record_decode(struct sca_decoder *dec, const struct sca_frame *frame,
			      struct sca_record *ret, struct sca_err *err);
SCA_API void sca_decoder_stats(const struct sca_decoder *dec, struct sca_decode_stats *ret);

/*
 * Whether the record tells that a call was made, and not what became of it (a trace, a list of
 * names): action UNKNOWN, not denied. Whoever asks must not count it as a denial. Its arch, when
 * the trace does not tell it, is the decoder's, or else this machine's.
 */
static inline bool sca_record_is_traced(const struct sca_record *rec)
{
	return rec->action == SCA_ACT_UNKNOWN && !rec->denied;
}

/*
 * Whether the record was made by the container runtime's own start-up code, before the
 * application ran: comm "runc:[2:INIT]" (any digit), or "crun" with exe "/" or .../crun.
 */
SCA_API bool sca_record_is_runtime_init(const struct sca_record *rec);

/*
 * Duplicate filter: the same event seen through two channels counts once. Identity is
 * (node, time, serial); where a channel has no serial (journald's text), equal bodies are
 * paired with those of the channels that have one. Fixed memory (about 4 MB); `overflow`
 * tells how many identities were forgotten to make room.
 */
struct sca_dedup;
SCA_API int sca_dedup_new(struct sca_dedup **ret, struct sca_err *err);
SCA_API struct sca_dedup *sca_dedup_free(struct sca_dedup *dd);
/* true when this record was counted before; the first sighting returns false. */
SCA_API bool sca_dedup_seen(struct sca_dedup *dd, const struct sca_frame *frame,
			    const struct sca_record *rec);
SCA_API uint64_t sca_dedup_overflow(const struct sca_dedup *dd);

#ifdef __cplusplus
}
#endif
#endif
