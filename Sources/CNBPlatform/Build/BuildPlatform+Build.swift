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
        do {
            return try await attempt(request, files, launcher: launcher)
        } catch let need as NeedsCopies {
            events(
                .warning(
                    PhaseWarning(
                        "the buildpack '\(need.buildpack)' could not rename a folder of a cached layer; the build starts again with copies of its layers",
                        hint: "the next builds will begin with copies")))
            try CachedBuild(request, home).copyFromNowOn(need.buildpack)
            return try await attempt(request, files, launcher: launcher)
        }
    }

    private func attempt(_ request: BuildRequest, _ files: BuildFiles, launcher: String) async throws -> BuildResult {
        let watch = CrossDeviceWatch()
        let (result, isReplacing) = try await preparing(request) { build in
            let cached = try await cachedBuild(request)
            let restorer = request.restoring == .mount ? try mountedRestorer(build, cached) : nil
            let exported: ExportedImage
            do {
                exported = try await runPhases(build, cached, restorer ?? CopyingRestorer(), watch, launcher: launcher)
            } catch let fault as Fault where fault.exitCode == ExitStatus.buildpackFailed.rawValue {
                guard let buildpack = watch.buildpack, restorer?.hasMounted(buildpack) == true else { throw fault }
                throw NeedsCopies(buildpack: buildpack)
            }
            let result = try await deliver(exported.image, build.inputs)
            try files.write(result, room: build.room, layers: build.workspace.directories.layers, events: events)
            let record = cached.cache.load()
            build.host.close()
            restorer?.keep(record.keptLayers(build.phase.directories))
            try await exportCache(record, build.inputs)
            let previous = build.inputs.previous?.image.digest
            let leftBlobs = !cached.former.isSubset(of: record.blobs.keys)
            return (result, leftBlobs || (previous != nil && previous != result.digest))
        }
        // Only now: nothing is removed while a build holds the store. What cannot be removed today is removed another day.
        if isReplacing { _ = try? collectGarbage() }
        do { try limitCaches(sparing: request.cacheOwner) } catch {
            let reason = Fault("removing caches", cause: error).message
            events(.warning(PhaseWarning("build caches were not held to 'cache.max-size': \(reason)")))
        }
        return result
    }

    private func mountedRestorer(_ build: PreparedBuild, _ cached: CachedBuild) throws -> MountedRestorer {
        let owner = build.workspace.owner
        return MountedRestorer(
            trees: try UnpackedLayers(at: home.layers, mode: requireMode(), owner: owner), root: build.host.buildRoot,
            layersDirectory: build.phase.directories.layers, scratch: build.workspace.scratch, owner: owner, copying: cached.copying,
            events: events)
    }

    private func runPhases(
        _ build: PreparedBuild, _ cached: CachedBuild, _ restorer: any LayerRestorer, _ watch: CrossDeviceWatch, launcher: String
    ) async throws -> ExportedImage {
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
            store: store, restorer: restorer, cached: old.blobs, events: events
        ).run()
        let caching = CachePhase(
            root: room.root, inputs: phase, group: detected.group, owner: owner, exported: exported, store: store, restorer: restorer,
            encoding: encoding, events: events)
        try await remember(caching, in: cached, replacing: old)
        return exported
    }

    /// D-85: what goes wrong with the cache never fails a build.
    private func remember(_ phase: CachePhase, in cached: CachedBuild, replacing old: CacheRecord) async throws {
        do {
            try cached.cache.save(try await phase.run(replacing: old))
        } catch let error as CancellationError {
            throw error
        } catch {
            events(.warning(PhaseWarning("Failed to export cache: \(Fault("caching", cause: error).message)")))
        }
    }
}

/// A buildpack failed because it cannot work with mounted layers.
private struct NeedsCopies: Error {
    var buildpack: BuildpackID
}
