# SPDX-License-Identifier: Apache-2.0
# What `make check` runs; included by the Makefile. tests/README.md explains.
#
# A test is a program that prints TAP. C tests are cmocka programs named test_*.c; scripts
# are *.sh and *.py, but for lib.sh, *_lib.sh and lib.py, which the others read. tool_*.c is what
# scripts need beside the product.

JOBS    ?= $(shell nproc 2>/dev/null || echo 2)
programs = $(patsubst %.c,$(B)/%,$(sort $(wildcard tests/$(1)/test_*.c)))
scripts  = $(filter-out %/lib.sh %_lib.sh %/lib.py,$(sort $(wildcard tests/$(1)/*.sh tests/$(1)/*.py)))

UNIT      := $(call programs,unit)
CLI       := $(call programs,cli)
CASES     := $(wildcard tests/run-cases)
FUZZ      := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
REPLAY    := $(FUZZ:%=$(B)/tests/fuzz/fuzz_%)
ORACLE    := $(call programs,oracle) $(call scripts,oracle)
FAULT     := $(call programs,fault) $(if $(COVERAGE),,$(call scripts,fault))
LIVE      := $(call programs,live) $(call scripts,live)
TOOLS     := $(patsubst %.c,$(B)/%,$(wildcard tests/*/tool_*.c))
SUPPLY    := $(call scripts,supply)
STRUCTURE := $(sort $(wildcard scripts/check-*))
PROGRAMS  := $(TOOLS) $(filter $(B)/%,$(UNIT) $(CLI) $(REPLAY) $(ORACLE) $(FAULT) $(LIVE))

$(B)/tests/%: tests/%.c $(B)/libscaudit.a
	@mkdir -p $(@D)
	$(call say,TEST)
	$(Q)$(COMPILE) -Isrc/lib -Itests -MMD -MP -MF $@.d -MT $@ $(filter %.c,$^) -o $@ \
		$(LDFLAGS) $(B)/libscaudit.a $(LIBS) $(TEST_LIBS)
$(B)/tests/unit/% $(B)/tests/fault/% $(B)/tests/live/%: TEST_LIBS := -lcmocka
$(B)/tests/oracle/%: TEST_LIBS = -lcmocka $(shell $(PKG_CONFIG) --silence-errors --libs auparse)
$(REPLAY): tests/fuzz/replay.c

# Tests of the program's modules see its headers and what they need of it, all but main().
$(B)/tests/cli.a: $(filter-out %/main.o,$(CLI_OBJ)) $(B)/sources
	@mkdir -p $(@D)
	@rm -f $@
	$(call say,AR)
	$(Q)$(AR) rcsD $@ $(filter %.o,$^)
$(B)/tests/cli/%: tests/cli/%.c $(B)/tests/cli.a $(B)/libscaudit.a
	@mkdir -p $(@D)
	$(call say,TEST)
	$(Q)$(COMPILE) -Isrc/cli -Itests -MMD -MP -MF $@.d -MT $@ $(filter %.c,$^) -o $@ \
		$(LDFLAGS) $(B)/tests/cli.a $(B)/libscaudit.a $(LIBS) -lcmocka
# The whole program with a malloc() that fails on command.
$(B)/tests/fault/tool_alloc: tests/fault/tool_alloc.c $(CLI_OBJ) $(B)/libscaudit.a
	@mkdir -p $(@D)
	$(call say,TEST)
	$(Q)$(COMPILE) -Isrc/lib -Itests -MMD -MP -MF $@.d -MT $@ $(filter %.c,$^) $(CLI_OBJ) -o $@ \
		$(LDFLAGS) $(B)/libscaudit.a $(LIBS)
-include $(PROGRAMS:=.d)

# Tests are given the program and the build directory by name. Live tests share the kernel's
# one audit daemon, so they run one after the other.
RUN = B=$(B) SCAUDIT=$(abspath $(B)/scaudit) CC="$(CC)" \
      ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 \
      LSAN_OPTIONS=suppressions=$(abspath tests/lsan.supp):print_suppressions=0 \
      scripts/run-tests -j$(JOBS)
replay = '$(B)/tests/fuzz/fuzz_$(1) $(wildcard tests/fuzz/*/$(1))'

check: all $(PROGRAMS) ## all tests; SAN=address,undefined for the same under sanitizers
	@$(RUN) $(UNIT) $(CLI) $(CASES) $(foreach f,$(FUZZ),$(call replay,$(f))) $(ORACLE) $(FAULT) \
		$(STRUCTURE) -- $(LIVE)

unit: $(UNIT) $(CLI) ## library and program, module by module
	@$(RUN) $(UNIT) $(CLI)

cases: $(B)/scaudit ## the program against its golden cases
	@$(RUN) $(CASES)

fuzz-replay: $(REPLAY) ## every fuzz target over its corpus
	@$(RUN) $(foreach f,$(FUZZ),$(call replay,$(f)))

oracle: all $(filter $(B)/%,$(ORACLE)) ## against other programs' answers
	@$(RUN) $(ORACLE)

fault: all $(TOOLS) $(filter $(B)/%,$(FAULT)) ## failing memory, disks and pipes
	@$(RUN) $(FAULT)

live: all $(TOOLS) $(filter $(B)/%,$(LIVE)) ## real kernel, auditd, runc and crun (root)
	@$(RUN) -- $(LIVE)

structure: all ## layers, exports, headers, banned functions, sizes
	@$(RUN) $(STRUCTURE)

supply: ## source archive, reproducible build, Debian package (minutes; no part of check)
	@$(RUN) -- $(SUPPLY)

# Those with a malloc() of their own show valgrind nothing. It does not know seccomp(2) and openat2(2),
# which two tests are about. Its freeres, in a child that a test forks, would move the places in files
# that the parent reads. SLOW=no leaves out what takes it more than 15 s.
VALGRIND := valgrind -q --run-libc-freeres=no --leak-check=full --errors-for-leak-kinds=definite \
	    --show-leak-kinds=definite --error-exitcode=99 --suppressions=tests/valgrind.supp
VALGRIND_BLIND := held tracker_files
VALGRIND_SLOW  := compare container_path filter follow_pipe home json_edit json_text plan_profiles \
		  policy reach scan source twin
CHECKED  := $(filter-out %_memory $(addprefix %/test_,$(VALGRIND_BLIND) \
	    $(if $(filter no,$(SLOW)),$(VALGRIND_SLOW))),$(UNIT) $(CLI))
check-valgrind: $(CHECKED) ## unit tests under valgrind
	@$(RUN) $(foreach t,$(CHECKED),'$(VALGRIND) $(t)')

# In a build directory of its own, without optimization, as that merges branches. The scripts of
# fault/ are left out: they count a program's calls, and the sandbox has no place for its counts.
# Live tests are a kind, too: make coverage KINDS="unit cases live".
KINDS ?= unit cases fuzz-replay oracle fault
coverage: ## what the tests reach of src/lib: at least 90 % of lines, 80 % of branches
	@find build-cov -name '*.gcda' -delete 2>/dev/null || true
	@$(MAKE) --no-print-directory CC=gcc B=build-cov SAN= DEVELOPER= COVERAGE=1 \
		CFLAGS="-O0 -g --coverage" LDFLAGS=--coverage $(KINDS)
	@tests/coverage build-cov

BENCH := $(patsubst %.c,$(B)/%,$(wildcard tests/bench/*.c))
bench: $(B)/scaudit $(BENCH) ## the numbers to reach, measured (some minutes, 1.4 GB in $TMPDIR)
	@B=$(B) SCAUDIT=$(B)/scaudit tests/bench/run

# clang's libFuzzer, in a build directory of its own: make fuzz T=record S=60
S ?= 60
fuzz: ## fuzzes target T for S seconds
	$(if $(filter $(T),$(FUZZ)),,$(error make fuzz T=TARGET; targets are $(FUZZ)))
	@$(MAKE) --no-print-directory CC=clang B=build-fuzz SAN=fuzzer-no-link,address,undefined fuzz-run
fuzz-run: $(B)/libscaudit.a
	$(Q)$(COMPILE) -fsanitize=fuzzer -Isrc/lib -Itests tests/fuzz/fuzz_$(T).c -o $(B)/fuzz_$(T) \
		$(LDFLAGS) $(B)/libscaudit.a $(LIBS)
	@mkdir -p $(B)/corpus/$(T)
	LSAN_OPTIONS=suppressions=tests/lsan.supp $(B)/fuzz_$(T) -max_total_time=$(S) \
		-artifact_prefix=$(B)/ $(patsubst %,-dict=%,$(wildcard tests/fuzz/dict/$(T).dict)) \
		$(B)/corpus/$(T) $(wildcard tests/fuzz/*/$(T))

.PHONY: check unit cases fuzz-replay oracle fault live structure supply check-valgrind coverage \
	bench fuzz fuzz-run
