import CNBSpec
import Diagnostics
import Testing

@testable import CNBPlatform

@Suite struct BuilderConfigTests {
    private func refusal(_ text: String) -> Fault? {
        do throws(Fault) {
            _ = try BuilderFixture.config(text)
            return nil
        } catch {
            return error
        }
    }

    // H.5
    @Test func everyKey() throws {
        let config = try BuilderFixture.config(
            """
            description = "ours"
            [[buildpacks]]
            id = "acme/node"
            version = "1.2.3"
            uri = "node"
            [[extensions]]
            uri = "./ext"
            [[order]]
            [[order.group]]
            id = "acme/node"
            version = "1.2.3"
            optional = true
            exec-env = ["production"]
            [[order-extensions]]
            [[order-extensions.group]]
            id = "acme/ext"
            [stack]
            id = "acme.stack"
            build-image = "base-build"
            run-image = "base-run"
            run-image-mirrors = ["mirror/base-run"]
            [build]
            image = "base-build"
            [[build.env]]
            name = "A"
            value = "1"
            suffix = "append"
            delim = ":"
            exec-env = ["production"]
            [run]
            [[run.images]]
            image = "base-run"
            mirrors = ["mirror/base-run"]
            [lifecycle]
            version = "0.20.0"
            [[targets]]
            os = "linux"
            arch = "amd64"
            variant = "v1"
            [[targets.distros]]
            name = "debian"
            version = "12"
            [system.pre]
            buildpacks = [{id = "acme/pre", version = "1", optional = true}]
            [[system.post.buildpacks]]
            id = "acme/post"
            """)
        #expect(config.description == "ours")
        #expect(config.buildpacks.map(\.uri) == ["node"])
        #expect(config.buildpacks.first?.location?.line == 5)
        #expect(config.extensions.map(\.uri) == ["./ext"])
        #expect(config.order.groups.first?.elements.first?.optional == true)
        #expect(config.order.extensionGroups.count == 1)
        #expect(config.stackID == "acme.stack")
        #expect(config.buildImage == "base-build")
        #expect(config.runImages == [RunImage(image: "base-run", mirrors: ["mirror/base-run"])])
        #expect(config.variables == [BuilderConfig.Variable(name: "A", value: "1", suffix: "append", delimiter: ":")])
        #expect(config.system.pre.first?.optional == true)
        #expect(config.system.post.first?.version == nil)
        #expect(config.targets.first?.distros == [Distro(name: "debian", version: "12")])
        #expect(config.warnings.count == 2)  // exec-env of a variable, lifecycle
    }

    // H-36: the deprecated form alone is enough.
    @Test func stackOnly() throws {
        let config = try BuilderFixture.config("[stack]\nid = 'x'\nbuild-image = 'b'\nrun-image = 'r'\nrun-image-mirrors = ['m']\n")
        #expect(config.buildImage == "b")
        #expect(config.runImages == [RunImage(image: "r", mirrors: ["m"])])
        #expect(config.warnings.map(\.message).contains { $0.hasPrefix("empty 'order'") })  // H-35
    }

