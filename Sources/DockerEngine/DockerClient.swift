import AsyncHTTPClient
import Diagnostics
import OCIImage

/// Talks to one daemon, Docker's or Podman's, that is known to answer. Call `shutdown` when done with it.
package final class DockerClient: Sendable {
    package let host: DockerHost
    package let daemon: DockerDaemon
    let transport: DockerTransport
    let configuration: DockerConfiguration

    private init(_ transport: DockerTransport, _ daemon: DockerDaemon, _ configuration: DockerConfiguration) {
        host = transport.host
        self.daemon = daemon
        self.transport = transport
        self.configuration = configuration
    }

    /// Asks who is there, within `probeLimit`. Throws when nobody is, or one that tote cannot work with.
    package static func connect(to host: DockerHost, _ configuration: DockerConfiguration = DockerConfiguration()) async throws
        -> DockerClient
    {
        let transport = try DockerTransport(host, configuration)
        do {
            return DockerClient(transport, try await transport.probe(limit: configuration.probeLimit), configuration)
        } catch {
            await transport.shutdown()
            throw error
        }
    }

    package func shutdown() async { await transport.shutdown() }

    func report(_ event: DockerEvent) { configuration.onEvent(event) }

    /// Whether it still answers.
    package func ping() async throws { _ = try await transport.ping(limit: configuration.probeLimit) }

    /// The answer to a short question.
    func ask(_ request: DockerRequest, wanted: Set<UInt> = [200]) async throws -> [UInt8] {
        var request = request
        request.limit = configuration.answerLimit
        request.version = daemon.apiVersion
        let response = try await transport.response(to: request, wanted: wanted)
        return try await transport.body(of: response, to: request)
    }

    func ask<Value: Decodable>(_ request: DockerRequest, for type: Value.Type) async throws -> Value {
        try transport.decode(type, from: try await ask(request), request)
    }
}
