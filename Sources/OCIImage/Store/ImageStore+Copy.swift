package import Archive
import Diagnostics
import Glibc

extension ImageStore {
    /// Copies a blob from a file of the host; it is hashed on the way and becomes visible only if it is what the descriptor says.
    package func copy(_ descriptor: Descriptor, from path: String) throws {
        guard let (file, _) = try HostFile.openForReading(path) else { throw Fault("'\(path)' does not exist") }
        let blob = try ingest()
        try HostFile.readAll(file.number, path) { try blob.append($0) }
        try blob.commit(expecting: descriptor.digest, size: descriptor.size)
    }

    /// Removes a blob whose content is not what its name says, so that it can come in again: it is of no use to anybody else, either.
    /// True when it was one.
    @discardableResult
    package func removeIfDamaged(_ digest: Digest) throws -> Bool {
        let path = self.path(of: digest)
        guard let (file, _) = try HostFile.openForReading(path) else { return false }
        let hash = SHA256()
        try HostFile.readAll(file.number, path) { hash.update($0) }
        guard hash.finish() != digest else { return false }
        // Another process may have put a good one in its place meanwhile.
        guard try HostFile.status(path)?.st_ino == HostFile.status(of: file.number, path).st_ino else { return false }
        try HostFile.remove(path)
        return true
    }
}
