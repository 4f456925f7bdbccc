import CNBSpec
import Diagnostics
import Testing

@testable import CNBPlatform

@Suite struct GroupCompositionTests {
    static let available = ["kit/framework@2.0.0", "kit/other@1.0.0", "kit/two@1.0.0", "kit/two@2.0.0"]

    private func compose(
        _ toml: String, order: [[String]] = [["kit/other@1.0.0"], ["kit/framework@2.0.0"]], flags: GroupComposition = GroupComposition()
    ) throws -> (order: [String], inline: [InlineBuildpack]) {
        let text = "[_]\nschema-version = \"0.3\"\n" + toml
        let descriptor = try ProjectDescriptor.read(Array(text.utf8), file: "project.toml", directory: "/app").get()
        let composition = try GroupComposition(descriptor, exists: { _ in false }).overridden(by: flags)
        let groups = try order.map { OrderGroup(try $0.map(Self.element)) }
        let composed = try composition.compose(
            builderOrder: Order(groups: groups), available: try Self.available.map { try BuildpackReference($0) })
        return (composed.order.groups.map { $0.elements.map(Self.show).joined(separator: " ") }, composed.inline)
    }

    private static func element(_ text: String) throws -> OrderElement {
        let isOptional = text.hasSuffix("?")
        let parts = text.drop { $0 == "?" }.split(separator: "?")[0].split(separator: "@").map(String.init)
        return OrderElement(
            id: try BuildpackID(parts[0]), version: parts.count > 1 ? try BuildpackVersion(parts[1]) : nil, optional: isOptional)
    }

    private static func show(_ element: OrderElement) -> String {
        element.description + (element.optional ? "?" : "")
    }

    private static func inline(_ id: String, list: String = "group", script: String = "true", version: String? = nil) -> String {
        let version = version.map { "version = \"\($0)\"\n" } ?? ""
        return "[[io.buildpacks.\(list)]]\nid = \"\(id)\"\n\(version)script = { api = \"0.10\", inline = \"\(script)\" }\n"
    }

