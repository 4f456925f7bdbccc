import AsyncHTTPClient
import NIOHTTP1

/// Talks to registries by the OCI distribution protocol (N.7). Call `shutdown` when done with it.
///
/// This version sends no credentials. All requests pass `send`, where they belong.
package final class RegistryClient: Sendable {
    let configuration: RegistryConfiguration
    let transport: Transport
    let knownBlobs = KnownBlobs()
    let reachability = Reachability()
    let downloads = SharedDownloads()
    let downloadSlots: TransferSlots

    /// Fails when the file of certificate authorities cannot be read.
    package init(_ configuration: RegistryConfiguration = RegistryConfiguration()) throws {
        self.configuration = configuration
        transport = try Transport(configuration)
        downloadSlots = TransferSlots(configuration.parallelTransfers)
    }

    package func shutdown() async {
        await transport.shutdown()
    }

    func report(_ event: RegistryEvent) {
        configuration.onEvent(event)
    }

    /// One attempt. Redirects of reads are followed; any status outside `wanted` is an error.
    func send(_ request: RegistryRequest, wanted: Set<UInt>) async throws -> HTTPClientResponse {
        var request = request
        for _ in 0...Redirect.limit {
            let response = try await transport.response(to: request)
            if wanted.contains(response.status.code) { return response }
            guard request.method == .GET || request.method == .HEAD, Redirect.isRedirect(response.status) else {
                throw try await transport.refusal(response, to: request)
            }
            await transport.discard(response, to: request)
            request.url = try Redirect.target(response.headers, from: request)
        }
        throw RegistryError(.malformed, "\(request.summary): more than \(Redirect.limit) redirects")
    }

    /// Repeats `attempt` while it fails for passing reasons. A mirror is asked twice only: its registry can still answer.
    func retrying<Value: Sendable>(at repository: RemoteRepository, _ attempt: () async throws -> Value) async throws -> Value {
        let delays = repository.isMirror ? Array(configuration.retryDelays.prefix(1)) : configuration.retryDelays
        return try await Retry(delays: delays, onRetry: { self.report(.retrying($0.message, after: $1)) }).run(attempt)
    }
}
