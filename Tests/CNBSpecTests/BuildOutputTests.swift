import CNBSpec
import Diagnostics
import TOML
import Testing

@Suite("What a buildpack writes (C.4 to C.8)")
struct BuildOutputTests {
    static func launch(_ text: String, api: APIVersion = APIVersion(0, 12)) throws -> LaunchTOML {
        try LaunchTOML(reading: DocumentSource(file: "launch.toml", text: text), buildpack: try groupElement("kit/bad@1.0.0", api: api))
    }

    struct Invalid: Sendable, CustomTestStringConvertible {
        var text: String
        var api = APIVersion(0, 12)
        var part: String
        var line: Int
        var testDescription: String { part }
    }

    // The kit's build-invalid-52 and its neighbours.
    static let invalid: [Invalid] = [
        Invalid(
            text: "[[processes]]\ntype = \"web\"\ncommand = [\"x\"]\ndirect = true\n",
            part: "process.direct is not supported on this buildpack version", line: 4),
        Invalid(text: "[[processes]]\ntype = \"web\"\ncommand = \"x\"\n", part: "array of strings", line: 3),
        Invalid(text: "[[processes]]\ntype = \"web\"\ncommand = [\"x\"]\n", api: APIVersion(0, 8), part: "must be a string", line: 3),
        Invalid(
            text:
                "[[processes]]\ntype = \"a\"\ncommand = [\"x\"]\ndefault = true\n[[processes]]\ntype = \"b\"\ncommand = [\"x\"]\ndefault = true\n",
            part: "multiple default process types aren't allowed", line: 8),
        Invalid(text: "not toml [", part: "launch.toml", line: 1),
        Invalid(text: "[[bom]]\nname = \"x\"\nversion = \"1\"\n", part: "top level version which is not allowed", line: 3),
    ]

    @Test("C-50 to C-58: invalid launch.toml has status 52 and a place", arguments: invalid)
    func invalidLaunch(_ example: Invalid) throws {
        let fault = try #require(throws: Fault.self) { try Self.launch(example.text, api: example.api) }
        #expect(fault.message.contains(example.part), "\(fault.message)")
        #expect(fault.exitCode == 52)
        #expect(fault.location?.line == example.line)
    }

