import AsyncHTTPClient
import NIOHTTP1

/// Talks to registries by the OCI distribution protocol (N.7). Call `shutdown` when done with it.
///
/// All requests pass `send`, which knows what the registry wants for them.
package final class RegistryClient: Sendable {
    let configuration: RegistryConfiguration
    let transport: Transport
    let knownBlobs = KnownBlobs()
    let reachability = Reachability()
    let authenticator: Authenticator
    let downloads = SharedWork<String>()
    let downloadSlots: TransferSlots

    /// Fails when the file of certificate authorities cannot be read.
    package init(_ configuration: RegistryConfiguration = RegistryConfiguration()) throws {
        self.configuration = configuration
        transport = try Transport(configuration)
        authenticator = Authenticator(configuration, transport)
        downloadSlots = TransferSlots(configuration.parallelTransfers)
    }

    package func shutdown() async {
        await transport.shutdown()
    }

    func report(_ event: RegistryEvent) {
        configuration.onEvent(event)
    }

    /// One attempt, with what the registry wants to know of us; any status outside `wanted` is an error.
    ///
    /// A 401 is answered once: by a token or a password, or by a new token in place of one that the registry no longer takes.
    /// `source` is the repository that a blob is linked from.
    func send(_ request: RegistryRequest, in repository: RemoteRepository, also source: RemoteRepository? = nil, wanted: Set<UInt>)
        async throws -> HTTPClientResponse
    {
        let access = AccessRequest(repository, also: source)
        var request = request
        if isOwn(request, of: repository) { request.authorization = try await authenticator.authorization(for: access) }
        var (response, last) = try await transport.exchange(request)
        if response.status == .unauthorized, isOwn(last, of: repository) {
            let challenges = Challenge.parse(response.headers["WWW-Authenticate"])
            let answer = try await authenticator.authorization(for: access, answering: challenges, insteadOf: last.authorization)
            if let answer {
                await transport.discard(response, to: last)
                request.authorization = answer
                (response, last) = try await transport.exchange(request)
            }
        }
        if wanted.contains(response.status.code) { return response }
        var error = try await transport.refusal(response, to: last)
        if isOwn(last, of: repository), let search = await authenticator.earlierSearch(repository) {
            error.hint = RegistryError.accessHint(error.kind, at: repository, search) ?? error.hint
        }
        throw error
    }

    /// Whether the request goes to the registry itself, which alone gets to see who we are.
    private func isOwn(_ request: RegistryRequest, of repository: RemoteRepository) -> Bool {
        repository.origin?.extends(to: WebOrigin(request.url)) == true
    }

    /// Repeats `attempt` while it fails for passing reasons. A mirror is asked twice only: its registry can still answer. So can another
    /// place, but that is another name of the image: only where there is no connection at all is it not waited for.
    func retrying<Value: Sendable>(
        at repository: RemoteRepository, isRenewed: () -> Bool = { false }, _ attempt: () async throws -> Value
    ) async throws -> Value {
        let delays = repository.isMirror ? Array(configuration.retryDelays.prefix(1)) : configuration.retryDelays
        return try await Retry(
            delays: delays, givesUpUnreachable: repository.hasAlternative, onRetry: { self.report(.retrying($0.message, after: $1)) }
        ).run(isRenewed: isRenewed, attempt)
    }
}
