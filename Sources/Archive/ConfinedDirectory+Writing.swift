import CLinux
import Glibc

extension ConfinedDirectory {
    /// Makes a directory and the missing ones above it. Those that are made get exactly `mode` and, when given, `owner`;
    /// those that exist keep theirs.
    package func makeDirectories(_ path: some TreePath, mode: UInt32 = 0o755, owner: Ownership? = nil) throws {
        var reached: RawPath = ""
        for name in path.rawPath.components {
            let parent = reached
            reached = reached.appending(name)
            guard name.isOneName else { continue }
            let directory = try openDescriptor(parent, flags: O_RDONLY | O_DIRECTORY | O_NONBLOCK)
            defer { close(directory) }
            if name.withCString({ mkdirat(directory, $0, 0o700) }) == 0 {
                try setAttributes(of: name, in: directory, at: reached, mode: mode, owner: owner)
            } else if errno != EEXIST {
                throw Self.failure("creating", display(reached), errno)
            }
        }
        close(try openDescriptor(path, flags: CLINUX_O_PATH | O_DIRECTORY))
    }

    private func setAttributes(of name: RawPath, in directory: Int32, at path: RawPath, mode: UInt32, owner: Ownership?) throws {
        let made = name.withCString { clinux_openat(directory, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0) }
        guard made >= 0 else { throw Self.failure("opening", display(path), errno) }
        defer { close(made) }
        if let owner, fchown(made, owner.user, owner.group) != 0 { throw Self.failure("changing the owner of", display(path), errno) }
        guard fchmod(made, mode_t(mode & 0o7777)) == 0 else { throw Self.failure("changing the mode of", display(path), errno) }
    }

    /// Creates or replaces a file in one step: readers see the old contents or the new, and a link in its place is replaced, not followed.
    package func write(_ path: some TreePath, _ bytes: [UInt8], mode: UInt32 = 0o644, owner: Ownership? = nil) throws {
        let (parent, name) = try openParent(of: path, action: "writing")
        defer { close(parent) }
        let (file, temporary) = try createTemporary(in: parent, for: display(path))
        var placed = false
        defer {
            close(file)
            if !placed { unlinkat(parent, temporary, 0) }
        }
        guard bytes.withUnsafeBytes({ Descriptor.writeAll(file, $0) }) else { throw Self.failure("writing", display(path), errno) }
        if let owner, fchown(file, owner.user, owner.group) != 0 {
            throw Self.failure("changing the owner of", display(path), errno)
        }
        guard fchmod(file, mode_t(mode & 0o7777)) == 0 else { throw Self.failure("changing the mode of", display(path), errno) }
        guard name.withCString({ renameat(parent, temporary, parent, $0) }) == 0 else {
            throw Self.failure("writing", display(path), errno)
        }
        placed = true
    }

    private func createTemporary(in parent: Int32, for path: String) throws -> (descriptor: Int32, name: String) {
        for _ in 0..<16 {
            let name = ".tote-" + String(UInt64.random(in: 0 ... .max), radix: 36)
            let file = clinux_openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
            if file >= 0 { return (file, name) }
            guard errno == EEXIST else { break }
        }
        throw Self.failure("writing", path, errno)
    }

    /// Moves an entry, itself and not what it links to; an entry at the new place is replaced as rename(2) does.
    package func rename(_ path: some TreePath, to target: some TreePath) throws {
        let (from, oldName) = try openParent(of: path, action: "renaming")
        defer { close(from) }
        let (to, newName) = try openParent(of: target, action: "renaming to")
        defer { close(to) }
        let done = oldName.withCString { old in newName.withCString { renameat(from, old, to, $0) } }
        guard done == 0 else { throw Self.failure("renaming", display(path), errno) }
    }

    /// Makes a symbolic link with any text as its target; an entry in its place is an error.
    package func makeLink(_ path: some TreePath, to target: some TreePath) throws {
        let (parent, name) = try openParent(of: path, action: "linking")
        defer { close(parent) }
        let done = target.rawPath.withCString { target in name.withCString { symlinkat(target, parent, $0) } }
        guard done == 0 else { throw Self.failure("linking", display(path), errno) }
    }
}
