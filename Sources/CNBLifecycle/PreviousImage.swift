import Archive
package import CNBSpec
import Diagnostics
package import OCIImage

/// The image of the last build: what it tells about its layers, and the layers themselves for reuse.
package struct PreviousImage: Sendable {
    package let image: Image
    package let metadata: LifecycleMetadata
    /// The execution environment it was built for; nil when its label does not say (D-69).
    package var execEnv: String? { image.config.settings.labels[LabelName.execEnv] }
    private let byDiffID: [DiffID: ImageLayer]

    /// Nil for an image that no lifecycle built, or whose label cannot be read (D-5).
    package init?(_ image: Image) {
        guard let label = image.config.settings.labels[LabelName.lifecycleMetadata],
            let metadata = try? LifecycleMetadata(label: LabelName.lifecycleMetadata, text: label)
        else {
            return nil
        }
        self.image = image
        self.metadata = metadata
        byDiffID = Dictionary(image.layers.map { ($0.diffID, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The layer with that diffID, written as `sha256:…`; nil for one that is lost, too.
    func layer(_ sha: String) -> ImageLayer? {
        DiffID(sha).flatMap(layer)
    }

    func layer(_ diffID: DiffID) -> ImageLayer? {
        byDiffID[diffID].flatMap { isLost($0) ? nil : $0 }
    }

    /// Whether the image has that layer, but nobody its blob.
    func hasLost(_ sha: String) -> Bool {
        DiffID(sha).flatMap { byDiffID[$0] }.map(isLost) ?? false
    }

    /// Of an image of this machine's store, what is not there in its full size cannot be had. That of a registry or a daemon can be fetched.
    private func isLost(_ layer: ImageLayer) -> Bool {
        guard let store = image.blobs as? ImageStore else { return false }
        return !store.contains(layer.descriptor)
    }
}
