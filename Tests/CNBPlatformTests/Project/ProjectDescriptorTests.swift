import CNBSpec
import Diagnostics
import TOML
import TestSupport
import Testing

@testable import CNBPlatform

@Suite struct ProjectDescriptorTests {
    private func read(_ text: String) -> ProjectReading {
        ProjectDescriptor.read(Array(text.utf8), file: "project.toml", directory: "/app")
    }

    private func descriptor(_ text: String) throws -> ProjectDescriptor {
        let reading = read(text)
        #expect(reading.warnings == [])
        return try reading.get()
    }

    // A.3
    @Test func readsSchema0_2() throws {
        let found = try descriptor(
            """
            [_]
            schema-version = "0.2"
            id = "org.app"
            name = "App"
            version = "1.0.2"
            authors = ["A", "B"]
            documentation-url = "https://d"
            source-url = "https://s"
            [[_.licenses]]
            type = "MIT"
            [[_.licenses]]
            uri = "https://l"
            [_.metadata]
            anything = { goes = 1 }

            [io.buildpacks]
            builder = "heroku/builder:24"
            include = ["src/**"]

            [[io.buildpacks.group]]
            id = "acme/ruby"
            version = "1.2.3"
            [[io.buildpacks.group]]
            uri = "from=builder"
            [[io.buildpacks.group]]
            id = "me/x"
            [io.buildpacks.group.script]
            api = "0.10"
            inline = "true"
            shell = "/bin/bash"
            [[io.buildpacks.pre.group]]
            id = "me/pre"
            [[io.buildpacks.post.group]]
            id = "me/post"
            [[io.buildpacks.build.env]]
            name = "A"
            value = "$B"
            [other.tables]
            are = "free"
            """)
        #expect(found.schema == .v0_2)
        #expect(found.directory == "/app")
        //
        #expect(found.project.version == "1.0.2")
        #expect(found.project.sourceURL == "https://s")
        #expect(found.project.authors == ["A", "B"])
        #expect(found.project.licenses.map(\.type) == ["MIT", nil])
        #expect(found.project.metadata?.keys == ["anything"])
        #expect(found.builder == "heroku/builder:24")
        #expect(found.builderLocation?.description == "project.toml:17:1")
        #expect(found.builderLocation?.text == "builder = \"heroku/builder:24\"")
        #expect(found.include == ["src/**"])
        #expect(found.group.map(\.id) == ["acme/ruby", nil, "me/x"])
        #expect(found.group.map(\.isInline) == [false, false, true])
        #expect(found.group[2].script?.shell == "/bin/bash")
        #expect(found.pre.map(\.id) == ["me/pre"])
        #expect(found.post.map(\.id) == ["me/post"])
        #expect(found.environment.map(\.name) == ["A"])
        //
        #expect(found.environment.map(\.value) == ["$B"])
    }

    // A.2
    @Test func readsSchema0_1() throws {
        let found = try descriptor(
            """
            [_]
            schema-version = "0.1"
            [project]
            id = "i"
            name = "n"
            version = "1"
            source-url = "u"
            [[project.licenses]]
            type = "MIT"
            [build]
            exclude = ["*.log"]
            builder = "b"
            [[build.buildpacks]]
            id = "me/x"
            [build.buildpacks.script]
            api = "0.7"
            inline = "true"
            [[build.env]]
            name = "A"
            value = "1"
            [[build.pre.group]]
            id = "p"
            [metadata]
            free = true
            """)
        #expect(found.schema == .v0_1)
        #expect(found.project.name == "n")
        #expect(found.exclude == ["*.log"])
        #expect(found.builder == "b")
        #expect(found.group.first?.isInline == true)
        #expect(found.pre.map(\.id) == ["p"])
        #expect(found.environment.map(\.name) == ["A"])
        //
        let source = found.project.sourceMetadata
        #expect(source?.type == "project")
        #expect(source?.version["declared"] == .string("1"))
        #expect(source?.metadata["url"] == .string("u"))
    }

    @Test func readsSchema0_3() throws {
        let found = try descriptor(
            """
            [_]
            schema-version = "0.3"
            [[io.buildpacks.group]]
            id = "a/b"
            exec-env = ["test"]
            [[io.buildpacks.build.env]]
            name = "A"
            value = "1"
            exec-env = ["production"]
            """)
        #expect(found.group.map(\.execEnv) == [["test"]])
        #expect(found.environment.map(\.execEnv) == [["production"]])
        #expect(found.project.sourceMetadata == nil)
    }

