import CLinux
import Glibc

/// One thing found by ``ConfinedDirectory/walk(_:_:)``.
package struct TreeEntry: Sendable {
    /// Below the place where the walk began; empty for that place itself.
    package var path: RawPath
    package var status: FileStatus
    /// Of symbolic links, as stored.
    package var linkTarget: RawPath?
}

package enum WalkAction: Sendable {
    case descend
    /// Leaves out what is below a directory; the same as `descend` for everything else.
    case skip
}

extension ConfinedDirectory {
    /// Visits a tree: parents before children, siblings ordered by the bytes of their names (D-42). Links are read, never followed;
    /// a tree that changes meanwhile gives an error, never a file from elsewhere. Any depth is fine.
    ///
    /// `open` gives a descriptor of the entry when it is a regular file, for the caller to close; it is valid during `body` only.
    package func walk(
        _ path: some TreePath = ".", _ body: (_ entry: TreeEntry, _ open: () throws -> Int32) throws -> WalkAction
    ) throws {
        let start = try openDescriptor(path, flags: CLINUX_O_PATH | O_NOFOLLOW, action: "reading")
        defer { close(start) }
        guard let status = FileStatus(of: start) else { throw Self.failure("reading", display(path), errno) }
        guard status.kind == .directory else {
            let link = status.kind == .symbolicLink ? Descriptor.readLink("", in: start) : nil
            _ = try body(TreeEntry(path: "", status: status, linkTarget: link)) {
                let (file, found) = try open(path)
                guard found.isSameFile(as: status) else {
                    close(file)
                    throw ConfinementError.changed(path: display(path))
                }
                return file
            }
            return
        }
        let noFile = ConfinementError.notRegular(path: display(path))
        guard try body(TreeEntry(path: "", status: status), { throw noFile }) == .descend else { return }
        let opened = clinux_openat(start, ".", O_RDONLY | O_DIRECTORY, 0)
        guard opened >= 0 else { throw Self.failure("reading", display(path), errno) }
        let chain = try DirectoryChain(start: opened, display: display(path), crossesMounts: true)
        try Self.walk(chain, body)
    }

    private static func walk(_ chain: DirectoryChain, _ body: (TreeEntry, () throws -> Int32) throws -> WalkAction) throws {
        var pending = [try reversedNames(chain)]
        while let name = try pending[pending.count - 1].popLast() ?? leave(chain, &pending) {
            let entry = try chain.entry(name)
            let action = try body(entry) { try chain.openFile(name, expecting: entry.status) }
            guard entry.status.kind == .directory, action == .descend else { continue }
            try chain.descend(into: name, expecting: entry.status)
            pending.append(try reversedNames(chain))
        }
    }

    /// Goes up to the next directory that has names left; nil when all is done.
    private static func leave(_ chain: DirectoryChain, _ pending: inout [[RawPath]]) throws -> RawPath? {
        while pending.count > 1 {
            pending.removeLast()
            try chain.ascend()
            if let name = pending[pending.count - 1].popLast() { return name }
        }
        return nil
    }

    private static func reversedNames(_ chain: DirectoryChain) throws -> [RawPath] {
        guard let names = DirectoryListing.names(of: chain.descriptor) else {
            throw failure("listing", chain.display(""), errno)
        }
        return names.reversed()
    }
}

extension DirectoryChain {
    fileprivate func entry(_ name: RawPath) throws -> TreeEntry {
        try name.withCString { raw in
            guard let status = FileStatus(of: raw, in: descriptor) else {
                throw ConfinedDirectory.failure("reading", display(name), errno)
            }
            var entry = TreeEntry(path: path.appending(name), status: status)
            if status.kind == .symbolicLink {
                guard let target = Descriptor.readLink(raw, in: descriptor) else {
                    throw ConfinementError.changed(path: display(name))
                }
                entry.linkTarget = target
            }
            return entry
        }
    }

    fileprivate func openFile(_ name: RawPath, expecting expected: FileStatus) throws -> Int32 {
        guard expected.kind == .file else { throw ConfinementError.notRegular(path: display(name)) }
        let opened = name.withCString { clinux_openat(descriptor, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0) }
        guard opened >= 0 else { throw ConfinedDirectory.failure("reading", display(name), errno) }
        guard let status = FileStatus(of: opened), status.kind == .file, status.isSameFile(as: expected) else {
            close(opened)
            throw ConfinementError.changed(path: display(name))
        }
        return opened
    }
}
