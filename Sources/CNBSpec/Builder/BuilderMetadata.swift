package import Diagnostics

/// A buildpack or extension in a builder's list.
package struct BuilderModule: Hashable, Sendable {
    package var id: String
    package var version: String
    package var homepage: String?
    package var name: String?

    package init(id: String, version: String, homepage: String? = nil, name: String? = nil) {
        self.id = id
        self.version = version
        self.homepage = homepage
        self.name = name
    }
}

/// The versions of one API that a lifecycle knows.
package struct APISupport: Hashable, Sendable {
    package var deprecated: [String]
    package var supported: [String]

    package init(deprecated: [String] = [], supported: [String] = []) {
        self.deprecated = deprecated
        self.supported = supported
    }

    /// All of them as versions; texts that are none are left out.
    package var versions: [APIVersion] { (deprecated + supported).compactMap(APIVersion.init) }
}

/// The label `io.buildpacks.lifecycle.apis`, and the same value in a builder's label.
package struct LifecycleAPIs: Hashable, Sendable {
    package var buildpack: APISupport
    package var platform: APISupport

    package init(buildpack: APISupport = APISupport(), platform: APISupport = APISupport()) {
        self.buildpack = buildpack
        self.platform = platform
    }

    /// What this implementation supports.
    package static var ours: LifecycleAPIs {
        LifecycleAPIs(
            buildpack: APISupport(supported: SupportedAPIs.buildpack.map(\.description)),
            platform: APISupport(supported: SupportedAPIs.platform.map(\.description)))
    }
}

/// The label `io.buildpacks.builder.metadata` (H-27). What it holds beyond that is kept.
package struct BuilderMetadata: Hashable, Sendable {
    package var description: String
    package var buildpacks: [BuilderModule]
    package var extensions: [BuilderModule]
    /// The default first. Falls back to `stack.runImage` when reading (H-31).
    package var runImages: [RunImage]
    package var stackRunImage: RunImage
    package var lifecycleVersion: String
    /// The oldest API of each kind (`lifecycle.api`), for old platforms.
    package var oldestBuildpackAPI: String
    package var oldestPlatformAPI: String
    package var apis: LifecycleAPIs
    /// The tool that made the builder.
    package var creatorName: String
    package var creatorVersion: String
    package var unknown: [String: JSONValue]

    package init() {
        description = ""
        buildpacks = []
        extensions = []
        runImages = []
        stackRunImage = RunImage(image: "")
        lifecycleVersion = ""
        oldestBuildpackAPI = ""
        oldestPlatformAPI = ""
        creatorName = ""
        creatorVersion = ""
        apis = LifecycleAPIs()
        unknown = [:]
    }

    /// The run image to use by default, with its mirrors.
    package var defaultRunImage: RunImage? {
        runImages.first { !$0.image.isEmpty } ?? (stackRunImage.image.isEmpty ? nil : stackRunImage)
    }

    /// H-31: what a builder must have to be built with.
    package func requireUsable(builder: String) throws(Fault) {
        func refuse(_ problem: String) -> Fault { Fault("\(problem) (builder '\(builder)')") }
        guard defaultRunImage != nil else { throw refuse("builder metadata is missing run-image") }
        guard !lifecycleVersion.isEmpty else { throw refuse("lifecycle version must be specified in builder") }
        guard !apis.buildpack.versions.isEmpty else { throw refuse("supported Lifecycle Buildpack APIs not specified") }
        guard !apis.platform.versions.isEmpty else { throw refuse("supported Lifecycle Platform APIs not specified") }
    }
}
