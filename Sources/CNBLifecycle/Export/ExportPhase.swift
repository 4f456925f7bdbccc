package import Archive
package import CNBSpec
import Diagnostics
package import OCIImage

/// Makes the app image out of the run image and what the buildpacks left (D.3 to D.7).
package struct ExportPhase: Sendable {
    package var root: ConfinedDirectory
    package var inputs: PhaseInputs
    package var group: Group
    package var metadata: BuildMetadata
    package var runImage: RunImageChoice
    package var previous: PreviousImage?
    package var options: ExportOptions
    package var store: ImageStore
    package var restorer: any LayerRestorer
    /// Layers of the cache, whose blobs are in the store.
    package var cached: [String: LayerFacts]
    /// The layers that the app's files are known to become when these patterns divide them; nil when they have to be read.
    package var knownAppLayers: @Sendable (_ slices: [[String]]) throws -> [DiffID]?
    /// What became of the app's files since the last build; nil when that is not known.
    package var appChanges: @Sendable () throws -> AppChanges?
    package var events: PhaseEvents

    package init(
        root: ConfinedDirectory, inputs: PhaseInputs, group: Group, metadata: BuildMetadata, runImage: RunImageChoice,
        previous: PreviousImage?,
        options: ExportOptions, store: ImageStore, restorer: any LayerRestorer = CopyingRestorer(), cached: [String: LayerFacts] = [:],
        knownAppLayers: @escaping @Sendable ([[String]]) throws -> [DiffID]? = { _ in nil },
        appChanges: @escaping @Sendable () throws -> AppChanges? = { nil }, events: @escaping PhaseEvents
    ) {
        self.root = root
        self.inputs = inputs
        self.group = group
        self.metadata = metadata
        self.runImage = runImage
        self.previous = previous
        self.options = options
        self.store = store
        self.restorer = restorer
        self.cached = cached
        self.knownAppLayers = knownAppLayers
        self.appChanges = appChanges
        self.events = events
    }

    /// Writes the new layers to the store. The image gets no name here. Throws with status 62.
    package func run() async throws -> ExportedImage {
        events(.started(.exporting))
        return try await Fault.inPhase(.export) { try await export() }
    }

    private func export() async throws -> ExportedImage {
        // What can be wrong without reading a layer comes first.
        for process in metadata.processes { try process.requireExportable() }
        let types = metadata.processes.map(\.type)
        let entrypoint = try AppImageConfig.entrypoint(
            requested: options.defaultProcess, buildpackDefault: metadata.defaultProcessType, types: types)

        var runImage = runImage
        if options.encoding?.compression == .zstd, runImage.image.family == .docker {
            events(.note("The image gets an OCI manifest: Docker's has no zstd layers"))
            runImage.image = try runImage.image.converted(to: .oci)
        }
        let layers = LayerStore(
            store: store, writer: LayerContentsWriter(root: root, owner: options.owner), previous: previous, family: runImage.image.family,
            restorer: restorer, cached: cached, wanted: options.encoding)
        var assembly = ImageAssembly(created: options.created)
        try await addBuildpackLayers(to: &assembly, layers)
        let paths = inputs.directories, known = previous?.metadata
        func add(_ name: String, _ contents: LayerContents, last: String?, _ createdBy: String) async throws -> LayerDigest {
            let layer = try await assembly.reporting(name, .lifecycle) { try await layers.prepare(contents, expected: [last]) }
            return LayerDigest(assembly.add(layer, createdBy))
        }
        assembly.label.sbom = try await add(
            "SBOM", .directory(path: paths.layers + "/sbom/launch"), last: known?.sbom?.sha, LayerHistory.sbom)
        try await addAppLayers(to: &assembly, layers)
        assembly.label.launcher = try await add(
            "launcher", .launcher(hostPath: options.launcher), last: known?.launcher.sha, LayerHistory.launcher)
        assembly.label.config = try await add(
            "config", .directory(path: paths.layers + "/config"), last: known?.config.sha, LayerHistory.config)
        if !types.isEmpty {
            assembly.label.processTypes = try await add(
                "process types", .processTypes(types), last: known?.processTypes.sha, LayerHistory.processTypes)
        }
        events(.note(entrypoint.logLine))
        let image = try assembly.image(on: runImage, blobs: blobs(), settings: { try settings(&$0, entrypoint: entrypoint, label: $1) })
        return ExportedImage(
            image: image, buildpackLayers: assembly.buildpackLayers, appLayers: assembly.label.app.compactMap { DiffID($0.sha) },
            reports: assembly.reports)
    }

    private func blobs() -> any BlobSource {
        LayeredBlobs(store, over: [runImage.image] + (previous.map { [$0.image] } ?? []))
    }

    /// D-30, D-31.
    private func addBuildpackLayers(to assembly: inout ImageAssembly, _ layers: LayerStore) async throws {
        for element in group.buildpacks {
            let folder = try BuildpackFolder.read(element, layersDirectory: inputs.directories.layers, in: root)
            let known = previous?.metadata.buildpack(element.id)?.layers ?? [:]
            var records: [String: LayerRecord] = [:]
            for name in folder.names {
                guard let layer = folder.layers[name], layer.metadata.types.launch else { continue }
                let identifier = "\(element.id):\(name)"
                let decision = try LayerExport.decide(
                    identifier, types: layer.metadata.types, hasDirectory: layer.hasDirectory, previous: known[name])
                let prepared = try await assembly.reporting(identifier, .buildpack) {
                    switch decision {
                    case .fromDirectory:
                        try await layers.prepare(.directory(path: "\(folder.path)/\(name)"), expected: [known[name]?.sha])
                    case .fromPreviousImage(let sha): try reused(sha, identifier, layers)
                    }
                }
                events(.note("\(prepared.isReused ? "Reusing" : "Adding") layer '\(identifier)'"))
                let sha = assembly.add(prepared, LayerHistory.buildpack(layer: name, element.reference))
                records[name] = LayerRecord(sha: sha, layer.metadata)
                assembly.buildpackLayers[identifier] = prepared.facts
            }
            assembly.label.buildpacks.append(BuildpackRecord(element, layers: records, store: folder.store))
        }
    }

    /// A layer without contents here (D-31).
    private func reused(_ sha: String, _ identifier: String, _ layers: LayerStore) throws -> LayerStore.Prepared {
        guard let found = previous?.layer(sha) else {
            if previous?.hasLost(sha) == true {
                throw Fault(
                    "cannot reuse '\(identifier)': the layer \(sha) of the previous image is missing in the image store, or cut short there",
                    hint: "the buildpack must make the layer's folder again when its metadata is not restored")
            }
            throw Fault("cannot reuse '\(identifier)': the previous image names the layer \(sha), but does not have it")
        }
        guard let reused = layers.adopted(found, .untouched) else {
            throw Fault(
                "cannot reuse '\(identifier)': its type in the previous image, '\(found.descriptor.mediaType)', cannot be part of a Docker image",
                hint: "build with a run image in the OCI format, or name another previous image")
        }
        return reused
    }

    /// D.6, D.7.
    private func settings(_ settings: inout ContainerSettings, entrypoint: AppImageConfig.Entrypoint, label: LifecycleMetadata) throws {
        let paths = inputs.directories
        settings.environment = AppImageConfig.environment(
            settings.environment, layersDirectory: paths.layers, appDirectory: paths.app, platformAPI: inputs.platformAPI)
        settings.workingDirectory = paths.app
        settings.entrypoint = [entrypoint.path]
        settings.command = []
        settings.labels[LabelName.lifecycleMetadata] = try label.labelText()
        settings.labels[LabelName.buildMetadata] = try metadata.label(launcher: options.launcherSource, platformAPI: inputs.platformAPI)
            .text()
        settings.labels[LabelName.projectMetadata] = try options.projectMetadata.text()
        settings.labels.merge(metadata.imageLabels) { _, buildpack in buildpack }  // D-62
        if inputs.platformAPI >= APIVersion(0, 15) { settings.labels[LabelName.execEnv] = inputs.execEnv }  // D-69
    }
}
