import Archive
import CNBLifecycle
import CNBSpec
import Diagnostics
import OCIImage

extension BuildPlatform {
    /// Says what `rebase` would do, and changes no image. Where the base would change, layers are read for their packages, of each base once.
    package func forecastRebase(_ request: RebaseRequest) async throws -> [RebaseOutcome<[RebaseForecast]>] {
        var request = request
        request.isForecast = true
        try request.check()
        let lists = OncePerKey<[DiffID], InstalledPackages?>()
        let outcomes = try await forEachImage(of: request) { [request] place, bases in
            try await withScratch(for: place) { scratch in
                let plan = try await rebasePlan(place, request, bases, scratch: scratch, events: { _ in })
                var forecasts: [RebaseForecast] = []
                for phase in plan.phases { forecasts.append(try await forecast(phase, plan.subject, lists)) }
                return forecasts
            }
        }
        // The layers of the bases, which were fetched for their packages only.
        _ = try? collectGarbage()
        return outcomes
    }

    private func forecast(
        _ phase: RebasePhase, _ subject: RebaseSubject, _ lists: OncePerKey<[DiffID], InstalledPackages?>
    ) async throws -> RebaseForecast {
        let app = phase.app, base = phase.base
        let objections = try phase.objections(), refusals = phase.refusals(among: objections)
        var refused = refusals.map(\.message)
        var moved = missingLayers(phase, subject)
        do {
            let image = try phase.rebased()
            moved += [image.manifest.config, image.descriptor]
        } catch {
            refused.append(error.diagnosis)
        }
        let isCurrent = app.stands(on: base)
        return RebaseForecast(
            platform: app.image.config.platform, remembered: try? app.runImage().image,
            rememberedReference: app.metadata.runImage.reference, base: base.name, baseDigest: base.image.digest, isCurrent: isCurrent,
            refusals: refused,
            notes: objections.filter { !refusals.contains($0) }.map(\.message)
                + (refused.isEmpty && objections.isEmpty ? [phase.acceptance].compactMap { $0 } : []),
            packages: app.hasLayers(of: base.image) ? nil : try await changes(phase, lists), bytes: isCurrent ? 0 : moved.totalSize)
    }

    private func changes(_ phase: RebasePhase, _ lists: OncePerKey<[DiffID], InstalledPackages?>) async throws -> PackageChanges? {
        func packages(_ image: Image, _ count: Int) async throws -> InstalledPackages? {
            let layers = Array(image.layers.prefix(count))
            let blobs = LayeredBlobs(store, over: [image])
            return try await lists.value(for: layers.map(\.diffID)) {
                try await InstalledPackages.read(layers, blobs: blobs, limit: unpackingLimit)
            }
        }
        guard let old = try await packages(phase.app.image, phase.app.baseLayers),
            let new = try await packages(phase.base.image, phase.base.image.layers.count)
        else { return nil }
        return PackageChanges(from: old, to: new)
    }

    /// What of the run image's layers would have to come to where the app image is.
    private func missingLayers(_ phase: RebasePhase, _ subject: RebaseSubject) -> [Descriptor] {
        let own = Set(phase.app.image.manifest.layers.map(\.digest))
        return phase.base.image.manifest.layers.filter { layer in
            guard layer.mediaType.isDistributable, !own.contains(layer.digest) else { return false }
            return switch subject.place {
            case .registry(let target): phase.base.name.registry != target.registry
            case .layout, .daemon: true
            case .store, .ociArchive, .dockerArchive: !store.contains(layer)
            }
        }
    }
}
