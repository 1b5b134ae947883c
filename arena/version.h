/* version: the one place where the version of the program is written. */
#ifndef ARENA_VERSION_H
#define ARENA_VERSION_H

#define ARENA_VERSION "0.1.0"

#endif
