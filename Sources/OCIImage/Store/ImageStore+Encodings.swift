package import Archive
import Diagnostics

// Which blobs of the store hold which layers: no layer is compressed twice in the same way. One small file for each layer and encoding; what
// cannot be read there is only a lost memory.
extension ImageStore {
    private var encodingFolder: String { "\(path)/encodings" }
    private static let factsLimit = 1 << 12

    private func folder(of encoding: LayerEncoding?) -> String {
        "\(encodingFolder)/\(encoding.map { $0.description.replacing(":", with: "-") } ?? "unknown")"
    }

    /// The layer's blob in that encoding, when the store has it in its full size. Nil stands for encodings that nobody knows.
    package func blob(of diffID: DiffID, _ encoding: LayerEncoding?) -> LayerFacts? {
        guard let facts = facts("\(folder(of: encoding))/\(diffID.digest.hex)"), facts.diffID == diffID, facts.encoding == encoding else {
            return nil
        }
        return facts
    }

    /// The layer's blob in any encoding, the standard one first.
    package func anyBlob(of diffID: DiffID) -> LayerFacts? {
        if let facts = blob(of: diffID, .standard) { return facts }
        let names = (try? HostFile.names(in: encodingFolder)) ?? []
        return names.lazy.compactMap { self.facts("\(self.encodingFolder)/\($0)/\(diffID.digest.hex)") }.first { $0.diffID == diffID }
    }

    /// How a blob with that layer was made; nil when it is not of this store's own making, or gone.
    package func encoding(of diffID: DiffID, in digest: Digest) -> LayerEncoding? {
        let names = (try? HostFile.names(in: encodingFolder)) ?? []
        return names.lazy.compactMap { self.facts("\(self.encodingFolder)/\($0)/\(diffID.digest.hex)") }
            .first { $0.diffID == diffID && $0.digest == digest && $0.encoding != nil }?.encoding
    }

    /// Remembers that the store has the layer in that blob.
    package func remember(_ facts: LayerFacts) throws {
        let folder = folder(of: facts.encoding)
        try HostFile.makeDirectories(folder, mode: 0o700)
        let file = try temporaries.create()
        try file.write(try CanonicalJSON.encode(facts))
        try file.rename(to: "\(folder)/\(facts.diffID.digest.hex)")
    }

    /// Forgets blobs that are gone.
    func forgetEncodingsOfRemovedBlobs() throws {
        for encoding in try HostFile.names(in: encodingFolder) {
            for name in try HostFile.names(in: "\(encodingFolder)/\(encoding)") {
                let path = "\(encodingFolder)/\(encoding)/\(name)"
                if facts(path) == nil { try HostFile.remove(path) }
            }
        }
    }

    private func facts(_ path: String) -> LayerFacts? {
        guard let bytes = try? HostFile.read(path, limit: Self.factsLimit),
            let facts = try? CanonicalJSON.decode(LayerFacts.self, from: bytes, limit: Self.factsLimit, what: path),
            HostFile.size(layout.blobPath(facts.digest)) == facts.size
        else { return nil }
        return facts
    }
}
