/* version: which arena this is, by semantic versioning. */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define ARENA_VERSION "0.1.0"

#endif
