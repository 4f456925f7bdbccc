import Archive
import CNBLifecycle
import CNBSpec
import Diagnostics
import OCIImage

/// What the phases of a build made.
struct BuiltImage: Sendable {
    var exported: ExportedImage
    /// What this build leaves for the next one, which no file says yet (D-86). Nil when that went wrong.
    var record: CacheRecord?
    /// What became of layers that only the cache has.
    var cacheReports: [LayerReport]
}

extension BuildPlatform {
    /// Restores, builds, exports, and finds out what the next build may restore. Neither the image nor the record has a name yet.
    func runPhases(
        _ build: PreparedBuild, _ cached: CachedBuild, _ restorer: any LayerRestorer, _ watch: CrossDeviceWatch, launcher: String
    ) async throws -> BuiltImage {
        let inputs = build.inputs, request = inputs.request, room = build.room, phase = build.phase
        let detected = try await detect(build)
        guard detected.group.extensions.isEmpty else {
            let names = detected.group.extensions.map { "'\($0)'" }.joined(separator: ", ")
            throw Fault(
                "the group needs image extensions (\(names)), which this version of tote cannot run yet",
                hint: "use a builder or an order without them", exitCode: ExitStatus.detect.rawValue)
        }
        // D-28: what was made for another execution environment is not for this one.
        let isOther = [inputs.previous?.execEnv, cached.loaded.execEnv].contains { $0 != nil && $0 != phase.execEnv }
        if isOther { events(.note("The last build was for another execution environment: its layers are not restored")) }
        let old = isOther ? cached.cleared : cached.loaded
        try await RestorePhase(
            room: room, group: detected.group, inputs: phase, previous: inputs.previous, cache: old,
            skipLayers: request.clearCache || isOther, store: store, restorer: restorer, events: events
        ).run()
        let metadata = try await BuildPhase(
            room: room, catalog: build.catalog, group: detected.group, plan: detected.plan, inputs: phase,
            events: { [events] event in
                watch.see(event)
                events(event)
            }
        ).run()
        let owner = Ownership(user: inputs.user, group: inputs.group), encoding = request.encoding ?? configuration.encoding
        let exported = try await ExportPhase(
            root: room.root, inputs: phase, group: detected.group, metadata: metadata, runImage: inputs.runImage, previous: inputs.previous,
            options: ExportOptions(
                owner: owner, defaultProcess: request.defaultProcess, created: request.creationTime?.resolved() ?? layerTimestamp,
                launcher: launcher, launcherSource: ToteVersion.launcher,
                projectMetadata: inputs.descriptor?.project.sourceMetadata?.json ?? .object([:]), encoding: encoding),
            store: store, restorer: restorer, cached: old.blobs,
            knownAppLayers: { [app = build.workspace.app] in
                try app.layers(slices: $0, directory: phase.directories.app, owner: owner)
            }, appChanges: { [app = build.workspace.app] in try app.changes() }, events: events
        ).run()
        let caching = CachePhase(
            root: room.root, inputs: phase, group: detected.group, owner: owner, exported: exported, store: store, restorer: restorer,
            encoding: encoding, events: events)
        do {
            var (record, reports) = try await caching.run(replacing: old)
            let app = ExportedApp(slices: metadata.slices, directory: phase.directories.app, owner: owner, layers: exported.appLayers)
            record.app = try? build.workspace.app.record(app)
            return BuiltImage(exported: exported, record: record, cacheReports: reports)
        } catch let error as CancellationError {
            throw error
        } catch {
            warnOfCache(error)
            return BuiltImage(exported: exported, record: nil, cacheReports: [])
        }
    }

    /// The record once it is saved. Called when its image has the name (D-86).
    func saved(_ record: CacheRecord, in cached: CachedBuild) -> CacheRecord? {
        do {
            try cached.cache.save(record)
            return record
        } catch {
            warnOfCache(error)
            return nil
        }
    }

    /// D-85: what goes wrong with the cache never fails a build.
    private func warnOfCache(_ error: any Error) {
        let fault = Fault("caching", cause: error)
        events(.warning(PhaseWarning("Failed to export cache: \(fault.message)", hint: fault.hint)))
    }
}
