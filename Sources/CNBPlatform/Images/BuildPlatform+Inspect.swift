import CNBLifecycle
import Diagnostics
package import OCIImage
import OCIRegistry

extension BuildPlatform {
    /// Looks at an image, in the registry and on this machine, without its layers.
    ///
    /// The registry is asked as the pull policy says, but not about an image that tote made under this name.
    /// - Parameter asksRegistry: ask it in any case.
    package func inspect(_ reference: Reference, asksRegistry: Bool, role: String = "image") async throws -> Inspection<ImageInspection> {
        try await holdingStore {
            let policy = configuration.pullPolicy ?? .standard
            let local = try await localImage(reference, policy)
            let isWanted =
                switch policy {
                case .never: false
                case .always: !(try library.isOwn(reference))
                default: local == nil
                }
            var remote: ImageInspection?
            if isWanted || asksRegistry {
                do {
                    let image = try await library.remote(reference, policy: .always, role: role)
                    remote = image.map { ImageInspection($0, in: .registry(reference.registry)) }
                } catch let error as RegistryError where local != nil {
                    events(.warning(PhaseWarning(error.message, hint: error.hint)))
                }
            }
            guard remote != nil || local != nil else { throw await notFound(reference, role: role, policy) }
            return Inspection(reference: reference, remote: remote, local: local, isRemoteAsked: isWanted || asksRegistry)
        }
    }

    /// Of the store, of the daemon, or, where no registry is to be asked, what was pulled before.
    private func localImage(_ reference: Reference, _ policy: PullPolicy) async throws -> ImageInspection? {
        if let image = try store.image(reference, platform: library.platform) { return ImageInspection(image, in: .store) }
        if let found = try await library.daemonInspection(reference) { return found }
        guard policy != .always else { return nil }
        return try library.pulled(reference).map { ImageInspection($0, in: .store) }
    }

    /// L-50
    private func notFound(_ reference: Reference, role: String, _ policy: PullPolicy) async -> Fault {
        policy == .never ? await library.absent(reference, role: role) : await library.missing(reference, role: role)
    }
}
