/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files with a profile in them, YAML above all. An input is a file, and behind a NUL byte the
 * numbers that edits are made from. Aborts when a failure has no place or code, when a value's
 * place is outside of the file, or when edited text is not what the edits say.
 */
#include "fuzz.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "edits.h"
#include "home.h"
#include "patch_int.h"
#include "probe.h"

#define TEXT_MAX (1 << 17) /* edits make it longer */

/*
 * A child for each text is what takes the time here, so one child tries many: it gets them in
 * shared memory, a byte each way for each. One that does not answer is killed.
 */
static struct worker {
	pid_t pid;
	int ask, answer;
	struct sca_str *text;
} worker;

static void work(void (*f)(void *arg), int ask, int answer)
{
	char c;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (read(ask, &c, 1) == 1) {
		f(worker.text);
		if (write(answer, &c, 1) != 1)
			break;
	}
	_exit(0);
}

static void start_worker(void (*f)(void *arg))
{
	int ask[2], answer[2];

	if (!worker.text)
		worker.text = mmap(NULL, sizeof(*worker.text) + TEXT_MAX, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(worker.text != MAP_FAILED && pipe(ask) == 0 && pipe(answer) == 0, "pipes");
	worker.pid = fork();
	must(worker.pid >= 0, "a child");
	if (worker.pid == 0)
		work(f, ask[0], answer[1]);
	close(ask[0]);
	close(answer[1]);
	worker.ask = ask[1];
	worker.answer = answer[0];
}

static void stop_worker(void)
{
	kill(worker.pid, SIGKILL);
	while (waitpid(worker.pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(worker.ask);
	close(worker.answer);
	worker.pid = 0;
}

/* Only YAML is tried here, so the argument is a text. */
int probe_run(void (*f)(void *arg), void *arg, unsigned seconds)
{
	const struct sca_str *text = arg;
	struct pollfd p = {.events = POLLIN};
	char c = 0;

	must(text->n <= TEXT_MAX, "a text has room");
	if (!worker.pid)
		start_worker(f);
	memcpy(worker.text + 1, text->p, text->n);
	*worker.text = (struct sca_str){(const char *)(worker.text + 1), text->n};
	p.fd = worker.answer;
	if (write(worker.ask, &c, 1) == 1 && poll(&p, 1, (int)seconds * 1000) == 1 &&
	    read(worker.answer, &c, 1) == 1)
		return 0;
	stop_worker();
	return SCA_E_LIMIT;
}

static void check_places(const struct sca_profile *p)
{
	const struct home *h = p->home;

	for (uint32_t c = 0; h && c < p->doc.n; c++)
		must(h->jt.offset(&h->jt, &p->doc, c) <= h->jt.text.n, "a place is in the file");
}

static void check_patch(const struct sca_profile *p, const struct je_list *l)
{
	struct sca_profile *q = NULL, *again = NULL;
	struct sca_err err = SCA_ERR_INIT;
	struct sca_patch *pt = NULL;
	int r = patch_from_edits(&pt, l, &err);

	must(r == 0 || r == SCA_E_CONFLICT || r == SCA_E_LIMIT, "a patch is made or refused");
	if (r < 0)
		return;
	r = sca_patch_apply(pt, p, &q, &err);
	must(r == 0 || r == SCA_E_LIMIT || r == SCA_E_SYNTAX, "a patch applies");
	sca_patch_free(pt);
	if (r < 0)
		return;
	if (sca_profile_check_text(q, NULL) == 0 && !sca_profile_apart(p)) {
		must(sca_profile_load_text(&again, sca_profile_text(q), "again", NULL) == 0,
		     "what was written is read");
		must(again->doc.n == q->doc.n, "as what it was");
		sca_profile_free(again);
	}
	sca_profile_free(q);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const uint8_t *nul = n ? memchr(data, 0, n) : NULL;
	struct numbers nu = {.p = nul ? nul + 1 : data + n, .end = data + n, .seed = 1};
	struct sca_str text = {(const char *)data, nul ? (size_t)(nul - data) : n};
	struct sca_err err = SCA_ERR_INIT;
	struct sca_profile *p = NULL;
	struct je_list l;

	if (n > 1 << 16)
		return 0;
	if (sca_profile_load_text(&p, text, "fuzz", &err) < 0) {
		must(err.code < -5000 && err.text[0], "a failure has a code and a text");
		return 0;
	}
	check_places(p);
	je_init(&l, &p->doc);
	make_edits(&l, &nu, 8);
	check_patch(p, &l);
	je_release(&l);
	sca_profile_free(p);
	return 0;
}
