#ifndef CLAUNCHER_H
#define CLAUNCHER_H

// Embedded Swift has no Glibc module: these are the libc headers that the launcher needs, and one-line shims for
// what Swift cannot import (variadic functions and macros).

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static inline int launcher_errno(void) { return errno; }

static inline void launcher_clear_errno(void) { errno = 0; }

// argv, which ends with NULL.
char **launcher_arguments(void);

static inline char **launcher_environ(void) { return environ; }

static inline int launcher_open(const char *path, int flags) { return open(path, flags); }

static inline int launcher_is_directory(const struct stat *status) { return S_ISDIR(status->st_mode); }

static inline int launcher_is_regular(const struct stat *status) { return S_ISREG(status->st_mode); }

static inline const char *launcher_name(const struct dirent *entry) { return entry->d_name; }

// The exit status, or 128 and the number of the signal, as shells say it.
static inline int launcher_status(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

static inline double launcher_strtod(const void *text) { return strtod((const char *)text, NULL); }

#endif
