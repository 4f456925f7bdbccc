import Diagnostics
import Glibc

/// A file of the host that holds a layer as it is stored, and what it should be.
package struct LayerBlob: Equatable, Sendable {
    package var path: String
    package var digest: Digest
    package var diffID: DiffID

    package init(path: String, digest: Digest, diffID: DiffID) {
        self.path = path
        self.digest = digest
        self.diffID = diffID
    }

    /// Unpacks it. Throws unless both digests are right: the next image may take the blob as it is, and another gzip stream can hold the same tar.
    package func unpack(into directory: ConfinedDirectory, _ options: Unpacking) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Fault(system: "opening '\(path)'") }
        defer { close(file) }
        let actual = try Self.digest(of: file, path)
        guard actual == digest else { throw Fault("its blob \(digest) has the digest \(actual)") }
        guard lseek(file, 0, SEEK_SET) == 0 else { throw Fault(system: "reading '\(path)'") }
        let found = try Archive.unpack(LayerReader(descriptor: file), into: directory, options)
        guard found == diffID else { throw Fault("its digest is \(found), not \(diffID)") }
    }

    private static func digest(of file: Int32, _ path: String) throws -> Digest {
        let hash = SHA256()
        try withUnsafeTemporaryAllocation(byteCount: 256 << 10, alignment: 16) { buffer in
            while true {
                guard let start = buffer.baseAddress else { return }
                let count = Descriptor.read(file, start, buffer.count)
                guard count >= 0 else { throw Fault(system: "reading '\(path)'") }
                if count == 0 { return }
                hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
        return hash.finish()
    }
}
