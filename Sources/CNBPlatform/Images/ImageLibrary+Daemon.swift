import CNBSpec
import Diagnostics
import DockerEngine
import OCIImage
import OCIRegistry

// The daemon's images, as users of pack expect them: one that only the daemon has is found, and without the policy 'always' what
// the daemon has is not asked for at a registry. A daemon that does not answer has no images.
extension ImageLibrary {
    /// The daemon's image as far as the policy lets it count before the registry is asked.
    func daemonImage(before policy: PullPolicy, _ reference: Reference) async throws -> Image? {
        guard policy != .always, try pulled(reference) == nil else { return nil }
        return try await daemonImage(reference)
    }

    /// The daemon's image after the registry had none to give, for the reason `refusal` if it was an error.
    func daemonImage(after refusal: RegistryError?, _ reference: Reference) async throws -> Image? {
        switch refusal?.kind {
        case nil, .notFound, .unauthorized, .denied: break
        default:
            // The registry may have a newer image, unless this one never was in a registry.
            guard try await reachable()?.inspect(reference)?.digests.isEmpty == true else { return nil }
        }
        return try await daemonImage(reference)
    }

    private func daemonImage(_ reference: Reference) async throws -> Image? {
        try await reachable() == nil ? nil : try await daemon.image(reference)
    }

    func daemonHas(_ reference: Reference) async throws -> Bool { try await reachable()?.inspect(reference) != nil }

    /// What the daemon tells of an image, without fetching any of it.
    func daemonInspection(_ reference: Reference) async throws -> ImageInspection? {
        guard let client = try await reachable() else { return nil }
        return try await client.inspect(reference).map { ImageInspection($0, in: client.daemon.product.rawValue) }
    }

    /// An app's image that only the daemon has. Nothing is fetched of images that no lifecycle built.
    func daemonApp(_ reference: Reference) async throws -> Image? {
        let found = try await reachable()?.inspect(reference)
        guard found?.config.settings.labels[LabelName.lifecycleMetadata] != nil else { return nil }
        return try await daemon.image(reference)
    }

    private func reachable() async throws -> DockerClient? {
        do {
            return try await daemon.client()
        } catch let error as CancellationError {
            throw error
        } catch {
            return nil
        }
    }

    // MARK: what messages say

    /// An image that is nowhere.
    func missing(_ reference: Reference, role: String) async -> Fault {
        let advice = role == "builder" ? ", or make a builder with 'tote base create' and 'tote builder create'" : ""
        return await fault(
            "the \(role) '\(reference)' does not exist: neither in tote's store nor at \(reference.registry)",
            hint: "check the name\(advice)")
    }

    /// An image that is not on this machine.
    func absent(_ reference: Reference, role: String) async -> Fault {
        await fault(
            "the \(role) '\(reference)' is not in tote's store", ", and the pull policy is 'never'",
            hint: "use --pull-policy if-not-present")
    }

    private func fault(_ start: String, _ end: String = "", hint: String) async -> Fault {
        do {
            let daemon = try await daemon.client().map { ", nor in \($0.daemon.product.rawValue)" } ?? ""
            return Fault(start + daemon + end, hint: hint)
        } catch {
            return Fault(start + end + "\n" + Fault("the daemon could not be asked", cause: error).message, hint: hint)
        }
    }

    /// Tells of the daemon's image that did not count.
    func advised(_ refusal: RegistryError, _ reference: Reference) async throws -> RegistryError {
        guard try await daemonHas(reference) else { return refusal }
        var advised = refusal
        advised.hint = "the daemon has an image of that name: '--pull-policy if-not-present' takes it"
        return advised
    }
}
