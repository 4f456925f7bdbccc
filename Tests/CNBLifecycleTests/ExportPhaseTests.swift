import Archive
import CNBLifecycle
import CNBSpec
import Diagnostics
import Glibc
import OCIImage
import TestSupport
import Testing

@Suite("Export phase (D.3 to D.7)")
struct ExportPhaseTests {
    /// Buildpacks and folders as a build leaves them, and an export of them.
    struct Setup {
        let root: TestRoot
        var group: [GroupElement] = []
        var metadata = BuildMetadata()
        var previous: PreviousImage?
        var defaultProcess: String?
        var created = layerTimestamp
        var platformAPI = APIVersion(0, 15)
        var encoding: LayerEncoding?
        let events = EventRecorder()

        init() throws {
            root = try TestRoot()
            try root.scratch.write("launcher", to: "launcher")
            try root.write("/layers/sbom/launch/sbom.legacy.json", "null\n")
            try root.write("/layers/config/metadata.toml", "processes = []\n")
        }

        func export(on runImage: Image? = nil) async throws -> ExportedImage {
            try await ExportPhase(
                root: root.root, inputs: root.inputs(platformAPI: platformAPI), group: Group(buildpacks: group), metadata: metadata,
                runImage: RunImageChoice(
                    image: try runImage ?? root.runImage(), reference: "kit/run@sha256:0",
                    names: RunImage(image: "kit/run:1", mirrors: ["m/run"])),
                previous: previous,
                options: ExportOptions(
                    owner: Ownership(user: 1000, group: 1000), defaultProcess: defaultProcess, created: created,
                    launcher: root.scratch.path("launcher"), launcherSource: LauncherSource(version: "1"), projectMetadata: .object([:]),
                    encoding: encoding),
                store: root.store, events: events.events
            ).run()
        }

        /// Adds a buildpack that left a layer.
        mutating func add(_ reference: String, layer: String, _ types: String, _ files: [String: String] = ["f": "x"]) throws {
            let element = try root.addBuildpack(reference)
            if !group.contains(element) { group.append(element) }
            let flags = types.split(separator: " ").map { "\($0) = true\n" }.joined()
            let folder = "/layers/\(element.id.escaped)"
            try root.write("\(folder)/\(layer).toml", "[types]\n\(flags)")
            for (path, text) in files { try root.write("\(folder)/\(layer)/\(path)", text) }
        }

        func process(_ type: String) -> ProcessDefinition { ProcessDefinition(type: type, command: ["x"], buildpackID: "kit/a") }
    }

    static func label(_ image: Image) throws -> LifecycleMetadata {
        try LifecycleMetadata(label: LabelName.lifecycleMetadata, text: image.config.settings.labels[LabelName.lifecycleMetadata] ?? "")
    }

    static func addedHistory(_ exported: ExportedImage) -> [String] { exported.image.config.history.dropFirst().map { $0.createdBy ?? "" } }