    @Test("C-50, C-51: processes by the API of their buildpack")
    func processes() throws {
        let new = try Self.launch(
            "[[processes]]\ntype = \"web\"\ncommand = [\"a\", \"b\"]\nargs = [\"c\"]\nworking-dir = \"/tmp\"\nexec-env = [\"test\"]\n")
        #expect(
            new.processes == [
                ProcessDefinition(
                    type: "web", command: ["a", "b"], args: ["c"], direct: true, buildpackID: "kit/bad", workingDirectory: "/tmp",
                    execEnv: ["test"])
            ])
        let old = try Self.launch(
            "[[processes]]\ntype = \"web\"\ncommand = \"a b\"\n[[processes]]\ntype = \"d\"\ncommand = \"d\"\ndirect = true\n",
            api: APIVersion(0, 8))
        #expect(old.processes.map(\.command) == [["a b"], ["d"]])
        #expect(old.processes.map(\.direct) == [false, true])
        // C-53a
        #expect(try Self.launch("[[processes]]\ntype = \"web\"\n").processes[0].command.isEmpty)
    }

    @Test("B.3: Buildpack API 0.7 has no working directories")
    func oldWorkingDirectory() throws {
        let text = "[[processes]]\ntype = \"web\"\ncommand = \"a\"\nworking-dir = \"/tmp\"\n"
        let seven = try Self.launch(text, api: APIVersion(0, 7))
        #expect(seven.processes[0].workingDirectory.isEmpty)
        #expect(seven.warnings.count == 1)
        #expect(try Self.launch(text, api: APIVersion(0, 8)).processes[0].workingDirectory == "/tmp")
    }

    @Test(
        "C-54: process types that cannot name a file have status 62",
        arguments: ["", "a/b", "a>b", "a<b", "a:b", "a|b", "a&b", "a\\b", ".", ".."])
    func processTypes(_ type: String) throws {
        let process = ProcessDefinition(type: type, command: [], buildpackID: "a")
        #expect(try #require(throws: Fault.self) { try process.requireExportable() }.exitCode == 62)
        try ProcessDefinition(type: "other.type-1_x", command: [], buildpackID: "a").requireExportable()
    }

    @Test(
        "C-9: build.toml may only name what the buildpack was given",
        arguments: [
            ("[[unmet]]\n", "unmet.name is required"),
            ("[[unmet]]\nname = \"nobody\"\n", "unmet.name 'nobody' must match a requested dependency"),
        ])
    func unmet(_ text: String, _ message: String) throws {
        let fault = try #require(throws: Fault.self) {
            try BuildTOML(
                reading: DocumentSource(file: "build.toml", text: text), buildpack: try BuildpackReference("a@1"),
                given: BuildpackPlan(entries: [Requirement("x")]))
        }
        #expect(fault.message == "invalid build.toml: \(message)")
        #expect(fault.exitCode == 52)
    }

    @Test("C-40: a layer's types and metadata")
    func layerMetadata() throws {
        let metadata = try LayerMetadata(
            reading: DocumentSource(file: "x.toml", text: "[types]\nlaunch = true\ncache = true\n[metadata]\nversion = \"7.1\"\n"))
        #expect(metadata.types == LayerTypes(launch: true, cache: true))
        #expect(metadata.metadata == TOMLTable([("version", .string("7.1"))]))
        #expect(try LayerMetadata(reading: DocumentSource(file: "x.toml", text: "")).types.isIgnored)
        // D-19
        #expect(LayerMetadata.restoredText(metadata: metadata.metadata) == "[metadata]\n  version = \"7.1\"\n")
        #expect(LayerMetadata.restoredText(metadata: TOMLTable()).isEmpty)
    }

    @Test("C-40: flags at the top level are refused", arguments: ["launch", "build", "cache"])
    func topLevelFlags(_ flag: String) throws {
        let fault = try #require(throws: Fault.self) {
            try LayerMetadata(reading: DocumentSource(file: "l/x.toml", text: "\n\(flag) = true\n"))
        }
        #expect(fault.message.contains("types"))
        #expect(fault.exitCode == 52)
        #expect(fault.location.map(\.description) == "l/x.toml:2:1")
    }

    @Test("C-80: store.toml comes back as it was")
    func store() throws {
        let store = try StoreTOML(reading: DocumentSource(file: "store.toml", text: "[metadata]\nn = \"2\"\n[metadata.more]\nk = [1, 2]\n"))
        let record = BuildpackRecord(try groupElement("kit/counter@1.0.0"), store: store)
        #expect(
            try record.json.text()
                == #"{"key":"kit/counter","layers":{},"store":{"metadata":{"more":{"k":[1,2]},"n":"2"}},"version":"1.0.0"}"#)
        #expect(try BuildpackRecord(json: record.json).storeTOML == store)
        #expect(store.serialized() == "[metadata]\n  n = \"2\"\n  [metadata.more]\n    k = [1, 2]\n")
    }

    static let formats = ["application/vnd.cyclonedx+json", "application/spdx+json;version=2.3", "application/vnd.syft+json"]

    // The kit's sbom case.
    @Test("C-70 to C-73: where SBOM files go")
    func sbomFiles() throws {
        let names = [
            "run.sbom.cdx.json", "cached.sbom.cdx.json", "built.sbom.cdx.json", "run.sbom.spdx.json", "cached.sbom.syft.json",
            "launch.sbom.cdx.json", "build.sbom.spdx.json", "unknown.sbom.cdx.json", "run.toml", "launch.toml", "sbom.cdx.json", "x.json",
        ]
        let layers = [
            "run": LayerTypes(launch: true), "cached": LayerTypes(launch: true, cache: true), "built": LayerTypes(build: true, cache: true),
        ]
        let files = try SBOMFile.find(
            among: names, layers: layers, declared: Self.formats, buildpack: try BuildpackReference("kit/sbom@1.0.0"))
        let id = try BuildpackID("kit/sbom")
        #expect(
            files.flatMap { file in file.destinations(buildpack: id).map { "\(file.name) -> \($0)" } } == [
                "build.sbom.spdx.json -> build/kit_sbom/sbom.spdx.json",
                "built.sbom.cdx.json -> build/kit_sbom/built/sbom.cdx.json",
                "built.sbom.cdx.json -> cache/kit_sbom/built/sbom.cdx.json",
                "cached.sbom.cdx.json -> launch/kit_sbom/cached/sbom.cdx.json",
                "cached.sbom.cdx.json -> cache/kit_sbom/cached/sbom.cdx.json",
                "cached.sbom.syft.json -> launch/kit_sbom/cached/sbom.syft.json",
                "cached.sbom.syft.json -> cache/kit_sbom/cached/sbom.syft.json",
                "launch.sbom.cdx.json -> launch/kit_sbom/sbom.cdx.json",
                "run.sbom.cdx.json -> launch/kit_sbom/run/sbom.cdx.json",
                "run.sbom.spdx.json -> launch/kit_sbom/run/sbom.spdx.json",
            ])
    }

    @Test(
        "C-71, C-72: formats that are unknown or undeclared",
        arguments: [("launch.sbom.other.json", "unsupported SBOM file format"), ("launch.sbom.cdx.json", "undeclared SBOM media type")])
    func refusedSBOM(_ name: String, _ part: String) throws {
        let fault = try #require(throws: Fault.self) {
            try SBOMFile.find(among: [name], layers: [:], declared: ["application/spdx+json"], buildpack: try BuildpackReference("a@1"))
        }
        #expect(fault.message.contains(part))
        #expect(fault.exitCode == 52)
    }

    @Test("C-74: the legacy bill of materials")
    func legacy() throws {
        #expect(try LegacyBOMEntry.fileText([]) == "null\n")
        let launch = try Self.launch("[[bom]]\nname = \"x\"\n[bom.metadata]\nversion = \"1\"\n")
        #expect(
            try LegacyBOMEntry.fileText(launch.bom)
                == #"[{"buildpack":{"id":"kit/bad","version":"1.0.0"},"metadata":{"version":"1"},"name":"x"}]"# + "\n")
    }
}
