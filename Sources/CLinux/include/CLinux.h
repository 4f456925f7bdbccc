// Calls that Swift cannot import: variadic functions, raw system calls and macros. One line each, no logic.
#ifndef CLINUX_H
#define CLINUX_H

// _GNU_SOURCE stays undefined: with it, structures differ from those of Swift's own Glibc module and nothing compiles. Calls that
// need it go through syscall().

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/types.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

// --- Files and directories -------------------------------------------------------------------------------------------

#define CLINUX_O_PATH 010000000

static inline int clinux_openat(int directory, const char *path, int flags, unsigned mode) {
    return openat(directory, path, flags | O_CLOEXEC, (mode_t)mode);
}

static inline int clinux_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
    struct open_how how = {.flags = flags | O_CLOEXEC, .mode = mode, .resolve = resolve};
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

static inline long clinux_getdents64(int directory, void *buffer, size_t size) {
    return syscall(SYS_getdents64, directory, buffer, size);
}

static inline int clinux_copy_descriptor(int descriptor) { return fcntl(descriptor, F_DUPFD_CLOEXEC, 3); }

static inline unsigned clinux_major(uint64_t device) { return major(device); }
static inline unsigned clinux_minor(uint64_t device) { return minor(device); }

// RESOLVE_* are plain macros over hexadecimal numbers; the names below make them visible with one fixed type.
static const uint64_t clinux_resolve_no_magiclinks = RESOLVE_NO_MAGICLINKS;
static const uint64_t clinux_resolve_no_xdev = RESOLVE_NO_XDEV;
static const uint64_t clinux_resolve_in_root = RESOLVE_IN_ROOT;

// --- Mounts, namespaces, processes (Sandbox) -------------------------------------------------------------------------

// The kernel's own numbers, equal on every architecture: older C libraries do not name them.
#define CLINUX_AT_EMPTY_PATH 0x1000
#define CLINUX_SYS_OPEN_TREE 428
#define CLINUX_SYS_MOVE_MOUNT 429
#define CLINUX_SYS_PIDFD_OPEN 434
#define CLINUX_SYS_MOUNT_SETATTR 442
#define CLINUX_CLONE_FS 0x00000200
#define CLINUX_CLONE_NEWNS 0x00020000
#define CLINUX_CLONE_NEWUSER 0x10000000
#define CLINUX_CLONE_NEWPID 0x20000000
#define CLINUX_POSIX_SPAWN_SETSID 0x80
#define CLINUX_MNT_DETACH 2
#define CLINUX_UMOUNT_NOFOLLOW 8

static inline pid_t clinux_fork(void) { return fork(); }
static inline int clinux_unshare(int flags) { return (int)syscall(SYS_unshare, flags); }
static inline int clinux_set_parent_death_signal(int signal_number) { return prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0); }
static inline int clinux_pidfd_open(pid_t process) { return (int)syscall(CLINUX_SYS_PIDFD_OPEN, process, 0); }

static inline int clinux_mount(const char *source, const char *target, const char *type, unsigned long flags, const char *options) {
    return mount(source, target, type, flags, options);
}

static inline int clinux_pipe(int ends[2], int flags) { return (int)syscall(SYS_pipe2, ends, flags | O_CLOEXEC); }

static inline int64_t clinux_file_system_type(const char *path) {
    struct statfs status;
    return statfs(path, &status) == 0 ? (int64_t)status.f_type : -1;
}

// Hidden by <spawn.h> when the Glibc module was built without _GNU_SOURCE.
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);

static inline int clinux_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

static inline int clinux_unmount(const char *target, int flags) { return umount2(target, flags); }

static inline int clinux_open_tree(int directory, const char *path, unsigned flags) {
    return (int)syscall(CLINUX_SYS_OPEN_TREE, directory, path, flags);
}

static inline int clinux_move_mount(int from, const char *from_path, int to, const char *to_path, unsigned flags) {
    return (int)syscall(CLINUX_SYS_MOVE_MOUNT, from, from_path, to, to_path, flags);
}

static inline int clinux_mount_setattr(int directory, const char *path, unsigned flags, uint64_t set, uint64_t clear) {
    uint64_t attributes[4] = {set, clear, 0, 0};
    return (int)syscall(CLINUX_SYS_MOUNT_SETATTR, directory, path, flags, attributes, sizeof attributes);
}

#endif
