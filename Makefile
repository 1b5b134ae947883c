# arena: `make help` lists the targets.
#
# Each variant (release, asan, tsan, coverage, fuzz) has its own build/VARIANT/.
# Sources and tests are found by their folders: a new file or room needs no
# line here.

VARIANT ?= release
BUILD   ?= build/$(VARIANT)
PREFIX  ?= /usr/local
DESTDIR ?=
VERSION := $(shell sed -n 's/^\#define ARENA_VERSION "\(.*\)"/\1/p' \
             base/version.h)

CC      ?= cc
# libcurl and zlib are loaded when they are first needed (docs/adr/0009), so not
# among these.
PKGS     = sqlite3 libcjson ncursesw libpcre2-8 libutf8proc libcrypto
JOBS    ?= $(shell nproc 2>/dev/null || echo 2)

WARN = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
       -Wmissing-prototypes -Wvla -Wwrite-strings -Wformat=2 -Wundef
ifeq ($(WERROR),1)
WARN += -Werror
endif

CPPFLAGS += -I. -D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE
CFLAGS   += -std=c11 -g -fno-common -pthread $(WARN)
LDFLAGS  += -pthread
LDLIBS   += -lm -ldl

SANITIZE = -fno-omit-frame-pointer -fno-sanitize-recover=undefined
ifeq ($(VARIANT),release)
CFLAGS   += -O2 -fstack-protector-strong -fPIE
CPPFLAGS += -D_FORTIFY_SOURCE=2
LDFLAGS  += -pie -Wl,-z,relro,-z,now
else ifeq ($(VARIANT),asan)
CFLAGS   += -O1 -fsanitize=address,undefined $(SANITIZE)
LDFLAGS  += -fsanitize=address,undefined
else ifeq ($(VARIANT),tsan)
CFLAGS   += -O1 -fsanitize=thread -fno-omit-frame-pointer
LDFLAGS  += -fsanitize=thread
else ifeq ($(VARIANT),coverage)
CFLAGS   += -O0 --coverage
LDFLAGS  += --coverage
else ifeq ($(VARIANT),fuzz)
CC       := clang
CFLAGS   += -O1 -fsanitize=fuzzer-no-link,address,undefined $(SANITIZE)
LDFLAGS  += -fsanitize=address,undefined
else
$(error VARIANT is release, asan, tsan, coverage or fuzz)
endif

# Asked once, when something is built, so that `make help` needs no packages.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags-only-I \
               libcurl zlib $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $$(shell pkg-config --libs \
               $(PKGS)))$(PKG_LIBS)

SRC  := $(sort $(shell find base rating backends arena tui -name '*.c'))
OBJ  := $(SRC:%.c=$(BUILD)/obj/%.o)
MAIN := $(BUILD)/obj/tui/main.o
LIB  := $(BUILD)/libarena.a
BIN  := $(BUILD)/arena

