import Archive
import CNBLifecycle
import CNBSpec
import Diagnostics
import OCIImage
import OCIRegistry

extension BuildPlatform {
    /// Images at once, where each waits for its registry most of the time.
    private static let parallelRebases = 16

    /// Puts app images on new bases. Each image is rebased as a whole or left as it was, whatever becomes of the others.
    package func rebase(_ request: RebaseRequest) async throws -> [RebaseOutcome<RebaseResult>] {
        try request.check()
        let reports = request.reportFolder.map { OutputFolder(path: $0, option: "--report-output-dir") }
        try reports?.check()
        let carriers = OncePerKey<RebaseCarrier, Reference>()
        let outcomes = try await forEachImage(of: request) { place, bases in
            try await withScratch(for: place) { scratch in
                let plan = try await rebasePlan(place, request, bases, scratch: scratch, events: events)
                return try await deliver(plan, as: place, carriers)
            }
        }
        // The old images' documents and layers; what a build that runs now may need stays.
        if !request.publish { _ = try? collectGarbage() }
        if let reports { try write(outcomes.compactMap { try? $0.result.get() }, to: reports, isAlone: outcomes.count == 1) }
        return outcomes
    }

    /// Does the same for every image of a request, at registries for several at once, and goes on when one fails.
    func forEachImage<Value: Sendable>(
        of request: RebaseRequest, _ body: @escaping @Sendable (RebasePlace, RebaseBases) async throws -> Value
    ) async throws -> [RebaseOutcome<Value>] {
        let policy = request.pullPolicy ?? configuration.pullPolicy ?? .standard
        let bases = RebaseBases(self, asked: request.runImage, policy: policy)
        return try await holdingStore {
            let places = try request.isAll ? storedApps(on: request.runImage) : Self.unique(request.images)
            @Sendable func outcome(_ place: RebasePlace) async throws -> RebaseOutcome<Value> {
                do {
                    return RebaseOutcome(place: place, result: .success(try await body(place, bases)))
                } catch let error as CancellationError {
                    throw error
                } catch {
                    var fault = Fault("'\(place)' cannot be rebased", cause: error)
                    // Against F-15, which has 1 for a run image that cannot be read: of many images, each that was not rebased ends alike.
                    if fault.exitCode == ExitStatus.failure.rawValue { fault.exitCode = ExitStatus.rebase.rawValue }
                    return RebaseOutcome(place: place, result: .failure(fault))
                }
            }
            let limit = request.publish ? Self.parallelRebases : 1
            return try await withThrowingTaskGroup(of: (Int, RebaseOutcome<Value>).self) { group in
                var outcomes: [Int: RebaseOutcome<Value>] = [:]
                for (index, place) in places.enumerated() {
                    if index >= limit, let (done, outcome) = try await group.next() { outcomes[done] = outcome }
                    group.addTask { (index, try await outcome(place)) }
                }
                for try await (done, outcome) in group { outcomes[done] = outcome }
                return places.indices.compactMap { outcomes[$0] }
            }
        }
    }

    /// Archives are unpacked somewhere; everything else is read where it is.
    func withScratch<Value>(for place: RebasePlace, _ body: (_ scratch: String) async throws -> Value) async throws -> Value {
        guard case .file = place else { return try await body("") }
        return try await withScratch(body)
    }

    private static func unique(_ places: [RebasePlace]) -> [RebasePlace] {
        var seen: Set<RebasePlace> = []
        return places.filter { seen.insert($0).inserted }
    }

    /// The images of the store that a lifecycle built; with a run image, those that stand on one of its repository.
    private func storedApps(on runImage: Reference?) throws -> [RebasePlace] {
        try store.list().compactMap(\.reference).filter { reference in
            guard let image = try? store.image(reference), let label = image.config.settings.labels[LabelName.lifecycleMetadata] else {
                return false
            }
            guard let runImage else { return true }
            let metadata = try? LifecycleMetadata(label: LabelName.lifecycleMetadata, text: label)
            return metadata?.rememberedNames.contains { (try? Reference(parsing: $0))?.name == runImage.name } ?? false
        }.map(RebasePlace.name)
    }

    /// One report is `report.toml`, as pack's. Of several, each has a folder of its own.
    private func write(_ results: [RebaseResult], to folder: OutputFolder, isAlone: Bool) throws {
        do {
            let folder = try folder.open()
            for result in results {
                let own = isAlone ? "" : result.place.reportFolder
                try folder.makeDirectories(own)
                try folder.write(isAlone ? "report.toml" : "\(own)/report.toml", Array(result.report.serialized().utf8), mode: 0o644)
            }
        } catch {
            throw Fault("the images are rebased, but not all reports of them were written", cause: error)
        }
    }
}
