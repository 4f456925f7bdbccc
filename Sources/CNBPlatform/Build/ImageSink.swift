import Diagnostics
package import OCIImage

/// A place outside the store that an image is written to.
package enum ImageSink: Equatable, Sendable {
    /// A folder in OCI image layout, and the tag in it.
    case layout(directory: String, tag: String?)
    case ociArchive(file: String)
    case dockerArchive(file: String)
    /// The Docker or Podman daemon of this machine.
    case daemon
    case registry(Reference)

    /// `oci:DIR[:TAG]`, `oci-archive:FILE`, `docker-archive:FILE`, `docker` or `registry:REF`.
    package init(parsing text: String, relativeTo folder: String) throws {
        if text == "docker" {
            self = .daemon
            return
        }
        guard let colon = text.firstIndex(of: ":") else { throw Self.malformed(text) }
        let kind = text[..<colon]
        var place = String(text[text.index(after: colon)...])
        guard !place.isEmpty else { throw Self.malformed(text) }
        let absolute = { (path: String) in path.hasPrefix("/") ? path : folder + "/" + path }
        switch kind {
        case "oci":
            var tag: String?
            // A tag holds no slash, so a colon in a folder's name is told from a tag's.
            if let last = place.lastIndex(of: ":"), !place[last...].contains("/") {
                tag = String(place[place.index(after: last)...])
                place = String(place[..<last])
            }
            guard !place.isEmpty, tag?.isEmpty != true else { throw Self.malformed(text) }
            self = .layout(directory: absolute(place), tag: tag)
        case "oci-archive": self = .ociArchive(file: absolute(place))
        case "docker-archive": self = .dockerArchive(file: absolute(place))
        case "registry":
            let reference = try Reference(parsing: place)
            guard reference.digest == nil else {
                throw Fault("--output: '\(place)' is not a tag reference", hint: "name the image without '@sha256:…'")
            }
            self = .registry(reference)
        default: throw Self.malformed(text)
        }
    }

    private static func malformed(_ text: String) -> Fault {
        Fault(
            "--output: '\(text)' names no place to write to",
            hint: "use oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE, docker or registry:REF")
    }
}

extension ImageSink: CustomStringConvertible {
    package var description: String {
        switch self {
        case .layout(let directory, let tag): "oci:\(directory)" + (tag.map { ":\($0)" } ?? "")
        case .ociArchive(let file): "oci-archive:\(file)"
        case .dockerArchive(let file): "docker-archive:\(file)"
        case .daemon: "docker"
        case .registry(let reference): "registry:\(reference.full)"
        }
    }
}
