import Archive
package import CNBSpec
import Diagnostics
package import OCIImage

/// An app image that a lifecycle built, read for a rebase.
package struct RebaseApp: Sendable {
    package let image: Image
    package let metadata: LifecycleMetadata
    /// Nil when it does not say.
    package let platformAPI: APIVersion?
    /// How many of its layers, from below, are its run image's.
    package let baseLayers: Int

    /// - Parameter name: what messages call it.
    package init(_ image: Image, name: String) throws {
        let settings = image.config.settings
        guard let text = settings.labels[LabelName.lifecycleMetadata] else {
            // F-4
            throw Fault(
                "could not find label '\(LabelName.lifecycleMetadata)' on image: no lifecycle built '\(name)'",
                hint: "only images that 'tote build' or another platform of Cloud Native Buildpacks made have a base that can be replaced")
        }
        self.image = image
        metadata = try LifecycleMetadata(label: LabelName.lifecycleMetadata, text: text)
        platformAPI = settings.environment("CNB_PLATFORM_API").flatMap { APIVersion($0) }
        baseLayers = try metadata.runImageLayers(in: image.config.diffIDs.map(\.description))
    }

    /// The run image that it was built on or last put on, and its mirrors (F-3).
    package func runImage() throws -> RunImage {
        if let known = metadata.rememberedRunImage(platformAPI) { return known }
        throw Fault("its labels name no run image", hint: "name one with --run-image")
    }

    /// Whether it has exactly these layers below its own already.
    package func hasLayers(of base: Image) -> Bool {
        image.config.diffIDs.prefix(baseLayers).elementsEqual(base.config.diffIDs)
    }

    /// Whether that is also the release of the run image that it remembers. What a daemon called one (D-68) tells nothing of that.
    package func stands(on base: RebaseBase) -> Bool {
        guard hasLayers(of: base.image) else { return false }
        let parts = metadata.runImage.reference.split(separator: "@")
        return parts.count < 2 || parts.last.map(String.init) == "\(base.image.digest)"
    }
}
