package import Archive
import Diagnostics
package import OCIImage

/// Everything a caller asks of one build, checked; nothing read from disk or network yet.
package struct BuildRequest: Sendable {
    /// The image's name.
    package var image: Reference
    /// More names for the same image.
    package var additionalTags: [Reference] = []
    /// The app's folder, absolute.
    package var path: String
    /// The descriptor named by the caller, absolute; nil means `project.toml` in the app's folder, if there is one.
    package var descriptor: String?
    package var builder: Reference?
    /// Builds without any builder, in this image; needs a run image and buildpacks.
    package var buildImage: Reference?
    /// What the command line names in place of the descriptor's lists.
    package var composition = GroupComposition()
    /// A name in the configuration, or an address (H-48).
    package var buildpackRegistry: String?
    package var runImage: Reference?
    package var previousImage: Reference?
    /// `NAME=VALUE` or `NAME`, in order.
    package var environment: [String] = []
    /// Absolute paths, in order.
    package var environmentFiles: [String] = []
    package var defaultProcess: String?
    package var creationTime: CreationTime?
    package var clearCache = false
    package var cache = CacheChoice()
    /// Nil: shown, but what builds before had to copy is copied.
    package var restoring: LayerRestoring?
    package var network = BuildNetwork.host
    package var user: UInt32?
    package var group: UInt32?
    package var workspace = WorkspaceName.standard
    package var pullPolicy: PullPolicy?
    package var execEnv = ExecutionEnvironmentName.production
    /// Of the layers that the build makes; nil means the configuration's.
    package var encoding: LayerEncoding?
    package var publish = false
    package var outputs: [ImageSink] = []
    /// Shown to buildpacks.
    package var volumes: [Volume] = []
    /// Absolute; where report.toml goes.
    package var reportFolder: String?
    /// Absolute; where the buildpacks' SBOM files go.
    package var sbomFolder: String?

    /// The folder the caller works in: file names in messages are shortened by it.
    package var workingDirectory: String

    package init(image: Reference, path: String, workingDirectory: String) {
        self.image = image
        self.path = path
        self.workingDirectory = workingDirectory
    }
}

extension BuildRequest {
    /// The image whose cache this build uses.
    var cacheOwner: Reference { cache.owner ?? image }
}

/// The network that buildpacks see.
package enum BuildNetwork: String, CaseIterable, Sendable {
    case host, none
}