    // A.3: the old spelling of build.env
    @Test func legacyEnvironmentCountsOnlyAlone() throws {
        let legacy = "[_]\nschema-version = \"0.2\"\n[[io.buildpacks.env.build]]\nname = \"OLD\"\nvalue = \"1\"\n"
        #expect(try descriptor(legacy).environment.map(\.name) == ["OLD"])
        let both = read(legacy + "[[io.buildpacks.build.env]]\nname = \"NEW\"\nvalue = \"1\"\n")
        #expect(try both.get().environment.map(\.name) == ["NEW"])
        #expect(both.warnings.count == 1)
        let later = read(legacy.replacing("0.2", with: "0.3"))
        #expect(try later.get().environment == [])
        #expect(later.warnings.map(\.message) == ["unknown key 'io.buildpacks.env' is ignored"])
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        var text: String
        var message: String
        var place: String
        var testDescription: String { message }
    }

    static let head = "[_]\nschema-version = \"0.2\"\n"
    static let bad = [
        //
        Bad(text: "[_]\nschema-version = \"0.9\"\n", message: "unknown project descriptor schema version 0.9", place: "project.toml:2:1"),
        Bad(text: "[_]\nschema-version = 0.2\n", message: "'_.schema-version' must be a string, found a float", place: "project.toml:2:1"),
        //
        Bad(
            text: head + "[io.buildpacks]\ninclude = []\nexclude = [\"b\"]\n",
            message: "project.toml: cannot have both include and exclude defined", place: "project.toml:5:1"),
        //
        Bad(
            text: head + "[[_.licenses]]\ntype = \"MIT\"\n[[_.licenses]]\n",
            message: "project.toml: must have a type or uri defined for each license", place: "project.toml:5:1"),
        //
        Bad(
            text: head + "[[io.buildpacks.group]]\n[io.buildpacks.group.script]\napi = \"0.10\"\ninline = \"true\"\n",
            message: "project.toml: buildpacks must have an id or url defined", place: "project.toml:3:1"),
        Bad(
            text: head + "[[io.buildpacks.group]]\nuri = \"x\"\nversion = \"1\"\n",
            message: "project.toml: buildpacks cannot have both uri and version defined", place: "project.toml:4:1"),
        Bad(
            text: head + "[io.buildpacks]\ninclude = \"a\"\n",
            message: "'io.buildpacks.include' must be an array of strings, found a string",
            place: "project.toml:4:1"),
    ]

    @Test(arguments: bad) func refuses(_ example: Bad) throws {
        let fault = #expect(throws: Fault.self) { try read(example.text).get() }
        #expect(fault?.message == example.message)
        #expect(fault?.location?.description == example.place)
        #expect(fault?.location?.text?.isEmpty == false)
    }

    //
    @Test func syntaxErrorsHaveAPlace() throws {
        let fault = #expect(throws: Fault.self) { try read("[_]\r\nschema-version = \"0.2\"\r\n\r\n[[io.buildpacks.group\r\n").get() }
        #expect(fault?.location?.line == 4)
        #expect(fault?.location?.text == "[[io.buildpacks.group")
    }

    //
    @Test func theTrapIsTold() throws {
        let text = "[[io.buildpacks.group]]\nid = \"me/x\"\n[io.buildpacks.group.script]\napi = \"0.10\"\ninline = \"true\"\n"
        let reading = read(text)
        #expect(try reading.get().group == [])
        #expect(reading.warnings.count == 1)
        #expect(reading.warnings.first?.message.contains("all of [io.buildpacks] is ignored: group") == true)
        #expect(reading.warnings.first?.suggestion == "add these lines at the top:\n    [_]\n    schema-version = \"0.2\"")
        #expect(reading.warnings.first?.location?.description == "project.toml:1:6")
    }