    private static func entry(_ key: String, _ value: String, list: String = "group") -> String {
        "[[io.buildpacks.\(list)]]\n\(key) = \"\(value)\"\n"
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var toml: String
        var order: [[String]] = [["kit/other@1.0.0"], ["kit/framework@2.0.0"]]
        var expected: [String]
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "nothing declared", toml: "", expected: ["kit/other@1.0.0", "kit/framework@2.0.0"]),
        // A-14, IN-10
        Case(name: "group replaces the order", toml: inline("me/a"), expected: ["me/a@0.0.0"]),
        // IN-1: several inline ones mixed with the builder's
        Case(
            name: "mixed",
            toml: inline("me/a") + entry("id", "kit/framework") + inline("me/b", version: "3.2.1") + entry("id", "kit/two@1.0.0"),
            expected: ["me/a@0.0.0 kit/framework@2.0.0 me/b@3.2.1 kit/two@1.0.0"]),
        // A-15, IN-11
        Case(
            name: "from=builder then inline", toml: entry("uri", "from=builder") + inline("me/after"),
            expected: ["kit/other@1.0.0 me/after@0.0.0", "kit/framework@2.0.0 me/after@0.0.0"]),
        Case(
            name: "around from=builder", toml: inline("me/a") + entry("id", "kit/other") + entry("uri", "from=builder") + inline("me/b"),
            order: [["kit/two@1.0.0?"]], expected: ["me/a@0.0.0 kit/other@1.0.0 kit/two@1.0.0? me/b@0.0.0"]),
        Case(name: "from=builder without order", toml: entry("uri", "from=builder") + inline("me/a"), order: [], expected: ["me/a@0.0.0"]),
        // A-16, IN-9
        Case(
            name: "pre and post in listed order",
            toml: inline("me/p1", list: "pre.group") + inline("me/p2", list: "pre.group") + inline("me/q1", list: "post.group")
                + inline("me/q2", list: "post.group"),
            expected: [
                "me/p1@0.0.0 me/p2@0.0.0 kit/other@1.0.0 me/q1@0.0.0 me/q2@0.0.0",
                "me/p1@0.0.0 me/p2@0.0.0 kit/framework@2.0.0 me/q1@0.0.0 me/q2@0.0.0",
            ]),
        Case(name: "pre beside group", toml: inline("me/a") + inline("me/p", list: "pre.group"), expected: ["me/a@0.0.0"]),
        Case(name: "pre without order", toml: inline("me/p", list: "pre.group"), order: [], expected: []),
        // H.3
        Case(name: "urn", toml: entry("uri", "urn:cnb:builder:kit/framework"), expected: ["kit/framework@2.0.0"]),
        Case(name: "urn with version", toml: entry("uri", "urn:cnb:builder:kit/two@2.0.0"), expected: ["kit/two@2.0.0"]),
        Case(name: "from=builder:id", toml: entry("uri", "from=builder:kit/two@1.0.0"), expected: ["kit/two@1.0.0"]),
        Case(name: "naked uri", toml: entry("uri", "kit/two@1.0.0"), expected: ["kit/two@1.0.0"]),
        // A-17
        Case(name: "order without version", toml: "", order: [["kit/framework"]], expected: ["kit/framework@2.0.0"]),
    ]

    @Test(arguments: cases) func composes(_ example: Case) throws {
        #expect(try compose(example.toml, order: example.order).order == example.expected)
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        var toml: String
        var message: String
        var hint: String = ""
        var testDescription: String { message }
    }

    static let bad = [
        // A-15: also when the builder has one group only.
        Bad(toml: entry("uri", "from=builder") + entry("uri", "from=builder"), message: "buildpacks from builder can only be defined once"),
        // A-17
        Bad(
            toml: entry("id", "kit/two"),
            message: "unable to resolve version: multiple versions of 'kit/two' - must specify an explicit version",
            hint: "'kit/two@1.0.0', 'kit/two@2.0.0'"),
        Bad(
            toml: entry("id", "kit/framwork"), message: "no versions of buildpack 'kit/framwork' were found on the builder",
            hint: "did you mean 'kit/framework'?"),
        Bad(toml: entry("id", "kit/two@3"), message: "buildpack 'kit/two@3' was not found on the builder", hint: "it has 'kit/two@1.0.0'"),
        Bad(toml: entry("uri", "urn:cnb:builder:nope"), message: "'urn:cnb:builder:nope' is not a valid identifier"),
        Bad(toml: entry("uri", "urn:cnb:builder"), message: "'urn:cnb:builder' is not a valid identifier", hint: "from=builder"),
        Bad(toml: entry("uri", "from=builder:"), message: "'from=builder:' is not a valid identifier"),
        // A-9
        Bad(toml: "[[io.buildpacks.pre.group]]\nversion = \"1\"\n", message: "Invalid buildpack definition"),
        Bad(toml: entry("uri", "from=builder", list: "pre.group"), message: "'from=builder' can only stand in the group of buildpacks"),
        Bad(toml: entry("uri", "https://me:secret@x/y"), message: "an address of https://… with credentials in it is not taken"),
        Bad(toml: entry("uri", "ftp://x"), message: "unsupported protocol 'ftp' in 'ftp://x'"),
        // IN-5
        Bad(
            toml: "[[io.buildpacks.group]]\nid = \"me/x\"\nscript = { inline = \"true\" }\n",
            message: "Missing API version for inline buildpack"),
    ]

    @Test(arguments: bad) func refuses(_ example: Bad) throws {
        let fault = #expect(throws: Fault.self) { try compose(example.toml, order: [["kit/other@1.0.0"]]) }
        #expect(fault?.message == example.message)
        #expect(example.hint.isEmpty || fault?.hint?.contains(example.hint) == true, "\(fault?.hint ?? "")")
        #expect(fault?.location != nil)
    }

    // A-33, A-32
    @Test func theLastOfTwoDefinitionsCounts() throws {
        let composed = try compose(Self.inline("me/a", script: "one") + Self.inline("me/b") + Self.inline("me/a", script: "two"))
        #expect(composed.order == ["me/a@0.0.0 me/b@0.0.0 me/a@0.0.0"])
        #expect(composed.inline.map(\.script) == ["true", "two"])
    }

    // A-13
    @Test func flagsTakeThePlaceOfLists() throws {
        let toml =
            Self.inline("me/a") + Self.inline("me/p", list: "pre.group") + Self.inline("me/q", list: "post.group")
        let flag = try DeclaredBuildpack("kit/framework", relativeTo: "/cwd", exists: { _ in false })
        #expect(try compose(toml, flags: GroupComposition(group: [flag])).order == ["kit/framework@2.0.0"])
        let wrapped = Self.inline("me/p", list: "pre.group") + Self.inline("me/q", list: "post.group")
        #expect(
            try compose(wrapped, order: [["kit/other@1.0.0"]], flags: GroupComposition(pre: [flag])).order
                == ["kit/framework@2.0.0 kit/other@1.0.0 me/q@0.0.0"])
        #expect(
            try compose(wrapped, order: [["kit/other@1.0.0"]], flags: GroupComposition(post: [flag])).order
                == ["me/p@0.0.0 kit/other@1.0.0 kit/framework@2.0.0"])
    }

    @Test func executionEnvironmentsReachTheOrder() throws {
        var entry = BuildpackEntry(id: "kit/framework")
        entry.execEnv = ["test"]
        let composition = GroupComposition(group: [try DeclaredBuildpack(entry, directory: "/app")])
        let composed = try composition.compose(builderOrder: Order(), available: [try BuildpackReference("kit/framework@2.0.0")])
        #expect(composed.order.groups.first?.elements.first?.execEnv == ["test"])
    }
}

