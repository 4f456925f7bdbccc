import Archive
import CNBLifecycle
import CNBSpec
import Diagnostics
import OCIImage
import Sandbox

extension BuildPlatform {
    /// Builds an image: from the request to names in the store or a registry. An error leaves names and cache as they were.
    package func build(_ request: BuildRequest) async throws -> BuildResult {
        let launcher = try LauncherLocation.find(environment: environment)
        let runtime = try RuntimeChoice.runtime(named: environment["TOTE_RUNTIME"])
        let certificates = try self.certificates.map { try ExtraCertificates(bundle: $0) }
        return try await holdingStore {
            let inputs = try await inputs(for: request)
            let rootFilesystems = try RootFilesystems(at: home.rootFilesystems, mode: requireMode())
            let lowers = try await rootFilesystems.unpacked(inputs.builder.image, progress: { events(PhaseEvent($0)) })
            return try await withScratch { scratch in
                let workspace = try BuildWorkspace(inputs, scratch: scratch, mode: requireMode(), limit: unpackingLimit)
                let layout = workspace.layout(lowers: lowers, network: request.network, certificates: certificates)
                let host = try SandboxHost(layout, runtime: runtime)
                defer { host.close() }
                let exported = try await runPhases(inputs, workspace, host, launcher: launcher)
                return try await deliver(exported.image, inputs)
            }
        }
    }

    private func runPhases(
        _ inputs: BuildInputs, _ workspace: BuildWorkspace, _ host: SandboxHost, launcher: String
    ) async throws -> ExportedImage {
        let request = inputs.request
        let room = host.buildRoom
        let proxies = ProxyVariables(of: request.network == .host ? environment : [:])
        proxies.warnings.forEach { events(.warning($0)) }
        let phase = try workspace.phaseInputs(inputs, proxies: proxies.entries, room: room)
        let catalog = ModuleCatalog(root: room.root, directories: phase.directories)
        let detected = try await DetectPhase(
            host: host, catalog: catalog, order: try workspace.order(inputs, room: room), inputs: phase,
            alwaysPassing: Set(inputs.order.inline.map(\.reference)), events: events
        ).run()
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
            room: room, catalog: catalog, group: detected.group, plan: detected.plan, inputs: phase, events: events
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
