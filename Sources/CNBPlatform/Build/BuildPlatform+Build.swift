import Archive
import CNBLifecycle
import CNBSpec
import Diagnostics
import OCIImage
import Sandbox

extension BuildPlatform {
    /// Builds an image: from the request to names in the store or a registry. An error before the image has its names leaves
    /// them and the cache as they were.
    package func build(_ request: BuildRequest) async throws -> BuildResult {
        let files = BuildFiles(request)
        try files.check()
        let launcher = try LauncherLocation.find(environment: environment)
        var copied = CopiedContents()
        while true {
            do {
                return try await attempt(request, files, copying: copied, launcher: launcher)
            } catch let retry as CopyRetry {
                // Who interrupts a build does not want another one.
                try Task.checkCancellation()
                events(.warning(retry.warning))
                copied = copied.union(retry.copied)
            }
        }
    }

    /// - Parameter copied: what is copied besides what the cache knows of. It is remembered when the build succeeds.
    private func attempt(
        _ request: BuildRequest, _ files: BuildFiles, copying copied: CopiedContents, launcher: String
    ) async throws -> BuildResult {
        let (result, isReplacing) = try await preparing(request, copying: copied) { build in
            let cached = try await cache(for: build)
            let restorer = request.restoring == .copy ? nil : try mountedRestorer(build, cached)
            let watch = CrossDeviceWatch(build.phase.directories)
            let built: BuiltImage
            do {
                built = try await runPhases(build, cached, restorer ?? CopyingRestorer(), watch, launcher: launcher)
            } catch let failure as BuildpackFailure {
                let hasMounted = { restorer?.hasMounted($0) == true }
                let isAppMounted = build.workspace.app.hasMountedFolders
                if let retry = CopyRetry(failure, watch, hasMounted: hasMounted, isAppMounted: isAppMounted) { throw retry }
                let isMounted = isAppMounted || hasMounted(failure.buildpack)
                throw isMounted && !TreeOverlay.canRenameFolders ? failure.advisingCopies() : failure
            }
            let image = try await Fault.inPhase(.export) {
                try await name(built.exported.image, build.inputs) { digest in
                    if let record = built.record { cached.announce(record, of: digest) }
                }
            }
            let record = built.record.flatMap { saved($0, in: cached) }
            // What goes wrong from here on costs the next build nothing.
            let delivery: Result<BuildResult, any Error>
            do {
                var result = try await Fault.inPhase(.export) { try await handOut(image, build.inputs) }
                result.layers = built.exported.reports + built.cacheReports
                try files.write(result, room: build.room, layers: build.workspace.directories.layers, events: events)
                delivery = .success(result)
            } catch { delivery = .failure(error) }
            build.host.close()
            if let record { keep(record, build, restorer) }
            let result = try delivery.get()
            let previous = build.inputs.previous?.image.digest
            let isReplacing = previous != nil && previous != result.digest
            // The cache is what it was: neither it nor one elsewhere is replaced by nothing.
            guard let kept = record else { return (result, isReplacing) }
            try await exportCache(kept, build.inputs)
            let leftBlobs = !cached.former.isSubset(of: kept.blobs.keys)
            let leftCopy = cached.lastCopy != nil && cached.lastCopy != kept.app?.copy
            return (result, isReplacing || leftBlobs || leftCopy)
        }
        // Only now: nothing is removed while a build holds the store. What cannot be removed today is removed another day.
        if isReplacing { _ = try? collectGarbage() }
        do { try limitCaches(sparing: request.cacheOwner) } catch {
            let reason = Fault("removing caches", cause: error).message
            events(.warning(PhaseWarning("build caches were not held to 'cache.max-size': \(reason)")))
        }
        return result
    }

    /// Takes over what the record names besides blobs. The room must be unmounted.
    private func keep(_ record: CacheRecord, _ build: PreparedBuild, _ restorer: MountedRestorer?) {
        do { try build.workspace.app.close(isKept: record.app != nil) } catch {
            events(.detail("the app will be copied anew by the next build: \(Fault("keeping its copy", cause: error).message)"))
        }
        restorer?.keep(record.keptLayers(build.phase.directories))
    }

    private func mountedRestorer(_ build: PreparedBuild, _ cached: CachedBuild) throws -> MountedRestorer {
        let owner = build.workspace.owner
        return MountedRestorer(
            trees: try UnpackedLayers(at: home.layers, owner: owner), root: build.host.buildRoot,
            layersDirectory: build.phase.directories.layers, scratch: build.workspace.scratch, owner: owner,
            copying: cached.loaded.copied.layersOf,
            events: events)
    }
}
