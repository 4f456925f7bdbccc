import Archive
import Diagnostics

/// The images of an OCI layout directory that somebody else wrote.
package struct LayoutSource: BlobSource {
    private let layout: LayoutDirectory

    package init(at path: String) throws {
        layout = LayoutDirectory(path: path)
        try layout.checkVersion()
    }

    /// The image of that name in the layout; without a name, the only one there is.
    package func image(tag: String?, platform: Platform = .host) throws -> Image {
        let entries = try layout.index().manifests
        let found = tag.map { tag in entries.filter { $0.layoutName == tag } } ?? entries
        let names = entries.compactMap(\.layoutName).joined(separator: ", ")
        guard let entry = found.last else {
            throw Fault(
                "the layout '\(layout.path)' has no image \(tag.map { "'\($0)'" } ?? "at all")",
                hint: names.isEmpty ? nil : "it has \(names)")
        }
        guard tag != nil || found.count == 1 else {
            throw Fault("the layout '\(layout.path)' has \(found.count) images", hint: names.isEmpty ? nil : "name one of \(names)")
        }
        let name = "\(layout.path)\(tag.map { ":\($0)" } ?? "")"
        guard let image = try layout.image(entry.digest, declared: entry.mediaType, platform: platform, blobs: self, name: name) else {
            throw Fault("the image '\(name)' is damaged: its manifest or config is missing or has other content")
        }
        return image
    }

    /// Hashed each time: a layout can come from anywhere.
    package func blob(_ descriptor: Descriptor) async throws -> String {
        let path = layout.blobPath(descriptor.digest)
        guard layout.contains(descriptor) else {
            throw Fault("blob \(descriptor.digest) is missing in the layout '\(layout.path)', or not \(descriptor.size) bytes long")
        }
        guard try HostFile.digest(path) == descriptor.digest else { throw Fault("'\(path)' is damaged: its content has another digest") }
        return path
    }
}
