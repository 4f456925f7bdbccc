package import Archive
import Diagnostics
package import OCIImage

extension RegistryClient {
    /// Sends several images and then an index of them under `reference`, which has a tag. The images have no tags of their own.
    package func push(
        _ images: [Image], asIndex reference: Reference, store: ImageStore, mountFrom: [Reference] = []
    ) async throws -> Digest {
        guard let tag = reference.tag, reference.digest == nil else {
            throw Fault("'\(reference)' cannot be pushed to: it names a digest", hint: "push to a tag")
        }
        let target = try await origin(reference)
        for image in images {
            try await send(image, as: image.digest.description, in: target, reference: reference, store: store, mountFrom: mountFrom)
        }
        let isDocker = images.allSatisfy { $0.family == .docker }
        let index = Index(
            mediaType: isDocker ? .dockerIndex : .ociIndex,
            manifests: images.map { image in
                var entry = image.descriptor
                entry.platform = image.config.platform
                return entry
            })
        let bytes = try index.encoded()
        try await put(bytes, type: index.mediaType, as: tag, in: target, reference: reference)
        return .of(bytes)
    }
}
