import Diagnostics
package import DockerEngine
package import OCIImage

/// The images of this machine's Docker or Podman daemon, which is looked for when it is first asked.
package actor DaemonImages {
    private let environment: [String: String]
    private let configuration: DockerConfiguration
    private let store: ImageStore
    /// What was fetched of the daemon's images.
    private let memory: RemoteRecords
    private var search: Task<DockerClient?, any Error>?

    package init(
        environment: [String: String], configuration: DockerConfiguration = DockerConfiguration(), store: ImageStore, memory: RemoteRecords
    ) {
        self.environment = environment
        self.configuration = configuration
        self.store = store
        self.memory = memory
    }

    /// The daemon, or nil where none runs. One that the user named and that does not answer is an error, each time.
    package func client() async throws -> DockerClient? {
        if let search { return try await search.value }
        let (environment, configuration) = (environment, configuration)
        let search = Task { try await DockerClient.find(environment, configuration) }
        self.search = search
        return try await search.value
    }

    /// The daemon where nothing else will do: an error says why there is none.
    package func requiredClient() async throws -> DockerClient {
        if let client = try await client() { return client }
        let client = try await DockerClient.require(environment, configuration)
        search = Task { client }
        return client
    }

    /// What the daemon tells of an image, without fetching any of it. Nil when it has none of that name, or there is no daemon.
    package func inspect(_ reference: Reference) async throws -> DaemonImage? {
        try await client()?.inspect(reference)
    }

    /// The image with its layers in the store; nothing is fetched twice. Nil when the daemon has none of that name, or there is no daemon.
    package func image(_ reference: Reference) async throws -> Image? {
        try await client()?.image(reference, store: store, memory: memory)
    }

    package func shutdown() async {
        if let client = try? await search?.value { await client.shutdown() }
    }
}
