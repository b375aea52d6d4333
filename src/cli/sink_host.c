/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HOST:PORT, [IPV6]:PORT. The C library's resolver blocks, so a name is looked up once when
 * the sink is opened, and later, when none of its addresses answers, in a thread. The thread
 * shares one struct with the sink; the last one of the two frees it.
 */
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "sink_int.h"

#define LOOKUP_MS      60000
#define LOOKUP_NONE_MS 5000 /* as long as there is no address at all */

struct lookup {
	atomic_int refs;
	atomic_bool done;
	struct addrinfo *list;
	int socktype;
	char *name, *port;
};

struct host {
	struct lookup *current;      /* its list is in use */
	struct lookup *coming;       /* the thread's */
	const struct addrinfo *next; /* NULL: a round is over */
	int64_t looked_ms;
};

static struct lookup *lookup_unref(struct lookup *l)
{
	if (!l || atomic_fetch_sub(&l->refs, 1) != 1)
		return NULL;
	if (l->list)
		freeaddrinfo(l->list);
	free(l->name);
	free(l->port);
	free(l);
	return NULL;
}

static struct lookup *lookup_new(const char *name, size_t n, const char *port, int socktype)
{
	struct lookup *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->refs = 1;
	l->socktype = socktype;
	l->name = strndup(name, n);
	l->port = strdup(port);
	return l->name && l->port ? l : lookup_unref(l);
}

static int look_up(struct lookup *l)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = l->socktype,
		.ai_flags = AI_NUMERICSERV,
	};

	return getaddrinfo(l->name, l->port, &hints, &l->list);
}

static void *look_up_aside(void *arg)
{
	struct lookup *l = arg;

	look_up(l);
	atomic_store(&l->done, true);
	lookup_unref(l);
	return NULL;
}

/* Signals are for the thread that runs the loop. */
static void start_lookup(struct host *h)
{
	const struct lookup *old = h->current;
	struct lookup *l = lookup_new(old->name, strlen(old->name), old->port, old->socktype);
	sigset_t all, before;
	pthread_t thread;

	if (!l)
		return;
	l->refs = 2;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&thread, NULL, look_up_aside, l) == 0) {
		pthread_detach(thread);
		h->coming = l;
	} else {
		l->refs = 1;
		lookup_unref(l);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* "web:514", "[::1]:514": where the name stands and what follows its colon; NULL otherwise. */
static const char *split(const char *spec, struct sca_str *ret_name)
{
	const char *colon = strrchr(spec, ':');
	uint64_t port;

	if (!colon || colon == spec || !span_u64(span_z(colon + 1), &port) || port == 0 ||
	    port > UINT16_MAX || !is_digit(colon[1]))
		return NULL;
	*ret_name = (struct sca_str){spec, (size_t)(colon - spec)};
	if (spec[0] == '[' && colon[-1] == ']')
		*ret_name = (struct sca_str){spec + 1, ret_name->n - 2};
	else if (memchr(spec, ':', ret_name->n))
		return NULL;
	return ret_name->n ? colon + 1 : NULL;
}

int host_open(struct host **ret, const char *spec, int socktype, struct sca_err *err)
{
	struct sca_str name;
	const char *port = split(spec, &name);
	struct host *h;
	int r;

	if (!port)
		return sca_fail(err, SCA_E_SYNTAX,
				"\"%s\" is not HOST:PORT, with an IPv6 address [ADDRESS]:PORT",
				spec);
	h = calloc(1, sizeof(*h));
	if (h)
		h->current = lookup_new(name.p, name.n, port, socktype);
	if (!h || !h->current) {
		host_free(h);
		return sca_fail(err, -ENOMEM, "no memory");
	}
	r = look_up(h->current);
	if (r == EAI_NONAME || r == EAI_MEMORY) {
		sca_fail(err, r == EAI_MEMORY ? -ENOMEM : SCA_E_UNKNOWN, "%s: %s",
			 h->current->name, gai_strerror(r));
		host_free(h);
		return r == EAI_MEMORY ? -ENOMEM : SCA_E_UNKNOWN;
	}
	h->looked_ms = -LOOKUP_MS;
	h->next = h->current->list;
	*ret = h;
	return 0;
}

struct host *host_free(struct host *h)
{
	if (!h)
		return NULL;
	lookup_unref(h->current);
	lookup_unref(h->coming);
	free(h);
	return NULL;
}

/* A look-up that found nothing leaves the old addresses in use. */
static void take_result(struct host *h)
{
	if (!h->coming || !atomic_load(&h->coming->done))
		return;
	if (h->coming->list) {
		lookup_unref(h->current);
		h->current = h->coming;
		h->next = h->current->list;
	} else {
		lookup_unref(h->coming);
	}
	h->coming = NULL;
}

const struct addrinfo *host_next(struct host *h, int64_t now_ms)
{
	const struct addrinfo *ai;

	take_result(h);
	if (!h->next) {
		int pause = h->current->list ? LOOKUP_MS : LOOKUP_NONE_MS;

		if (!h->coming && now_ms - h->looked_ms >= pause) {
			h->looked_ms = now_ms;
			start_lookup(h);
		}
		h->next = h->current->list;
	}
	ai = h->next;
	h->next = ai ? ai->ai_next : NULL;
	return ai;
}
