# SPDX-License-Identifier: Apache-2.0
# scaudit. `make help` lists the targets.
#
# What a builder may set: CC, CFLAGS, CPPFLAGS, LDFLAGS, PKG_CONFIG, DESTDIR, PREFIX and the
# directories below; B (build directory), V=1 (whole commands), DEVELOPER=1 (more warnings,
# all of them errors), SAN=address,undefined (sanitizers, in a build directory of their own).

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:

PREFIX      ?= /usr/local
BINDIR      ?= $(PREFIX)/bin
LIBDIR      ?= $(PREFIX)/lib
INCLUDEDIR  ?= $(PREFIX)/include
MANDIR      ?= $(PREFIX)/share/man
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
DOCDIR      ?= $(PREFIX)/share/doc/scaudit
UNITDIR     ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
ifeq ($(origin CC),default)
CC          := cc
endif
ifeq ($(origin AR),default)
AR          := ar
endif
PKG_CONFIG  ?= pkg-config
INSTALL     ?= install
CFLAGS      ?= -O2 -g
B           ?= $(if $(SAN),build-san,build)

VERSION := $(shell sed -n 's/^.define SCA_VERSION "\(.*\)"/\1/p' include/scaudit/scaudit.h)
SOVER   := 0

# -- flags ------------------------------------------------------------------------------

LIB_PKGS := audit jansson libpcre2-8 libseccomp libsystemd zlib liblzma libzstd
CLI_PKGS := jansson libcap-ng libpcre2-8 smartcols
PKGS     := $(sort $(LIB_PKGS) $(CLI_PKGS))
# Loaded when it is needed, so its header will do here.
DL_PKGS  := libfyaml

ifneq ($(filter-out help clean,$(or $(MAKECMDGOALS),all)),)
ifneq ($(shell $(PKG_CONFIG) --exists $(PKGS) $(DL_PKGS) && echo here),here)
$(error $(shell $(PKG_CONFIG) --print-errors --exists $(PKGS) $(DL_PKGS) 2>&1 | head -n 1): scripts/deps \
	installs what is missing)
endif
LIBS     := $(shell $(PKG_CONFIG) --libs $(PKGS)) -ldl -pthread
INCLUDES := -Iinclude $(shell $(PKG_CONFIG) --cflags $(PKGS) $(DL_PKGS))
endif

WARN := -Wall -Wextra -Wdate-time
ifneq ($(DEVELOPER),)
# gcc's warnings about values are not reliable in sanitized code, so they are no errors there.
WARN += $(if $(SAN),,-Werror) -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wpointer-arith -Wwrite-strings -Wundef -Wformat=2 -Wvla -Wcast-qual \
	-Wimplicit-fallthrough
endif
HARDEN := -fPIC -fvisibility=hidden -fno-semantic-interposition -fstack-protector-strong
ifeq ($(SAN),)
# Not where the builder chose a level, as distributions do.
HARDEN += $(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,$(if $(filter \
	-O1 -O2 -O3 -Os,$(CFLAGS)),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2))
else
SANFLAGS := -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer
endif

# The builder's own flags come last. Paths in debug information do not tell where it was built.
COMPILE = $(CC) -std=gnu11 -D_GNU_SOURCE $(INCLUDES) -ffile-prefix-map=$(CURDIR)=. $(WARN) \
	  $(HARDEN) $(SANFLAGS) $(CPPFLAGS) $(CFLAGS)
LINK    = $(CC) -Wl,-z,relro,-z,now -Wl,--as-needed $(SANFLAGS) $(CFLAGS) $(LDFLAGS)

# `$(call say,CC)` prints the step and its target; V=1 shows the commands instead.
ifneq ($(V),)
say     =
else ifneq ($(findstring s,$(filter-out --%,$(firstword -$(MAKEFLAGS)))),)
Q       := @
else
Q       := @
say     = @printf '  %-7s %s\n' $(1) $(@:$(B)/%=%)
endif

# -- library and program ----------------------------------------------------------------

