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

    /// The layer with that diffID, written as `sha256:…`.
    func layer(_ sha: String) -> ImageLayer? {
        DiffID(sha).flatMap { byDiffID[$0] }
    }

    func layer(_ diffID: DiffID) -> ImageLayer? {
        byDiffID[diffID]
    }
}
