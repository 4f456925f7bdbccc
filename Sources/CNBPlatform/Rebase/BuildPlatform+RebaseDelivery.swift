import Archive
import CNBLifecycle
import Diagnostics
import DockerEngine
import OCIImage
import OCIRegistry

extension BuildPlatform {
    /// Makes the images of the plan and puts them where they belong. Until all of it is there, the name stands for the old ones.
    func deliver(
        _ plan: RebasePlan, as place: RebasePlace, _ carriers: OncePerKey<RebaseCarrier, Reference>
    ) async throws -> RebaseResult {
        let subject = plan.subject
        var rebased = try await plan.run()
        // As the reference leaves them in registries, measured. Docker's family has no zstd, and indexes stay what they are.
        if subject.isRemote, case .image(let image) = rebased, let docker = try? image.converted(to: .docker) { rebased = .image(docker) }
        if subject.content.otherEntries > 0 {
            let count = subject.content.otherEntries
            events(.note("Leaving out \(count) \(count == 1 ? "entry" : "entries") of the index, such as attestations of the old images"))
        }
        let isChanged = !subject.isInPlace || rebased.digest != subject.content.digest
        let imageID = isChanged ? try await write(rebased, plan, carriers) : nil
        let document = rebased.descriptor
        return RebaseResult(
            place: place, digest: document.digest, manifestSize: document.size, imageID: imageID, isChanged: isChanged,
            base: plan.bases[0].name)
    }

    /// The answer is what a daemon calls the image.
    private func write(
        _ rebased: NamedImages, _ plan: RebasePlan, _ carriers: OncePerKey<RebaseCarrier, Reference>
    ) async throws -> Digest? {
        let subject = plan.subject
        switch subject.place {
        case .registry(let target):
            events(.note("Saving \(target.familiarTagged)..."))
            for base in plan.bases where base.name.registry == target.registry { try await registry.expect(base.image, at: base.name) }
            try await replace(target, with: rebased, plan, carriers)
        case .layout(let directory, let tag): try await rebased.write(toLayout: directory, tag: tag)
        case .store(let target):
            let image = try Self.single(rebased)
            try await complete(image)
            try store.tag(image, [target], inPlaceOf: subject.isInPlace ? subject.content.digest : nil)
            return await refresh(image, as: target, on: plan.bases[0].name)
        case .daemon(let target):
            let relatives = [plan.bases[0].name, subject.source].compactMap { $0 }
            return try await library.daemon.requiredClient().load(try Self.single(rebased), as: [target], relatives: relatives).id
        case .ociArchive(let file, let tag): try await Self.single(rebased).write(toOCIArchive: file, tag: tag)
        case .dockerArchive(let file, let names): try await Self.single(rebased).write(toDockerArchive: file, names)
        }
        return nil
    }

    private func replace(
        _ target: Reference, with rebased: NamedImages, _ plan: RebasePlan, _ carriers: OncePerKey<RebaseCarrier, Reference>
    ) async throws {
        let registry = try registry, store = store
        let sources = plan.bases.map(\.name) + [plan.subject.source].compactMap { $0 }
        guard plan.bases.contains(where: { $0.name.registry != target.registry }) else {
            return try await registry.replace(target, with: rebased, store: store, mountFrom: sources)
        }
        // The run image is elsewhere: its layers come with the first image, and the others link them from there.
        let carrier = RebaseCarrier(registry: target.registry, bases: plan.bases.map(\.image.digest))
        let first = try? await carriers.value(for: carrier) {
            try await registry.replace(target, with: rebased, store: store, mountFrom: sources)
            return target
        }
        guard first != target else { return }
        try await registry.replace(target, with: rebased, store: store, mountFrom: [first].compactMap { $0 } + sources)
    }

    private static func single(_ images: NamedImages) throws -> Image {
        guard case .image(let image) = images else { throw Fault("an index of images can stay in a registry or a layout only") }
        return image
    }

    /// A daemon that has an image of that name gets the new one, as after a build. It is in the store already, so what goes wrong is a warning.
    private func refresh(_ image: Image, as name: Reference, on base: Reference) async -> Digest? {
        do {
            guard let client = try await library.daemon.client(), try await client.inspect(name) != nil else { return nil }
            events(.note("Loading into \(client.daemon.product.rawValue)"))
            return try await client.load(image, as: [name], relatives: [base]).id
        } catch {
            events(.daemonRefused)
            events(.warning(PhaseWarning("the image is in the store only: \(Fault("loading it into the daemon", cause: error).message)")))
            return nil
        }
    }
}

/// What the images of a registry share whose run images are not there: the first of them to be written brings the layers along.
struct RebaseCarrier: Hashable, Sendable {
    var registry: String
    var bases: [Digest]
}
