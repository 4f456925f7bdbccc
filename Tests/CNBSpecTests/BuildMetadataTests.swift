import CNBSpec
import Diagnostics
import TOML
import Testing

// Every expected text of metadata.toml was measured on the reference (conformance kit): its bytes decide a layer's digest.
@Suite("Merging launch.toml files, metadata.toml and its label (C-53 to C-63, D-70)")
struct BuildMetadataTests {
    struct Buildpack: Sendable {
        var name: String
        var api = APIVersion(0, 12)
        var homepage: String?
        var launch = ""
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var title: String
        var buildpacks: [Buildpack]
        var extensions: [String] = []
        var text: String
        var warnings: [String] = []
        var testDescription: String { title }
    }

    static func build(_ buildpacks: [Buildpack], extensions: [String] = []) throws -> (BuildMetadata, warnings: [String]) {
        let elements = try buildpacks.map { try groupElement($0.name, api: $0.api, homepage: $0.homepage) }
        var metadata = BuildMetadata(group: Group(buildpacks: elements, extensions: try extensions.map { try groupElement($0) }))
        var warnings: [String] = []
        for (buildpack, element) in zip(buildpacks, elements) where !buildpack.launch.isEmpty {
            warnings += metadata.add(
                try LaunchTOML(reading: DocumentSource(file: "launch.toml", text: buildpack.launch), buildpack: element))
        }
        return (metadata, warnings)
    }

    static let hello = Buildpack(
        name: "kit/hello@1.2.3", homepage: "https://kit.example/hello",
        launch: """
            [[labels]]
            key = "org.kit.hello"
            value = "yes"
            [[processes]]
            type = "worker"
            command = ["greet", "work"]
            [[processes]]
            type = "web"
            command = ["greet"]
            args = ["world", "and you"]
            default = true
            """)

    static let defaultProcess = [
        Buildpack(
            name: "kit/one@1.0.0",
            launch:
                "[[processes]]\ntype = \"web\"\ncommand = [\"one\"]\ndefault = true\n[[processes]]\ntype = \"shared\"\ncommand = [\"one\"]\n[[processes]]\ntype = \"zeta\"\ncommand = [\"z\"]\n[[labels]]\nkey = \"org.kit.who\"\nvalue = \"one\"\n[[labels]]\nkey = \"org.kit.one\"\nvalue = \"1\"\n"
        ),
        Buildpack(
            name: "kit/two@1.0.0",
            launch:
                "[[processes]]\ntype = \"job\"\ncommand = [\"two\"]\ndefault = true\n[[processes]]\ntype = \"shared\"\ncommand = [\"two\"]\nargs = [\"2\"]\n[[processes]]\ntype = \"alpha\"\ncommand = [\"a\"]\n[[labels]]\nkey = \"org.kit.who\"\nvalue = \"two\"\n[[labels]]\nkey = \"org.kit.empty\"\nvalue = \"\"\n"
        ),
    ]