UNIT  := $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
FUZZ  := $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))
TESTS := $(wildcard tests/*/*.t)

# `make V=1` shows whole commands, plain `make` one short line each.
ifeq ($(V),1)
Q   :=
say  = @:
else
Q   := @
say  = @printf >&2 '  %-4s %s\n' $(1) $(2)
endif

.PHONY: all
all: $(BIN) ## build build/release/arena (VARIANT=asan, tsan, coverage: others)

$(BIN): $(MAIN) $(LIB)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(LDLIBS)

$(LIB): $(filter-out $(MAIN),$(OBJ)) $(BUILD)/obj/formats.o
	$(call say,AR,$@)
	@rm -f $@
	$(Q)$(AR) qcs $@ $^ # q: two rooms may have a file of one name

$(BUILD)/obj/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) $(OWN) -MMD -MP \
	    -c -o $@ $<

# Most of this code runs once an answer: there, small is better than fast, but
# for what goes through a template's tree.  (Nothing unwinds C but a debugger,
# which has tables of its own.)
ifeq ($(VARIANT),release)
CHAT := $(BUILD)/obj/backends/engine/chat
$(CHAT)/%.o: OWN = -Os -fno-asynchronous-unwind-tables
$(CHAT)/template/expressions.o $(CHAT)/template/statements.o \
$(CHAT)/template/value.o $(CHAT)/template/text.o: \
    OWN = -fno-asynchronous-unwind-tables
endif

# The chat formats are part of the program.
FORMATS := $(sort $(wildcard data/templates/*.jinja))
$(BUILD)/formats.c: scripts/embed $(FORMATS)
	@mkdir -p $(@D)
	$(Q)scripts/embed $(FORMATS) > $@

$(BUILD)/obj/formats.o: $(BUILD)/formats.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/obj/base/path.o: OWN = -DARENA_DATADIR='"$(PREFIX)/share/arena"'

# One object per instruction set; which one runs is decided at run time.  On
# another processor these files compile to nothing, so they need no flags.
ARCH := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine 2>/dev/null)))
KERN := $(BUILD)/obj/backends/engine/kernels
ifeq ($(VARIANT),release) # loops over all weights when a file is loaded
$(BUILD)/obj/backends/engine/kernels/quant.o: OWN = -O3
$(BUILD)/obj/backends/engine/kernels/matrix.o: OWN = -O3
$(KERN)/scalar.o $(KERN)/scalar_bytes.o: OWN = -O3
$(BUILD)/obj/backends/engine/rope.o: OWN = -O3 # loops over all of a prompt
endif
# These are unrolled loops through and through, on which a sanitizer's inlined
# checks cost minutes: there, every access is checked by a call, and undefined
# arithmetic by the scalar twin.
OPT  := -O3
ifeq ($(VARIANT),asan)
OPT  := -O1 -fno-sanitize=undefined \
        --param asan-instrumentation-with-call-threshold=0
else ifeq ($(VARIANT),fuzz)
OPT  := -O1 -fno-sanitize=undefined,fuzzer-no-link \
        -mllvm -asan-instrumentation-with-call-threshold=0
else ifneq ($(VARIANT),release)
OPT  := -O1
endif
# No rounding changes by these: they let the compiler choose without a branch
# and take square roots without setting errno.
OPT  += -fno-math-errno -fno-trapping-math
ifeq ($(ARCH),x86_64)
$(KERN)/avx2.o $(KERN)/avx2_bytes.o: OWN = $(OPT) -mavx2 -mfma -mf16c
$(KERN)/avx512.o $(KERN)/avx512_attention.o $(KERN)/avx512_bytes.o \
$(KERN)/amx.o $(KERN)/amx_bytes.o: \
    OWN = $(OPT) -mavx2 -mfma -mf16c -mavx512f -mavx512bw -mavx512vl \
    -mavx512dq -mavx512vnni
$(KERN)/tiles.o: OWN = -O1 # the numbers of tiles must be constants
else ifeq ($(ARCH),aarch64)
$(KERN)/neon.o $(KERN)/neon_bytes.o: OWN = $(OPT) -march=armv8.2-a+dotprod+fp16
endif

$(BUILD)/unit/%: tests/unit/%.c $(LIB) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,TEST,$<)
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ \
	    $< $(LIB) -lcmocka $(PKG_LIBS) $(LDLIBS)

$(BUILD)/bench/%: tests/bench/%.c $(LIB) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,BENCH,$<)
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ \
	    $< $(LIB) $(PKG_LIBS) $(LDLIBS)

$(BUILD)/fuzz/%: tests/fuzz/%.c $(LIB) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,FUZZ,$<)
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) $(LDFLAGS) \
	    -fsanitize=fuzzer -MMD -MP -o $@ $< $(LIB) $(PKG_LIBS) $(LDLIBS)

# Other flags or another compiler build everything anew; -Werror changes no
# object, so it is left out.
FLAGS = $(CC) $(CPPFLAGS) $(filter-out -Werror,$(CFLAGS)) $(LDFLAGS)
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(FLAGS)' | cmp -s - $@ || echo '$(FLAGS)' > $@
.PHONY: FORCE

# The makes inside have jobs of their own, whatever the outer one was told.
again = MAKEFLAGS="$(filter-out -j% --jobserver%,$(MAKEFLAGS))" \
        $(MAKE) --no-print-directory -j$(JOBS)

# One recipe line, so that the arena inherits the terminal even under -j.
.PHONY: run
run: ## install what is missing, build, bring the weights once, play
	@scripts/deps run && $(again) all && scripts/run $(BIN)

.PHONY: deps
deps: ## install what building, running and testing need
	@scripts/deps run test

.PHONY: test
test: ## install what tests need, build, run all tests
	@scripts/deps run test
	@$(again) all unit
	@BUILD=$(BUILD) tests/run $(UNIT) $(TESTS)

.PHONY: unit
unit: $(UNIT)
	@:

# The same tests under AddressSanitizer and UBSan, and the unit tests (where
# the threads are) under ThreadSanitizer.
.PHONY: check
check: ## the tests under ASan, UBSan and TSan
	@scripts/deps run test
	@$(again) VARIANT=asan test-sanitized SUITE='$(filter-out tests/lint/%,$(TESTS))'
	@$(again) VARIANT=tsan test-sanitized SUITE=

.PHONY: test-sanitized
test-sanitized: $(BIN) $(UNIT)
	@BUILD=$(BUILD) tests/run $(UNIT) $(SUITE)

.PHONY: check-neon
check-neon: all ## the engine for 64-bit ARM, its tests under qemu-user
	@scripts/neon
	@BUILD=$(BUILD) TEST_SECONDS=$${TEST_SECONDS:-7200} \
	    tests/run tests/neon/neon.t

FUZZ_SECONDS ?= 30
.PHONY: fuzz fuzz-run
fuzz: ## every fuzz target for FUZZ_SECONDS=30
	@scripts/deps run fuzz
	@$(again) VARIANT=fuzz fuzz-run
fuzz-run: $(FUZZ)
	@FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz/run $(FUZZ)

.PHONY: bench
bench: all ## measure; each tests/bench/*.mk adds its own
-include $(wildcard tests/*/*.mk)

