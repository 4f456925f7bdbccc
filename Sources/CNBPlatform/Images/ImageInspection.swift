import Archive
import CNBSpec
package import OCIImage

/// What `tote inspect` shows of an image.
package struct ImageInspection: Sendable {
    package struct Layer: Sendable {
        package var layer: ImageLayer
        package var createdBy: String
        /// Whether it is part of the run image.
        package var isBase: Bool
    }

    package var reference: Reference
    package var image: Image
    package var layers: [Layer]
    /// Nil for images that no buildpack built.
    package var app: AppInspection?

    init(_ image: Image, as reference: Reference) {
        self.reference = reference
        self.image = image
        let config = image.config
        let app = AppInspection(config.settings)
        self.app = app
        let top = app.flatMap { app in config.diffIDs.lastIndex { $0.description == app.metadata.runImage.topLayer } } ?? -1
        let history = config.isHistoryAligned ? config.history.filter { !$0.isEmptyLayer } : []
        layers = image.layers.enumerated().map { index, layer in
            Layer(layer: layer, createdBy: index < history.count ? history[index].createdBy ?? "" : "", isBase: index <= top)
        }
    }
}

extension BuildPlatform {
    /// Looks at an image of the store, or else of a registry, without its layers.
    package func inspect(_ reference: Reference) async throws -> ImageInspection {
        let policy = configuration.pullPolicy ?? .standard
        return ImageInspection(try await library.image(reference, policy: policy, role: "image", anyPlatform: true), as: reference)
    }
}
