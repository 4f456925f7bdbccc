import Archive
import CNBSpec
import OCIImage
import Testing

@testable import CNBPlatform
@testable import ToteCommands

/// What `tote inspect` and `tote builder inspect` print, in pack's schemas (L.4, L.5).
struct InspectionTests {
    private let name: Reference

    init() throws { name = try Reference(parsing: "acme/thing") }

    private func image(_ labels: [String: String], entrypoint: [String] = []) throws -> ImageInspection {
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        config.settings.labels = labels
        config.settings.entrypoint = entrypoint
        return ImageInspection(try Image(config: config, blobs: NoBlobs()), in: .registry("ghcr.io"))
    }

    private struct NoBlobs: BlobSource {
        func blob(_ descriptor: Descriptor) async throws -> String { descriptor.digest.hex }
    }

    private func inspection<Content>(remote: Content? = nil, local: Content? = nil, isRemoteAsked: Bool = true) -> Inspection<Content> {
        Inspection(reference: name, remote: remote, local: local, isRemoteAsked: isRemoteAsked)
    }

    // MARK: images

    private static let appLabels = [
        "io.buildpacks.stack.id": "a.stack",
        "io.buildpacks.lifecycle.metadata": """
        {"runImage":{"topLayer":"sha256:aa","reference":"run@sha256:bb","image":"acme/run","mirrors":["ghcr.io/acme/run"]}}
        """,
        "io.buildpacks.build.metadata": """
        {"buildpacks":[{"id":"acme/go","version":"1.0","homepage":"https://acme.example"}],"processes":[
        {"type":"task","command":["echo"],"args":["a","b"],"direct":true,"working-dir":"/workspace"},
        {"type":"web","command":["./run","x"],"direct":false}]}
        """,
    ]