.PHONY: lint
lint: ## the map of the rooms; layers, style, texts, man page
	@scripts/deps lint
	@tests/lint/rooms map
	@tests/run $(wildcard tests/lint/*.t)

.PHONY: format
format: ## clang-format the sources
	clang-format -i $(SRC) $(SRC:.c=.h) tests/*/*.c

.PHONY: coverage
coverage: ## which lines the tests reach
	@scripts/deps run test
	@find build/coverage -name '*.gcda' -delete 2>/dev/null || true
	@echo "(tests of full disks fail here: the measuring needs to write, too)"
	-@$(again) VARIANT=coverage test-sanitized \
	    SUITE='$(filter-out tests/lint/%,$(TESTS))'
	@tests/coverage build/coverage/obj $(SRC)

# Recipes take this from their environment, so that it may hold any character.
install uninstall: export INTO = $(DESTDIR)$(PREFIX)

.PHONY: pictures
pictures: all ## make the README's pictures anew (tmux, Chromium)
	@PYTHONDONTWRITEBYTECODE=1 docs/pictures/make.py $(BIN) docs/pictures

.PHONY: install
install: all ## into PREFIX=/usr/local (DESTDIR for packagers)
	install -d "$$INTO/bin" "$$INTO/share/man/man1"
	install $(BIN) "$$INTO/bin/arena"
	install -m 644 docs/arena.1 "$$INTO/share/man/man1/arena.1"
	for shell in bash:bash-completion/completions/arena \
	        zsh:zsh/site-functions/_arena \
	        fish:fish/vendor_completions.d/arena.fish; do \
	    install -d "$$INTO/share/$$(dirname "$${shell#*:}")" && \
	        $(BIN) completion "$${shell%%:*}" \
	            >"$$INTO/share/$${shell#*:}" || exit 1; \
	done
	for file in $$(find data -type f); do \
	    install -D -m 644 "$$file" "$$INTO/share/arena/$${file#data/}" || \
	        exit 1; \
	done

.PHONY: uninstall
uninstall: ## take away what install put there
	rm -f "$$INTO/bin/arena" "$$INTO/share/man/man1/arena.1"
	rm -f "$$INTO/share/bash-completion/completions/arena" \
	    "$$INTO/share/zsh/site-functions/_arena" \
	    "$$INTO/share/fish/vendor_completions.d/arena.fish"
	rm -rf "$$INTO/share/arena"

.PHONY: dist
dist: ## build/arena-VERSION.tar.gz of what is committed
	@mkdir -p build
	git archive --prefix=arena-$(VERSION)/ -o build/arena-$(VERSION).tar.gz \
	    HEAD

.PHONY: deb
deb: all ## build/arena_VERSION_ARCH.deb, for Debian and Ubuntu
	@scripts/deb $(BUILD) $(VERSION)

.PHONY: test-deb
test-deb: deb ## install the package as root, use it, take it away again
	@BUILD=$(BUILD) tests/run tests/deb/deb

.PHONY: clean
clean: ## remove build/
	rm -rf build

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' Makefile $(sort $(wildcard tests/*/*.mk)) | \
	    awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

-include $(OBJ:.o=.d) $(BUILD)/obj/formats.d $(UNIT:=.d) $(FUZZ:=.d)