LIB_OBJ := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard src/lib/*.c)))
CLI_OBJ := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard src/cli/*.c src/cli/render/*.c)))
MAP     := src/lib/libscaudit.map

all: $(B)/scaudit $(B)/libscaudit.a $(B)/libscaudit.so ## program and library
all: $(B)/scaudit.pc $(B)/scaudit.service

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(COMPILE) $(OWN) -MMD -MP -c $< -o $@
$(B)/src/lib/%.o: OWN := -Isrc/lib
$(B)/src/cli/%.o: OWN := -Isrc/cli

# The filter of the program's own sandbox is in it as text.
$(B)/src/cli/sandbox_profile.o: samples/scaudit-seccomp.json

$(B)/libscaudit.a: $(LIB_OBJ) $(B)/sources
	@rm -f $@
	$(call say,AR)
	$(Q)$(AR) rcsD $@ $(LIB_OBJ)

$(B)/libscaudit.so: $(LIB_OBJ) $(MAP) $(B)/sources
	$(call say,LINK)
	$(Q)$(LINK) -shared -Wl,-soname,$(@F).$(SOVER) -Wl,--version-script=$(MAP) \
		$(if $(SAN),,-Wl,--no-undefined) -o $@ $(LIB_OBJ) $(LIBS)
	@ln -sf $(@F) $@.$(SOVER)

$(B)/scaudit: $(CLI_OBJ) $(B)/libscaudit.a
	$(call say,LINK)
	$(Q)$(LINK) -pie -o $@ $(CLI_OBJ) $(B)/libscaudit.a $(LIBS)

$(B)/scaudit.pc: src/lib/scaudit.pc.in $(B)/paths
	$(call say,GEN)
	$(Q)sed -e 's,@PREFIX@,$(PREFIX),' -e 's,@LIBDIR@,$(LIBDIR),' \
		-e 's,@INCLUDEDIR@,$(INCLUDEDIR),' -e 's,@VERSION@,$(VERSION),' \
		-e 's,@PKGS@,$(LIB_PKGS),' $< >$@

# The sample unit starts what `make install` installs.
$(B)/scaudit.service: samples/systemd/scaudit.service $(B)/paths
	$(call say,GEN)
	$(Q)sed -e '/^#\tcp /d' -e 's,/usr/local/bin/,$(BINDIR)/,' $< >$@

# Files that change when what they hold does: another CC, SAN or CFLAGS builds all anew, a
# source that went away leaves the library.
$(B)/flags: HOLDS = $(COMPILE) $(LINK) $(LIBS)
$(B)/paths: HOLDS = $(VERSION) $(PREFIX) $(BINDIR) $(LIBDIR) $(INCLUDEDIR)
$(B)/sources: HOLDS = $(LIB_OBJ) $(CLI_OBJ)
$(B)/flags $(B)/paths $(B)/sources: FORCE
	$(shell mkdir -p $(@D))$(file >$@.new,$(HOLDS))
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
FORCE:

-include $(LIB_OBJ:.o=.d) $(CLI_OBJ:.o=.d)

# -- tests, measurements, lint ----------------------------------------------------------

include tests/tests.mk

demo: $(B)/scaudit ## what scaudit says of the sample container
	@SCAUDIT=$(B)/scaudit samples/demo.sh

lint: ## clang-tidy, cppcheck, shellcheck, gcc -fanalyzer
	@INCLUDES="$(INCLUDES)" scripts/lint

# -- install ----------------------------------------------------------------------------

# Manual pages and completion are what the program says of itself.
VERBS   := $(shell sed -n 's/^\t\t\.name = "\([a-z]*\)",$$/\1/p' src/cli/verbs.c)
MAN     := $(B)/man/scaudit.1 $(VERBS:%=$(B)/man/scaudit-%.1)

$(B)/man/scaudit.1: $(B)/scaudit
	@mkdir -p $(@D)
	$(call say,GEN)
	$(Q)$< help --format man -o $@
$(B)/man/scaudit-%.1: $(B)/scaudit
	@mkdir -p $(@D)
	$(call say,GEN)
	$(Q)$< help --format man $* -o $@
$(B)/scaudit.bash: $(B)/scaudit
	$(call say,GEN)
	$(Q)$< help --format bash -o $@

man: $(MAN) $(B)/scaudit.bash ## manual pages and completion for bash

# demo.sh wants a tree to be built.
SAMPLES := $(filter-out demo.sh,$(patsubst samples/%,%,$(filter-out %/,$(sort \
	$(wildcard samples/*.* samples/*/*)))))
