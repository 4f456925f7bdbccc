import Archive
import Diagnostics

/// The images of an OCI layout directory that somebody else wrote.
package struct LayoutSource: BlobSource {
    private let layout: LayoutDirectory
    /// What messages call it: the folder, or the archive that was unpacked there.
    private let shown: String
    private let kind: String

    /// - Parameter archive: the file that was unpacked to `path`, if that is where the layout comes from.
    package init(at path: String, unpackedFrom archive: String? = nil) throws {
        layout = LayoutDirectory(path: path)
        shown = archive ?? path
        kind = archive == nil ? "layout" : "archive"
        if let archive, HostFile.size("\(path)/oci-layout") == nil {
            let isDocker = HostFile.size("\(path)/manifest.json") != nil
            throw Fault(
                "'\(archive)' is no archive of an OCI layout: there is no 'oci-layout' in it",
                hint: isDocker ? "it looks like one that 'docker save' writes: docker-archive:\(archive)" : "check which file it is")
        }
        try layout.checkVersion()
    }

    package func has(_ tag: String) throws -> Bool { try layout.index().manifests.contains { $0.layoutName == tag } }

    /// The image of that name in the layout; without a name, the only one there is.
    package func image(tag: String?, platform: Platform = .host) throws -> Image {
        let (entry, name) = try find(tag)
        guard let image = try layout.image(entry.digest, declared: entry.mediaType, platform: platform, blobs: self, name: name) else {
            throw damaged(name)
        }
        return image
    }

    /// The same with every image of an index, and the name that it has in the layout.
    package func contents(tag: String?) throws -> (name: String?, images: NamedImages) {
        let (entry, name) = try find(tag)
        guard let bytes = try layout.document(entry.digest, limit: Manifest.sizeLimit) else { throw damaged(name) }
        guard entry.mediaType.isIndex || DocumentLinks(bytes)?.isIndex == true else {
            return (entry.layoutName, .image(try image(tag: tag)))
        }
        let index = try Index(decoding: bytes, declared: entry.mediaType, what: "the index of '\(name)'")
        let images = try index.manifests.filter(ImageIndex.isImage).map { inner in
            guard !inner.mediaType.isIndex else { throw Fault("'\(name)' is an index of indexes") }
            let image = try layout.image(inner.digest, declared: inner.mediaType, platform: .host, blobs: self, name: name)
            guard let image else { throw damaged(name) }
            return image
        }
        guard !images.isEmpty else { throw Fault("'\(name)' is an index without any image") }
        return (entry.layoutName, .index(ImageIndex(index, bytes: bytes, images: images)))
    }

    /// How many images have an entry in the layout.
    package func count() throws -> Int { try layout.index().manifests.count }

    private func find(_ tag: String?) throws -> (entry: Descriptor, name: String) {
        let entries = try layout.index().manifests
        let found = tag.map { tag in entries.filter { $0.layoutName == tag } } ?? entries
        let names = entries.compactMap(\.layoutName).joined(separator: ", ")
        guard let entry = found.last else {
            throw Fault(
                "the \(kind) '\(shown)' has no image \(tag.map { "'\($0)'" } ?? "at all")",
                hint: names.isEmpty ? nil : "it has \(names)")
        }
        guard tag != nil || found.count == 1 else {
            throw Fault("the \(kind) '\(shown)' has \(found.count) images", hint: names.isEmpty ? nil : "name one of \(names)")
        }
        return (entry, "\(shown)\(tag.map { ":\($0)" } ?? "")")
    }

    private func damaged(_ name: String) -> Fault {
        Fault("the image '\(name)' is damaged: its manifest or config is missing or has other content")
    }

    /// Hashed each time: a layout can come from anywhere.
    package func blob(_ descriptor: Descriptor) async throws -> String {
        let path = layout.blobPath(descriptor.digest)
        guard layout.contains(descriptor) else {
            throw Fault("blob \(descriptor.digest) is missing in the \(kind) '\(shown)', or not \(descriptor.size) bytes long")
        }
        guard try HostFile.digest(path) == descriptor.digest else {
            throw Fault("the \(kind) '\(shown)' is damaged: blob \(descriptor.digest) has other contents")
        }
        return path
    }
}
