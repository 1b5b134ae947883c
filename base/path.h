/* path: where our files are (XDG base directories), and doing small things to
 * paths.  Strings returned belong to the caller, who frees them.  Any thread
 * that does not change the environment. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

enum path_kind {
    PATH_CONFIG, /* $XDG_CONFIG_HOME/arena, ~/.config/arena */
    PATH_DATA,   /* $XDG_DATA_HOME/arena,   ~/.local/share/arena */
    PATH_STATE,  /* $XDG_STATE_HOME/arena,  ~/.local/state/arena */
    PATH_CACHE,  /* $XDG_CACHE_HOME/arena,  ~/.cache/arena */
};

/* 0, or -1 if one of the variables above is not set and neither HOME nor the
 * system's list of users tells the home folder. */
int path_check_home(struct err *e);

/* The folder of a kind joined with `name` (may be "" for the folder itself).
 * Creates nothing.  Without a home folder, a path where nothing can be. */
char *path_of(enum path_kind kind, const char *name);

/* A file that comes with the program ("weights.json", "prompts/mini.txt"): in
 * $ARENA_DATA if that is set, else near the program: in the data folder of
 * the source tree that it lies in, or in PREFIX/share/arena beside PREFIX/bin;
 * else where the Makefile said.  It need not exist. */
char *path_data_file(const char *name);

/* "folder/name"; an absolute name stays as it is. */
char *path_join(const char *folder, const char *name);

/* All but the last part of a path ("." if there is none). */
char *path_folder(const char *path);

/* The last part of a path; points into it. */
const char *path_name(const char *path);

bool path_exists(const char *path);

/* Makes a folder and those above it, mode 0700 for the new ones.  0, or -1. */
int path_make_folder(const char *path, struct err *e);

/* Appends a whole file to b.  Only a plain file is read: a pipe, a terminal or
 * a device in its place may never end.  0, or -1 with `code` and "PATH: cannot
 * read: WHY". */
int path_read_file(struct buf *b, const char *path, enum err_code code,
                   struct err *e);

/* Replaces a file whole or not at all: writes a temporary beside it, syncs,
 * renames, syncs the folder.  0, or -1 with the old file untouched. */
int path_write_file(const char *path, const void *bytes, size_t n, mode_t mode,
                    struct err *e);

#endif