DO      := $(INSTALL) -D -m

# Samples are where distributions have examples; the unit and its user wait there for
# systemctl enable --now scaudit.
install: all man ## into $DESTDIR$PREFIX
	$(Q)$(DO) 755 $(B)/scaudit $(DESTDIR)$(BINDIR)/scaudit
	$(Q)$(DO) 755 $(B)/libscaudit.so $(DESTDIR)$(LIBDIR)/libscaudit.so.$(VERSION)
	$(Q)ln -sf libscaudit.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libscaudit.so.$(SOVER)
	$(Q)ln -sf libscaudit.so.$(SOVER) $(DESTDIR)$(LIBDIR)/libscaudit.so
	$(Q)$(DO) 644 $(B)/libscaudit.a $(DESTDIR)$(LIBDIR)/libscaudit.a
	$(Q)$(DO) 644 $(B)/scaudit.pc $(DESTDIR)$(LIBDIR)/pkgconfig/scaudit.pc
	$(Q)$(DO) 644 $(B)/scaudit.bash $(DESTDIR)$(BASHCOMPDIR)/scaudit
	$(Q)$(DO) 644 $(B)/scaudit.service $(DESTDIR)$(UNITDIR)/scaudit.service
	$(Q)$(DO) 644 samples/systemd/scaudit.sysusers $(DESTDIR)$(SYSUSERSDIR)/scaudit.conf
	$(Q)set -e; for f in include/scaudit/*.h; do \
		$(DO) 644 $$f $(DESTDIR)$(INCLUDEDIR)/scaudit/$${f##*/}; \
	done; for f in $(MAN); do \
		$(DO) 644 $$f $(DESTDIR)$(MANDIR)/man1/$${f##*/}; \
	done; for f in README.md SECURITY.md; do \
		$(DO) 644 $$f $(DESTDIR)$(DOCDIR)/$$f; \
	done; for f in $(SAMPLES); do \
		mode=644; [ ! -x samples/$$f ] || mode=755; \
		$(DO) $$mode samples/$$f $(DESTDIR)$(DOCDIR)/examples/$$f; \
	done

uninstall: ## takes away what install put there
	rm -f $(DESTDIR)$(BINDIR)/scaudit $(DESTDIR)$(LIBDIR)/libscaudit.a \
		$(DESTDIR)$(LIBDIR)/libscaudit.so $(DESTDIR)$(LIBDIR)/libscaudit.so.* \
		$(DESTDIR)$(LIBDIR)/pkgconfig/scaudit.pc $(DESTDIR)$(BASHCOMPDIR)/scaudit \
		$(DESTDIR)$(UNITDIR)/scaudit.service $(DESTDIR)$(SYSUSERSDIR)/scaudit.conf
	rm -rf $(DESTDIR)$(INCLUDEDIR)/scaudit $(DESTDIR)$(DOCDIR)
	rm -f $(MAN:$(B)/man/%=$(DESTDIR)$(MANDIR)/man1/%)

# The same bytes wherever and whenever: the commit's time, nobody's umask or settings of git.
DIST := scaudit-$(VERSION)
dist: ## a source archive of the last commit, and of nothing else
	@git rev-parse --verify -q HEAD >/dev/null || \
		{ echo "make dist: it packs a commit of git, which is not here" >&2; exit 1; }
	$(Q)git -c tar.umask=0022 archive --format=tar --prefix=$(DIST)/ -o $(DIST).tar HEAD
	$(Q)gzip -9nf $(DIST).tar

clean: ## takes away what was built
	rm -rf $(B) build-san build-fuzz build-cov

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

.PHONY: all demo lint man install uninstall dist clean help FORCE
