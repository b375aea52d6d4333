# SPDX-License-Identifier: Apache-2.0
# scaudit. `make help` lists the targets.

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:

PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR     ?= $(PREFIX)/share/man
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
DESTDIR    ?=
CC         ?= cc
ifeq ($(origin CC),default)
CC         := cc
endif
AR         ?= ar
PKG_CONFIG ?= pkg-config
B          ?= build

VERSION := $(shell sed -n 's/^\#define SCA_VERSION "\(.*\)"/\1/p' include/scaudit/scaudit.h)
SOVER   := 0

PKGS     := jansson libseccomp libpcre2-8 zlib liblzma libzstd smartcols libcap-ng
CPPFLAGS += -D_GNU_SOURCE -Iinclude -I$(B)/gen $(shell $(PKG_CONFIG) --cflags $(PKGS))
CFLAGS   ?= -O2 -g
HARDEN   := -fstack-protector-strong -fPIC -fvisibility=hidden -fno-semantic-interposition
ifeq ($(SAN),)
HARDEN   += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
LDHARDEN := -Wl,-z,relro,-z,now -Wl,--as-needed
WARN     := -Wall -Wextra
ifdef DEVELOPER
WARN     += -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	    -Wpointer-arith -Wwrite-strings -Wundef -Wformat=2 -Wvla -Wcast-qual \
	    -Wimplicit-fallthrough -Wdeclaration-after-statement-disabled
WARN     := $(filter-out %-disabled,$(WARN))
endif
ifneq ($(SAN),)
CFLAGS   += -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS  += -fsanitize=$(SAN)
endif
ALL_CFLAGS = -std=gnu11 $(CPPFLAGS) $(WARN) $(HARDEN) $(CFLAGS)
LIBS     := $(shell $(PKG_CONFIG) --libs $(PKGS)) -laudit

LIB_SRC := $(sort $(wildcard src/lib/*.c))
CLI_SRC := $(sort $(wildcard src/cli/*.c src/cli/render/*.c))
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o)
CLI_OBJ := $(CLI_SRC:%.c=$(B)/%.o)
TABLES  := $(wildcard src/lib/tables/*.in)

all: $(B)/scaudit $(B)/libscaudit.a $(B)/libscaudit.so $(B)/scaudit.pc

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@
$(B)/src/lib/%.o: CPPFLAGS += -Isrc/lib
$(B)/src/cli/%.o: CPPFLAGS += -Isrc/cli

$(B)/libscaudit.a: $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/libscaudit.so: $(LIB_OBJ) src/lib/libscaudit.map
	$(CC) -shared -Wl,-soname,libscaudit.so.$(SOVER) -Wl,--version-script=src/lib/libscaudit.map \
		-Wl,--no-undefined $(LDHARDEN) $(CFLAGS) $(LDFLAGS) -o $@ $(LIB_OBJ) $(LIBS)
	@ln -sf libscaudit.so $(B)/libscaudit.so.$(SOVER)

$(B)/scaudit: $(CLI_OBJ) $(B)/libscaudit.a
	$(CC) $(LDHARDEN) -pie $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

-include $(LIB_OBJ:.o=.d) $(CLI_OBJ:.o=.d)
.PHONY: all

# -- tests ---------------------------------------------------------------------------

UNIT_SRC := $(sort $(wildcard tests/unit/test_*.c))
UNIT_BIN := $(UNIT_SRC:%.c=$(B)/%)

$(B)/tests/unit/%: tests/unit/%.c $(B)/libscaudit.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Isrc/lib -Itests -MMD -MP $< -o $@ $(LDFLAGS) $(B)/libscaudit.a $(LIBS) -lcmocka
-include $(UNIT_BIN:=.d)

unit: $(UNIT_BIN)
	@for t in $(UNIT_BIN); do echo "# $$t"; $$t || exit 1; done
.PHONY: unit
