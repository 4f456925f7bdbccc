import Archive
import CNBSpec
import Diagnostics
import OCIImage

/// Makes the package image of a buildpack or an extension, with everything that it is composed of (H-1 to H-7).
///
/// The same inputs give the same digest, whatever modes and times the files of folders have.
struct PackageCreation {
    let store: ImageStore
    let finder: ModuleFinder
    /// Labels of the user's own.
    var labels: [String: String] = [:]
    /// All in one layer, but these; nil for a layer each (H-55).
    var flattenedWithout: [BuildpackReference]?

    /// Writes the layers into the store and answers with the image, which the caller tags.
    ///
    /// - Parameters:
    ///   - main: what the configuration's own place leads to.
    ///   - folder: what relative places of the configuration are relative to.
    func create(_ config: PackageConfig, main: ModulePackage, folder: String, target: ModuleTarget) async throws -> Image {
        var modules = main.modules
        var dependencies: Set<BuildpackReference> = []
        for place in config.dependencies {
            let package = try await finder.package(place.uri, kind: .buildpack, relativeTo: folder, at: place.location)
            dependencies.insert(package.main)
            modules += package.modules
        }
        var seen: Set<BuildpackReference> = []
        // H-7. Of two the first counts: the package's own before what dependencies bring along.
        modules = modules.filter { seen.insert($0.reference).inserted }.sorted { $0.reference < $1.reference }
        try requireComplete(modules, main: main.main, dependencies: dependencies)

        var image = try Image(config: emptyConfig(target), blobs: store)
        let added = try await ModuleLayers(
            modules, sharing: try shared(modules), store: store, family: image.family, history: Self.history)
        image = try image.appending(added.layers)
        var changed = image.config
        changed.settings.labels = labels
        let layersLabel = config.kind == .buildpack ? LabelName.buildpackLayers : LabelName.extensionLayers
        changed.settings.labels[layersLabel] = try added.records.labelText()
        changed.settings.labels[LabelName.buildpackageMetadata] = try metadata(of: main.main, modules).labelText()
        return try image.with(config: changed)
    }

    private func shared(_ modules: [Module]) throws(Fault) -> [Set<BuildpackReference>] {
        guard let flattenedWithout else { return [] }
        try ModuleLayers.requireKnown([Set(flattenedWithout)], in: modules, option: "--flatten-exclude")
        return [Set(modules.map(\.reference)).subtracting(flattenedWithout)]
    }

    private func emptyConfig(_ target: ModuleTarget) -> ImageConfig {
        var config = ImageConfig(platform: target.platform)
        // What tells images for distributions of one platform apart in an index.
        config.osVersion = target.distro?.version
        config.created = Timestamp.text(secondsSince1970: layerTimestamp)
        config.settings.workingDirectory = "/layers"
        return config
    }

    private static func history(_ what: String) -> History {
        History(created: Timestamp.text(secondsSince1970: layerTimestamp), createdBy: "tote package: \(what)")
    }

    /// H-6.
    private func requireComplete(
        _ modules: [Module], main: BuildpackReference, dependencies: Set<BuildpackReference>
    ) throws(Fault) {
        let resolution = OrderResolution(modules.map { ($0.kind, $0.reference) })
        for module in modules {
            try resolution.requireParts(of: module.reference, order: module.order, list: "[[dependencies]] in package.toml")
        }
        let used = Set(modules.flatMap(\.order).flatMap(\.elements).compactMap { try? $0.exactReference })
        if let unused = dependencies.filter({ $0 != main && !used.contains($0) }).min() {
            throw Fault(
                "buildpack '\(unused)' is not used by buildpack '\(main)'", hint: "name it in an order, or take it out of [[dependencies]]")
        }
    }

    /// H-3.
    private func metadata(of main: BuildpackReference, _ modules: [Module]) throws(Fault) -> BuildpackageMetadata {
        var metadata = BuildpackageMetadata(id: main.id.raw, version: main.version.text)
        guard let module = modules.first(where: { $0.reference == main }) else { return metadata }
        if module.kind == .buildpack { metadata.stacks = try Self.commonStacks(modules) }
        let info = module.info
        metadata.unknown["name"] = info.name.map(JSONValue.string)
        metadata.unknown["description"] = info.description.map(JSONValue.string)
        metadata.unknown["homepage"] = info.homepage.map(JSONValue.string)
        if !info.keywords.isEmpty { metadata.unknown["keywords"] = .array(info.keywords.map(JSONValue.string)) }
        if info.clearEnv { metadata.unknown["clear-env"] = .boolean(true) }
        if !info.licenses.isEmpty {
            metadata.unknown["licenses"] = .array(
                info.licenses.map { .object(["type": .string($0.type), "uri": .string($0.uri)].filter { $0.value != .string("") }) })
        }
        return metadata
    }

    /// H-5: what all components work on; composites say nothing of their own.
    static func commonStacks(_ modules: [Module]) throws(Fault) -> [Stack] {
        var common: [Stack]?
        for module in modules where module.order.isEmpty && !module.stacks.isEmpty && module.targets.isEmpty {
            guard let known = common, !module.stacks.contains(where: { $0.id == "*" }) else {
                common = common ?? module.stacks
                continue
            }
            guard !known.contains(where: { $0.id == "*" }) else {
                common = module.stacks
                continue
            }
            common = known.compactMap { stack in
                guard let other = module.stacks.first(where: { $0.id == stack.id }) else { return nil }
                return Stack(id: stack.id, mixins: Array(Set(stack.mixins).union(other.mixins)).sorted())
            }
        }
        guard let common else { return [Stack(id: "*")] }
        guard !common.isEmpty else {
            throw Fault("no compatible stacks among provided buildpacks", hint: "use buildpacks that share a stack, or that have targets")
        }
        return common
    }
}
