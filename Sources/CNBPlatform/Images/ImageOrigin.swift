import Archive
import Diagnostics
import DockerEngine
import Glibc
package import OCIImage

/// A file, folder or daemon that an image is read from.
package enum ImageOrigin: Hashable, Sendable {
    /// A folder in OCI image layout; without a tag, its only image.
    case layout(directory: String, tag: String?)
    case ociArchive(file: String, tag: String?)
    case dockerArchive(file: String)
    /// An image of the Docker or Podman daemon of this machine.
    case daemon(Reference)

    /// `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]`, `docker-archive:FILE`, `docker:REF` or, as skopeo writes it, `docker-daemon:REF`.
    package init(parsing text: String, relativeTo folder: String) throws {
        guard let colon = text.firstIndex(of: ":") else { throw Self.malformed(text) }
        var place = String(text[text.index(after: colon)...])
        if !place.isEmpty, ["docker", "docker-daemon"].contains(text[..<colon]) {
            self = .daemon(try Reference(parsing: place))
            return
        }
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
        Fault(
            "'\(text)' names no place to read an image from",
            hint: "use oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE or docker:REF")
    }

    /// The image, with all its blobs in the store. `scratch` is an empty folder that the caller removes; no archive may become larger than `limit`.
    func image(into store: ImageStore, daemon: DaemonImages, scratch: String, limit: UnpackingLimit) async throws -> Image {
        switch self {
        case .layout(let directory, let tag): return try await Self.copy(LayoutSource(at: directory).image(tag: tag), into: store)
        case .ociArchive(let file, let tag):
            try Self.unpackArchive(file, into: scratch, limit)
            return try await Self.copy(LayoutSource(at: scratch, unpackedFrom: file).image(tag: tag), into: store)
        case .dockerArchive(let file):
            try Self.unpackArchive(file, into: scratch, limit)
            return try DockerArchiveSource(ConfinedDirectory(scratch), unpackedFrom: file).image(into: store)
        case .daemon(let reference):
            let product = try await daemon.requiredClient().daemon.product.rawValue
            guard let image = try await daemon.image(reference) else {
                throw Fault("there is no image '\(reference)' in \(product)", hint: "'\(product) images' lists them")
            }
            return image
        }
    }

    static func unpackArchive(_ file: String, into folder: String, _ limit: UnpackingLimit) throws {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Fault(system: "reading the archive '\(file)'") }
        defer { close(descriptor) }
        do {
            let options = Unpacking(ownership: .current, whiteouts: .refuse, limit: limit)
            _ = try unpack(LayerReader(descriptor: descriptor), into: ConfinedDirectory(folder), options)
        } catch {
            var fault = Fault("reading the archive '\(file)'", cause: error)
            fault.hint = fault.hint ?? "check which file it is: archives of images are tar files, compressed or not"
            throw fault
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

extension ImageOrigin: CustomStringConvertible {
    package var description: String {
        switch self {
        case .layout(let directory, let tag): "oci:\(directory)" + (tag.map { ":\($0)" } ?? "")
        case .ociArchive(let file, let tag): "oci-archive:\(file)" + (tag.map { ":\($0)" } ?? "")
        case .dockerArchive(let file): "docker-archive:\(file)"
        case .daemon(let reference): "docker:\(reference.familiarTagged)"
        }
    }
}