    @Test func theTrapWithAHead() throws {
        let reading = read("[_]\nname = \"x\"\n[io.buildpacks]\nbuilder = \"b\"\n")
        #expect(reading.warnings.first?.suggestion == "add this line under [_]:\n    schema-version = \"0.2\"")
        #expect(reading.warnings.first?.location?.line == 3)
        let slip = read("[_]\nschema_version = \"0.2\"\n[io.buildpacks]\nbuilder = \"b\"\n")
        #expect(slip.warnings.first?.suggestion == "write 'schema-version' in place of 'schema_version'")
        #expect(slip.warnings.first?.location?.line == 2)
        let named = read("[_]\nschema-version = \"0.1\"\n[io.buildpacks]\nbuilder = \"b\"\n")
        #expect(named.warnings.map(\.location?.line) == [3])
    }

    /// Told even when reading then fails, and even when nothing can be parsed.
    @Test(arguments: [
        "[io.buildpacks]\nbuilder = \"b\"\n[build]\nbuilder = 3\n", "[io.buildpacks]\nbuilder = \"b\n",
        " [[ io.buildpacks.group ]]\nid = \n",
    ])
    func theTrapIsToldOnFailure(_ text: String) throws {
        let reading = read(text)
        #expect(throws: Fault.self) { try reading.get() }
        #expect(reading.warnings.count == 1)
        #expect(reading.warnings.first?.suggestion?.hasSuffix("schema-version = \"0.2\"") == true)
        #expect(reading.warnings.first?.location?.line == 1)
    }

    @Test func aBrokenFileWithSchemaIsNoTrap() {
        #expect(read("[_]\nschema-version = \"0.2\"\n[io.buildpacks]\nbuilder = \n").warnings == [])
        #expect(read("x = \n").warnings == [])
    }

    // nothing is lost here, but the version is still assumed.
    @Test func aMissingSchemaIsTold() throws {
        let reading = read("[project]\nname = \"x\"\n")
        #expect(try reading.get().project.name == "x")
        #expect(reading.warnings.map(\.message) == ["no schema-version in the project descriptor: schema 0.1 is assumed"])
    }

    struct Odd: Sendable, CustomTestStringConvertible {
        var text: String
        var message: String
        var suggestion: String?
        var place: String
        var testDescription: String { message }
    }

    static let odd = [
        //
        Odd(
            text: head + "[io.buildpacks]\nbuidler = \"b\"\n", message: "unknown key 'io.buildpacks.buidler' is ignored",
            suggestion: "did you mean 'builder'?", place: "project.toml:4:1"),
        Odd(
            text: head + "[[io.buildpacks.group]]\nid = \"a\"\nversoin = \"1\"\n",
            message: "unknown key 'io.buildpacks.group.versoin' is ignored",
            suggestion: "did you mean 'version'?", place: "project.toml:5:1"),
        Odd(
            text: head + "[io.buildpack]\nbuilder = \"b\"\n", message: "unknown key 'io.buildpack' is ignored",
            suggestion: "did you mean 'buildpacks'?", place: "project.toml:3:5"),
        Odd(text: head + "zzz = 1\n", message: "unknown key '_.zzz' is ignored", place: "project.toml:3:1"),
        Odd(
            text: head + "[[io.buildpacks.group]]\nid = \"a\"\nexec-env = [\"test\"]\n",
            message: "unknown key 'io.buildpacks.group.exec-env' is ignored", suggestion: "'exec-env' needs schema-version = \"0.3\"",
            place: "project.toml:5:1"),
        Odd(
            text: "[_]\nschema-version = \"0.1\"\n[build]\nexlude = []\n", message: "unknown key 'build.exlude' is ignored",
            suggestion: "did you mean 'exclude'?", place: "project.toml:4:1"),
        //
        Odd(
            text: head + "[[io.buildpacks.group]]\nuri = \"x\"\n[io.buildpacks.group.script]\napi = \"0.10\"\ninline = \"true\"\n",
            message: "buildpack 'x': 'uri' wins, its inline 'script' is ignored", suggestion: "keep one of the two",
            place: "project.toml:5:22"),
        Odd(
            text: head + "[[io.buildpacks.group]]\nid = \"x\"\n[io.buildpacks.group.script]\napi = \"0.10\"\n",
            message: "buildpack 'x': its 'script' has no 'inline' text and is ignored",
            suggestion: "write the script in 'inline', or remove the table", place: "project.toml:5:22"),
        Odd(
            text: head + "[[io.buildpacks.pre.group]]\nuri = \"x\"\nversion = \"1\"\n",
            message: "buildpack 'x': 'version' is ignored beside 'uri'", suggestion: "remove 'version'", place: "project.toml:4:1"),
        //
        Odd(
            text: head + "[io.buildpacks]\nexclude = [\"a\", \"[b\"]\n", message: "the pattern '[b' matches nothing: the '[' has no ']'",
            place: "project.toml:4:1"),
        //
        Odd(
            text: head
                + "[[io.buildpacks.group]]\nid = \"x\"\nscript = { api = \"0.10\", inline = \"#!/usr/bin/env python3\\nprint()\" }\n",
            message: "inline buildpack 'x': the line '#!/usr/bin/env python3' is only a comment, the script runs in /bin/sh",
            suggestion: "to run it in another program, add to its script table: shell = \"/usr/bin/env python3\"", place: "project.toml:5:1"
        ),
        //
        Odd(
            text: head
                + "[[io.buildpacks.group]]\nid = \"x\"\nscript = { api = \"0.10\", shell = \"/usr/bin/env bash -e\", inline = \"true\" }\n",
            message: "inline buildpack 'x': env will look for a program named 'bash -e', spaces included",
            suggestion: "write shell = \"/usr/bin/env -S bash -e\"", place: "project.toml:5:26"),
    ]

