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
    package var events: PhaseEvents

    package init(
        root: ConfinedDirectory, inputs: PhaseInputs, group: Group, metadata: BuildMetadata, runImage: RunImageChoice,
        previous: PreviousImage?,
        options: ExportOptions, store: ImageStore, restorer: any LayerRestorer = CopyingRestorer(), cached: [String: LayerFacts] = [:],
        events: @escaping PhaseEvents
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
        assembly.label.sbom = LayerDigest(
            try await assembly.add(
                layers.prepare(.directory(path: paths.layers + "/sbom/launch"), expected: [known?.sbom?.sha]), LayerHistory.sbom))
        try await addAppLayers(to: &assembly, layers)
        assembly.label.launcher = LayerDigest(
            try await assembly.add(
                layers.prepare(.launcher(hostPath: options.launcher), expected: [known?.launcher.sha]), LayerHistory.launcher))
        assembly.label.config = LayerDigest(
            try await assembly.add(
                layers.prepare(.directory(path: paths.layers + "/config"), expected: [known?.config.sha]), LayerHistory.config))
        if !types.isEmpty {
            let layer = try await layers.prepare(.processTypes(types), expected: [known?.processTypes.sha])
            assembly.label.processTypes = LayerDigest(assembly.add(layer, LayerHistory.processTypes))
        }
        events(.note(entrypoint.logLine))
        let image = try assembly.image(on: runImage, blobs: blobs(), settings: { try settings(&$0, entrypoint: entrypoint, label: $1) })
        return ExportedImage(image: image, buildpackLayers: assembly.buildpackLayers)
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
                let prepared: LayerStore.Prepared
                switch try LayerExport.decide(
                    identifier, types: layer.metadata.types, hasDirectory: layer.hasDirectory, previous: known[name])
                {
                case .fromDirectory:
                    prepared = try await layers.prepare(
                        .directory(path: "\(folder.path)/\(name)"), expected: [known[name]?.sha])
                case .fromPreviousImage(let sha):
                    guard let found = previous?.layer(sha) else {
                        throw Fault("cannot reuse '\(identifier)': the previous image names the layer \(sha), but does not have it")
                    }
                    guard let adopted = layers.adopted(found) else {
                        throw Fault(
                            "cannot reuse '\(identifier)': its type in the previous image, '\(found.descriptor.mediaType)', cannot be part of a Docker image",
                            hint: "build with a run image in the OCI format, or name another previous image")
                    }
                    prepared = adopted
                }
                events(.note("\(prepared.isReused ? "Reusing" : "Adding") layer '\(identifier)'"))
                let sha = assembly.add(prepared, LayerHistory.buildpack(layer: name, element.reference))
                records[name] = LayerRecord(sha: sha, layer.metadata)
                assembly.buildpackLayers[identifier] = prepared.facts
            }
            assembly.label.buildpacks.append(BuildpackRecord(element, layers: records, store: folder.store))
        }
    }

    /// D-50 to D-52.
    private func addAppLayers(to assembly: inout ImageAssembly, _ layers: LayerStore) async throws {
        let path = inputs.directories.app
        let root = root, patterns = metadata.slices.map { globs($0, in: path) }
        let contents = try await blocking { check in
            var entries: [(path: RawPath, isDirectory: Bool)] = []
            try root.walk(path) { entry, _ in
                try check()
                entries.append((entry.path, entry.status.kind == .directory))
                return .descend
            }
            return AppSlices(entries: entries, slices: patterns).layers
        }
        let expected = previous?.metadata.app.map(\.sha) ?? []
        var reused = 0
        for (index, entries) in contents.enumerated() {
            let layer = try await layers.prepare(.app(path: path, entries: entries), expected: expected)
            reused += layer.isReused ? 1 : 0
            assembly.label.app.append(LayerDigest(assembly.add(layer, LayerHistory.app(index, of: contents.count))))
        }
        if reused > 0 { events(.note("Reused \(reused)/\(contents.count) app layer(s)")) }
        if reused < contents.count { events(.note("Added \(contents.count - reused)/\(contents.count) app layer(s)")) }
    }

    private func globs(_ patterns: [String], in app: String) -> [GlobPattern] {
        patterns.compactMap { pattern in
            let glob = GlobPattern(Self.cleaned(pattern, in: app))
            if glob == nil { events(.warning(PhaseWarning("the slice pattern '\(pattern)' is malformed and matches nothing"))) }
            return glob
        }
    }

    /// Without empty, "." and ".." components, as the reference cleans patterns. The specification also allows absolute ones inside the
    /// app directory (D-50); other absolute ones match nothing.
    private static func cleaned(_ pattern: String, in app: String) -> String {
        let relative = pattern.hasPrefix(app + "/") ? String(pattern.dropFirst(app.count + 1)) : pattern
        guard !relative.hasPrefix("/") else { return relative }
        var names: [Substring] = []
        for name in relative.split(separator: "/") where name != "." {
            if name == "..", let last = names.last, last != ".." { names.removeLast() } else { names.append(name) }
        }
        return names.joined(separator: "/")
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
