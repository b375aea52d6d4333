/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles and the file system: what is loaded, and how a file is replaced. */
#include "profile_int.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <cmocka.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include <scaudit/patch.h>

#define OLD "{\"a\": 1}\n"
#define NEW "{\"a\": 2, \"b\": 3}\n"

static char dir[] = "/tmp/scaudit-write-XXXXXX";

static int make_dir(void **state _unused_)
{
	return mkdtemp(dir) && chdir(dir) == 0 ? 0 : -1;
}

static int remove_dir(void **state _unused_)
{
	char line[128];

	snprintf(line, sizeof(line), "rm -rf %s", dir);
	return chdir("/") == 0 && system(line) == 0 ? 0 : -1;
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void check_file(const char *path, const char *want)
{
	char got[256] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, got, sizeof(got) - 1) < 0)
		fail_msg("%s: %s", path, strerror(errno));
	close(fd);
	if (strcmp(got, want) != 0)
		fail_msg("%s holds %s", path, got);
}

/* Nothing of ours is left in the directory. */
static void check_clean(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;

	assert_non_null(d);
	while ((e = readdir(d)))
		if (strstr(e->d_name, "scaudit"))
			fail_msg("%s/%s is left behind", path, e->d_name);
	closedir(d);
}

static struct sca_profile *load(const char *path)
{
	struct sca_profile *p = NULL;

	assert_int_equal(sca_profile_load_file(&p, path, NULL), 0);
	return p;
}

static struct sca_profile *from_text(const char *text)
{
	struct sca_profile *p = NULL;

	assert_int_equal(sca_profile_load_mem(&p, sca_str_z(text), "mem", NULL), 0);
	return p;
}

/* Writes NEW over `path` as `loaded`; checks the error's text, NULL for success. */
static void write_new(const char *path, const struct sca_profile *loaded, bool backup, int code,
		      const char *error)
{
	struct sca_profile *p = from_text(NEW);
	struct sca_err err = SCA_ERR_INIT;
	int r = sca_profile_write(p, path, loaded, backup, &err);
	char text[1024];

	sca_profile_free(p);
	sca_err_format(&err, text, sizeof(text));
	if (r != code || (error && strcmp(text, error) != 0))
		fail_msg("%d: %s", r, r < 0 ? text : "no error");
}

