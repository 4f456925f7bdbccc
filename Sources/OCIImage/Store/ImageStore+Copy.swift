package import Archive
import Diagnostics

extension ImageStore {
    /// Copies a blob from a file of the host; it is hashed on the way and becomes visible only if it is what the descriptor says.
    package func copy(_ descriptor: Descriptor, from path: String) throws {
        guard let (file, _) = try HostFile.openForReading(path) else { throw Fault("'\(path)' does not exist") }
        let blob = try ingest()
        try HostFile.readAll(file.number, path) { try blob.append($0) }
        try blob.commit(expecting: descriptor.digest, size: descriptor.size)
    }

    /// Removes a blob whose content is not what its name says, so that it can come in again: it is of no use to anybody else, either.
    package func removeIfDamaged(_ digest: Digest) throws {
        let path = self.path(of: digest)
        if let actual = try HostFile.digest(path), actual != digest { try HostFile.remove(path) }
    }
}
