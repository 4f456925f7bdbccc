import CNBSpec
import Diagnostics
import TOML
import Testing

@Suite("buildpack.toml and extension.toml")
struct DescriptorTests {
    static func buildpack(_ text: String) throws -> BuildpackDescriptor {
        try BuildpackDescriptor(reading: DocumentSource(file: "bp/buildpack.toml", text: text))
    }

    static let head = "api = \"0.12\"\n[buildpack]\nid = \"acme/node\"\nversion = \"1.2.3\"\n"

    @Test("B.1: a component with everything")
    func component() throws {
        let descriptor = try Self.buildpack(
            """
            api = "0.12"
            [buildpack]
            id = "acme/node"
            version = "1.2.3"
            name = "Node"
            homepage = "https://acme.example"
            clear-env = true
            description = "d"
            keywords = ["a", "b"]
            sbom-formats = ["application/spdx+json"]
            exec-env = ["production"]
            [[buildpack.licenses]]
            type = "MIT"
            [[targets]]
            os = "linux"
            arch = "arm"
            variant = "v7"
            [[targets.distros]]
            name = "ubuntu"
            version = "24.04"
            [[targets]]
            arch-variant = "v8"
            [[stacks]]
            id = "*"
            [metadata]
            when = 2020-01-02
            [metadata.deep]
            odd = [1, 2]
            """)
        #expect(descriptor.reference.description == "acme/node@1.2.3")
        #expect(descriptor.info.api == APIVersion(0, 12))
        #expect(descriptor.info.homepage == "https://acme.example")
        #expect(descriptor.info.clearEnv)
        #expect(descriptor.info.execEnv == ["production"])
        #expect(descriptor.info.licenses == [License(type: "MIT", uri: "")])
        #expect(descriptor.sbomFormats == ["application/spdx+json"])
        // B-15
        #expect(
            descriptor.targets == [
                Target(os: "linux", arch: "arm", variant: "v7", distros: [Distro(name: "ubuntu", version: "24.04")]), Target(variant: "v8"),
            ])
        #expect(descriptor.unknownKeys.isEmpty)
        #expect(!descriptor.isComposite)
        #expect(descriptor.metadata["when"] != nil)
    }

    @Test("a composite with nested groups")
    func composite() throws {
        let descriptor = try Self.buildpack(
            Self.head
                + "[[order]]\n[[order.group]]\nid = \"a\"\nversion = \"1\"\n[[order.group]]\nid = \"b\"\nversion = \"2\"\noptional = true\nexec-env = [\"test\"]\n"
        )
        #expect(descriptor.isComposite)
        #expect(descriptor.order.count == 1)
        #expect(descriptor.order[0].elements.map(\.description) == ["a@1", "b@2"])
        #expect(descriptor.order[0].elements[1].optional)
        #expect(descriptor.order[0].elements[1].execEnv == ["test"])
        #expect(descriptor.effectiveTargets(hasBuildExecutable: true).isEmpty)
        try descriptor.requirePackageable()
    }

    @Test("B-4: an order and targets do not go together when packaging")
    func orderWithTargets() throws {
        let text = Self.head + "[[order]]\n[[order.group]]\nid = \"a\"\nversion = \"1\"\n[[targets]]\nos = \"linux\"\n"
        #expect(throws: Fault.self) { try Self.buildpack(text).requirePackageable() }
    }

    @Test("B-12: exec-env as tables")
    func execEnvTables() throws {
        let text = Self.head + "[[buildpack.exec-env]]\nname = \"production\"\n[[buildpack.exec-env]]\nname = \"test\"\n"
        #expect(try Self.buildpack(text).info.execEnv == ["production", "test"])
    }

    @Test("B-5: unknown keys are told with a place and a suggestion")
    func unknownKeys() throws {
        let descriptor = try Self.buildpack(Self.head + "hompage = \"x\"\n[other]\na = 1\n")
        #expect(descriptor.unknownKeys.map(\.path) == ["buildpack.hompage", "other"])
        #expect(descriptor.unknownKeys[0].message == "unknown key 'buildpack.hompage', did you mean 'homepage'?")
        #expect(descriptor.unknownKeys[0].location?.line == 5)
        #expect(descriptor.unknownKeys[0].location?.file == "bp/buildpack.toml")
    }

    struct Failure: Sendable, CustomTestStringConvertible {
        var text: String
        var part: String
        var status: Int32
        var line: Int
        var testDescription: String { part }
    }

    static let failures: [Failure] = [
        Failure(text: "api = \"0.12\"\n", part: "[buildpack] is missing", status: 1, line: 1),
        Failure(text: "[buildpack]\nid = \"a\"\nversion = \"1\"\n", part: "'api' is missing", status: 12, line: 1),
        Failure(
            text: "api = \"zero\"\n[buildpack]\nid = \"a\"\nversion = \"1\"\n", part: "parse buildpack API 'zero'", status: 12, line: 1),
        Failure(text: "api = \"0.12\"\n[buildpack]\nversion = \"1\"\n", part: "id' is missing", status: 1, line: 2),
        Failure(text: "api = \"0.12\"\n[buildpack]\nid = \"a\"\nversion = \"\"\n", part: "version", status: 1, line: 4),
        Failure(text: "api = \"0.12\"\n[buildpack]\nid = \"sbom\"\nversion = \"1\"\n", part: "reserved", status: 1, line: 3),
        Failure(
            text: "api = \"0.12\"\n[buildpack]\nid = \"a\"\nversion = \"1\"\nclear-env = \"yes\"\n", part: "boolean", status: 1, line: 5),
        Failure(text: "api = \"0.12\n", part: "buildpack.toml", status: 1, line: 1),
    ]

    @Test("what is wrong, and where", arguments: failures)
    func failing(_ failure: Failure) throws {
        let fault = try #require(throws: Fault.self) { try Self.buildpack(failure.text) }
        #expect(fault.message.contains(failure.part), "\(fault.message)")
        #expect(fault.exitCode == failure.status)
        #expect(fault.location?.line == failure.line)
        #expect(fault.location?.file == "bp/buildpack.toml")
    }

    struct Stacks: Sendable, CustomTestStringConvertible {
        var api: String
        var stacks: [String]
        var hasBuild = true
        var expected: [Target]
        var testDescription: String { "\(api) \(stacks)" }
    }

    static let bionic = Target(os: "linux", arch: "amd64", distros: [Distro(name: "ubuntu", version: "18.04")])
    // B-21, B-22, B-24
    static let inferred: [Stacks] = [
        Stacks(api: "0.12", stacks: ["*"], expected: [Target()]),
        Stacks(api: "0.12", stacks: ["io.buildpacks.stacks.bionic", "other"], expected: [bionic]),
        Stacks(api: "0.9", stacks: ["io.buildpacks.stacks.bionic"], expected: [bionic]),
        Stacks(api: "0.9", stacks: ["io.buildpacks.stacks.bionic", "other"], expected: [Target(os: "linux")]),
        Stacks(api: "0.12", stacks: ["other"], expected: [Target(os: "linux")]),
        Stacks(api: "0.12", stacks: [], expected: [Target(os: "linux")]),
        Stacks(api: "0.12", stacks: [], hasBuild: false, expected: []),
    ]

    @Test("B-21, B-24: targets when none are given", arguments: inferred)
    func inferredTargets(_ example: Stacks) throws {
        let info = ModuleInfo(api: try #require(APIVersion(example.api)), reference: try BuildpackReference("a@1"))
        let descriptor = BuildpackDescriptor(info: info, stacks: example.stacks.map { Stack(id: $0) })
        #expect(descriptor.effectiveTargets(hasBuildExecutable: example.hasBuild) == example.expected)
    }

    @Test("B-8, B-24: an extension")
    func extensionDescriptor() throws {
        let text = "api = \"0.12\"\n[extension]\nid = \"kit/switch\"\nversion = \"1.0.0\"\n[order]\n"
        let descriptor = try ExtensionDescriptor(reading: DocumentSource(file: "extension.toml", text: text))
        #expect(descriptor.reference.description == "kit/switch@1.0.0")
        #expect(descriptor.unknownKeys.map(\.path) == ["order"])
        #expect(descriptor.effectiveTargets(hasExecutable: true) == [Target(os: "linux")])
        #expect(descriptor.effectiveTargets(hasExecutable: false).isEmpty)
    }
}
