// The least that a launcher can do. The launcher of tote is measured against it.
#include <unistd.h>

extern char **environ;

int main(void) {
    char *arguments[] = {"/bin/true", NULL};
    execve(arguments[0], arguments, environ);
    return 127;
}