static void test_replace(void **state _unused_)
{
	struct sca_profile *p;
	struct stat st;
	char value[8];
	bool attrs;

	put("p.json", OLD);
	assert_int_equal(chmod("p.json", 0640), 0);
	if (geteuid() == 0)
		assert_int_equal(chown("p.json", 12, 34), 0);
	attrs = setxattr("p.json", "user.scaudit", "kept", 4, 0) == 0;
	p = load("p.json");
	write_new("p.json", p, false, 0, NULL);
	check_file("p.json", NEW);
	assert_int_equal(stat("p.json", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	if (geteuid() == 0)
		assert_true(st.st_uid == 12 && st.st_gid == 34);
	if (attrs)
		assert_int_equal(getxattr("p.json", "user.scaudit", value, sizeof(value)), 4);
	else
		print_message("no extended attributes here\n");
	assert_int_equal(access("p.json.orig", F_OK), -1);
	check_clean(".");
	sca_profile_free(p);
}

static void test_backup(void **state _unused_)
{
	struct sca_profile *p;
	struct stat st;

	put("p.json", OLD);
	put("p.json.orig", "older");
	assert_int_equal(chmod("p.json", 0600), 0);
	p = load("p.json");
	write_new("p.json", p, true, 0, NULL);
	check_file("p.json", NEW);
	check_file("p.json.orig", OLD);
	assert_int_equal(stat("p.json.orig", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	check_clean(".");
	sca_profile_free(p);

	/* A backup that can not be made stops all of it. */
	put("p.json", OLD);
	unlink("p.json.orig");
	assert_int_equal(mkdir("p.json.orig", 0700), 0);
	p = load("p.json");
	write_new("p.json", p, true, -EISDIR,
		  "p.json: cannot rename the new file to p.json.orig: Is a directory");
	check_file("p.json", OLD);
	check_clean(".");
	rmdir("p.json.orig");
	sca_profile_free(p);
}

static void test_links(void **state _unused_)
{
	struct sca_profile *p;

	put("target.json", OLD);
	mkdir("sub", 0700);
	put("sub/p.json", OLD);
	unlink("link.json");
	assert_int_equal(symlink("target.json", "link.json"), 0);
	assert_int_equal(symlink("sub", "sublink"), 0);
	p = load("link.json");
	write_new("link.json", p, false, SCA_E_CONFLICT,
		  "link.json: a symbolic link to target.json; name the file itself to replace it");
	check_file("target.json", OLD);
	sca_profile_free(p);
	p = load("sublink/p.json");
	write_new("sublink/p.json", p, false, 0, NULL);
	check_file("sub/p.json", NEW);
	check_clean("sub");
	check_clean(".");
	sca_profile_free(p);
}

static void test_kinds(void **state _unused_)
{
	struct sca_profile *p = from_text(OLD);

	mkdir("d", 0700);
	assert_int_equal(mkfifo("f", 0600), 0);
	write_new("d", p, false, SCA_E_CONFLICT, "d: not a regular file, so it can not be replaced");
	write_new("d/", p, false, -EISDIR, "d/: cannot write the profile: Is a directory");
	write_new("f", p, false, SCA_E_CONFLICT, "f: not a regular file, so it can not be replaced");
	write_new("none.json", p, false, -ENOENT,
		  "none.json: cannot open the profile to replace: No such file or directory");
	write_new("none/p.json", p, false, -ENOENT,
		  "none/p.json: cannot open the directory none/: No such file or directory");
	sca_profile_free(p);
}

static void test_changed(void **state _unused_)
{
	static const char error[] =
		"p.json: the file changed since it was read; it is left as it is, start again";
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 1000000}};
	struct sca_profile *p, *mem = from_text(OLD);

	put("p.json", OLD);
	assert_int_equal(utimensat(AT_FDCWD, "p.json", times, 0), 0);
	p = load("p.json");
	/* another time */
	times[1].tv_sec++;
	assert_int_equal(utimensat(AT_FDCWD, "p.json", times, 0), 0);
	write_new("p.json", p, false, SCA_E_CONFLICT, error);
	/* another text of the same length at the same time */
	put("p.json", "{\"a\": 7}\n");
	times[1].tv_sec--;
	assert_int_equal(utimensat(AT_FDCWD, "p.json", times, 0), 0);
	write_new("p.json", p, true, SCA_E_CONFLICT, error);
	check_file("p.json", "{\"a\": 7}\n");
	write_new("p.json", mem, false, SCA_E_CONFLICT, error);
	/* another file with the same text and time */
	put("q.json", OLD);
	assert_int_equal(utimensat(AT_FDCWD, "q.json", times, 0), 0);
	assert_int_equal(rename("q.json", "p.json"), 0);
	write_new("p.json", p, false, SCA_E_CONFLICT, error);
	/* longer, shorter */
	put("p.json", OLD OLD);
	write_new("p.json", mem, false, SCA_E_CONFLICT, error);
	put("p.json", "{");
	write_new("p.json", mem, false, SCA_E_CONFLICT, error);
	/* a profile that came from elsewhere: its text is what counts */
	put("p.json", OLD);
	write_new("p.json", mem, false, 0, NULL);
	check_file("p.json", NEW);
	check_clean(".");
	sca_profile_free(p);
	sca_profile_free(mem);
}

/* As nobody: a directory without write permission, and somebody else's file. */
static void test_permission(void **state _unused_)
{
	struct sca_profile *p;

	if (geteuid() != 0) {
		print_message("needs root to become somebody else\n");
		skip();
	}
	mkdir("ro", 0755);
	put("ro/p.json", OLD);
	mkdir("open", 0777);
	chmod("open", 0777);
	chmod(".", 0755);
	put("open/p.json", OLD);
	p = load("ro/p.json");
	assert_int_equal(seteuid(65534), 0);
	write_new("ro/p.json", p, false, -EACCES, "ro/p.json: cannot create a file in the profile's "
						  "directory: Permission denied");
	sca_profile_free(p);
	p = load("open/p.json");
	write_new("open/p.json", p, true, -EPERM,
		  "open/p.json: cannot keep owner 0 and group 0: Operation not permitted");
	assert_int_equal(seteuid(0), 0);
	sca_profile_free(p);
	check_file("ro/p.json", OLD);
	check_file("open/p.json", OLD);
	check_clean("ro");
	check_clean("open");
}

/* A full and a read-only file system, in a mount namespace of our own. */
static void test_file_system(void **state _unused_)
{
	struct sca_profile *p, *big;
	struct sca_err err = SCA_ERR_INIT;
	struct buf b = BUF_INIT;

	mkdir("mnt", 0700);
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", "", MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", "mnt", "tmpfs", 0, "size=64k") < 0) {
		print_message("can not mount a tmpfs: %s\n", strerror(errno));
		skip();
	}
	put("mnt/p.json", OLD);
	p = load("mnt/p.json");
	buf_add_c(&b, '"');
	for (int i = 0; i < 10000; i++)
		buf_add_z(&b, "0123456789");
	buf_add_c(&b, '"');
	big = from_text(b.p);
	assert_int_equal(sca_profile_write(big, "mnt/p.json", p, true, &err), -ENOSPC);
	assert_string_equal(err.text, "cannot write the new text: No space left on device");
	check_file("mnt/p.json", OLD);
	assert_int_equal(access("mnt/p.json.orig", F_OK), -1);
	check_clean("mnt");
	assert_int_equal(mount("none", "mnt", "", MS_REMOUNT | MS_RDONLY, NULL), 0);
	write_new("mnt/p.json", p, false, -EROFS, "mnt/p.json: cannot create a file in the profile's "
						  "directory: Read-only file system");
	assert_int_equal(umount("mnt"), 0);
	sca_profile_free(p);
	sca_profile_free(big);
	buf_release(&b);
}

