import Diagnostics
import Glibc
package import OCIImage
package import OCIRegistry

/// Finds images by name: the ones that tote made are in the store, the others come from registries and the daemon by a policy.
package struct ImageLibrary: Sendable {
    package let store: ImageStore
    package let registry: OnDemandRegistry
    /// What registries last said.
    package let remotes: RemoteRecords
    package let daemon: DaemonImages
    /// What images are wanted for.
    package private(set) var platform: Platform
    private let answers = RegistryAnswers()

    package init(
        store: ImageStore, registry: OnDemandRegistry, remotes: RemoteRecords, daemon: DaemonImages, platform: Platform = .host
    ) {
        self.store = store
        self.registry = registry
        self.remotes = remotes
        self.daemon = daemon
        self.platform = platform
    }

    /// The same for another platform.
    package func library(for platform: Platform) -> ImageLibrary {
        var copy = self
        copy.platform = platform
        return copy
    }

    /// The image with manifest and config at hand; layers of a registry's image follow when they are asked for.
    ///
    /// An image that tote made under this name wins: no registry can have a newer one of it.
    /// - Parameters:
    ///   - role: what messages call it: "builder", "run image".
    ///   - anyPlatform: whether an image that exists for one other platform only will do.
    package func image(_ reference: Reference, policy: PullPolicy, role: String, anyPlatform: Bool = false) async throws -> Image {
        let image = try await find(reference, policy: policy, role: role)
        if !anyPlatform, let own = other(than: platform, image) {
            throw Fault(
                "the \(role) '\(reference)' is for \(own), not for \(platform)",
                hint: "it exists for \(own) only: use an image for \(platform)")
        }
        return image
    }

    private func find(_ reference: Reference, policy: PullPolicy, role: String) async throws -> Image {
        if let image = try store.image(reference, platform: platform), !isPulled(image, as: reference) { return image }
        if let image = try await daemonImage(before: policy, reference) { return image }
        var refusal: RegistryError?
        do {
            if let image = try await remote(reference, policy: policy, role: role) { return image }
        } catch let error as RegistryError {
            refusal = error
        }
        if let image = try await daemonImage(after: refusal, reference) { return image }
        if let refusal { throw try await advised(refusal, reference) }
        throw await missing(reference, role: role)
    }

    /// Whether tote made the store's image of that name.
    func isOwn(_ reference: Reference) throws -> Bool {
        try store.image(reference, platform: platform).map { !isPulled($0, as: reference) } ?? false
    }

    /// Whether the store's image of that name came from a registry, which may have a newer one.
    private func isPulled(_ image: Image, as reference: Reference) -> Bool {
        remotes.records(for: reference).contains { $0.digest == image.digest }
    }

    /// What the image is for, if that is not the wanted platform. Indexes choose by platform; an image alone can be for any. Nil as well for an
    /// image that does not say what it is for.
    package func other(than wanted: Platform, _ image: Image) -> Platform? {
        let own = image.config.platform
        guard !own.os.isEmpty, !own.architecture.isEmpty else { return nil }
        let runs = wanted.variant == nil ? own.os == wanted.os && own.architecture == wanted.architecture : own.rank(for: wanted) != nil
        return runs ? nil : own
    }

    /// The image of a registry, or nil when the registry has none of that name. When nothing changed since the last pull, one request tells.
    package func remote(_ reference: Reference, policy: PullPolicy, role: String) async throws -> Image? {
        let kept = try kept(reference)
        if let kept, kept.isCurrent(by: policy) {
            remotes.noteUse(reference)
            return kept.image
        }
        guard policy != .never else { throw await absent(reference, role: role) }
        guard let current = try await resolve(reference) else { return nil }
        if var kept, kept.record.resolved == current.digest {
            kept.record.checked = Int64(time(nil))
            try remotes.remember(kept.record)
            return kept.image
        }
        let pinned = reference.with(digest: current.digest)
        guard let image = try await registry.client().image(pinned, platform: platform, store: store) else { return nil }
        try remotes.remember(
            RemoteRecord(
                reference: reference, platform: platform, resolved: current.digest, digest: image.digest,
                mediaType: image.manifest.mediaType,
                size: Int64(image.manifestBytes.count), checked: Int64(time(nil))))
        return image
    }

    /// Whether an image can be had (L-25).
    ///
    /// - Parameter hasAlternative: whether another name is asked when this one fails.
    package func exists(_ reference: Reference, policy: PullPolicy, hasAlternative: Bool = false) async throws -> Bool {
        if try store.image(reference, platform: platform) != nil { return true }
        if let kept = try kept(reference), kept.isCurrent(by: policy) { return true }
        if policy != .always, try await daemonHas(reference) { return true }
        if policy == .never { return false }
        if try await resolve(reference, hasAlternative: hasAlternative) != nil { return true }
        return try await daemonHas(reference)
    }

    /// The image that was last pulled under that name.
    func pulled(_ reference: Reference) throws -> Image? { try kept(reference)?.image }

    /// What is left of the last pull.
    private func kept(_ reference: Reference) throws -> KeptImage? {
        guard let record = remotes.record(for: reference, platform: platform), let image = try store.image(record.digest) else {
            return nil
        }
        return try KeptImage(image: image.with(blobs: registry.blobs(of: reference, store: store)), record: record)
    }

    /// What a name means now. A registry is asked once for each name in a run.
    private func resolve(_ reference: Reference, hasAlternative: Bool = false) async throws -> Descriptor? {
        if let known = answers.answer(for: reference) { return known }
        let answer = try await registry.client().resolve(reference, hasAlternative: hasAlternative)
        answers.remember(answer, for: reference)
        return answer
    }
}

/// An image that was pulled earlier.
private struct KeptImage {
    var image: Image
    var record: RemoteRecord

    /// Whether it can be taken without asking its registry. What a digest names never changes.
    func isCurrent(by policy: PullPolicy) -> Bool {
        switch policy {
        case .always: record.reference.isPinned
        case .interval(let interval): record.reference.isPinned || interval.covers(record.checked, at: Int64(time(nil)))
        case .never, .ifNotPresent: true
        }
    }
}
