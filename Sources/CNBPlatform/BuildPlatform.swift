import Archive
package import CNBLifecycle
import Diagnostics
import DockerEngine
package import OCIImage
import OCIRegistry
package import Sandbox

/// tote's folder and everything that a command works with, opened once.
package struct BuildPlatform: Sendable {
    let home: ToteHome
    let configuration: Configuration
    let library: ImageLibrary
    /// The caller's variables.
    let environment: [String: String]
    /// Nil for commands that never mount.
    let mode: NamespaceMode?
    let certificates: String?
    let events: PhaseEvents

    var store: ImageStore { library.store }
    var registry: RegistryClient { get throws { try library.registry.client() } }
    /// For archives that others made: apps and buildpacks.
    var unpackingLimit: UnpackingLimit {
        UnpackingLimit(
            bytes: configuration.unpackedSize ?? 16 << 30,
            hint: "if it is no bomb, raise 'unpacked-size' of [limits] in tote's config.toml")
    }

    /// Opens `$TOTE_HOME`, creating it when it is missing, and the user's configuration; nothing else.
    ///
    /// - Parameters:
    ///   - mode: what `Namespace.enter` returned, nil outside of namespaces.
    ///   - caller: who called, for credentials.
    ///   - platform: what images are wanted for.
    ///   - caCertificates: a file of CA certificates that counts instead of the configuration's.
    package static func open(
        environment: [String: String], mode: NamespaceMode?, caller: Caller = .current, platform: Platform = .host,
        insecureRegistries: [String] = [], caCertificates: String? = nil, events: @escaping PhaseEvents
    ) throws -> BuildPlatform {
        let home = try ToteHome(environment: environment)
        try home.prepare()
        let (configuration, warnings) = try Configuration.load(environment: environment)
        warnings.forEach { events(.warning(PhaseWarning($0))) }
        let certificates = caCertificates ?? configuration.caCertificates
        let store = try ImageStore(at: home.images)
        let remotes = try RemoteRecords(at: home.remotes)
        let daemon = DaemonImages(
            environment: environment, configuration: DockerConfiguration(onEvent: { events(PhaseEvent($0)) }), store: store,
            memory: try RemoteRecords(at: home.daemonImages))
        var settings = RegistryConfiguration(
            certificateAuthorities: certificates, insecureHosts: Set(insecureRegistries + configuration.insecureRegistries),
            mirrors: configuration.registryMirrors, onEvent: { events(PhaseEvent($0)) })
        settings.credentials = try CredentialStore(environment: environment, user: caller.user, helper: caller.broker)
        settings.proxies = try ProxySettings(environment: environment)
        // Last, because it must be shut down once it exists.
        let registry = try OnDemandRegistry(settings)
        let library = ImageLibrary(store: store, registry: registry, remotes: remotes, daemon: daemon, platform: platform)
        return BuildPlatform(
            home: home, configuration: configuration, library: library, environment: environment, mode: mode, certificates: certificates,
            events: events)
    }

    /// Runs `body` and closes the connections to registries and the daemon, however it ends.
    package func run<Result: Sendable>(_ body: @Sendable (BuildPlatform) async throws -> Result) async throws -> Result {
        do {
            let result = try await body(self)
            await shutdown()
            return result
        } catch {
            await shutdown()
            throw error
        }
    }

    private func shutdown() async {
        await library.registry.shutdown()
        await library.daemon.shutdown()
    }

    /// Inside namespaces, or an error that says that this is a mistake of the command.
    func requireMode() throws -> NamespaceMode {
        guard let mode else { throw Fault("this command must run inside namespaces") }
        return mode
    }
}
