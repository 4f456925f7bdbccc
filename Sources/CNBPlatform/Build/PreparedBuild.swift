import Archive
import CNBLifecycle
import CNBSpec
import Diagnostics
import Sandbox

/// A build that is ready to run its first phase: everything is looked up, its folders are there, its room is mounted.
struct PreparedBuild {
    let inputs: BuildInputs
    let workspace: BuildWorkspace
    let host: SandboxHost
    let phase: PhaseInputs
    let catalog: ModuleCatalog
    let cached: CachedBuild

    var room: any BuildpackRoom { host.buildRoom }
}

extension BuildPlatform {
    /// Gets a build ready, gives it to `body`, and takes everything down again.
    func preparing<Result>(
        _ request: BuildRequest, copying copied: CopiedContents = CopiedContents(), _ body: (PreparedBuild) async throws -> Result
    ) async throws -> Result {
        try Volume.checkForBuild(request.volumes, workspace: request.workspace)
        let runtime = try RuntimeChoice.runtime(named: environment["TOTE_RUNTIME"])
        let certificates = try self.certificates.map { try ExtraCertificates(bundle: $0) }
        return try await holdingStore {
            try await withScratch { scratch in
                let inputs = try await inputs(for: request, scratch: scratch)
                let mode = try requireMode()
                let rootFilesystems = try RootFilesystems(at: home.rootFilesystems, mode: mode)
                let lowers = try await rootFilesystems.unpacked(inputs.builder.image, progress: { events(PhaseEvent($0)) })
                let modules = try await ModuleMounts(rootFilesystems: rootFilesystems, store: store, events: events)
                    .binds(inputs.order.fetched)
                // Once, and while the store is held: nothing that it names goes away.
                let cached = try CachedBuild(request, home, previous: inputs.previous, copying: copied)
                if let trouble = cached.trouble, copied == CopiedContents() { events(.warning(PhaseWarning(trouble.message))) }
                let app = try app(inputs, cached.loaded, scratch: scratch, owner: mode.owner(user: inputs.user, group: inputs.group))
                // What is kept by then stays.
                defer { try? app.close(isKept: false) }
                let workspace = try BuildWorkspace(inputs, app: app, scratch: scratch, mode: mode)
                for volume in request.volumes {
                    guard let obstacle = try volume.obstacle(user: inputs.user, group: inputs.group, mode: mode) else { continue }
                    events(.warning(PhaseWarning(obstacle.message, hint: obstacle.hint)))
                }
                let layout = workspace.layout(lowers: lowers, modules: modules, network: request.network, certificates: certificates)
                let host = try SandboxHost(layout, runtime: runtime)
                defer { host.close() }
                return try await body(try prepared(inputs, workspace, host, cached))
            }
        }
    }

    /// The app's files: shown from the kept copy of its folder, unless everything is to be copied.
    private func app(_ inputs: BuildInputs, _ record: CacheRecord, scratch: String, owner: Ownership?) throws -> AppWorkspace {
        let request = inputs.request
        if request.restoring != .copy, !record.copied.app, case .folder(let path) = inputs.app, KeptApps.canKeep(path) {
            do {
                return try AppWorkspace(
                    path, filter: inputs.filter, in: KeptApps(at: home.apps, owner: owner), last: record.app,
                    scratch: scratch, owner: owner)
            } catch let error as CancellationError {
                throw error
            } catch {
                // What is wrong with the app itself comes out again.
                events(.detail("the app is copied for this build alone: \(Fault("keeping a copy", cause: error).message)"))
            }
        }
        return try AppWorkspace(copying: inputs, scratch: scratch, owner: owner, limit: unpackingLimit)
    }

    private func prepared(_ inputs: BuildInputs, _ workspace: BuildWorkspace, _ host: SandboxHost, _ cached: CachedBuild) throws
        -> PreparedBuild
    {
        let proxies = ProxyVariables(of: inputs.request.network == .host ? environment : [:])
        proxies.warnings.forEach { events(.warning($0)) }
        let phase = try workspace.phaseInputs(inputs, proxies: proxies.entries, room: host.buildRoom)
        let catalog = ModuleCatalog(root: host.buildRoom.root, directories: phase.directories)
        return PreparedBuild(inputs: inputs, workspace: workspace, host: host, phase: phase, catalog: catalog, cached: cached)
    }

    /// Runs the detect phase.
    func detect(_ build: PreparedBuild) async throws -> Detected {
        try await DetectPhase(
            host: build.host, catalog: build.catalog, order: try build.workspace.order(build.inputs, room: build.room), inputs: build.phase,
            alwaysPassing: Set(build.inputs.order.inline.map(\.reference)), events: events
        ).run()
    }
}
