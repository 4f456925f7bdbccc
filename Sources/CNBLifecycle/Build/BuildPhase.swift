import Archive
import CNBLaunch
package import CNBSpec
import Diagnostics

/// Runs `bin/build` of every buildpack of the group, in order (C).
package struct BuildPhase: Sendable {
    package var room: any BuildpackRoom
    package var catalog: ModuleCatalog
    package var group: Group
    package var plan: BuildPlan
    package var inputs: PhaseInputs
    package var events: PhaseEvents

    package init(
        room: any BuildpackRoom, catalog: ModuleCatalog, group: Group, plan: BuildPlan, inputs: PhaseInputs, events: @escaping PhaseEvents
    ) {
        self.room = room
        self.catalog = catalog
        self.group = group
        self.plan = plan
        self.inputs = inputs
        self.events = events
    }

    /// Leaves layers, SBOMs and `config/metadata.toml` below the layers directory. Throws with status 51 when a buildpack fails, with 52
    /// when what it left is not valid.
    package func run() async throws -> BuildMetadata {
        events(.started(.building))
        return try await Fault.inPhase(.build) { try await build() }
    }

    private func build() async throws -> BuildMetadata {
        let layers = inputs.directories.layers
        try room.root.removeTree(layers + "/sbom")  // C-3
        var metadata = BuildMetadata(group: group)
        var environment = BuildEnvironment(inheriting: Environment(inputs.baseEnvironment))
        var plan = plan
        let start = ContinuousClock.now
        for element in group.buildpacks {
            let descriptor = try catalog.buildpack(element.reference)
            let given = plan.plan(for: element.id)
            if let failure = try await runBuild(of: element, descriptor, plan: given, environment) {
                throw BuildpackFailure(buildpack: element.id, message: failure, elapsed: ContinuousClock.now - start)
            }
            try Fault.naming(element, .build) {
                try requireFolders(own: layers + "/" + element.id.escaped)
                let result = try BuildpackResult(of: element, descriptor, plan: given, layersDirectory: layers, in: room)
                metadata.add(result.launch, build: result.build).forEach { events(.warning(PhaseWarning($0))) }
                environment.add(result.buildLayers)
                plan = plan.removing(met: given, unmet: result.build.unmet)
            }
        }
        try writeResults(metadata)
        return metadata
    }

    /// The folders that the phases write to. Who puts something else in their place is told at once, not when it is in the way.
    private func requireFolders(own: String) throws {
        let layers = inputs.directories.layers
        for path in [own, layers + "/sbom", layers + "/sbom/launch", layers + "/sbom/build"] {
            guard let found = try room.root.status(path, followingLinks: false), found.kind != .directory else { continue }
            throw Fault("'\(path)' is not a folder any more", hint: "a buildpack must not replace it")
        }
    }

    /// The answer is what went wrong in the script.
    private func runBuild(
        of element: GroupElement, _ descriptor: BuildpackDescriptor, plan given: BuildpackPlan, _ environment: BuildEnvironment
    ) async throws -> String? {
        let own = inputs.directories.layers + "/" + element.id.escaped
        let folder = catalog.directory(of: element.reference, kind: .buildpack)
        let (plan, variables) = try Fault.naming(element, .build) {
            try room.root.makeDirectories(own, mode: 0o755, owner: room.owner)
            let plan = try PlanFile(in: room, contents: given.serialized())
            let variables = try inputs.environment(
                of: .build(layers: own, plan: plan.path), descriptor.info, kind: .buildpack, directory: folder, accumulated: environment,
                in: room)
            return (plan, variables)
        }
        defer { plan.remove() }
        let tail = OutputCollector(limit: 4096)
        let end = try await room.run(
            BuildpackExecution(
                arguments: [folder + "/bin/build", own, inputs.directories.platform, plan.path], environment: variables,
                workingDirectory: inputs.directories.app),
            output: { line in
                tail.add(line)
                events(.output(buildpack: element.id.raw, line: line))
            })
        guard !end.succeeded else { return nil }
        let last = tail.last(10).map { "\n  \($0)" }.joined()
        return "the build script of buildpack '\(element)' failed: \(end)" + (last.isEmpty ? "" : "; its last lines were" + last)
    }

    private func writeResults(_ metadata: BuildMetadata) throws {
        let layers = inputs.directories.layers
        // C-74: these exist in every build.
        try room.place(Array(LegacyBOMEntry.fileText(metadata.launchBOM).utf8), at: layers + "/sbom/launch/sbom.legacy.json")
        try room.place(Array(LegacyBOMEntry.fileText(metadata.buildBOM).utf8), at: layers + "/sbom/build/sbom.legacy.json")
        // A buildpack with the id `config` is refused, but another could have made the folder.
        try room.root.removeTree(layers + "/config")
        try room.place(Array(metadata.metadataTOML(platformAPI: inputs.platformAPI).utf8), at: layers + "/config/metadata.toml")
    }
}
