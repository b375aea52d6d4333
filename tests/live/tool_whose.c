/* SPDX-License-Identifier: Apache-2.0 */
/* whose PID...: the container of each process as /proc and the engines' files have it, one JSON
 * object a line. */
#include <scaudit/scaudit.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void put(const char *key, struct sca_str value)
{
	printf(",\"%s\":\"%.*s\"", key, (int)value.n, value.n ? value.p : "");
}

int main(int argc, char **argv)
{
	struct sca_containers *cs = NULL;
	struct sca_container_ref ref;
	struct sca_err err = SCA_ERR_INIT;
	struct timespec now;
	char text[1024];
	int r = sca_containers_new(&cs, NULL, &err);

	clock_gettime(CLOCK_REALTIME, &now);
	for (int i = 1; i < argc && r == 0; i++) {
		r = sca_containers_by_pid(cs, (uint32_t)strtoul(argv[i], NULL, 10),
					  now.tv_sec * 1000 + now.tv_nsec / 1000000, true, &ref,
					  &err);
		if (r < 0)
			break;
		printf("{\"pid\":%s", argv[i]);
		put("id", ref.id);
		put("name", ref.name);
		put("engine", ref.engine);
		put("image", ref.image);
		put("sure", ref.sure);
		puts("}");
	}
	sca_containers_free(cs);
	if (r < 0) {
		sca_err_format(&err, text, sizeof(text));
		fprintf(stderr, "whose: %s\n", text);
	}
	return r < 0;
}