    @Test("D-40, D-60, D-66: the order of layers, by their history, and what the label says of them")
    func order() async throws {
        var setup = try Setup()
        try setup.add("kit/b@2", layer: "z", "launch")
        try setup.add("kit/b@2", layer: "a", "launch cache")
        try setup.add("kit/b@2", layer: "hidden", "build cache")
        try setup.add("kit/a@1", layer: "m", "launch build")
        try setup.root.write("/layers/kit_a/ignored.ignore/f", "")
        try setup.root.write("/layers/kit_a/loose/f", "")
        try setup.root.write("/layers/kit_a/store.toml", "[metadata]\nx = 1\n")
        try setup.root.write("/workspace/x.css", "")
        setup.metadata.slices = [["*.css"]]
        setup.metadata.processes = [setup.process("web")]
        setup.metadata.defaultProcessType = "web"
        let exported = try await setup.export()
        #expect(
            Self.addedHistory(exported) == [
                "Layer: 'a', Created by buildpack: kit/b@2", "Layer: 'z', Created by buildpack: kit/b@2",
                "Layer: 'm', Created by buildpack: kit/a@1", "Software Bill-of-Materials", "Application Slice: 1", "Application Slice: 2",
                "Buildpacks Application Launcher", "Buildpacks Launcher Config", "Buildpacks Process Types",
            ])
        let label = try Self.label(exported.image)
        let diffIDs = exported.image.config.diffIDs.map(\.description)
        #expect(label.buildpacks.map(\.key) == ["kit/b", "kit/a"])
        #expect(label.buildpacks[0].layers.mapValues(\.sha) == ["a": diffIDs[1], "z": diffIDs[2]])
        #expect(label.buildpacks[1].layers["m"]?.types == LayerTypes(launch: true, build: true))
        #expect(label.buildpacks[1].store == .object(["x": .integer(1)]))
        #expect(label.sbom?.sha == diffIDs[4])
        #expect(label.app.map(\.sha) == [diffIDs[5], diffIDs[6]])
        #expect([label.launcher.sha, label.config.sha, label.processTypes.sha] == Array(diffIDs[7...9]))
        // D-67, D-68
        #expect(
            label.runImage
                == RunImageRecord(
                    topLayer: diffIDs[0], reference: "kit/run@sha256:0", image: RunImage(image: "kit/run:1", mirrors: ["m/run"])))
        #expect(label.stackRunImage == RunImage(image: "kit/run:1", mirrors: ["m/run"]))
        #expect(Set(exported.buildpackLayers.keys) == ["kit/b:a", "kit/b:z", "kit/a:m"])
        for layer in exported.image.layers { #expect(setup.root.store.contains(layer.descriptor)) }
    }

    @Test("D-55 to D-59, D-62, D-69: the config")
    func config() async throws {
        var setup = try Setup()
        setup.metadata.labels = [
            LaunchLabel(key: "io.buildpacks.project.metadata", value: "mine"), LaunchLabel(key: "io.buildpacks.exec-env", value: "mine"),
            LaunchLabel(key: "own", value: "1"),
        ]
        setup.created = 1_700_000_000
        let image = try await setup.export(
            on: setup.root.runImage {
                $0.other["container"] = .string("c")
                $0.history = [History(createdBy: "env", isEmptyLayer: true)]
            }
        ).image
        let settings = image.config.settings
        #expect(
            settings.environment == [
                "A=1", "PATH=/cnb/process:/cnb/lifecycle:/usr/bin:/bin", "CNB_APP_DIR=/workspace", "CNB_LAYERS_DIR=/layers",
                "CNB_PLATFORM_API=0.15", "CNB_DEPRECATION_MODE=quiet",
            ])
        #expect(settings.workingDirectory == "/workspace")
        #expect(settings.entrypoint == ["/cnb/lifecycle/launcher"] && settings.command.isEmpty)
        #expect(settings.user == "1000:1000" && settings.exposedPorts == ["8080/tcp"])
        #expect(settings.labels["io.buildpacks.base.id"] == "kit")
        #expect(settings.labels["io.buildpacks.project.metadata"] == "mine")
        #expect(settings.labels["io.buildpacks.exec-env"] == "production")
        #expect(settings.labels["own"] == "1")
        #expect(settings.labels["io.buildpacks.rebasable"] == nil)
        #expect(image.config.created == "2023-11-14T22:13:20Z")
        #expect(image.config.history.allSatisfy { $0.created == "2023-11-14T22:13:20Z" && !$0.isEmptyLayer })
        #expect(image.config.history.count == image.config.diffIDs.count)
        #expect(image.config.other["container"] == nil)
    }

    @Test("D-69: no exec-env label before Platform API 0.15")
    func olderPlatform() async throws {
        var setup = try Setup()
        setup.platformAPI = APIVersion(0, 14)
        let labels = try await setup.export().image.config.settings.labels
        #expect(labels["io.buildpacks.exec-env"] == nil)
    }

    struct Entry: Sendable, CustomTestStringConvertible {
        var requested: String?
        var buildpackDefault: String?
        var types: [String]
        var entrypoint: String
        var testDescription: String { "\(requested ?? "-"), \(buildpackDefault ?? "-"), \(types)" }
    }

    static let entries: [Entry] = [
        Entry(requested: nil, buildpackDefault: nil, types: [], entrypoint: "/cnb/lifecycle/launcher"),
        Entry(requested: nil, buildpackDefault: nil, types: ["web"], entrypoint: "/cnb/lifecycle/launcher"),
        Entry(requested: nil, buildpackDefault: "web", types: ["api", "web"], entrypoint: "/cnb/process/web"),
        Entry(requested: "api", buildpackDefault: "web", types: ["api", "web"], entrypoint: "/cnb/process/api"),
    ]

    @Test("D-57: the entrypoint", arguments: entries)
    func entrypoint(_ entry: Entry) async throws {
        var setup = try Setup()
        setup.metadata.processes = entry.types.map(setup.process)
        setup.metadata.defaultProcessType = entry.buildpackDefault
        setup.defaultProcess = entry.requested
        let image = try await setup.export().image
        #expect(image.config.settings.entrypoint == [entry.entrypoint])
        let hasTypes = image.config.history.contains { $0.createdBy == "Buildpacks Process Types" }
        #expect(hasTypes == !entry.types.isEmpty)
        #expect(try Self.label(image).processTypes.sha.isEmpty == entry.types.isEmpty)
    }

    @Test("D-57: a type that does not exist ends with 62 before anything is written")
    func unknownProcess() async throws {
        var setup = try Setup()
        setup.metadata.processes = [setup.process("web")]
        setup.defaultProcess = "wbe"
        let fault = try await #require(throws: Fault.self) { try await setup.export() }
        #expect(fault.exitCode == 62)
        #expect(fault.message == "tried to set wbe to default but it doesn't exist")
        #expect(fault.hint == "the image has web")
        #expect(setup.events.notes.isEmpty)
    }

    @Test("C-54: a process type that cannot name a file ends with 62", arguments: ["", "a/b", "..", "a|b"])
    func badProcessType(_ type: String) async throws {
        var setup = try Setup()
        setup.metadata.processes = [setup.process(type)]
        let fault = try await #require(throws: Fault.self) { try await setup.export() }
        #expect(fault.exitCode == 62)
    }

    @Test("D-95: the same input twice gives the same image, in another store and with a previous image too")
    func reproducible() async throws {
        func make() throws -> Setup {
            var setup = try Setup()
            try setup.add("kit/a@1", layer: "l", "launch", ["bin/x": "1", "b": "2", "a/c": "3"])
            try setup.root.write("/workspace/main", "m")
            setup.metadata.processes = [setup.process("web")]
            return setup
        }
        let first = try await make().export().image
        var second = try make()
        let again = try await second.export().image
        #expect(first.digest == again.digest)
        second.previous = PreviousImage(again)
        let third = try await second.export().image
        #expect(third.digest == first.digest)
        #expect(second.events.notes.contains("Reusing layer 'kit/a:l'"))
        #expect(second.events.notes.contains("Reused 1/1 app layer(s)"))
    }

    @Test("D-30: an unchanged layer is reused, a changed one added")
    func reuse() async throws {
        var setup = try Setup()
        try setup.add("kit/a@1", layer: "same", "launch")
        try setup.add("kit/a@1", layer: "other", "launch", ["f": "1"])
        setup.previous = PreviousImage(try await setup.export().image)
        try setup.root.write("/layers/kit_a/other/f", "2")
        let exported = try await setup.export()
        #expect(
            setup.events.notes.filter { $0.contains("kit/a:") } == [
                "Adding layer 'kit/a:other'", "Adding layer 'kit/a:same'", "Adding layer 'kit/a:other'", "Reusing layer 'kit/a:same'",
            ])
        #expect(exported.image.config.diffIDs.count == (setup.previous?.image.config.diffIDs.count ?? 0))
    }

    @Test("Work is proportional to change: nothing is written for layers that the previous image has, wherever it has them")
    func nothingWritten() async throws {
        var setup = try Setup()
        try setup.add("kit/a@1", layer: "l", "launch")
        setup.metadata.processes = [setup.process("web")]
        let first = try await setup.export().image
        setup.previous = PreviousImage(first)
        // As if it had only ever been in a registry.
        for layer in first.layers { #expect(unlink(setup.root.store.path(of: layer.descriptor.digest)) == 0) }
        let runImage = try setup.root.runImage()
        let second = try await setup.export(on: runImage).image
        #expect(second.digest == first.digest)
        for layer in second.layers.dropFirst() { #expect(!setup.root.store.contains(layer.descriptor.digest), "\(layer)") }
    }

    struct Elsewhere: BlobSource {
        var name: String
        func blob(_ descriptor: Descriptor) async throws -> String { name }
    }

    @Test("Blobs come from the store, then from the run image, then from the previous image")
    func blobs() async throws {
        var setup = try Setup()
        try setup.add("kit/a@1", layer: "l", "launch")
        try setup.add("kit/a@1", layer: "new", "launch", ["f": "1"])
        setup.previous = PreviousImage(try (try await setup.export().image).with(blobs: Elsewhere(name: "previous")))
        try setup.root.write("/layers/kit_a/new/f", "2")
        let runImage = try setup.root.runImage().with(blobs: Elsewhere(name: "run"))
        let image = try await setup.export(on: runImage).image
        for layer in image.layers[0...1] { #expect(unlink(setup.root.store.path(of: layer.descriptor.digest)) == 0) }
        #expect(try await image.blobs.blob(image.layers[0].descriptor) == "run")
        #expect(try await image.blobs.blob(image.layers[1].descriptor) == "previous")
        let new = image.layers[2].descriptor
        #expect(try await image.blobs.blob(new) == setup.root.store.path(of: new.digest))
    }

    @Test("D-30, D-33, C-44: a wish without a folder takes the layer from the previous image, whatever the buildpack's version")
    func reuseWithoutFolder() async throws {
        var setup = try Setup()
        try setup.add("kit/a@2", layer: "l", "launch", [:])
        let layer = try setup.root.storeLayer([("/layers/kit_a/l/", "")])
        let metadata = try LifecycleMetadata(["kit/a:l": LayerRecord(sha: layer.diffID.description, types: LayerTypes(launch: true))])
        setup.previous = try setup.root.previousImage(metadata, [NewLayer(layer, history: History())])
        let exported = try await setup.export()
        #expect(exported.image.config.diffIDs[1] == layer.diffID)
        #expect(setup.events.notes.contains("Reusing layer 'kit/a:l'"))
        #expect(Self.addedHistory(exported).first == "Layer: 'l', Created by buildpack: kit/a@2")
    }

    @Test(
        "D-31: what cannot be reused ends with 62",
        arguments: [
            ("launch cache", true, "layer 'kit/a:l' is cache=true but has no contents"),
            ("launch", false, "cannot reuse 'kit/a:l', previous image has no metadata for layer 'kit/a:l'"),
        ])
    func reuseErrors(_ types: String, _ hasPrevious: Bool, _ message: String) async throws {
        var setup = try Setup()
        try setup.add("kit/a@1", layer: "l", types, [:])
        if hasPrevious {
            setup.previous = try setup.root.previousImage(
                LifecycleMetadata(["kit/a:l": LayerRecord(sha: "s", types: LayerTypes(launch: true))]))
        }
        let fault = try await #require(throws: Fault.self) { try await setup.export() }
        #expect(fault.exitCode == 62)
        #expect(fault.message == message)
    }

    @Test("A label that names a layer which its image lacks is an error, not a broken image")
    func lyingLabel() async throws {
        var setup = try Setup()
        try setup.add("kit/a@1", layer: "l", "launch", [:])
        let sha = Digest.of([1]).description
        setup.previous = try setup.root.previousImage(
            LifecycleMetadata(["kit/a:l": LayerRecord(sha: sha, types: LayerTypes(launch: true))]))
        let fault = try await #require(throws: Fault.self) { try await setup.export() }
        #expect(fault.exitCode == 62)
        #expect(fault.message == "cannot reuse 'kit/a:l': the previous image names the layer \(sha), but does not have it")
    }

    @Test("D-32: a layer document that cannot be read ends with 62 and names the buildpack")
    func unparsable() async throws {
        var setup = try Setup()
        try setup.add("kit/a@1", layer: "l", "launch")
        try setup.root.write("/layers/kit_a/l.toml", "launch = true\n")
        let fault = try await #require(throws: Fault.self) { try await setup.export() }
        #expect(fault.exitCode == 62)
        #expect(fault.message.contains("buildpack 'kit/a@1'"))
        #expect(fault.location?.line == 1)
    }

    @Test(
        "D-61: manifest, config and every new or reused layer speak the run image's family", arguments: MediaType.Family.allCases,
        MediaType.Family.allCases)
    func families(_ run: MediaType.Family, _ previous: MediaType.Family) async throws {
        var setup = try Setup()
        try setup.add("kit/a@1", layer: "l", "launch")
        setup.previous = PreviousImage(try await setup.export(on: setup.root.runImage(previous)).image)
        let image = try await setup.export(on: setup.root.runImage(run)).image
        #expect(setup.events.notes.contains("Reusing layer 'kit/a:l'"))
        #expect(image.manifest.mediaType == .manifest(run) && image.manifest.config.mediaType == .config(run))
        #expect(Set(image.manifest.layers.map(\.mediaType)) == [.layer(run, .gzip)])
    }

    @Test(
        "D-61: a reused layer keeps its compression; Docker's family has no zstd, so the layer is made anew",
        arguments: MediaType.Family.allCases)
    func zstd(_ run: MediaType.Family) async throws {
        var setup = try Setup()
        try setup.add("kit/a@1", layer: "l", "launch")
        let made = try await setup.export()
        let facts = try #require(made.buildpackLayers["kit/a:l"])
        let other = LayerFacts(diffID: facts.diffID, digest: try setup.root.store.put([9]), size: 1)
        let metadata = try LifecycleMetadata(["kit/a:l": LayerRecord(sha: facts.diffID.description, types: LayerTypes(launch: true))])
        setup.previous = try setup.root.previousImage(metadata, [NewLayer(other, history: History(), mediaType: .ociLayerZstd)])
        let layer = try await setup.export(on: setup.root.runImage(run)).image.layers[1]
        #expect(layer.descriptor.mediaType == (run == .oci ? .ociLayerZstd : .dockerLayerGzip))
        #expect(layer.descriptor.digest == (run == .oci ? other.digest : facts.digest))
    }

    @Test("D-61: a zstd layer of which only the previous image has the contents cannot be in a Docker image: an error says so")
    func zstdWithoutFolder() async throws {
        var setup = try Setup()
        try setup.add("kit/a@1", layer: "l", "launch", [:])
        let layer = try setup.root.storeLayer([("/layers/kit_a/l/", "")])
        let metadata = try LifecycleMetadata(["kit/a:l": LayerRecord(sha: layer.diffID.description, types: LayerTypes(launch: true))])
        setup.previous = try setup.root.previousImage(metadata, [NewLayer(layer, history: History(), mediaType: .ociLayerZstd)])
        let fault = try await #require(throws: Fault.self) { try await setup.export(on: setup.root.runImage(.docker)) }
        #expect(fault.exitCode == 62)
        #expect(fault.message.contains("zstd"))
    }

    @Test("A run image that was built from another app does not pass its labels on")
    func labelsReplaced() async throws {
        let setup = try Setup()
        let labels = try await setup.export().image.config.settings.labels
        #expect(labels["io.buildpacks.project.metadata"] == "{}")
    }

    @Test("D-50: slices that are malformed, absolute or untidy")
    func slicePatterns() async throws {
        var setup = try Setup()
        for name in ["a.css", "b.css", "c/d.css", "e"] { try setup.root.write("/workspace/\(name)", name) }
        setup.metadata.slices = [["["], ["/workspace/a.css"], ["./x/..//b.css"], ["c/"], ["/e", "../e"]]
        let image = try await setup.export().image
        var names: [[String]] = []
        for layer in image.layers[2...7] {
            names.append(try setup.root.entries(of: setup.root.store.path(of: layer.descriptor.digest)).map { $0.path.string })
        }
        #expect(
            names == [
                [], ["/workspace", "/workspace/a.css"], ["/workspace", "/workspace/b.css"],
                ["/workspace", "/workspace/c", "/workspace/c/d.css"], [],
                ["/workspace", "/workspace/e"],
            ])
        #expect(setup.events.warnings == ["the slice pattern '[' is malformed and matches nothing"])
    }

    @Test("D-45: a socket in the app is in no layer, but its folder is")
    func sockets() async throws {
        var setup = try Setup()
        try setup.root.write("/workspace/d/a", "")
        try setup.root.makeSocket("/workspace/d/s")
        setup.metadata.slices = [["d/a"]]
        let layers = try await setup.export().image.layers[2...3]
        let names = try layers.map { try setup.root.entries(of: setup.root.store.path(of: $0.descriptor.digest)).map { $0.path.string } }
        #expect(names == [["/workspace", "/workspace/d", "/workspace/d/a"], ["/workspace", "/workspace/d"]])
    }

    @Test("A launcher that is missing, or reached through a link, as packages install it")
    func launcher() async throws {
        let setup = try Setup()
        try setup.root.scratch.makeFile("libexec/real", "launcher")
        let plain = try await setup.export().image
        try ConfinedDirectory(setup.root.scratch.path).removeTree("launcher")
        let fault = try await #require(throws: Fault.self) { try await setup.export() }
        #expect(fault.exitCode == 62)
        try ConfinedDirectory(setup.root.scratch.path).makeLink("launcher", to: setup.root.scratch.path("libexec/real"))
        #expect(try await setup.export().image.digest == plain.digest)
    }
}
