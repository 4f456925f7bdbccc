import Archive
import CNBLifecycle
import CNBSpec
import Diagnostics
import OCIImage
import Sandbox

extension BuildPlatform {
    /// Builds an image: from the request to names in the store or a registry. An error leaves names and cache as they were.
    package func build(_ request: BuildRequest) async throws -> BuildResult {
        let files = BuildFiles(request)
        try files.check()
        let launcher = try LauncherLocation.find(environment: environment)
        return try await preparing(request) { build in
            let exported = try await runPhases(build, launcher: launcher)
            let result = try await deliver(exported.image, build.inputs)
            try files.write(result, room: build.room, layers: build.workspace.directories.layers, events: events)
            return result
        }
    }

    private func runPhases(_ build: PreparedBuild, launcher: String) async throws -> ExportedImage {
        let inputs = build.inputs, request = inputs.request, room = build.room, phase = build.phase
        let detected = try await detect(build)
        guard detected.group.extensions.isEmpty else {
            let names = detected.group.extensions.map { "'\($0)'" }.joined(separator: ", ")
            throw Fault(
                "the group needs image extensions (\(names)), which this version of tote cannot run yet",
                hint: "use a builder or an order without them", exitCode: ExitStatus.detect.rawValue)
        }
        try Directory.create(home.cache)
        let cache = BuildCache(in: home.cache, image: request.image)
        let loaded = request.clearCache ? CacheRecord() : cache.load()
        // D-28: what was made for another execution environment is not for this one.
        let isOther = [inputs.previous?.execEnv, loaded.execEnv].contains { $0 != nil && $0 != phase.execEnv }
        if isOther { events(.note("The last build was for another execution environment: its layers are not restored")) }
        let old = isOther ? CacheRecord() : loaded
        try await RestorePhase(
            room: room, group: detected.group, inputs: phase, previous: inputs.previous, cache: old,
            skipLayers: request.clearCache || isOther, store: store,
            events: events
        ).run()
        let metadata = try await BuildPhase(
            room: room, catalog: build.catalog, group: detected.group, plan: detected.plan, inputs: phase, events: events
        ).run()
        let owner = Ownership(user: inputs.user, group: inputs.group)
        let exported = try await ExportPhase(
            root: room.root, inputs: phase, group: detected.group, metadata: metadata, runImage: inputs.runImage, previous: inputs.previous,
            options: ExportOptions(
                owner: owner, defaultProcess: request.defaultProcess, created: request.creationTime?.resolved() ?? layerTimestamp,
                launcher: launcher, launcherSource: ToteVersion.launcher,
                projectMetadata: inputs.descriptor?.project.sourceMetadata?.json ?? .object([:])),
            store: store, events: events
        ).run()
        try await remember(detected.group, phase, room, exported, owner: owner, in: cache, replacing: old)
        return exported
    }

    /// D-85: what goes wrong with the cache never fails a build.
    private func remember(
        _ group: Group, _ phase: PhaseInputs, _ room: any BuildpackRoom, _ exported: ExportedImage, owner: Ownership, in cache: BuildCache,
        replacing old: CacheRecord
    ) async throws {
        do {
            let record = try await CachePhase(
                root: room.root, inputs: phase, group: group, owner: owner, exported: exported, store: store, events: events
            ).run(replacing: old)
            if record != cache.load() { try cache.save(record) }
        } catch let error as CancellationError {
            throw error
        } catch {
            events(.warning(PhaseWarning("Failed to export cache: \(Fault("caching", cause: error).message)")))
        }
    }
}
