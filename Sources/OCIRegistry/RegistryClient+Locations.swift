import NIOHTTP1
import OCIImage

extension RegistryClient {
    /// Where writes of `reference` go: its own registry, never a mirror.
    func origin(_ reference: Reference) async throws -> RemoteRepository {
        var repository = try await repository(at: RegistryLocation(origin: reference))
        repository.access = .push
        return repository
    }

    /// Settles the scheme of a location: what was asked for, else HTTP for this machine and HTTPS for all others (N.6).
    ///
    /// An insecure host is tried over HTTPS first, without verification, and over HTTP when nothing speaks TLS there, as Docker does.
    func repository(at location: RegistryLocation) async throws -> RemoteRepository {
        var remote = RemoteRepository(
            scheme: .https, host: location.host, name: location.repository, isMirror: location.isMirror, access: .pull)
        if let scheme = location.scheme {
            remote.scheme = scheme
        } else if configuration.isInsecure(location.host) {
            remote.scheme = try await insecureScheme(of: location.host)
        } else if location.host.isLoopback {
            remote.scheme = .http
        }
        return remote
    }

    private func insecureScheme(of host: RegistryHost) async throws -> RegistryLocation.URLScheme {
        if let known = reachability.scheme(of: host) { return known }
        let probe = RegistryRequest(.GET, "https://\(host.authority)/v2/")
        let scheme: RegistryLocation.URLScheme
        do {
            await transport.discard(try await transport.response(to: probe), to: probe)
            scheme = .https
        } catch let error as RegistryError where [.untrusted, .unreachable, .interrupted, .timedOut].contains(error.kind) {
            scheme = .http
        }
        reachability.learn(scheme, of: host)
        return scheme
    }

    /// Reads from the first place that has it: a mirror, then the registry itself. `body` gives nil where it is missing.
    ///
    /// Whatever a registry does wrong moves on to the next place; local failures and cancellation do not.
    func read<Value: Sendable>(
        _ locations: [RegistryLocation], _ body: (RemoteRepository) async throws -> Value?
    ) async throws -> (value: Value, location: RegistryLocation)? {
        var mirrorError: RegistryError?
        for (index, location) in locations.enumerated() {
            let isLast = index == locations.count - 1
            if location.isMirror, !isLast, reachability.isDead(location.host) { continue }
            do {
                if let value = try await body(try await repository(at: location)) { return (value, location) }
                if !isLast { report(.mirrorPassedOver(mirror: location.host.authority, reason: "it does not have the image")) }
            } catch let error as RegistryError {
                guard !isLast else { throw mirrorError.map(error.after) ?? error }
                if location.isMirror, [.unreachable, .timedOut, .untrusted].contains(error.kind) { reachability.markDead(location.host) }
                report(.mirrorPassedOver(mirror: location.host.authority, reason: error.message))
                mirrorError = error
            }
        }
        return nil
    }
}