@Suite struct BuildpackLocatorTests {
    static let known: Set<String> = ["/app/acme/bp", "/app/bp.tgz"]

    @Test(arguments: [
        ("from=builder", BuildpackLocator.builderOrder), ("from=builder:a/b", .onBuilder(id: "a/b", version: nil)),
        ("urn:cnb:builder:a/b@1.2", .onBuilder(id: "a/b", version: "1.2")), ("urn:cnb:registry:a/b@1", .registry(id: "a/b", version: "1")),
        ("docker://ghcr.io/a/b:1", .image("ghcr.io/a/b:1")), ("http://x/y", .url("http://x/y")), ("https://x/y", .url("https://x/y")),
        // A-19
        ("file:///x/y", .path("/x/y")), ("file://./x", .path("/app/./x")), ("./x", .path("/app/./x")), ("../x", .path("/app/../x")),
        ("/x", .path("/x")), ("acme/bp", .path("/app/acme/bp")), ("bp.tgz", .path("/app/bp.tgz")), (".", .path("/app/.")),
        // H-20: never an image
        ("heroku/python", .named(id: "heroku/python", version: nil)), ("heroku/python@1", .named(id: "heroku/python", version: "1")),
    ])
    func reads(_ text: String, _ expected: BuildpackLocator) throws {
        #expect(try BuildpackLocator(text, relativeTo: "/app") { Self.known.contains($0) } == expected)
    }

    /// An id is no path, whatever folders the app has.
    @Test func idsAreNotPaths() throws {
        let declared = try DeclaredBuildpack(BuildpackEntry(id: "acme/bp", version: "1"), directory: "/app") { Self.known.contains($0) }
        #expect(declared.source == .located(.named(id: "acme/bp", version: "1")))
        let special = try DeclaredBuildpack(BuildpackEntry(id: "from=builder"), directory: "/app") { _ in true }
        #expect(special.source == .located(.builderOrder))
    }
}
