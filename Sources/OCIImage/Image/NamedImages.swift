package import Archive
import Diagnostics

/// What one name stands for: an image, or an index of images for several platforms.
package enum NamedImages: Sendable {
    case image(Image)
    case index(ImageIndex)

    package var images: [Image] {
        switch self {
        case .image(let image): [image]
        case .index(let index): index.images
        }
    }

    /// Of the manifest or the index.
    package var digest: Digest {
        switch self {
        case .image(let image): image.digest
        case .index(let index): index.digest
        }
    }

    /// As an index names it.
    package var descriptor: Descriptor {
        switch self {
        case .image(let image): image.descriptor
        case .index(let index): Descriptor(mediaType: index.index.mediaType, bytes: index.bytes)
        }
    }

    /// How many entries of an index are no images, such as attestations about those that are.
    package var otherEntries: Int {
        guard case .index(let index) = self else { return 0 }
        return index.index.manifests.count - index.images.count
    }

    /// The same with other images in their places, one for each. What is no image is left out of an index.
    package func replacing(_ images: [Image]) throws -> NamedImages {
        switch self {
        case .image:
            guard images.count == 1 else { throw Fault("one image cannot become \(images.count)") }
            return .image(images[0])
        case .index(let index): return .index(try index.replacing(images))
        }
    }
}

/// An index with the documents of the images in it.
package struct ImageIndex: Sendable {
    package let index: Index
    package let bytes: [UInt8]
    /// One for each entry that is an image, in the index's order.
    package let images: [Image]

    package var digest: Digest { .of(bytes) }

    /// - Parameter images: one for each entry for which `isImage` holds.
    package init(_ index: Index, bytes: [UInt8], images: [Image]) {
        self.index = index
        self.bytes = bytes
        self.images = images
    }

    /// Whether an entry stands for an image that runs somewhere. Attestations are listed for the platform `unknown/unknown`.
    package static func isImage(_ entry: Descriptor) -> Bool {
        entry.artifactType == nil && entry.platform?.os != "unknown" && (entry.mediaType.isManifest || entry.mediaType.isIndex)
    }

    func replacing(_ images: [Image]) throws -> ImageIndex {
        let entries = index.manifests.filter(Self.isImage)
        guard entries.count == images.count else { throw Fault("an index of \(entries.count) images cannot become one of \(images.count)") }
        var changed = index
        changed.manifests = zip(entries, images).map { entry, image in
            var new = image.descriptor
            new.annotations = entry.annotations
            new.platform = entry.platform ?? image.config.platform
            return new
        }
        return ImageIndex(changed, bytes: try changed.encoded(), images: images)
    }
}
