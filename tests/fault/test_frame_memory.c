/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out while lines of every form become records: the first allocation fails,
 * then the second, and so on until all succeed. Each failure is -ENOMEM, and no allocation is
 * left behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "text.h"

#include "failing_malloc.h"

#include "frame.h"
#include <scaudit/record.h>

static const char *const lines[] = {
	"{",
	"\"_TRANSPORT\": \"audit\", \"_HOSTNAME\": \"h\",",
	"\"MESSAGE\": \"SECCOMP auid=0 sig=31 arch=c000003e syscall=3 code=0x0\"",
	"}",
	"type=SECCOMP msg=audit(1.001:1): auid=0 comm=612062 exe=2F61 sig=31 arch=c000003e "
	"syscall=3 code=0x0",
	"\x1b[31mtype=SECCOMP msg=audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=3 code=0x0",
	"5,1,1,-;audit: type=1326 audit(1.001:1): auid=0 comm=\"a\\x5cb\" sig=31 arch=c000003e "
	"syscall=3 code=0x0",
	"> node=h type=SECCOMP msg=audit(1.001:1): auid=0",
	"> sig=31 arch=c000003e syscall=3 code=0x0",
	"Log: auid=0 sig=0 arch=c000003e 260(fchownat) compat=0 ip=0x1 code=0x50000",
	"type=SECCOMP msg=audit(11/24/26 06:36:13.125:1) : auid=unset pid=1 comm=a exe=/a b "
	"sig=SIGSYS arch=x86_64 syscall=mkdir compat=0 ip=0x7f code=log",
	"{\"_TRANSPORT\":\"kernel\",\"MESSAGE\":[97,117,100],\"_TRANSPORT_\":1,\"x\":\"seccomp\"}",
	"{\"auditd\":{\"message_type\":\"seccomp\",\"sequence\":1,\"data\":{\"arch\":\"x86_64\","
	"\"syscall\":\"mkdir\",\"sig\":\"31\",\"code\":\"0x0\"}}}",
	"{\"ID\":\"1.001:1\",\"NODE\":\"n\",\"SECCOMP\":[{\"comm\":\"a%20\",\"sig\":31,"
	"\"arch\":\"0xc000003e\",\"syscall\":1}]}",
	"{\"sequence\":1,\"timestamp\":\"1.001\",\"messages\":[{\"type\":1326,\"data\":\"auid=0 "
	"sig=31 arch=c000003e syscall=3 code=0x0\"}]}",
	"{\"log\":{\"v\":1,\"action\":\"log\",\"syscall\":\"mkdir\",\"arch\":\"x86_64\","
	"\"comm_hex\":\"61\"}}",
	"{\"v\":1,\"kind\":\"loss\",\"node\":\"n\",\"reason\":\"file\",\"lost\":1,\"message\":\"a\\tb\"}",
	"{\"hostname\":\"h\",\"message\":\"audit: type=1326 audit(1.001:1): auid=0 sig=31 "
	"arch=c000003e syscall=3 code=0x0\"}",
	"__CURSOR=1",
	"_TRANSPORT=kernel",
	"MESSAGE=audit: type=1326 audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=3 code=0x0",
	"",
};
/* Inputs of their own, by their first lines. */
static const char *const trace[] = {
	"12 execve(\"/bin/a\", [\"a\"], 0x7ffe /* 3 vars */) = 0",
	"12 clone(child_stack=NULL, flags=CLONE_VM|SIGCHLD) = 13",
	"strace: [ Process PID=13 runs in 32 bit mode. ]",
	"13 mkdir(\"/x\", 0777) = 39",
	"13 --- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, si_syscall=__NR_mkdir} ---",
	"13 +++ killed by SIGSYS +++",
};
static const char *const names[] = {"read, write", "close 12"};
static const char *const sysdig[] = {
	"1 12:02:36.269753803 0 web (5d2f0c1e9a7b) sh (12:1) > mkdir path=/x",
	"2 12:02:36.269753803 0 sh (12) > syscall ID=12 nativeID=39",
	("{\"output_fields\":{\"evt.type\":\"mkdir\",\"container.id\":\"5d2f0c1e9a7b\"},"
	 "\"rule\":\"r\",\"hostname\":\"n1\"}"),
};
static const char *const perf[] = {"     0.713 ( 0.023 ms): sh/12 brk() = 0x1", "LOST 12 events!"};
#define RECORDS 26

struct run {
	struct sca_decoder *dec;
	struct sca_dedup *dd;
	struct sca_err *err;
	int records;
};

static int see(const struct sca_frame *frame, void *arg)
{
	struct run *run = arg;
	struct sca_record rec;
	int r;

	run->records++;
	if (frame->kind == SCA_FRAME_LOSS)
		return 0;
	r = sca_record_decode(run->dec, frame, &rec, run->err);
	if (r < 0)
		return r;
	sca_dedup_seen(run->dd, frame, &rec);
	return 0;
}

static int input(struct run *run, struct sca_framer *f, const char *const *v, size_t n)
{
	struct sca_pos pos = {"test", 0, 0};
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		pos.line++;
		r = framer_line(f, sca_str_z(v[i]), &pos, see, run);
	}
	return r == 0 ? framer_flush(f, see, run) : r;
}

static int all(struct run *run)
{
	struct sca_framer *f = NULL;
	int r = sca_decoder_new(&run->dec, run->err);

	if (r == 0)
		r = sca_dedup_new(&run->dd, run->err);
	if (r == 0)
		r = framer_new(&f, NULL, true, run->err);
	if (r == 0)
		r = input(run, f, lines, ARRAY_SIZE(lines));
	if (r == 0)
		r = input(run, f, trace, ARRAY_SIZE(trace));
	if (r == 0)
		r = input(run, f, names, ARRAY_SIZE(names));
	if (r == 0)
		r = input(run, f, sysdig, ARRAY_SIZE(sysdig));
	if (r == 0)
		r = input(run, f, perf, ARRAY_SIZE(perf));
	if (r == -ENOMEM)
		run->err->code = r; /* framer_line() has no words */
	framer_free(f);
	sca_dedup_free(run->dd);
	sca_decoder_free(run->dec);
	return r;
}

static void test_memory(void **state _unused_)
{
	long nth = 0;
	bool last = false;

	prepare_malloc();
	for (; !last; nth++) {
		struct sca_err err = SCA_ERR_INIT;
		struct run run = {.err = &err};
		long before = live;
		int r;

		countdown = nth;
		r = all(&run);
		last = check(nth, r, &err);
		assert_int_equal(live, before);
		if (last)
			assert_int_equal(run.records, RECORDS);
	}
	print_message("%ld allocations\n", nth - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_memory)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
