import Synchronization

/// What was learned about hosts, for the life of one client.
final class Reachability: Sendable {
    private struct State {
        var schemes: [RegistryHost: RegistryLocation.URLScheme] = [:]
        var deadMirrors: Set<RegistryHost> = []
    }

    private let state = Mutex(State())

    /// What an insecure host turned out to speak.
    func scheme(of host: RegistryHost) -> RegistryLocation.URLScheme? {
        state.withLock { $0.schemes[host] }
    }

    func learn(_ scheme: RegistryLocation.URLScheme, of host: RegistryHost) {
        state.withLock { $0.schemes[host] = scheme }
    }

    /// A mirror that could not be reached once is not waited for again at every blob.
    func isDead(_ mirror: RegistryHost) -> Bool {
        state.withLock { $0.deadMirrors.contains(mirror) }
    }

    func markDead(_ mirror: RegistryHost) {
        state.withLock { _ = $0.deadMirrors.insert(mirror) }
    }
}