    @Test func imageForPrograms() throws {
        let app = try image(Self.appLabels, entrypoint: ["/cnb/process/web"])
        let document = InspectionDocument(inspection(local: app)).json
        guard case .object(let fields) = document, case .object(let info)? = fields["local_info"] else {
            Issue.record("\(document)")
            return
        }
        #expect(fields["image_name"] == .string("acme/thing:latest"))
        #expect(fields["remote_info"] == .null)
        #expect(fields["remote_image"] == .null)
        #expect(
            info
                == [
                    "stack": .string("a.stack"),
                    "base_image": .object(["top_layer": .string("sha256:aa"), "reference": .string("run@sha256:bb")]),
                    "run_images": .array([.object(["name": .string("acme/run")]), .object(["name": .string("ghcr.io/acme/run")])]),
                    "buildpacks": .array([
                        .object(["id": .string("acme/go"), "version": .string("1.0"), "homepage": .string("https://acme.example")])
                    ]),
                    "extensions": .null,
                    // The default process comes first (L-50).
                    "processes": .array([
                        .object([
                            "type": .string("web"), "shell": .string("bash"), "command": .string("./run x"), "default": .boolean(true),
                            "args": .array([]), "working-dir": .string(""),
                        ]),
                        .object([
                            "type": .string("task"), "shell": .string(""), "command": .string("echo"), "default": .boolean(false),
                            "args": .array([.string("a"), .string("b")]), "working-dir": .string("/workspace"),
                        ]),
                    ]),
                    "rebasable": .boolean(true),
                ])
    }

    @Test func imageThatNoBuildpackBuilt() throws {
        let plain = InspectionDocument(inspection(remote: try image([:]))).json
        guard case .object(let fields) = plain else { return }
        #expect(fields["remote_info"] == .null && fields["remote_image"] != .null && fields["local_image"] == .null)
        let lines = InspectionText(inspection(remote: try image([:]))).lines
        #expect(lines.prefix(5) == ["Inspecting image: 'acme/thing:latest'", "", "REMOTE:", "", "Location:  ghcr.io"])
        #expect(lines.suffix(3) == ["", "LOCAL:", "(not present)"])
    }

    @Test func imageForPeople() throws {
        var labels = Self.appLabels
        labels["io.buildpacks.stack.id"] = "evil\u{1b}[2Jstack"
        let lines = InspectionText(inspection(local: try image(labels, entrypoint: ["/cnb/process/web"]), isRemoteAsked: false)).lines
        #expect(lines.starts(with: ["Inspecting image: 'acme/thing:latest'", "", "REMOTE:", "(not asked)", "", "LOCAL:", ""]))
        #expect(lines.contains("Stack:     evil?[2Jstack"))
        #expect(lines.contains("  Reference: run@sha256:bb"))
        #expect(lines.contains { $0.hasPrefix("  web (default)  bash   ./run x") }, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("  acme/go  1.0") && $0.hasSuffix("https://acme.example") })
    }

    // MARK: builders

    private static let layers = """
        {"top":{"1":{"api":"0.10","layerDiffID":"sha256:1","order":[{"group":[{"id":"mid","version":"1"}]},{"group":[{"id":"leaf"}]}]}},
        "mid":{"1":{"api":"0.10","layerDiffID":"sha256:2","order":[{"group":[{"id":"leaf","version":"1","optional":true},{"id":"top","version":"1"}]}]}},
        "leaf":{"1":{"api":"0.10","layerDiffID":"sha256:3"}}}
        """
    private static let builderLabels = [
        "io.buildpacks.stack.id": "a.stack", "io.buildpacks.stack.mixins": #"["git","build:make"]"#,
        "io.buildpacks.builder.metadata": """
        {"description":"Good for all","buildpacks":[{"id":"top","version":"1","homepage":"https://top.example","name":"Top"}],
        "stack":{"runImage":{"image":"acme/run","mirrors":["ghcr.io/acme/run"]}},"images":[{"image":"acme/run"}],
        "lifecycle":{"version":"0.20","apis":{"buildpack":{"deprecated":["0.2"],"supported":["0.9","0.10"]},"platform":{"supported":["0.14"]}}},
        "createdBy":{"name":"tote","version":"1.2.3"}}
        """,
        "io.buildpacks.buildpack.layers": layers,
        "io.buildpacks.buildpack.order": #"[{"group":[{"id":"top"},{"id":"leaf","version":"1","optional":true}]}]"#,
    ]

    private func builder(_ labels: [String: String] = builderLabels, depth: Int? = nil) throws -> BuilderInspection {
        try BuilderInspection(image(labels), name: "b", depth: depth)
    }

    @Test func builderForPeople() throws {
        let lines = BuilderInspectionText(inspection(remote: try builder()), isTrusted: false, showsMixins: true).lines
        #expect(
            lines == [
                "Inspecting builder: 'acme/thing:latest'", "", "REMOTE:", "", "Description: Good for all", "", "Location: ghcr.io", "",
                "Created By:", "  Name: tote", "  Version: 1.2.3", "", "Trusted: No", "", "Stack:", "  ID: a.stack", "  Mixins:", "    git",
                "    build:make", "", "Lifecycle:", "  Version: 0.20", "  Buildpack APIs:", "    Deprecated: 0.2",
                "    Supported: 0.9, 0.10", "  Platform APIs:", "    Deprecated: (none)", "    Supported: 0.14", "", "Run Images:",
                "  acme/run", "  ghcr.io/acme/run", "", "Buildpacks:", "  ID   NAME  VERSION  HOMEPAGE",
                "  top  Top   1        https://top.example", "", "Detection Order:", " └ Group #1:", "    ├ top", "    │  ├ Group #1:",
                "    │  │  └ mid@1", "    │  │     └ Group #1:", "    │  │        ├ leaf@1    (optional)",
                "    │  │        └ top@1    [cyclic]", "    │  └ Group #2:", "    │     └ leaf", "    └ leaf@1    (optional)", "",
                "LOCAL:", "(not present)",
            ], "\(lines.joined(separator: "\n"))")
    }

    @Test func builderForPrograms() throws {
        let document = BuilderInspectionDocument(
            inspection(local: try builder(depth: 2)), isTrusted: true, isDefault: false, showsMixins: false)
        #expect(
            try DocumentFormat.yaml.text(document.json) == """
                builder_name: "acme/thing:latest"
                default: false
                local_info:
                  buildpacks:
                    - homepage: "https://top.example"
                      id: top
                      version: "1"
                  created_by:
                    name: tote
                    version: "1.2.3"
                  description: "Good for all"
                  detection_order:
                    - buildpacks:
                        - buildpacks:
                            - buildpacks:
                                - id: mid
                                  version: "1"
                            - buildpacks:
                                - id: leaf
                          id: top
                        - id: leaf
                          optional: true
                          version: "1"
                  lifecycle:
                    buildpack_apis:
                      deprecated:
                        - "0.2"
                      supported:
                        - "0.9"
                        - "0.10"
                    platform_apis:
                      deprecated: []
                      supported:
                        - "0.14"
                    version: "0.20"
                  run_images:
                    - name: acme/run
                    - name: ghcr.io/acme/run
                  stack:
                    id: a.stack
                remote_info: null
                trusted: true
                """)
        let toml = try DocumentFormat.toml.text(document.json)
        #expect(toml.hasPrefix("builder_name = \"acme/thing:latest\"\ndefault = false\ntrusted = true\n"), "\(toml)")
        #expect(toml.contains("[local_info.lifecycle.buildpack_apis]"))
        #expect(try JSONValue(parsing: try DocumentFormat.json.text(document.json)) == document.json)
    }

    @Test func depthLimitsTheOrder() throws {
        #expect(try builder(depth: 1).order.groups.flatMap { $0 }.allSatisfy(\.groups.isEmpty))
        #expect(try builder(depth: 0).order.groups.isEmpty)
        #expect(try builder(depth: nil).order == builder(depth: 100).order)
    }

    /// Thirty buildpacks, each twice in the order of the one before: a billion entries.
    @Test func anOrderThatUnfoldsWithoutEnd() throws {
        var labels = Self.builderLabels
        let modules = (0..<30).map { number in
            let next = #"{"id":"b\#(number + 1)","version":"1"}"#
            return #""b\#(number)":{"1":{"api":"0.10","layerDiffID":"sha256:1","order":[{"group":[\#(next)]},{"group":[\#(next)]}]}}"#
        }
        labels["io.buildpacks.buildpack.layers"] = "{\(modules.joined(separator: ","))}"
        labels["io.buildpacks.buildpack.order"] = #"[{"group":[{"id":"b0","version":"1"}]}]"#
        #expect(throws: (any Error).self) { try builder(labels) }
        #expect(try builder(labels, depth: 3).order.groups.count == 1)
    }

    @Test func whatIsNoBuilder() throws {
        let error = try #require(throws: (any Error).self) { try builder([:]) }
        #expect("\(error)" == "'b' is not a builder: it has no label 'io.buildpacks.builder.metadata'")
    }

    @Test(
        "YAML that every reader takes for the same text",
        arguments: [
            (JSONValue.string("plain-text_1.0"), "plain-text_1.0"), (.string("/abs/path"), "/abs/path"), (.string("1.0"), "\"1.0\""),
            (.string("yes"), "\"yes\""), (.string("No"), "\"No\""), (.string(""), "\"\""), (.string("a: b"), "\"a: b\""),
            (.string("line\nbreak"), "\"line\\nbreak\""), (.string("- x"), "\"- x\""), (.string("ü"), "\"ü\""), (.integer(5), "5"),
            (.array([]), "[]"), (.object([:]), "{}"), (.array([.array([.integer(1)]), .null]), "- - 1\n- null"),
        ])
    func yaml(_ value: JSONValue, _ text: String) throws {
        #expect(try DocumentFormat.yaml.text(value) == text)
    }
}
