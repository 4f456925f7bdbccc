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

    /// Unpacks it. Throws unless both digests are right: the next image may take the blob as it is, and another gzip stream can hold the
    /// same tar. The blob is read once, so whether they are is known at the end. `DeviceInLayer` says that they are.
    package func unpack(into directory: ConfinedDirectory, _ options: Unpacking) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Fault(system: "opening '\(path)'") }
        defer { close(file) }
        let hash = SHA256()
        let layer = try LayerReader(descriptor: file, blobHash: hash)
        var device: DeviceInLayer?
        let found: DiffID
        do {
            found = try Archive.unpack(layer, into: directory, options)
        } catch let error as DeviceInLayer {
            device = error
            found = try layer.finish()
        }
        let actual = hash.finish()
        guard actual == digest else { throw Fault("its blob \(digest) has the digest \(actual)") }
        guard found == diffID else { throw Fault("its digest is \(found), not \(diffID)") }
        if let device { throw device }
    }
}