    @Test(arguments: [
        ("descripton = ''\n" + BuilderFixture.images, "did you mean 'description'", 1),  // H-35
        (BuilderFixture.images + "mirorrs = []\n", "did you mean 'mirrors'", 5),
        (BuilderFixture.images + "[[order]]\n[[order.group]]\nid = 'a'\noptinal = true\n", "did you mean 'optional'", 8),
        (BuilderFixture.images + "[lifecycle]\nuri = 'a'\nversion = '1'\n", "not both", 5),  // H-38
        (BuilderFixture.images + "[[buildpacks]]\nimage = 'x'\nuri = 'y'\n", "'uri' and 'image' exclude each other", 6),
        (BuilderFixture.images + "[[buildpacks]]\nid = 'a'\n", "'buildpacks.uri' is missing", 5),
        (BuilderFixture.images + "[[buildpacks]]\nid = 'a b'\nuri = 'x'\n", "not a buildpack id", 6),
        (BuilderFixture.images + "[[build.env]]\nname = ''\n", "must not be empty", 6),  // H-37
        (BuilderFixture.images + "[[build.env]]\nname = 'A/B'\n", "not the name of a variable", 6),
        (BuilderFixture.images + "[[build.env]]\nname = 'A'\nsuffix = 'prefix'\n", "is not a suffix", 7),
        (BuilderFixture.images + "[[build.env]]\nname = 'A'\nsuffix = 'prepend'\n", "needs a 'delim'", 7),
        ("[run]\nimages = []\n", "'build.image' is missing", 1),
        ("[build]\nimage = 'b'\n", "'run.images' is missing", 1),
        ("[build]\nimage = 'b'\n[stack]\nid = 'x'\nbuild-image = 'c'\nrun-image = 'r'\n", "do not match", 2),
        (BuilderFixture.images + "[stack]\nid = 'x'\nrun-image = 'other'\n", "do not match", 3),
        ("[build]\nimage = 'b'\n[stack]\nrun-image = 'r'\n", "'stack.id' is missing", 3),
        ("[build]\nimage = 1\n", "must be a string", 2),
        ("[build\n", "builder.toml", 1),
    ])
    func refuses(text: String, message: String, line: Int) throws {
        let fault = try #require(refusal(text))
        #expect(fault.message.contains(message))
        #expect(fault.location?.file == "builder.toml")
        #expect(fault.location?.line == line)
    }

    @Test func emptyValueIsAWarning() throws {
        let config = try BuilderFixture.config(BuilderFixture.images + "[[build.env]]\nname = 'A'\nvalue = ''\n")
        #expect(config.warnings.contains { $0.message.contains("empty value") && $0.location?.line == 6 })
    }

    /// `image` is the old way to write a package's place.
    @Test(arguments: ["image = 'acme/node'", "image = 'docker://acme/node'", "uri = 'docker://acme/node'"])
    func images(entry: String) throws {
        let config = try BuilderFixture.config(BuilderFixture.images + "[[buildpacks]]\n\(entry)\n")
        #expect(config.buildpacks.map(\.uri) == ["docker://acme/node"])
    }
}

@Suite struct OrderResolutionTests {
    private func reference(_ text: String) throws -> BuildpackReference { try BuildpackReference(text) }

    private func element(_ text: String) throws -> OrderElement {
        let parts = text.split(separator: "@").map(String.init)
        return OrderElement(id: try BuildpackID(parts[0]), version: parts.count > 1 ? try BuildpackVersion(parts[1]) : nil)
    }

    private func resolve(_ text: String) throws -> String {
        let resolution = OrderResolution(
            try ["a/one@1", "a/two@1", "a/two@2"].map { (.buildpack, try reference($0)) } + [(.extension, try reference("a/ext@3"))])
        let order = try resolution.resolved(Order(groups: [OrderGroup([element(text)])], extensionGroups: [OrderGroup([element("a/ext")])]))
        #expect(order.extensionGroups.first?.elements.first?.version?.text == "3")
        return order.groups[0].elements[0].description
    }

    // A-17, H-28
    @Test(arguments: [("a/one", "a/one@1"), ("a/one@1", "a/one@1"), ("a/two@2", "a/two@2")])
    func resolves(text: String, expected: String) throws { #expect(try resolve(text) == expected) }

    @Test(arguments: [
        ("a/two", "unable to resolve version: multiple versions of 'a/two' - must specify an explicit version"),
        ("a/tree", "no versions of buildpack 'a/tree' were found on the builder"), ("a/one@2", "no buildpack 'a/one@2'"),
        ("a/ext", "no versions of buildpack 'a/ext' were found on the builder"),
    ])
    func refuses(text: String, message: String) {
        let fault = #expect(throws: Fault.self) { try resolve(text) }
        #expect(fault?.message.contains(message) == true)
    }
}
