import Diagnostics

extension DockerClient {
    /// The daemon that answers at the place that the user named, or else at one of the usual places; nil when none is there.
    /// A place that the user named must answer.
    package static func find(_ environment: [String: String], _ configuration: DockerConfiguration = DockerConfiguration()) async throws
        -> DockerClient?
    {
        try await find(among: DockerHost.candidates(environment), configuration).client
    }

    /// The same where nothing else will do: an error says why there is none.
    package static func require(_ environment: [String: String], _ configuration: DockerConfiguration = DockerConfiguration())
        async throws -> DockerClient
    {
        let (client, refusals) = try await find(among: DockerHost.candidates(environment), configuration)
        if let client { return client }
        guard let first = refusals.first else {
            throw DockerError(
                .unreachable, "no Docker or Podman daemon is running here",
                hint: "start one, or name its address in DOCKER_HOST: unix:///PATH or tcp://HOST:PORT")
        }
        throw first
    }

    static func find(among hosts: [DockerHost], _ configuration: DockerConfiguration) async throws
        -> (client: DockerClient?, refusals: [any Error])
    {
        var refusals: [any Error] = []
        for host in hosts {
            do {
                return (try await connect(to: host, configuration), refusals)
            } catch let error where !host.isChosen && !(error is CancellationError) {
                // A socket that an ended daemon left, or somebody else's: the next one may answer.
                refusals.append(error)
            }
        }
        return (nil, refusals)
    }
}