/* -- loading -- */

static void check_load(const char *path, int code, const char *error)
{
	struct sca_profile *p = NULL;
	struct sca_err err = SCA_ERR_INIT;
	char text[512];
	int r = sca_profile_load_file(&p, path, &err);

	sca_err_format(&err, text, sizeof(text));
	if (r != code || strcmp(text, error) != 0 || p)
		fail_msg("%s: %d: %s", path, r, text);
}

static void test_load(void **state _unused_)
{
	struct sca_err err = SCA_ERR_INIT;
	struct sca_profile *p;
	struct stat st;

	put("bad.json", "{\n  \"a\": [\n    1\n    2]}");
	put("empty.json", "");
	put("good.json", OLD);
	put("big.json", "1");
	mkdir("sub", 0700);
	check_load("bad.json", SCA_E_SYNTAX,
		   "bad.json:4:5: expected ',' or ']' after an array element, found '2'");
	check_load("empty.json", SCA_E_SYNTAX,
		   "empty.json:1:1: text is empty, expected a JSON object");
	check_load("none.json", -ENOENT,
		   "none.json: cannot open the profile: No such file or directory");
	check_load("sub", -EISDIR, "sub: cannot read the profile: Is a directory");
	assert_int_equal(truncate("big.json", (off_t)SCA_PROFILE_MAX_BYTES + 1), 0);
	check_load("big.json", SCA_E_LIMIT,
		   "big.json: longer than 16777216 bytes, which no profile is");
	check_load("/dev/zero", SCA_E_LIMIT,
		   "/dev/zero: longer than 16777216 bytes, which no profile is");
	p = load("good.json");
	assert_int_equal(stat("good.json", &st), 0);
	assert_true(p->from_file && p->dev == st.st_dev && p->ino == st.st_ino);
	assert_string_equal(sca_profile_text(p).p, OLD);
	assert_string_equal(sca_profile_name(p), "good.json");
	sca_profile_free(p);
	assert_int_equal(sca_profile_load_mem(&p, SCA_STR(""), NULL, &err), SCA_E_SYNTAX);
	assert_string_equal(err.file, "profile");
	assert_null(sca_profile_free(NULL));
}

static void test_load_pipe(void **state _unused_)
{
	struct sca_profile *p;
	char path[64];
	int fd[2];

	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	assert_int_equal(write(fd[1], OLD, strlen(OLD)), strlen(OLD));
	close(fd[1]);
	snprintf(path, sizeof(path), "/dev/fd/%d", fd[0]);
	p = load(path);
	assert_false(p->from_file);
	assert_string_equal(sca_profile_text(p).p, OLD);
	close(fd[0]);
	sca_profile_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_load_pipe),
		cmocka_unit_test(test_replace),
		cmocka_unit_test(test_backup),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_permission),
		cmocka_unit_test(test_file_system),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
