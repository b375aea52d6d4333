/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A main() for fuzz targets without libFuzzer: runs the target over files, and over the files
 * of directories, in the order of their names. Each input is run whole and then cut at a few
 * places, since what goes wrong often does so at an end. Prints TAP, one test a file; an input
 * that the target can not stand ends the program before the plan is fulfilled, and its name is
 * the last line.
 *
 *	fuzz_json_edit tests/fuzz/corpus/json_edit
 *	fuzz_json_edit build/crash-1234
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct names {
	char **v;
	size_t n;
};

static int fail(const char *path)
{
	printf("Bail out! %s: %s\n", path, strerror(errno));
	return 1;
}

static int add_name(struct names *names, const char *path)
{
	char **v = realloc(names->v, (names->n + 1) * sizeof(*v));

	if (!v)
		return fail(path);
	names->v = v;
	v[names->n] = strdup(path);
	return v[names->n++] ? 0 : fail(path);
}

static int add_dir(struct names *names, const char *path)
{
	struct dirent **e;
	int n = scandir(path, &e, NULL, alphasort), r = 0;
	char name[4096];

	if (n < 0)
		return fail(path);
	for (int i = 0; i < n; i++) {
		if (e[i]->d_name[0] != '.' && r == 0) {
			snprintf(name, sizeof(name), "%s/%s", path, e[i]->d_name);
			r = add_name(names, name);
		}
		free(e[i]);
	}
	free(e);
	return r;
}

/* An allocation of its own of just the size, so that a sanitizer sees each byte too far. */
static void run(const uint8_t *data, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);

	if (!copy)
		abort();
	if (n)
		memcpy(copy, data, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static int replay(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	uint8_t *data;
	size_t n;

	if (!f || fstat(fileno(f), &st) < 0)
		return fail(path);
	data = malloc((size_t)st.st_size + 1);
	n = data ? fread(data, 1, (size_t)st.st_size, f) : 0;
	if (!data || ferror(f))
		return fail(path);
	fclose(f);
	run(data, n);
	for (size_t part = 1; part < 8; part++)
		run(data, n * part / 8);
	if (n)
		run(data, n - 1);
	free(data);
	return 0;
}

int main(int argc, char **argv)
{
	struct names names = {NULL, 0};
	struct stat st;

	for (int i = 1; i < argc; i++) {
		int r = stat(argv[i], &st) < 0 ? fail(argv[i]) :
			S_ISDIR(st.st_mode)    ? add_dir(&names, argv[i]) :
						 add_name(&names, argv[i]);

		if (r)
			return r;
	}
	if (names.n == 0) {
		printf("Bail out! no inputs\n");
		return 1;
	}
	printf("1..%zu\n", names.n);
	for (size_t i = 0; i < names.n; i++) {
		printf("# %s\n", names.v[i]);
		fflush(stdout);
		if (replay(names.v[i]))
			return 1;
		printf("ok %zu - %s\n", i + 1, names.v[i]);
		free(names.v[i]);
	}
	free(names.v);
	return 0;
}
