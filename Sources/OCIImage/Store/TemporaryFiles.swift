import Diagnostics
import Glibc
import Synchronization

/// A folder in which files are written before they get their real name by rename.
///
/// Every writer holds a lock on its file for as long as it lives. A file whose lock is free was left by a writer that died,
/// and the next run removes it. Process ids play no part: they are reused, and differ between namespaces.
struct TemporaryFiles: Sendable {
    let directory: String
    /// Begins the names of these files, where the folder holds others too.
    let prefix: String

    init(in directory: String, prefix: String = "") {
        self.directory = directory
        self.prefix = prefix
    }

    func create(mode: mode_t = 0o644) throws -> TemporaryFile {
        while true {
            let path = "\(directory)/\(prefix)\(String(UInt64.random(in: .min ... .max), radix: 36))"
            let file = try HostFile.open(path, O_RDWR | O_CREAT | O_EXCL, mode: mode)
            _ = try HostFile.lock(file.number, LOCK_EX, path)
            // Between creating and locking, another run may have taken the file for an abandoned one.
            if try HostFile.status(of: file.number, path).st_nlink > 0 { return TemporaryFile(path, file) }
        }
    }

    /// Removes what dead writers left. Returns the bytes freed. What cannot be removed is left for the next time.
    @discardableResult
    func removeAbandoned() -> Int64 {
        var freed: Int64 = 0
        for name in (try? HostFile.names(in: directory)) ?? [] where name.hasPrefix(prefix) {
            let path = "\(directory)/\(name)"
            guard let file = try? HostFile.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK),
                let status = try? HostFile.status(of: file.number, path), status.st_mode & S_IFMT == S_IFREG,
                (try? HostFile.lock(file.number, LOCK_EX | LOCK_NB, path)) == true
            else { continue }
            if unlink(path) == 0 { freed += Int64(status.st_size) }
        }
        return freed
    }
}

/// One file that is being written. It vanishes with its owner unless it was given its real name.
final class TemporaryFile: Sendable {
    let path: String
    private let file: OwnedDescriptor
    private let hasRealName = Mutex(false)

    init(_ path: String, _ file: OwnedDescriptor) {
        self.path = path
        self.file = file
    }

    deinit {
        if !hasRealName.withLock({ $0 }) { unlink(path) }
    }

    var descriptor: Int32 { file.number }

    func write(_ bytes: [UInt8]) throws { try HostFile.write(bytes, to: descriptor, path) }

    /// The moment at which the content appears to others, as a whole.
    ///
    /// - Parameter flushed: whether it is on the disk before, so that after a power cut the name does not stand for a part of it.
    func rename(to target: String, flushed: Bool = false) throws {
        guard !flushed || fdatasync(descriptor) == 0 else { throw Fault(system: "writing '\(target)'") }
        try hasRealName.withLock { done in
            try HostFile.rename(path, to: target)
            done = true
        }
    }
}