    @Test(arguments: odd) func warns(_ example: Odd) throws {
        let reading = read(example.text)
        _ = try reading.get()
        #expect(reading.warnings.map(\.message) == [example.message])
        #expect(reading.warnings.first?.suggestion == example.suggestion)
        #expect(reading.warnings.first?.location?.description == example.place)
    }

    //
    @Test func duplicateInlineIdsAreTold() throws {
        let entry = "[[io.buildpacks.group]]\nid = \"me/x\"\nscript = { api = \"0.10\", inline = \"true\" }\n"
        #expect(read(Self.head + entry + entry).warnings.map(\.location?.line) == [7])
        #expect(read(Self.head + entry + entry.replacing("me/x", with: "me/y")).warnings == [])
    }

    // what is free stays silent.
    @Test func freeTablesAreSilent() {
        #expect(read(Self.head + "[_.metadata.x]\ny = 1\n[tool]\nz = 1\n[build]\nfoo = 1\n[io.example]\na = 1\n").warnings == [])
    }

    @Test(arguments: [
        "io = 3\n", "_ = 3\n", "[[io]]\n", "[io]\nbuildpacks = 3\n", "[io.buildpacks]\ngroup = [1]\n", "[io.buildpacks]\npre = [[1]]\n",
    ])
    func oddShapesAreErrorsNotCrashes(_ text: String) {
        #expect(throws: Fault.self) { try read(text + Self.head).get() }
    }
}

@Suite struct ProjectLocationTests {
    private func load(_ scratch: ScratchDirectory, app: String = "app", descriptor: String? = nil) -> ProjectReading? {
        ProjectDescriptor.load(app: scratch.path(app), descriptor: descriptor.map(scratch.path), workingDirectory: scratch.path)
    }

    //
    @Test func findsTheFile() throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFolder("app")
        #expect(load(scratch)?.warnings == nil)
        try scratch.makeFile("app/project.toml", "[_]\nschema-version = \"0.2\"\nx = 1\n")
        let reading = try #require(load(scratch))
        #expect(try reading.get().directory == scratch.path("app"))
        #expect(reading.warnings.first?.location?.file == "app/project.toml")
        try scratch.makeFile("app.zip")
        #expect(load(scratch, app: "app.zip")?.warnings == nil)
        try scratch.makeFile("other.toml", "[_]\nschema-version = \"0.3\"\n")
        #expect(try load(scratch, descriptor: "other.toml")?.get().schema == .v0_3)
        #expect(try load(scratch, descriptor: "./other.toml")?.get().schema == .v0_3)
    }

    @Test func anExplicitFileMustBeThere() throws {
        let scratch = try ScratchDirectory()
        let missing = #expect(throws: Fault.self) { try load(scratch, descriptor: "nope.toml")?.get() }
        #expect(missing?.message == "there is no project descriptor 'nope.toml'")
        try scratch.makeFolder("folder")
        let folder = #expect(throws: Fault.self) { try load(scratch, descriptor: "folder")?.get() }
        #expect(folder?.message == "the project descriptor 'folder' is not a regular file")
    }
}
