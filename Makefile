# arena: targets are listed by `make help`.
#
# Objects of each variant live in build/VARIANT/.  Sources are found by
# wildcard; a new file needs no line here.

VARIANT ?= release
BUILD   ?= build/$(VARIANT)
PREFIX  ?= /usr/local
DESTDIR ?=

CC      ?= cc
PKGS     = libcurl sqlite3 libcjson ncursesw libpcre2-8 libutf8proc
TESTPKGS = cmocka

WARN = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
       -Wmissing-prototypes -Wvla -Wwrite-strings -Wformat=2 -Wundef
ifeq ($(WERROR),1)
WARN += -Werror
endif

CPPFLAGS += -I. -D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE
CFLAGS   += -std=c11 -g -fno-common -pthread $(WARN)
LDFLAGS  += -pthread
LDLIBS   += -lm

ifeq ($(VARIANT),release)
CFLAGS   += -O2 -fstack-protector-strong -fPIE
CPPFLAGS += -D_FORTIFY_SOURCE=2
LDFLAGS  += -pie -Wl,-z,relro,-z,now
else ifeq ($(VARIANT),asan)
CFLAGS   += -O1 -fno-omit-frame-pointer -fsanitize=address,undefined \
            -fno-sanitize-recover=undefined
LDFLAGS  += -fsanitize=address,undefined
else ifeq ($(VARIANT),tsan)
CFLAGS   += -O1 -fsanitize=thread
LDFLAGS  += -fsanitize=thread
else ifeq ($(VARIANT),coverage)
CFLAGS   += -O0 --coverage
LDFLAGS  += --coverage
endif

# Asked once, when something is built, so that `make help` needs no packages.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags-only-I $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PKGS)))$(PKG_LIBS)

SRC  := $(wildcard base/*.c rating/*.c backends/*.c backends/engine/*.c \
          arena/*.c tui/*.c tui/commands/*.c tui/screens/*.c)
OBJ  := $(SRC:%.c=$(BUILD)/obj/%.o)
MAIN := $(BUILD)/obj/tui/main.o
LIB  := $(BUILD)/libarena.a
BIN  := $(BUILD)/arena

UNIT_SRC := $(wildcard tests/unit/*.c)
UNIT     := $(UNIT_SRC:tests/unit/%.c=$(BUILD)/unit/%)

.PHONY: all
all: $(BIN)

$(BIN): $(MAIN) $(LIB)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(LDLIBS)

$(LIB): $(filter-out $(MAIN),$(OBJ))
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) $(KERN_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/obj/base/path.o: CPPFLAGS += -DARENA_DATADIR='"$(PREFIX)/share/arena"'

# One object per instruction set; which one runs is decided at run time.
ARCH := $(shell uname -m)
ifeq ($(ARCH),x86_64)
$(BUILD)/obj/backends/engine/kern_avx2.o: KERN_CFLAGS = -O3 -mavx2 -mfma -mf16c
$(BUILD)/obj/backends/engine/kern_avx512.o: KERN_CFLAGS = -O3 -mavx2 -mfma \
    -mf16c -mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx512vnni
endif

$(BUILD)/unit/%: tests/unit/%.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ $< \
	    $(LIB) -lcmocka $(PKG_LIBS) $(LDLIBS)

.PHONY: unit
unit: $(UNIT)

-include $(OBJ:.o=.d) $(UNIT:=.d)
