package import Archive
import Diagnostics

/// One entry of the store's index.
package struct StoredImage: Equatable, Sendable {
    /// Nil for images that are kept by digest, and for names that another tool wrote and that are no references.
    package let reference: Reference?
    /// The name as it stands in the index.
    package let name: String?
    package let digest: Digest
    /// Bytes of config and layers as transferred; nil when the manifest cannot be read.
    package let size: Int64?
    /// RFC 3339.
    package let created: String?
    /// Whether every blob is there.
    package let isComplete: Bool
}

extension ImageStore {
    /// The image of that name, or nil. A digest in the reference decides alone; the image then need not have a name.
    package func image(_ reference: Reference, platform: Platform = .host) throws -> Image? {
        if let digest = reference.digest {
            return try layout.image(digest, declared: nil, platform: platform, blobs: self, name: reference.familiar)
        }
        guard let entry = try layout.index().manifests.last(where: { $0.layoutName == reference.full }) else { return nil }
        if let image = try layout.image(entry.digest, declared: entry.mediaType, platform: platform, blobs: self, name: reference.familiar)
        {
            return image
        }
        throw Fault("the image '\(reference)' in the store '\(path)' is damaged", hint: "build or pull it again")
    }

    /// What the name stands for: an image, or an index that another tool put there.
    package func descriptor(_ reference: Reference) throws -> Descriptor? {
        try layout.index().manifests.last { $0.layoutName == reference.full }
    }

    /// The image with that manifest digest, named or not. Nil when its manifest or config is missing or damaged.
    package func image(_ digest: Digest) throws -> Image? {
        try layout.image(digest, declared: nil, platform: .host, blobs: self, name: digest.description)
    }

    /// Stores the image's documents and gives it these names, taking them from the images that had them. All or none.
    ///
    /// Refuses when a layer is missing: a named image is complete. With `old`, refuses as well when the first name has come to mean another
    /// image than that one.
    package func tag(_ image: Image, _ references: [Reference], inPlaceOf old: Digest? = nil) throws {
        let names = try references.map { try $0.requireTag().full }
        let missing = image.manifest.layers.filter { $0.mediaType.isDistributable && !contains($0) }
        if let first = missing.first {
            let others = missing.count > 1 ? " and \(missing.count - 1) more" : ""
            throw Fault(
                "'\(references.first?.familiar ?? "the image")' cannot be stored: layer \(first.digest)\(others) is not in the store")
        }
        try putDocuments(of: image)
        try layout.updateIndex(temporaries) { index in
            if let old, index.manifests.last(where: { $0.layoutName == names.first })?.digest != old {
                throw Fault("'\(references[0].familiar)' was changed by another command meanwhile", hint: "run this one again")
            }
            index.manifests.removeAll { $0.layoutName.map(names.contains) ?? false }
            index.manifests += names.map { image.descriptor.named($0) }
        }
    }

    /// Keeps an image without a name: its documents stay, and those of its layers that are in the store.
    package func keep(_ image: Image) throws {
        try putDocuments(of: image)
        try layout.updateIndex(temporaries) { index in
            if !index.manifests.contains(where: { $0.digest == image.digest && $0.layoutName == nil }) {
                index.manifests.append(image.descriptor)
            }
        }
    }

    /// Ends what `keep` began. False when the image was not kept.
    @discardableResult
    package func unkeep(_ digest: Digest) throws -> Bool {
        try removeEntries { $0.digest == digest && $0.layoutName == nil }
    }

    /// Takes a name away; the blobs stay until `removeUnreachable`. False when there is no such name.
    @discardableResult
    package func untag(_ reference: Reference) throws -> Bool {
        guard let name = reference.tagged?.full else { return false }
        return try removeEntries { $0.layoutName == name }
    }

    /// All entries of the index: named ones by name, then the others by digest.
    package func list() throws -> [StoredImage] {
        try layout.index().manifests
            .map(describe)
            .sorted { ($0.name == nil ? 1 : 0, $0.name ?? "", $0.digest) < ($1.name == nil ? 1 : 0, $1.name ?? "", $1.digest) }
    }

    private func describe(_ entry: Descriptor) -> StoredImage {
        let name = entry.layoutName
        let image = try? layout.image(entry.digest, declared: entry.mediaType, platform: .host, blobs: self, name: name ?? "")
        return StoredImage(
            reference: name.flatMap { try? Reference(parsing: $0) }, name: name, digest: entry.digest,
            size: image?.manifest.totalSize, created: image?.config.created,
            isComplete: image.map { $0.manifest.layers.allSatisfy { !$0.mediaType.isDistributable || contains($0) } } ?? false)
    }

    private func putDocuments(of image: Image) throws {
        try put(image.configBytes)
        try put(image.manifestBytes)
    }

    private func removeEntries(where matches: (Descriptor) -> Bool) throws -> Bool {
        try layout.updateIndex(temporaries) { index in
            let before = index.manifests.count
            index.manifests.removeAll(where: matches)
            return index.manifests.count < before
        }
    }
}
