import Archive
import Diagnostics
import Glibc
import OCIImage

/// Reads the archive that a daemon makes of an image (`GET /images/NAME/get`), in any of the forms that there are: Docker's old one
/// (`ID/layer.tar`), Podman's (`DIFFID.tar`), and the OCI layout of newer daemons (`blobs/sha256/DIGEST`). Entries are known by
/// their digests, not by their names; layers go into the store as they come, and nothing unwanted stays there.
final class SavedArchive {
    private let store: ImageStore
    /// The config, where its digest is known beforehand.
    private let configDigest: Digest?
    private let wanted: Set<DiffID>
    private var contents = SavedContents()
    private var documentSize = 0

    init(into store: ImageStore, config: Digest?, diffIDs: [DiffID]) {
        self.store = store
        configDigest = config
        wanted = Set(diffIDs)
    }

    /// Reads to the end, or until everything that is wanted has come.
    func read(from descriptor: Int32) throws -> SavedContents {
        // A layer that lies in the store under the digest of its own content need not be written again.
        for diffID in wanted {
            if let layer = try LocalLayer.verified(store.path(of: diffID.digest), diffID) { contents.layers[diffID] = layer }
        }
        let reader = try LayerReader(descriptor: descriptor)
        while !isComplete, let header = try reader.next() {
            if header.kind == .file { try read(header, reader) }
        }
        return contents
    }

    /// Whether the rest of the archive does not matter.
    private var isComplete: Bool {
        guard let configDigest, contents.layers.count == wanted.count else { return false }
        return contents.document(configDigest) != nil
    }

    private func read(_ header: TarHeader, _ reader: LayerReader) throws {
        let name = header.path.components.map(\.string).joined(separator: "/")
        let isBlob = name.hasPrefix("blobs/sha256/")
        let named = Digest(hex: (name.split(separator: "/").last ?? "").prefix { $0 != "." }).map { DiffID($0) }
        if let named, contents.layers[named] != nil { return }
        // What old readers want to see, and what a layer's folder says about itself.
        guard isBlob || name.hasSuffix(".tar") || (name.hasSuffix(".json") && !name.contains("/")) else { return }
        let isLayer = name.hasSuffix(".tar") || named.map(wanted.contains) ?? false
        var document: [UInt8]? = isLayer ? nil : []
        var layer: IncomingLayer?
        try reader.readContents { piece in
            if layer == nil, document?.isEmpty != false {
                let isDocument = document != nil && (!isBlob || piece.first == UInt8(ascii: "{"))
                if !isDocument || header.size > Int64(ImageConfig.sizeLimit) {
                    document = nil
                    layer = try IncomingLayer(store)
                }
            }
            if let layer { try layer.append(piece) } else { document?.append(contentsOf: piece) }
        }
        if let layer {
            try take(layer, name: isBlob ? name : nil)
        } else if let document {
            documentSize += document.count
            guard documentSize <= Self.documentLimit else { throw Fault("it has more than \(Self.documentLimit) bytes of documents") }
            contents.documents[name] = document
        }
    }

    private static let documentLimit = 4 * ImageConfig.sizeLimit

    private func take(_ layer: IncomingLayer, name: String?) throws {
        let (facts, compression) = try layer.finish()
        if let name, !name.hasSuffix("/\(facts.digest.hex)") {
            throw Fault("its '\(name)' has other content: its digest is \(facts.digest)")
        }
        guard wanted.contains(facts.diffID), contents.layers[facts.diffID] == nil else { return }
        try layer.commit(facts)
        contents.layers[facts.diffID] = SavedLayer(facts: facts, compression: compression)
    }
}

/// A layer on its way into the store, without a name until it is known what it is. Dropped, it leaves nothing behind.
private final class IncomingLayer {
    private let ingest: BlobIngest
    private let hash = SHA256()
    private var size: Int64 = 0

    init(_ store: ImageStore) throws { ingest = try store.ingest() }

    func append(_ piece: UnsafeRawBufferPointer) throws {
        hash.update(piece)
        size += Int64(piece.count)
        var done = 0
        while done < piece.count {
            let count = write(ingest.descriptor, piece.baseAddress?.advanced(by: done), piece.count - done)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Fault(system: "writing a layer into the image store") }
            done += count
        }
    }

    func finish() throws -> (facts: LayerFacts, compression: LayerCompression) {
        let digest = hash.finish()
        guard lseek(ingest.descriptor, 0, SEEK_SET) == 0 else { throw Fault(system: "reading a layer back from the image store") }
        let stream = try LayerStream(descriptor: ingest.descriptor)
        guard stream.compression != .none else { return (LayerFacts(diffID: DiffID(digest), digest: digest, size: size), .none) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        defer { buffer.deallocate() }
        while case let count = try stream.read(into: buffer), count > 0 {
            hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        return (LayerFacts(diffID: DiffID(hash.finish()), digest: digest, size: size), stream.compression)
    }

    func commit(_ facts: LayerFacts) throws { try ingest.commit(facts) }
}

/// What an archive had for us.
struct SavedContents: Sendable {
    var layers: [DiffID: SavedLayer] = [:]
    /// JSON files by name.
    var documents: [String: [UInt8]] = [:]

    func document(_ digest: Digest) -> [UInt8]? { documents.values.first { Digest.of($0) == digest } }
}

/// A layer in the store.
struct SavedLayer: Sendable {
    var facts: LayerFacts
    var compression: LayerCompression
}

private enum LocalLayer {
    /// The plain tar at that path; nil when there is none, or it is damaged.
    static func verified(_ path: String, _ diffID: DiffID) throws -> SavedLayer? {
        guard LocalFile.exists(path) else { return nil }
        let file = try ReadableFile(path), hash = SHA256()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var size: Int64 = 0
        while case let count = try file.read(into: buffer), count > 0 {
            hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            size += Int64(count)
        }
        guard hash.finish() == diffID.digest else { return nil }
        return SavedLayer(facts: LayerFacts(diffID: diffID, digest: diffID.digest, size: size), compression: .none)
    }
}
