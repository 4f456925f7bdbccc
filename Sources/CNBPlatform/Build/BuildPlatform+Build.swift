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
                        "the buildpack '\(need.buildpack)' could not rename a folder of \(need.what); the build starts again with copies",
                        hint: "the next builds will begin with copies")))
            try CachedBuild(request, home).copyFromNowOn(layersOf: need.layers ? need.buildpack : nil, app: need.app)
            return try await attempt(request, files, launcher: launcher)
        }
    }

    private func attempt(_ request: BuildRequest, _ files: BuildFiles, launcher: String) async throws -> BuildResult {
        let watch = CrossDeviceWatch()
        let (result, isReplacing) = try await preparing(request) { build in
            let cached = try await cache(for: build)
            let restorer = request.restoring == .mount ? try mountedRestorer(build, cached) : nil
            let built: BuiltImage
            do {
                built = try await runPhases(build, cached, restorer ?? CopyingRestorer(), watch, launcher: launcher)
            } catch let fault as Fault where fault.exitCode == ExitStatus.buildpackFailed.rawValue {
                guard let buildpack = watch.buildpack else { throw fault }
                let need = NeedsCopies(
                    buildpack: buildpack, layers: restorer?.hasMounted(buildpack) == true, app: build.workspace.app.isMounted)
                guard need.layers || need.app else { throw fault }
                throw need
            }
            var result = try await deliver(built.exported.image, build.inputs)
            result.layers = built.exported.reports + built.cacheReports
            try files.write(result, room: build.room, layers: build.workspace.directories.layers, events: events)
            build.host.close()
            let previous = build.inputs.previous?.image.digest
            let isReplacing = previous != nil && previous != result.digest
            // The cache is what it was: neither it nor one elsewhere is replaced by nothing.
            guard let kept = built.record else { return (result, isReplacing) }
            do { try build.workspace.app.close(isKept: kept.app != nil) } catch {
                events(.detail("the app will be copied anew by the next build: \(Fault("keeping its copy", cause: error).message)"))
            }
            restorer?.keep(kept.keptLayers(build.phase.directories))
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

    private func mountedRestorer(_ build: PreparedBuild, _ cached: CachedBuild) throws -> MountedRestorer {
        let owner = build.workspace.owner
        return MountedRestorer(
            trees: try UnpackedLayers(at: home.layers, owner: owner), root: build.host.buildRoot,
            layersDirectory: build.phase.directories.layers, scratch: build.workspace.scratch, owner: owner, copying: cached.copying,
            events: events)
    }
}

/// A buildpack failed because it cannot work with what is mounted.
private struct NeedsCopies: Error {
    var buildpack: BuildpackID
    /// Whether layers of it were.
    var layers: Bool
    /// Whether the app was.
    var app: Bool

    var what: String {
        switch (layers, app) {
        case (true, true): "the app or of a cached layer"
        case (true, false): "a cached layer"
        case (false, _): "the app"
        }
    }
}
