import Archive
import CLinux
import Diagnostics
import Glibc

/// A folder that lives while a process holds its lock. Who finds it unlocked may remove it: its process is dead, whatever became of its pid.
final class LockedFolder: Sendable {
    let path: String
    private let descriptor: Int32

    /// Creates a new one in `parent`.
    init(in parent: String, prefix: String) throws {
        while true {
            let path = try UniqueFolder.create(in: parent, prefix: prefix, mode: 0o700)
            // Between these two lines a sweep may take it for the leftover of a dead process.
            guard let descriptor = Self.lock(path) else { continue }
            self.path = path
            self.descriptor = descriptor
            return
        }
    }

    deinit { close(descriptor) }

    /// Locks a folder without waiting; nil when another process has it, or when it is gone from that path.
    private static func lock(_ path: String) -> Int32? {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        var held = stat(), named = stat()
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &held) == 0, lstat(path, &named) == 0,
            held.st_ino == named.st_ino,
            held.st_dev == named.st_dev
        else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// Removes the folder and all in it. Mounts below are taken off first, never entered.
    func remove() throws { try Self.removeTree(path) }

    /// Gives the folder its final name, in one step. When somebody else was first, this one is removed.
    func publish(as path: String) throws {
        guard rename(self.path, path) != 0 else { return }
        guard errno == EEXIST || errno == ENOTEMPTY else { throw Fault(system: "moving '\(self.path)' to '\(path)'") }
        try remove()
    }

    /// Removes the folders with this prefix in `parent` whose processes are dead.
    static func sweep(_ parent: String, prefix: String) throws {
        guard access(parent, F_OK) == 0 else { return }
        for name in try ConfinedDirectory(parent).names("") where name.string.hasPrefix(prefix) {
            let path = "\(parent)/\(name.string)"
            guard let descriptor = lock(path) else { continue }
            defer { close(descriptor) }
            try removeTree(path)
        }
    }

    /// Gives a folder, in one step, a name under which `sweep` removes it: a folder that is half gone must not be taken for one that is there.
    static func discard(_ path: String, as prefix: String) throws {
        guard let (parent, _) = RawPath(path).split else { throw Fault("'\(path)' cannot be removed") }
        let grave = try UniqueFolder.create(in: parent.string, prefix: prefix, mode: 0o700)
        guard rename(path, grave) == 0 else { throw Fault(system: "moving '\(path)' away") }
    }

    static func removeTree(_ path: String) throws {
        try MountTable.detachAll(below: path)
        guard let (parent, name) = RawPath(path).split else { throw Fault("'\(path)' cannot be removed") }
        try ConfinedDirectory(parent.string).removeTree(name)
    }
}
