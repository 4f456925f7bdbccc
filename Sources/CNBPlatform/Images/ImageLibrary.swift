import Diagnostics
import Glibc
package import OCIImage
package import OCIRegistry

/// Finds images by name: the ones that tote made are in the store, the others come from registries by a policy.
package struct ImageLibrary: Sendable {
    package let store: ImageStore
    package let registry: RegistryClient
    /// What registries last said.
    package let remotes: RemoteRecords
    package let platform: Platform

    package init(store: ImageStore, registry: RegistryClient, remotes: RemoteRecords, platform: Platform = .host) {
        self.store = store
        self.registry = registry
        self.remotes = remotes
        self.platform = platform
    }

    /// The image with manifest and config at hand; layers of a registry's image follow when they are asked for.
    ///
    /// An image that tote made under this name wins: no registry can have a newer one of it.
    /// - Parameter role: what messages call it: "builder", "run image".
    package func image(_ reference: Reference, policy: PullPolicy, role: String) async throws -> LibraryImage {
        if let image = try store.image(reference), !isPulled(image, as: reference) {
            return LibraryImage(image: image, reference: reference, origin: .store)
        }
        guard let image = try await remote(reference, policy: policy, role: role) else {
            throw Fault(
                "the \(role) '\(reference)' does not exist: neither in tote's store nor at \(reference.registry)", hint: Self.hint(role))
        }
        return LibraryImage(image: image, reference: reference, origin: .registry)
    }

    /// Whether the store's image of that name came from a registry, which may have a newer one.
    private func isPulled(_ image: Image, as reference: Reference) -> Bool {
        remotes.record(for: reference)?.digest == image.digest
    }

    /// The image of a registry, or nil when the registry has none of that name. When nothing changed since the last pull, one request tells.
    package func remote(_ reference: Reference, policy: PullPolicy, role: String) async throws -> Image? {
        let record = remotes.record(for: reference)
        let kept = try record.flatMap { try store.image($0.digest)?.with(blobs: registry.blobs(of: reference, store: store)) }
        switch policy {
        case .never:
            guard let kept else {
                throw Fault(
                    "the \(role) '\(reference)' is not in tote's store, and the pull policy is 'never'",
                    hint: "use --pull-policy if-not-present")
            }
            return kept
        case .ifNotPresent:
            if let kept { return kept }
        case .always: break
        }
        guard let current = try await registry.resolve(reference) else { return nil }
        if let kept, record?.resolved == current.digest { return kept }
        guard let image = try await registry.image(reference.with(digest: current.digest), platform: platform, store: store) else {
            return nil
        }
        try remotes.remember(
            RemoteRecord(
                reference: reference, resolved: current.digest, digest: image.digest, mediaType: image.manifest.mediaType,
                size: Int64(image.manifestBytes.count), checked: Int64(time(nil))))
        return image
    }

    /// Whether an image can be had (L-25).
    package func exists(_ reference: Reference, policy: PullPolicy) async throws -> Bool {
        if try store.image(reference) != nil { return true }
        if policy != .always, let record = remotes.record(for: reference), try store.image(record.digest) != nil { return true }
        return policy == .never ? false : try await registry.resolve(reference) != nil
    }

    private static func hint(_ role: String) -> String {
        role == "builder"
            ? "check the name, or make a builder with 'tote base create' and 'tote builder create'" : "check the name"
    }
}

/// An image and where it was found.
package struct LibraryImage: Sendable {
    package enum Origin: Sendable {
        case store, registry
    }

    package var image: Image
    package var reference: Reference
    package var origin: Origin
}
