import Archive
import Diagnostics
import Glibc

/// An open file that is closed with its last owner.
final class OwnedDescriptor: Sendable {
    let number: Int32
    init(_ number: Int32) { self.number = number }
    deinit { close(number) }
}

/// System calls on paths of the host, with errors that name the path.
enum HostFile {
    static func open(_ path: String, _ flags: Int32, mode: mode_t = 0) throws -> OwnedDescriptor {
        let number = Glibc.open(path, flags | O_CLOEXEC | O_NOCTTY, mode)
        guard number >= 0 else { throw Fault(system: "opening '\(path)'") }
        return OwnedDescriptor(number)
    }

    /// A regular file for reading, with its size; nil when there is none. FIFOs and devices are refused without waiting for them.
    static func openForReading(_ path: String) throws -> (file: OwnedDescriptor, size: Int64)? {
        let number = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard number >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw Fault(system: "opening '\(path)'")
        }
        let file = OwnedDescriptor(number)
        let status = try status(of: number, path)
        guard status.st_mode & S_IFMT == S_IFREG else { throw Fault("'\(path)' is not a regular file") }
        return (file, Int64(status.st_size))
    }

    static func status(of descriptor: Int32, _ path: String) throws -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Fault(system: "reading the status of '\(path)'") }
        return status
    }

    /// Nil when nothing is there.
    static func status(_ path: String) throws -> stat? {
        var result = stat()
        guard stat(path, &result) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw Fault(system: "reading the status of '\(path)'")
        }
        return result
    }

    /// The size of a regular file, nil when there is none.
    static func size(_ path: String) -> Int64? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int64(status.st_size)
    }

    /// The whole file, nil when there is none. An error when it is larger than `limit`.
    static func read(_ path: String, limit: Int) throws -> [UInt8]? {
        guard let (file, size) = try openForReading(path) else { return nil }
        return try read(file, size: size, path, limit: limit)
    }

    /// The rest of an open file that has `size` bytes.
    static func read(_ file: OwnedDescriptor, size: Int64, _ path: String, limit: Int) throws -> [UInt8] {
        guard size <= Int64(limit) else { throw Fault("'\(path)' is too large: \(size) bytes, the limit is \(limit)") }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(size))
        try readAll(file.number, path) { piece in
            guard bytes.count + piece.count <= limit else { throw Fault("'\(path)' is too large: the limit is \(limit) bytes") }
            bytes.append(contentsOf: piece)
        }
        return bytes
    }

    /// Calls `body` with each piece of what is left to read.
    static func readAll(_ descriptor: Int32, _ path: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count == 0 { return }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw Fault(system: "reading '\(path)'")
            }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws {
        var done = 0
        while done < bytes.count {
            let count = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
            guard count >= 0 else {
                if errno == EINTR { continue }
                throw Fault(system: "writing '\(path)'")
            }
            done += count
        }
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws {
        try bytes.withUnsafeBytes { try write($0, to: descriptor, path) }
    }

    /// Appends the whole file `source`, which must have `size` bytes, to `descriptor`.
    static func copy(_ source: String, size: Int64, to descriptor: Int32, _ path: String) throws {
        guard let (file, _) = try openForReading(source) else { throw Fault("'\(source)' does not exist") }
        var copied: Int64 = 0
        try readAll(file.number, source) { piece in
            copied += Int64(piece.count)
            try write(piece, to: descriptor, path)
        }
        guard copied == size else { throw Fault("'\(source)' has \(copied) bytes, not \(size)") }
    }

    static func digest(_ path: String) throws -> Digest? {
        guard let (file, _) = try openForReading(path) else { return nil }
        let hash = SHA256()
        try readAll(file.number, path) { hash.update($0) }
        return hash.finish()
    }

    static func rename(_ source: String, to target: String) throws {
        guard Glibc.rename(source, target) == 0 else { throw Fault(system: "renaming '\(source)' to '\(target)'") }
    }

    /// What is not there counts as removed.
    static func remove(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT else { throw Fault(system: "removing '\(path)'") }
    }

    /// Creates the directory and those above it.
    static func makeDirectories(_ path: String, mode: mode_t) throws {
        if mkdir(path, mode) == 0 || errno == EEXIST {
            guard let status = try status(path), status.st_mode & S_IFMT == S_IFDIR else { throw Fault("'\(path)' is not a directory") }
            return
        }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw notMade(path)
        }
        try makeDirectories(String(path[..<slash]), mode: mode)
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw notMade(path) }
    }

    private static func notMade(_ path: String) -> Fault {
        let code = errno
        let isPlace = [ENOENT, ENOTDIR, EACCES, EPERM, EROFS].contains(code)
        return Fault(
            system: "creating the directory '\(path)'", code: code, hint: isPlace ? "name a place where you can make a folder" : nil)
    }

    /// Sorted by bytes; empty when there is no such directory.
    static func names(in path: String) throws -> [String] {
        guard let directory = opendir(path) else {
            if errno == ENOENT { return [] }
            throw Fault(system: "listing '\(path)'")
        }
        defer { closedir(directory) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw Fault(system: "listing '\(path)'") }
        return names.sorted()
    }

    /// Waits for the lock, or gives up at once; false when another process has it.
    static func lock(_ descriptor: Int32, _ operation: Int32, _ path: String) throws -> Bool {
        while flock(descriptor, operation) != 0 {
            if errno == EINTR { continue }
            if errno == EWOULDBLOCK { return false }
            throw Fault(system: "locking '\(path)'")
        }
        return true
    }
}
