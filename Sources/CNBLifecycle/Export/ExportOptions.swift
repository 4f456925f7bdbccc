package import Archive
package import CNBSpec
package import OCIImage

/// What the caller decides about the image.
package struct ExportOptions: Sendable {
    /// The owner of layers and app (D-43).
    package var owner: Ownership
    /// The process type that the user wants to start by default (D-57).
    package var defaultProcess: String?
    /// Seconds since 1970 (D-58).
    package var created: Int64
    /// The launcher executable on the host.
    package var launcher: String
    package var launcherSource: LauncherSource
    /// The value of `io.buildpacks.project.metadata` (D-71).
    package var projectMetadata: JSONValue
    /// Of every layer. Nil: new layers get the standard one, and those of the previous image stay as they are.
    package var encoding: LayerEncoding?

    package init(
        owner: Ownership, defaultProcess: String?, created: Int64, launcher: String, launcherSource: LauncherSource,
        projectMetadata: JSONValue, encoding: LayerEncoding? = nil
    ) {
        self.owner = owner
        self.defaultProcess = defaultProcess
        self.created = created
        self.launcher = launcher
        self.launcherSource = launcherSource
        self.projectMetadata = projectMetadata
        self.encoding = encoding
    }
}

/// The run image of a build and the names it goes by in the label (D-67, D-68).
package struct RunImageChoice: Sendable {
    package var image: Image
    /// `repository@sha256:…`, so that a rebase can tell what the image stands on.
    package var reference: String
    /// Name and mirrors to remember.
    package var names: RunImage

    package init(image: Image, reference: String, names: RunImage) {
        self.image = image
        self.reference = reference
        self.names = names
    }
}

/// The result of an export: an image without a name yet.
package struct ExportedImage: Sendable {
    package var image: Image
    /// The exported launch layers by `<buildpack id>:<layer>`.
    package var buildpackLayers: [String: LayerFacts]
    /// Those of the app's slices, then the rest.
    package var appLayers: [DiffID]
    /// In the order of the image.
    package var reports: [LayerReport]
}
