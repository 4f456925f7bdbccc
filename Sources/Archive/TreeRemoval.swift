import CLinux
import Glibc

extension ConfinedDirectory {
    /// Removes an entry with everything below it; fine when it does not exist. Links are removed, not followed, and directories that
    /// their owner made unreadable are opened up first. A mount below is an error: what is mounted belongs to someone else.
    package func removeTree(_ path: some TreePath) throws {
        let parent: Int32
        let name: RawPath
        do {
            (parent, name) = try openParent(of: path, action: "removing")
        } catch ConfinementError.missing {
            return
        }
        defer { close(parent) }
        try Self.remove(name, from: parent, display: display(path.rawPath.split?.parent ?? ""))
    }

    /// Removes an entry of an open directory with everything below it.
    static func remove(_ name: RawPath, from parent: Int32, display: String) throws {
        let start = clinux_copy_descriptor(parent)
        guard start >= 0 else { throw failure("removing", RawPath(display).appending(name).string, errno) }
        let chain = try DirectoryChain(start: start, display: display, crossesMounts: false)
        var pending = [[name]]
        var entered: [RawPath] = []
        while !pending.isEmpty {
            if let next = pending[pending.count - 1].popLast() {
                if try chain.unlink(next) { continue }
                try chain.open(next)
                entered.append(next)
                guard let names = DirectoryListing.names(of: chain.descriptor) else {
                    throw failure("listing", chain.display(""), errno)
                }
                pending.append(names)
            } else {
                pending.removeLast()
                guard let emptied = entered.popLast() else { return }
                try chain.ascend()
                try chain.removeDirectory(emptied)
            }
        }
    }
}

extension DirectoryChain {
    /// False when the entry is a directory. Gone already is fine.
    fileprivate func unlink(_ name: RawPath) throws -> Bool {
        if name.withCString({ unlinkat(descriptor, $0, 0) }) == 0 || errno == ENOENT { return true }
        if errno == EISDIR { return false }
        throw ConfinedDirectory.failure("removing", display(name), errno)
    }

    /// Goes down, with the permission to list and change the directory.
    fileprivate func open(_ name: RawPath) throws {
        do {
            try descend(into: name)
        } catch ConfinementError.system(_, _, EXDEV) {
            throw ConfinementError.system(action: "removing", path: display(name), code: EBUSY)
        } catch ConfinementError.system(_, _, EACCES) {
            _ = name.withCString { fchmodat(descriptor, $0, 0o700, 0) }
            try descend(into: name)
        }
        if let mode = status?.mode, mode & 0o700 != 0o700 { fchmod(descriptor, 0o700) }
    }

    fileprivate func removeDirectory(_ name: RawPath) throws {
        if name.withCString({ unlinkat(descriptor, $0, AT_REMOVEDIR) }) == 0 || errno == ENOENT { return }
        throw ConfinedDirectory.failure("removing", display(name), errno)
    }
}
