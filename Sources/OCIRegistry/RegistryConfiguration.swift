import OCIImage

/// How to reach registries. Plain values: the command line and the configuration file fill them in.
package struct RegistryConfiguration: Sendable {
    /// A PEM file of certificate authorities that count in addition to the system's.
    package var certificateAuthorities: String?
    /// Registries (`host` or `host:port`) whose certificate is not verified and that may speak plain HTTP (I-9).
    package var insecureHosts: Set<String>
    /// Where to read images of a registry from: `host` or `*` to `[scheme://]host[:port][/path]` (L-11). Nothing is ever pushed to a mirror.
    package var mirrors: [String: String]
    /// Who we are to registries that ask.
    package var credentials: CredentialStore
    package var proxies: ProxySettings
    /// A transfer that moves no byte for this long has failed. There is no limit on how long a moving transfer takes.
    package var silenceLimit: Duration
    /// How long a registry may think about a finished upload before it answers: some copy the whole blob to another place first.
    package var commitLimit: Duration
    /// The pauses between attempts (I-12).
    package var retryDelays: [Duration]
    /// Blobs on their way at once, in each direction.
    package var parallelTransfers: Int
    package var userAgent: String
    /// Told about progress, from any thread. Must return at once.
    package var onEvent: @Sendable (RegistryEvent) -> Void

    package init(
        certificateAuthorities: String? = nil,
        insecureHosts: Set<String> = [],
        mirrors: [String: String] = [:],
        credentials: CredentialStore = CredentialStore(),
        proxies: ProxySettings = ProxySettings(),
        silenceLimit: Duration = .seconds(30),
        commitLimit: Duration = .seconds(300),
        retryDelays: [Duration] = [.milliseconds(100), .milliseconds(200), .milliseconds(500), .seconds(1), .seconds(2)],
        parallelTransfers: Int = 4,
        userAgent: String = "tote",
        onEvent: @escaping @Sendable (RegistryEvent) -> Void = { _ in }
    ) {
        self.certificateAuthorities = certificateAuthorities
        self.insecureHosts = insecureHosts
        self.mirrors = mirrors
        self.credentials = credentials
        self.proxies = proxies
        self.silenceLimit = silenceLimit
        self.commitLimit = commitLimit
        self.retryDelays = retryDelays
        self.parallelTransfers = max(1, parallelTransfers)
        self.userAgent = userAgent
        self.onEvent = onEvent
    }
}

extension RegistryConfiguration {
    /// Throws for what cannot be the address of a mirror.
    package static func checkMirror(_ address: String) throws {
        _ = try RegistryLocation(mirrorOf: Reference(parsing: "registry.example/image"), in: ["*": address])
    }
}
