import CLinux
import Glibc

extension ConfinedDirectory {
    /// Opens a regular file for reading; the caller closes. Links are followed inside the root. Never blocks on a FIFO.
    package func open(_ path: some TreePath) throws -> (descriptor: Int32, status: FileStatus) {
        // A look first, so that not even an open(2) reaches a device.
        let found = try openDescriptor(path, flags: CLINUX_O_PATH)
        defer { close(found) }
        guard let seen = FileStatus(of: found) else { throw Self.failure("reading", display(path), errno) }
        guard seen.kind == .file else { throw ConfinementError.notRegular(path: display(path)) }
        let opened = try openDescriptor(path, flags: O_RDONLY | O_NONBLOCK, action: "reading")
        guard let status = FileStatus(of: opened), status.isSameFile(as: seen), status.kind == .file else {
            close(opened)
            throw ConfinementError.changed(path: display(path))
        }
        return (opened, status)
    }

    /// The contents of a regular file of at most `limit` bytes.
    package func read(_ path: some TreePath, limit: Int = 16 << 20) throws -> [UInt8] {
        let (file, status) = try open(path)
        defer { close(file) }
        let tooLarge = ConfinementError.tooLarge(path: display(path), limit: limit)
        guard status.size <= limit else { throw tooLarge }
        // Files of /proc and /sys say 0 and hold more; one byte above the limit shows a file that grew.
        let capacity = min(limit, max(Int(status.size), 4096)) + 1
        var bytes = [UInt8](repeating: 0, count: capacity)
        var count = 0
        while true {
            let read = bytes.withUnsafeMutableBytes { free in
                free.baseAddress.map { Descriptor.read(file, $0 + count, free.count - count) } ?? 0
            }
            guard read >= 0 else { throw Self.failure("reading", display(path), errno) }
            guard read > 0 else { break }
            count += read
            guard count <= limit else { throw tooLarge }
            if count == bytes.count { bytes += [UInt8](repeating: 0, count: min(bytes.count, limit - count + 1)) }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// The same; nil when there is no such file.
    package func readIfPresent(_ path: some TreePath, limit: Int = 16 << 20) throws -> [UInt8]? {
        do {
            return try read(path, limit: limit)
        } catch ConfinementError.missing {
            return nil
        }
    }

    /// What is at a path; nil when nothing is, or when a link on the way leads nowhere.
    package func status(_ path: some TreePath, followingLinks: Bool = true) throws -> FileStatus? {
        do {
            let found = try openDescriptor(path, flags: CLINUX_O_PATH | (followingLinks ? 0 : O_NOFOLLOW))
            defer { close(found) }
            guard let status = FileStatus(of: found) else { throw Self.failure("reading", display(path), errno) }
            return status
        } catch ConfinementError.missing {
            return nil
        }
    }

    /// The target of a symbolic link as it is stored; nil when nothing is there or it is no link.
    package func linkTarget(_ path: some TreePath) throws -> RawPath? {
        do {
            let found = try openDescriptor(path, flags: CLINUX_O_PATH | O_NOFOLLOW)
            defer { close(found) }
            guard FileStatus(of: found)?.kind == .symbolicLink else { return nil }
            guard let target = Descriptor.readLink("", in: found) else { throw Self.failure("reading", display(path), errno) }
            return target
        } catch ConfinementError.missing {
            return nil
        }
    }

    /// The names in a directory, sorted by bytes.
    package func names(_ path: some TreePath) throws -> [RawPath] {
        let opened = try openDescriptor(path, flags: O_RDONLY | O_DIRECTORY | O_NONBLOCK, action: "listing")
        defer { close(opened) }
        guard let names = DirectoryListing.names(of: opened) else { throw Self.failure("listing", display(path), errno) }
        return names
    }

    /// The names in a directory with what they are, sorted by bytes. Links are not followed.
    package func entries(_ path: some TreePath) throws -> [(name: RawPath, kind: FileStatus.Kind)] {
        let opened = try openDescriptor(path, flags: O_RDONLY | O_DIRECTORY | O_NONBLOCK, action: "listing")
        defer { close(opened) }
        guard let names = DirectoryListing.names(of: opened) else { throw Self.failure("listing", display(path), errno) }
        return try names.map { name in
            guard let status = name.withCString({ FileStatus(of: $0, in: opened) }) else {
                throw Self.failure("listing", display(path.rawPath.appending(name)), errno)
            }
            return (name, status.kind)
        }
    }
}
