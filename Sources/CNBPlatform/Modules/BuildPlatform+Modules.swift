import CNBSpec
import Diagnostics

extension BuildPlatform {
    /// What gets modules from other places than builders. `scratch` is the caller's; without a target, modules are for what images are wanted for.
    func moduleFinder(
        policy: PullPolicy, registry: String?, scratch: String, target: ModuleTarget? = nil
    ) throws -> ModuleFinder {
        ModuleFinder(
            library: library, downloads: DownloadCache(folder: home.downloads, registry: library.registry, events: events),
            index: RegistryIndex(url: try configuration.buildpackRegistry(registry), folder: home.registries, events: events),
            policy: policy, scratch: scratch, limit: unpackingLimit, target: target ?? ModuleTarget(platform: library.platform))
    }

    /// Gets everything that is declared and not on the builder.
    func fetch(
        _ composition: GroupComposition, available: [BuildpackReference], extensions: [BuildpackReference], by finder: ModuleFinder
    ) async throws -> FetchedModules {
        var fetched = FetchedModules()
        let buildpacks = composition.group.isEmpty ? composition.pre + composition.post : composition.group
        try await fetch(buildpacks, .buildpack, BuildpackCatalog(available), by: finder, into: &fetched)
        for module in composition.extensions {
            switch module.source {
            case .located(.builderOrder), .located(.registry):
                //
                throw Fault("--extension: '\(module.text)' is not supported", hint: "name an extension by its id, path or image")
            default: break
            }
        }
        try await fetch(composition.extensions, .extension, BuildpackCatalog(extensions, kind: .extension), by: finder, into: &fetched)
        return fetched
    }

    private func fetch(
        _ declared: [DeclaredBuildpack], _ kind: ModuleKind, _ catalog: BuildpackCatalog, by finder: ModuleFinder,
        into fetched: inout FetchedModules
    ) async throws {
        for module in declared {
            guard case .located(let locator) = module.source, fetched[kind, locator] == nil else { continue }
            do {
                guard let place = try catalog.place(of: locator) else { continue }
                fetched[kind, locator] = try await finder.package(place, kind: kind, text: module.text)
            } catch let error as CancellationError {
                throw error
            } catch {
                guard case .named(let id, let version) = locator else {
                    throw Fault("the \(kind.rawValue) '\(module.text)'", cause: error).located(at: module.location)
                }
                throw catalog.missing(id, version: version, elsewhere: finder.policy == .never ? nil : error).located(at: module.location)
            }
        }
    }
}

extension Configuration {
    /// The address of a registry of buildpacks: of that name, at that address, or the usual one (H-48).
    func buildpackRegistry(_ name: String?) throws(Fault) -> String {
        guard let name = name ?? defaultBuildpackRegistry, name != "official" else { return RegistryIndex.standardURL }
        if let url = buildpackRegistries[name] { return url }
        if name.contains("://") || name.hasPrefix("/") { return name }
        let known = (["official"] + buildpackRegistries.keys.sorted()).map { "'\($0)'" }.joined(separator: ", ")
        throw Fault("there is no registry of buildpacks named '\(name)'", hint: "the configuration has \(known)")
    }
}
