import Archive
import CNBLifecycle
import CNBSpec
import Diagnostics
package import OCIImage

/// Makes a builder image out of a build image and modules from anywhere: the layers of H-26, the labels of H-27.
///
/// The same inputs give the same digest, whatever modes and times the files of folders have.
package struct BuilderCreation: Sendable {
    package struct Result: Sendable {
        package var image: Image
        package var warnings: [BuilderWarning]
    }

    private let store: ImageStore
    private let finder: ModuleFinder
    private let version: String
    private let labels: [String: String]
    private let flattened: [Set<BuildpackReference>]

    /// - Parameters:
    ///   - store: takes the new layers. The caller holds its lock.
    ///   - finder: gets the modules.
    ///   - version: tote's own, which goes into the label.
    ///   - labels: of the user's own.
    ///   - flattened: which buildpacks share layers (H-55).
    init(
        store: ImageStore, finder: ModuleFinder, version: String, labels: [String: String] = [:],
        flattened: [Set<BuildpackReference>] = []
    ) {
        self.store = store
        self.finder = finder
        self.version = version
        self.labels = labels
        self.flattened = flattened
    }

    /// Writes the new layers into the store and answers with the image, which the caller tags.
    ///
    /// - Parameters:
    ///   - folder: what relative paths of the configuration are relative to.
    ///   - base: the image that `build.image` names.
    func create(_ config: BuilderConfig, folder: String, base: Image) async throws -> Result {
        let identity = try BuildIdentity(base, name: config.buildImage)
        if let stackID = config.stackID, let own = base.config.settings.labels[LabelName.stackID], own != stackID {
            throw Fault("'stack.id' is '\(stackID)', but the build image '\(config.buildImage)' says '\(own)'")
        }
        var warnings = config.warnings + Self.targetWarnings(config, base)
        let buildpacks = try await modules(config.buildpacks, .buildpack, folder, base, &warnings)
        let extensions = try await modules(config.extensions, .extension, folder, base, &warnings)
        let resolution = OrderResolution((buildpacks + extensions).map { ($0.kind, $0.reference) })
        try ModuleLayers.requireKnown(flattened, in: buildpacks, option: "--flatten")
        for buildpack in buildpacks { try resolution.requireParts(of: buildpack.reference, order: buildpack.order) }

        var layers: [NewLayer] = []
        func add(_ what: String, _ write: (LayerWriter) throws -> Void) throws {
            layers.append(NewLayer(try store.writeLayer(write), history: Self.history(what)))
        }
        try add("directories") { try BuilderLayers.directories(user: identity.user, group: identity.group, to: $0) }
        var records: [ModuleKind: BuildpackLayers] = [:]
        for (kind, modules) in [(ModuleKind.buildpack, buildpacks), (.extension, extensions)] {
            let added = try await ModuleLayers(
                modules.sorted { $0.reference < $1.reference }, sharing: kind == .buildpack ? flattened : [], store: store,
                family: base.family, history: Self.history)
            layers += added.layers
            records[kind] = added.records
        }
        let runImages = RunImages(config.runImages)
        for file in try BuilderLayers.documents(
            order: resolution.resolved(config.order), system: resolution.resolved(config.system), runImages: runImages)
        {
            try add(file.path) { try BuilderLayers.files([file], to: $0) }
        }
        if !config.variables.isEmpty {
            let files = BuilderLayers.variables(config.variables)
            try add("build-config") { try BuilderLayers.files(files, to: $0) }
        }
        try add("/platform/env") { _ in }

        var image = try base.with(blobs: LayeredBlobs(store, over: [base])).appending(layers)
        var changed = image.config
        changed.created = Timestamp.text(secondsSince1970: layerTimestamp)
        changed.settings.workingDirectory = "/layers"  // H-29
        changed.settings.labels.merge(labels) { _, new in new }
        let labels = try BuilderLabels(config: config, buildpacks: buildpacks, extensions: extensions, records: records, version: version)
            .texts()
        changed.settings.labels.merge(labels) { _, new in new }
        image = try image.with(config: changed)
        warnings.append(BuilderWarning("this builder carries no lifecycle: tote builds with it, pack and kpack cannot yet"))
        return Result(image: image, warnings: warnings)
    }

    /// Gets all modules and those they bring along. Of two with the same id and version the last counts (H-30).
    private func modules(
        _ entries: [BuilderConfig.Module], _ kind: ModuleKind, _ folder: String, _ base: Image, _ warnings: inout [BuilderWarning]
    ) async throws -> [Module] {
        var modules: [Module] = []
        var declared: Set<BuildpackReference> = []
        for entry in entries {
            let package = try await finder.package(entry.uri, kind: kind, relativeTo: folder, at: entry.location)
            try requireDeclared(entry, package.main, kind)
            if !declared.insert(package.main).inserted {
                warnings.append(
                    BuilderWarning("\(kind.rawValue) '\(package.main)' is there twice: the last one counts", at: entry.location))
            }
            for module in package.modules {
                if case .folder(let folder) = module.contents {
                    warnings += folder.unknownKeys.map { BuilderWarning($0.message, at: $0.location) }
                }
                let target = base.baseTarget
                if !module.effectiveTargets.isEmpty, !module.effectiveTargets.contains(where: { $0.matches(target) }) {
                    warnings.append(BuilderWarning("\(kind.rawValue) '\(module.reference)' is not made for \(target)", at: entry.location))
                }
                modules.removeAll { $0.reference == module.reference }
                modules.append(module)
            }
        }
        return modules
    }

    /// H-36.
    private func requireDeclared(_ entry: BuilderConfig.Module, _ main: BuildpackReference, _ kind: ModuleKind) throws(Fault) {
        if let id = entry.id, id != main.id {
            throw Fault("\(kind.rawValue) '\(entry.uri)' has the id '\(main.id)', not '\(id)'", at: entry.location)
        }
        if let version = entry.version, version != main.version {
            throw Fault("\(kind.rawValue) '\(entry.uri)' has the version '\(main.version)', not '\(version)'", at: entry.location)
        }
    }

    private static func targetWarnings(_ config: BuilderConfig, _ base: Image) -> [BuilderWarning] {
        let target = base.baseTarget
        return config.targets.filter { !$0.matches(target) }
            .map { BuilderWarning("no builder is made for the target \($0): the build image is for \(target)") }
    }

    private static func history(_ what: String) -> History {
        History(created: Timestamp.text(secondsSince1970: layerTimestamp), createdBy: "tote builder create: \(what)")
    }
}
