#include "CLauncher.h"

// Embedded Swift has no CommandLine, and its `main` drops its arguments. glibc hands them to constructors too.
static char **arguments;

__attribute__((constructor)) static void keep_arguments(int count, char **values) {
    (void)count;
    arguments = values;
}

char **launcher_arguments(void) { return arguments; }
