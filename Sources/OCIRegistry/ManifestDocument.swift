import Archive
import Diagnostics
import OCIImage

/// A manifest or an index as a registry served it.
struct ManifestDocument: Sendable {
    /// What we can read, in the order we like best.
    static let accepted: [MediaType] = [.ociIndex, .ociManifest, .dockerIndex, .dockerManifest]

    enum Contents: Sendable {
        case manifest(Manifest)
        case index(Index)
    }

    let bytes: [UInt8]
    let mediaType: MediaType
    let contents: Contents

    var descriptor: Descriptor { Descriptor(mediaType: mediaType, bytes: bytes) }

    /// Just enough of the JSON to tell what it is.
    private struct Outline: Decodable {
        struct Anything: Decodable { init(from decoder: any Decoder) {} }
        var schemaVersion: Int?
        var mediaType: String?
        var manifests: Anything?
        var config: Anything?
        var layers: Anything?
    }

    /// `source` names the request in errors; `contentType` is the header of the answer, without parameters.
    init(_ bytes: [UInt8], contentType: String?, source: String) throws(RegistryError) {
        do throws(Fault) {
            let outline = try CanonicalJSON.decode(Outline.self, from: bytes, limit: Manifest.sizeLimit, what: "the manifest")
            guard outline.schemaVersion != 1 else {
                throw Fault("the image has a manifest of schema 1, which is obsolete", hint: "push the image again with a current tool")
            }
            // One document that is both would be read differently by different tools.
            guard outline.manifests == nil || (outline.config == nil && outline.layers == nil) else {
                throw Fault("the document claims to be a manifest and an index at once")
            }
            // Registries that know no better say application/json or text/plain.
            let declared = contentType.map { MediaType($0) }.flatMap { $0.isManifest || $0.isIndex ? $0 : nil }
            if outline.manifests != nil || (outline.mediaType.map { MediaType($0) } ?? declared)?.isIndex == true {
                let index = try Index(decoding: bytes, declared: declared, what: "the index")
                contents = .index(index)
                mediaType = index.mediaType
            } else {
                let manifest = try Manifest(decoding: bytes, declared: declared, what: "the manifest")
                contents = .manifest(manifest)
                mediaType = manifest.mediaType
            }
        } catch {
            throw RegistryError(.malformed, "\(source): \(RegistryError.printable(error.message))", hint: error.hint)
        }
        self.bytes = bytes
    }
}
