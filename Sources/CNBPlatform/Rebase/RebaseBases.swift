import CNBLifecycle
import CNBSpec
import OCIImage

/// The run images of one command: each is looked up once, however many app images stand on it.
struct RebaseBases: Sendable {
    private struct Key: Hashable {
        var names: RunImage
        /// Of the app image: a mirror there is preferred (D-10).
        var registry: String
        var platform: Platform
    }

    private let platform: BuildPlatform
    private let asked: Reference?
    private let policy: PullPolicy
    private let found = OncePerKey<Key, RebaseBase>()

    /// - Parameter asked: the run image for all app images; nil for what each remembers.
    init(_ platform: BuildPlatform, asked: Reference?, policy: PullPolicy) {
        self.platform = platform
        self.asked = asked
        self.policy = policy
    }

    /// The run image for an app image that is read from a registry (F-3).
    func base(for app: RebaseApp, registry: String) async throws -> RebaseBase {
        let names = try asked.map { RunImage(image: $0.full) } ?? app.runImage()
        let config = app.image.config
        let key = Key(
            names: names, registry: asked == nil ? registry : "",
            platform: config.os.isEmpty || config.architecture.isEmpty ? platform.library.platform : config.platform)
        return try await found.value(for: key) { try await look(for: key) }
    }

    private func look(for key: Key) async throws -> RebaseBase {
        let library = platform.library.library(for: key.platform)
        let name =
            if let asked { asked } else {
                try Reference(parsing: await platform.mirror(of: key.names, preferring: key.registry, policy))
            }
        // Whether it fits is told with both platforms side by side.
        let image = try await library.image(name, policy: policy, role: "run image", anyPlatform: true)
        return RebaseBase(image: image, name: name, isAsked: asked != nil)
    }
}