    static let cases: [Case] = [
        Case(
            title: "no-processes", buildpacks: [Buildpack(name: "kit/nothing@1.0.0")],
            text: """
                processes = []

                [[buildpacks]]
                  id = "kit/nothing"
                  version = "1.0.0"
                  api = "0.12"

                """),
        Case(
            title: "extension-run-image", buildpacks: [Buildpack(name: "kit/app@1.0.0")], extensions: ["kit/switch@1.0.0"],
            text: """
                processes = []

                [[buildpacks]]
                  id = "kit/app"
                  version = "1.0.0"
                  api = "0.12"

                [[extensions]]
                  id = "kit/switch"
                  version = "1.0.0"
                  api = "0.12"

                """),
        Case(
            title: "first-build", buildpacks: [hello],
            text: """
                buildpack-default-process-type = "web"

                [[buildpacks]]
                  id = "kit/hello"
                  version = "1.2.3"
                  api = "0.12"
                  homepage = "https://kit.example/hello"

                [[labels]]
                  key = "org.kit.hello"
                  value = "yes"

                [[processes]]
                  type = "web"
                  command = ["greet"]
                  args = ["world", "and you"]
                  direct = true
                  buildpack-id = "kit/hello"

                [[processes]]
                  type = "worker"
                  command = ["greet", "work"]
                  direct = true
                  buildpack-id = "kit/hello"

                """),
        Case(
            title: "default-process", buildpacks: defaultProcess,
            text: """
                buildpack-default-process-type = "job"

                [[buildpacks]]
                  id = "kit/one"
                  version = "1.0.0"
                  api = "0.12"

                [[buildpacks]]
                  id = "kit/two"
                  version = "1.0.0"
                  api = "0.12"

                [[labels]]
                  key = "org.kit.who"
                  value = "one"

                [[labels]]
                  key = "org.kit.one"
                  value = "1"

                [[labels]]
                  key = "org.kit.who"
                  value = "two"

                [[labels]]
                  key = "org.kit.empty"
                  value = ""

                [[processes]]
                  type = "alpha"
                  command = ["a"]
                  direct = true
                  buildpack-id = "kit/two"

                [[processes]]
                  type = "job"
                  command = ["two"]
                  direct = true
                  buildpack-id = "kit/two"

                [[processes]]
                  type = "shared"
                  command = ["two"]
                  args = ["2"]
                  direct = true
                  buildpack-id = "kit/two"

                [[processes]]
                  type = "web"
                  command = ["one"]
                  direct = true
                  buildpack-id = "kit/one"

                [[processes]]
                  type = "zeta"
                  command = ["z"]
                  direct = true
                  buildpack-id = "kit/one"

                """),
        Case(
            title: "default-process-lost",
            buildpacks: [
                Buildpack(
                    name: "kit/one@1.0.0",
                    launch: "[[processes]]\ntype = \"web\"\ncommand = [\"/bin/echo\"]\nargs = [\"one\"]\ndefault = true\n"),
                Buildpack(name: "kit/two@1.0.0", launch: "[[processes]]\ntype = \"web\"\ncommand = [\"/bin/echo\"]\nargs = [\"two\"]\n"),
            ],
            text: """
                [[buildpacks]]
                  id = "kit/one"
                  version = "1.0.0"
                  api = "0.12"

                [[buildpacks]]
                  id = "kit/two"
                  version = "1.0.0"
                  api = "0.12"

                [[processes]]
                  type = "web"
                  command = ["/bin/echo"]
                  args = ["two"]
                  direct = true
                  buildpack-id = "kit/two"

                """,
            warnings: ["redefining the following default process type with a process not marked as default: web"]),
        Case(
            title: "launch-shell",
            buildpacks: [
                Buildpack(
                    name: "kit/shell@1.0.0", api: APIVersion(0, 8),
                    launch: """
                        [[processes]]
                        type = "web"
                        command = "echo"
                        args = ["$TRACE", "a  b", "$TWO_WORDS", "&& echo no"]
                        [[processes]]
                        type = "script"
                        command = "echo $TRACE && echo two | tr o 0"
                        [[processes]]
                        type = "direct"
                        command = "echo"
                        args = ["$TRACE"]
                        direct = true
                        """)
            ],
            text: #"""
                [[buildpacks]]
                  id = "kit/shell"
                  version = "1.0.0"
                  api = "0.8"

                [[processes]]
                  type = "direct"
                  command = ["echo"]
                  args = ["$TRACE"]
                  direct = true
                  buildpack-id = "kit/shell"

                [[processes]]
                  type = "script"
                  command = ["echo $TRACE \u0026\u0026 echo two | tr o 0"]
                  direct = false
                  buildpack-id = "kit/shell"

                [[processes]]
                  type = "web"
                  command = ["echo"]
                  args = ["$TRACE", "a  b", "$TWO_WORDS", "&& echo no"]
                  direct = false
                  buildpack-id = "kit/shell"

                """#),
        Case(
            title: "env-launch and exec-env",
            buildpacks: [
                Buildpack(
                    name: "kit/l@1.0.0",
                    launch: """
                        [[processes]]
                        type = "web"
                        command = ["show"]
                        exec-env = ["*"]
                        [[processes]]
                        type = "other.type"
                        command = ["show"]
                        working-dir = "/tmp"
                        """)
            ],
            text: """
                [[buildpacks]]
                  id = "kit/l"
                  version = "1.0.0"
                  api = "0.12"

                [[processes]]
                  type = "other.type"
                  command = ["show"]
                  direct = true
                  buildpack-id = "kit/l"
                  working-dir = "/tmp"

                [[processes]]
                  type = "web"
                  command = ["show"]
                  direct = true
                  buildpack-id = "kit/l"
                  exec-env = ["*"]

                """),
        Case(
            title: "slices",
            buildpacks: [
                Buildpack(
                    name: "kit/slicer@1.0.0",
                    launch: "[[slices]]\npaths = [\"static/*.css\"]\n[[slices]]\npaths = [\"static\", \"docs/[ab].md\"]\n"),
                Buildpack(name: "kit/slicer2@1.0.0", launch: "[[slices]]\npaths = [\"*.txt\", \"deep/a/b\"]\n"),
            ],
            text: """
                processes = []

                [[buildpacks]]
                  id = "kit/slicer"
                  version = "1.0.0"
                  api = "0.12"

                [[buildpacks]]
                  id = "kit/slicer2"
                  version = "1.0.0"
                  api = "0.12"

                [[slices]]
                  paths = ["static/*.css"]

                [[slices]]
                  paths = ["static", "docs/[ab].md"]

                [[slices]]
                  paths = ["*.txt", "deep/a/b"]

                """),
    ]

    @Test("C-60: the exact bytes of metadata.toml", arguments: cases)
    func bytes(_ example: Case) throws {
        let (metadata, warnings) = try Self.build(example.buildpacks, extensions: example.extensions)
        #expect(metadata.metadataTOML(platformAPI: APIVersion(0, 15)) == example.text)
        #expect(warnings == example.warnings)
        // And back.
        let read = try BuildMetadata(readingMetadata: DocumentSource(file: "metadata.toml", text: example.text))
        #expect(read == metadata)
    }

    @Test("C-61: older platforms get a string and the rest as arguments")
    func oldPlatform() throws {
        let (metadata, _) = try Self.build([Self.hello])
        let text = metadata.metadataTOML(platformAPI: APIVersion(0, 9))
        #expect(text.contains("  type = \"worker\"\n  command = \"greet\"\n  args = [\"work\"]\n"))
        let read = try BuildMetadata(readingMetadata: DocumentSource(file: "metadata.toml", text: text))
        #expect(read.processes.map(\.command) == [["greet"], ["greet"]])
        #expect(read.processes.map(\.args) == [["world", "and you"], ["work"]])
    }

    @Test("C-53a: a process without a command")
    func noCommand() throws {
        let (metadata, _) = try Self.build([Buildpack(name: "a@1", launch: "[[processes]]\ntype = \"web\"\n")])
        #expect(metadata.metadataTOML(platformAPI: APIVersion(0, 15)).contains("  command = []\n"))
        #expect(metadata.metadataTOML(platformAPI: APIVersion(0, 9)).contains("  command = \"\"\n"))
    }

    @Test("C-56: the later value of a label wins")
    func labels() throws {
        let (metadata, _) = try Self.build(Self.defaultProcess)
        #expect(metadata.imageLabels == ["org.kit.who": "two", "org.kit.one": "1", "org.kit.empty": ""])
    }

    @Test("D-70: the build metadata label of the kit's first-build")
    func label() throws {
        let (metadata, _) = try Self.build([Self.hello])
        let label = metadata.label(launcher: LauncherSource(version: "1", repository: "r", commit: "c"), platformAPI: APIVersion(0, 15))
        #expect(
            try label.text()
                == #"{"buildpack-default-process-type":"web","buildpacks":[{"homepage":"https://kit.example/hello","id":"kit/hello","version":"1.2.3"}],"launcher":{"source":{"git":{"commit":"c","repository":"r"}},"version":"1"},"processes":[{"args":["world","and you"],"buildpackID":"kit/hello","command":["greet"],"direct":true,"type":"web"},{"args":null,"buildpackID":"kit/hello","command":["greet","work"],"direct":true,"type":"worker"}]}"#
        )
    }

    @Test("D-70: no processes are an empty list, extensions are listed")
    func emptyLabel() throws {
        let (metadata, _) = try Self.build([Buildpack(name: "kit/app@1.0.0")], extensions: ["kit/switch@1.0.0"])
        let label = metadata.label(launcher: LauncherSource(version: "1"), platformAPI: APIVersion(0, 15))
        guard case .object(let fields) = label else {
            Issue.record("not an object")
            return
        }
        #expect(fields["processes"] == .array([]))
        #expect(fields["extensions"] == .array([.object(["id": .string("kit/switch"), "version": .string("1.0.0")])]))
        #expect(fields["bom"] == nil)
    }
}
