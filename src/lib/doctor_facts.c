/* SPDX-License-Identifier: Apache-2.0 */
/* What files tell of a kernel: its seccomp, its command line, its limits, its system calls. */
#include "doctor_int.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "rootdir.h"

#define SMALL_MAX   8192u
#define SYMBOLS_MAX (64u << 20)
#define NEWER_SHOWN 6u
#define SECCOMP_DIR "proc/sys/kernel/seccomp/"

static int no_memory(const struct buf *b)
{
	return b->failed ? -ENOMEM : 0;
}

/* The one line of a small file, in the arena. */
static int read_line(struct sca_doctor *d, int root, const char *path, bool *ret_have,
		     struct sca_str *ret)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	int r = root_read(root, path, SMALL_MAX, &b);

	if (r == -ENOMEM)
		return r;
	*ret_have = r == 0;
	if (r < 0)
		return 0;
	return arena_dup_str(&d->arena, str_trim(buf_str(&b)), ret) ? 0 : -ENOMEM;
}

static int read_number(struct sca_doctor *d, int root, const char *path, bool *ret_have,
		       uint32_t *ret)
{
	struct sca_str text = {NULL, 0};
	int r = read_line(d, root, path, ret_have, &text);

	if (r == 0 && *ret_have)
		*ret_have = str_u32(text, ret) == 0;
	return r;
}

bool doctor_word(struct sca_str words, const char *word)
{
	struct sca_str w;

	while (str_cut(&words, ' ', &w))
		if (str_eq(w, sca_str_z(word)))
			return true;
	return false;
}

static int read_cmdline(struct sca_doctor *d, int root)
{
	struct sca_str text = {NULL, 0};
	bool have;
	int r = read_line(d, root, "proc/cmdline", &have, &text);

	if (r == 0 && have)
		d->f.audit_off = doctor_word(text, "audit=0") || doctor_word(text, "audit=off")
					 ? FACT_YES
					 : FACT_NO;
	return r;
}

static bool is_there(int root, const char *path)
{
	_cleanup_close_ int fd = root_open(root, path, O_PATH);

	return fd >= 0;
}

static enum cgroups find_cgroups(int root)
{
	if (is_there(root, "sys/fs/cgroup/cgroup.controllers"))
		return CGROUPS_V2;
	if (is_there(root, "sys/fs/cgroup/unified/cgroup.controllers"))
		return CGROUPS_HYBRID;
	if (is_there(root, "sys/fs/cgroup/memory") || is_there(root, "sys/fs/cgroup/pids") ||
	    is_there(root, "sys/fs/cgroup/systemd"))
		return CGROUPS_V1;
	return CGROUPS_UNKNOWN;
}

int doctor_read_files(struct sca_doctor *d, int root)
{
	struct doctor_facts *f = &d->f;
	bool burst;
	int r = read_line(d, root, SECCOMP_DIR "actions_avail", &f->have_avail, &f->avail);

	if (r == 0)
		r = read_line(d, root, SECCOMP_DIR "actions_logged", &f->have_logged, &f->logged);
	if (r == 0)
		r = read_cmdline(d, root);
	if (r == 0)
		r = read_number(d, root, "proc/sys/kernel/printk_ratelimit", &f->printk_known,
				&f->printk_seconds);
	if (r == 0)
		r = read_number(d, root, "proc/sys/kernel/printk_ratelimit_burst", &burst,
				&f->printk_burst);
	if (r == 0)
		f->printk_known &= burst;
	f->cgroups = find_cgroups(root);
	return r;
}

/* Kernel symbols end in sys_NAME on every architecture ("__x64_sys_mseal"). */
static bool kernel_has(const struct buf *symbols, const char *name)
{
	char key[64];
	int n = snprintf(key, sizeof(key), "sys_%s\n", name);

	return n > 0 && (size_t)n < sizeof(key) &&
	       str_find(buf_str(symbols), (struct sca_str){key, (size_t)n});
}

/* Calls of the running kernel that this libseccomp has no name for: no rule can name them. */
int doctor_read_calls(struct sca_doctor *d, int root, struct sca_names *names)
{
	_cleanup_buf_ struct buf symbols = BUF_INIT, newer = BUF_INIT;
	uint32_t arch = sca_arch_native();
	int r = root_read(root, "proc/kallsyms", SYMBOLS_MAX, &symbols);

	if (r == -ENOMEM)
		return r;
	d->f.newer_known = r == 0 && symbols.n > 0;
	for (int32_t nr = sca_syscall_last(names, arch); nr >= 0; nr--) {
		const char *name = sca_syscall_name(names, arch, nr);

		if (!name)
			continue;
		if (sca_syscall_in_libseccomp(names, sca_str_z(name))) {
			if (!d->f.newest_call)
				d->f.newest_call = arena_dup(&d->arena, sca_str_z(name));
		} else if (d->f.newer_known && kernel_has(&symbols, name)) {
			if (d->f.n_newer++ < NEWER_SHOWN)
				buf_addf(&newer, "%s%s", newer.n ? " " : "", name);
		}
	}
	if (newer.n)
		d->f.newer = arena_dup(&d->arena, buf_str(&newer));
	return no_memory(&newer);
}
