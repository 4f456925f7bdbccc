package import Archive
import CNBLifecycle
import CNBSpec
import Diagnostics
import OCIImage

extension BuildPlatform {
    /// Makes a builder, once for each target, and puts it where it belongs: what its name stands for then. All are made before the first is put there.
    package func createBuilder(_ request: BuilderRequest) async throws -> Digest {
        guard let bytes = try UserFile.read(request.config, shown: "the builder's configuration '\(request.shown)'") else {
            throw Fault("there is no builder configuration '\(request.shown)'", hint: "check the path given with --config")
        }
        let config = try BuilderConfig(reading: DocumentSource(file: request.shown, bytes: bytes))
        let base = try Reference(parsing: config.buildImage)
        return try await holdingStore {
            var images: [Image] = []
            for target in targets(request, config) { images.append(try await create(request, config, base, for: target)) }
            let names = [request.name] + request.additionalTags
            guard !request.publish else { return try await publish(images, as: names, mountFrom: [base]) }
            for image in images { try await complete(image) }
            return try keep(images, as: names, what: "builder")
        }
    }

    private func create(_ request: BuilderRequest, _ config: BuilderConfig, _ reference: Reference, for target: Target?) async throws
        -> Image
    {
        let platform = target.map(Self.platform) ?? library.platform
        let policy = request.pullPolicy ?? configuration.pullPolicy ?? .standard
        let base = try await library.library(for: platform).image(reference, policy: policy, role: "build image")
        var config = config
        config.targets = target.map { [$0] } ?? []
        let result = try await withScratch { scratch in
            let finder = try moduleFinder(policy: policy, registry: request.registry, scratch: scratch)
                .finder(for: ModuleTarget(platform: platform, distro: base.baseTarget.distro))
            let folder = request.config.lastIndex(of: "/").map { String(request.config[..<$0]) } ?? "."
            return try await BuilderCreation(
                store: store, finder: finder, version: request.version, labels: request.labels, flattened: request.flattened
            ).create(config, folder: folder, base: base)
        }
        for warning in result.warnings { events(.warning(PhaseWarning(warning.message, at: warning.location))) }
        return result.image
    }

    /// One for each platform. The store takes one only, so without a registry the others are not made.
    private func targets(_ request: BuilderRequest, _ config: BuilderConfig) -> [Target?] {
        var seen: Set<Platform> = []
        let targets = (request.targets.isEmpty ? config.targets : request.targets).filter { seen.insert(Self.platform($0)).inserted }
        guard targets.count > 1, !request.publish else { return targets.isEmpty ? [nil] : targets }
        let kept = targets.first { Self.platform($0).isNative } ?? targets[0]
        events(
            .warning(
                PhaseWarning("a builder for \(Self.platform(kept)) only is made", hint: "use --publish to have an index of all targets")))
        return [kept]
    }

    private static func platform(_ target: Target) -> Platform {
        Platform(
            os: target.os.isEmpty ? "linux" : target.os, architecture: target.arch.isEmpty ? Platform.host.architecture : target.arch,
            variant: target.variant.isEmpty ? nil : target.variant)
    }
}
