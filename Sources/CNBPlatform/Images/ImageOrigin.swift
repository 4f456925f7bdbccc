import Archive
package import Diagnostics
import Glibc
import OCIImage

/// A file or folder that an image is read from.
package enum ImageOrigin: Equatable, Sendable {
    /// A folder in OCI image layout; without a tag, its only image.
    case layout(directory: String, tag: String?)
    case ociArchive(file: String, tag: String?)
    case dockerArchive(file: String)

    /// `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]` or `docker-archive:FILE`.
    package init(parsing text: String, relativeTo folder: String) throws(Fault) {
        guard let colon = text.firstIndex(of: ":") else { throw Self.malformed(text) }
        var place = String(text[text.index(after: colon)...])
        var tag: String?
        // A tag holds no slash, so a colon in a folder's name is told from a tag's.
        if text[..<colon] != "docker-archive", let last = place.lastIndex(of: ":"), !place[last...].contains("/") {
            tag = String(place[place.index(after: last)...])
            place = String(place[..<last])
        }
        guard !place.isEmpty, tag?.isEmpty != true else { throw Self.malformed(text) }
        let path = place.hasPrefix("/") ? place : folder + "/" + place
        switch text[..<colon] {
        case "oci": self = .layout(directory: path, tag: tag)
        case "oci-archive": self = .ociArchive(file: path, tag: tag)
        case "docker-archive": self = .dockerArchive(file: path)
        default: throw Self.malformed(text)
        }
    }

    private static func malformed(_ text: String) -> Fault {
        Fault("'\(text)' names no place to read an image from", hint: "use oci:DIR[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE")
    }

    /// The image, with all its blobs in the store. `scratch` is an empty folder that the caller removes; no archive may become larger than `limit`.
    func image(into store: ImageStore, scratch: String, limit: UnpackingLimit) async throws -> Image {
        switch self {
        case .layout(let directory, let tag): return try await Self.copy(LayoutSource(at: directory).image(tag: tag), into: store)
        case .ociArchive(let file, let tag):
            try Self.unpackArchive(file, into: scratch, limit)
            return try await Self.copy(LayoutSource(at: scratch).image(tag: tag), into: store)
        case .dockerArchive(let file):
            try Self.unpackArchive(file, into: scratch, limit)
            return try DockerArchiveSource(ConfinedDirectory(scratch)).image(into: store)
        }
    }

    private static func unpackArchive(_ file: String, into folder: String, _ limit: UnpackingLimit) throws {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Fault(system: "reading the archive '\(file)'") }
        defer { close(descriptor) }
        do {
            let options = Unpacking(ownership: .current, whiteouts: .refuse, limit: limit)
            _ = try unpack(LayerReader(descriptor: descriptor), into: ConfinedDirectory(folder), options)
        } catch {
            throw Fault("reading the archive '\(file)'", cause: error)
        }
    }

    private static func copy(_ image: Image, into store: ImageStore) async throws -> Image {
        for descriptor in [image.manifest.config] + image.manifest.layers where !store.contains(descriptor) {
            let path = try await image.blobs.blob(descriptor)
            try store.copy(descriptor, from: path)
        }
        return try image.with(blobs: store)
    }
}
