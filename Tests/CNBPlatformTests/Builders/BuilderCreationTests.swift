import Archive
import CNBSpec
import Diagnostics
import Glibc
import OCIImage
import TestSupport
import Testing

@testable import CNBPlatform

@Suite struct BuilderCreationTests {
    private static let config = """
        description = "ours"
        [[buildpacks]]
        uri = "two"
        [[buildpacks]]
        id = "acme/one"
        version = "1.0.0"
        uri = "one"
        [[order]]
        [[order.group]]
        id = "acme/one"
        [[order.group]]
        id = "acme/two"
        optional = true
        [[build.env]]
        name = "B"
        value = "2"
        [[build.env]]
        name = "A"
        value = "1"
        suffix = "prepend"
        delim = ":"

        """ + BuilderFixture.images

    private func fixture() throws -> BuilderFixture {
        let fixture = try BuilderFixture()
        try fixture.buildpack("one", id: "acme/one", more: "name = 'One'\nhomepage = 'https://x.example'")
        try fixture.buildpack("two", id: "acme/two", version: "2.0.0", more: "[[targets]]\nos = 'linux'")
        return fixture
    }

    private func headers(_ fixture: BuilderFixture, _ layer: ImageLayer) throws -> [String] {
        let descriptor = open(fixture.store.path(of: layer.descriptor.digest), O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        let reader = try LayerReader(descriptor: descriptor)
        var lines: [String] = []
        while let header = try reader.next() {
            lines.append("\(String(header.mode, radix: 8)) \(header.owner.user):\(header.owner.group) \(header.path)")
            #expect(header.modified == layerTimestamp)
        }
        return lines
    }

    // H-26
    @Test func layersAndTheirOrder() async throws {
        let fixture = try fixture()
        let image = try await fixture.create(Self.config).image
        #expect(
            try image.layers.map { try headers(fixture, $0) } == [
                [
                    "755 1001:1002 /workspace", "755 1001:1002 /layers", "755 0:0 /cnb", "755 0:0 /cnb/buildpacks",
                    "755 0:0 /cnb/extensions",
                    "755 0:0 /platform", "755 0:0 /platform/env", "755 0:0 /cnb/build-config", "755 0:0 /cnb/build-config/env",
                ],
                [
                    "755 0:0 /cnb/buildpacks/acme_one", "755 0:0 /cnb/buildpacks/acme_one/1.0.0",
                    "755 0:0 /cnb/buildpacks/acme_one/1.0.0/bin",
                    "755 0:0 /cnb/buildpacks/acme_one/1.0.0/bin/build", "755 0:0 /cnb/buildpacks/acme_one/1.0.0/bin/detect",
                    "644 0:0 /cnb/buildpacks/acme_one/1.0.0/buildpack.toml",
                ],
                [
                    "755 0:0 /cnb/buildpacks/acme_two", "755 0:0 /cnb/buildpacks/acme_two/2.0.0",
                    "755 0:0 /cnb/buildpacks/acme_two/2.0.0/bin",
                    "755 0:0 /cnb/buildpacks/acme_two/2.0.0/bin/build", "755 0:0 /cnb/buildpacks/acme_two/2.0.0/bin/detect",
                    "644 0:0 /cnb/buildpacks/acme_two/2.0.0/buildpack.toml",
                ],
                ["644 0:0 /cnb/order.toml"], ["644 0:0 /cnb/stack.toml"], ["644 0:0 /cnb/run.toml"],
                ["644 0:0 /cnb/build-config/env/A.delim", "644 0:0 /cnb/build-config/env/A.prepend", "644 0:0 /cnb/build-config/env/B"], [],
            ])
        #expect(image.config.history.count == image.layers.count)
        #expect(image.config.settings.workingDirectory == "/layers")  // H-29
        #expect(image.config.created == "1980-01-01T00:00:01Z")
        try fixture.store.tag(image, [try Reference(parsing: "b")])
        #expect(try fixture.store.validate().isEmpty)
    }

    // H-27, H-28
    @Test func labels() async throws {
        let image = try await fixture().create(Self.config).image
        let labels = image.config.settings.labels
        #expect(labels[LabelName.buildpackOrder] == #"[{"group":[{"id":"acme/one"},{"id":"acme/two","optional":true}]}]"#)
        #expect(labels[LabelName.distroName] == "debian")
        let builder = try BuilderImage(image, name: "b")
        #expect(builder.metadata.description == "ours")
        #expect(builder.metadata.buildpacks.map(\.id) == ["acme/two", "acme/one"])
        #expect(builder.metadata.lifecycleVersion == "0.1.0")
        #expect(builder.metadata.apis == .ours)
        #expect(builder.runImage == RunImage(image: "debian12-run"))
        #expect(builder.buildpackLayers[try BuildpackReference("acme/one@1.0.0")]?.layerDiffID == image.layers[1].diffID.description)
        #expect(builder.buildpackLayers[try BuildpackReference("acme/one@1.0.0")]?.name == "One")
        #expect(builder.buildpackLayers[try BuildpackReference("acme/two@2.0.0")]?.targets == [Target(os: "linux")])
        #expect(builder.identity == BuildIdentity(user: 1001, group: 1002))
        #expect(builder.stackID == "acme.stack")
        #expect(try builder.platformAPI() == APIVersion(0, 15))  // H-32
    }

    /// The layers that the reference tool makes of the same input, by their digests.
    @Test func bytesOfTheReference() throws {
        func diffID(_ files: [BuilderLayers.File]) throws -> String {
            let layer = LayerWriter(.hashOnly)
            try BuilderLayers.files(files, to: layer)
            return try layer.finish().diffID.description
        }
        let directories = LayerWriter(.hashOnly)
        try BuilderLayers.directories(user: 1000, group: 1000, to: directories)
        #expect(try directories.finish().diffID.description == "sha256:fc454e27c1c60562a35add6e2a13dcd2f674221ec85d4266e85594499abdaac2")
        func element(_ id: String) throws -> OrderElement { OrderElement(id: try BuildpackID(id), version: try BuildpackVersion("1.0.0")) }
        let order = Order(groups: [OrderGroup([try element("kit/no")]), OrderGroup([try element("kit/app"), try element("kit/post")])])
        let files = BuilderLayers.documents(
            order: order, system: SystemBuildpacks(), runImages: RunImages([RunImage(image: "localhost:5000/kit/run:system-buildpacks")]))
        #expect(files.map(\.path) == ["/cnb/order.toml", "/cnb/stack.toml", "/cnb/run.toml"])
        #expect(try diffID([files[0]]) == "sha256:0b5758e9f43bd2e3f1a73765bde6fc3b695ade11519dd5e975a68c907c64b655")
        #expect(try diffID([files[1]]) == "sha256:25e6bbad01420ffa5fc26dcd7da578e705e973be18a4d6996260877bca044a4f")
        #expect(try diffID([files[2]]) == "sha256:4b46179e55853394549e0b20c04891866f640449d888a8865400c8450627f97f")
    }

    // D-95
    @Test func sameInputsSameDigest() async throws {
        let first = try fixture(), second = try fixture()
        for (path, mode) in [("one", 0o755), ("one/bin/build", 0o700), ("one/bin/detect", 0o664), ("one/buildpack.toml", 0o600)]
            as [(String, mode_t)]
        {
            chmod(second.scratch.path(path), mode)
        }
        let digests = (try await first.create(Self.config).image.digest, try await second.create(Self.config).image.digest)
        #expect(digests.0 == digests.1)
    }

    @Test func withoutBuildpacks() async throws {
        let fixture = try BuilderFixture()
        let result = try await fixture.create(BuilderFixture.images)
        #expect(result.image.layers.count == 5)
        #expect(result.warnings.map(\.message).contains { $0.hasPrefix("empty 'order'") })
        #expect(result.warnings.map(\.message).contains { $0.contains("pack and kpack cannot") })
        let builder = try BuilderImage(result.image, name: "b")
        #expect(builder.order == Order())
        #expect(builder.metadata.buildpacks.isEmpty)
    }

    @Test func systemBuildpacksAndExtensions() async throws {
        let fixture = try fixture()
        mkdir(fixture.scratch.path("ext"), 0o755)
        try fixture.scratch.write("api = '0.10'\n[extension]\nid = 'acme/ext'\nversion = '1'\n", to: "ext/extension.toml")
        let more = """
            [[extensions]]
            uri = "ext"
            [[order-extensions]]
            [[order-extensions.group]]
            id = "acme/ext"
            [[system.pre.buildpacks]]
            id = "acme/two"
            """
        let image = try await fixture.create(Self.config + more).image
        let builder = try BuilderImage(image, name: "b")
        #expect(builder.order.extensionGroups.count == 1)
        #expect(builder.system.pre.map(\.id.raw) == ["acme/two"])
        #expect(builder.extensionLayers[try BuildpackReference("acme/ext@1")] != nil)
        #expect(try image.layers.map { try headers(fixture, $0) }.contains(["644 0:0 /cnb/system.toml"]))
    }

    @Test(arguments: [
        ("[[buildpacks]]\nid = 'acme/other'\nuri = 'one'\n", "has the id 'acme/one', not 'acme/other'"),  // H-36
        ("[[buildpacks]]\nversion = '2'\nuri = 'one'\n", "has the version '1.0.0', not '2'"),
        ("[[buildpacks]]\nuri = 'nowhere'\n", "nowhere"), ("[[buildpacks]]\nuri = 'one/bin'\n", "it has no buildpack.toml"),
        ("[[buildpacks]]\nuri = 'old'\n", "API version '0.6' is incompatible"), ("[[buildpacks]]\nuri = 'empty'\n", "has no bin/build"),
        ("[[buildpacks]]\nuri = 'all'\n", "references buildpack 'acme/none@1' which is not present"),
        ("[[buildpacks]]\nuri = 'mixed'\n", "both an order and targets"),
        ("[[order]]\n[[order.group]]\nid = 'acme/none'\n", "no versions of buildpack"),
    ])
    func refuses(text: String, message: String) async throws {
        let fixture = try fixture()
        try fixture.buildpack("old", id: "acme/old", api: "0.6")
        try fixture.buildpack("empty", id: "acme/empty")
        unlink(fixture.scratch.path("empty/bin/build"))
        let order = "[[order]]\n[[order.group]]\nid = 'acme/none'\nversion = '1'"
        try fixture.buildpack("all", id: "acme/all", more: order)
        try fixture.buildpack("mixed", id: "acme/mixed", more: order + "\n[[targets]]\nos = 'linux'")
        let fault = await #expect(throws: Fault.self) { try await fixture.create(text + BuilderFixture.images) }
        #expect(fault?.message.contains(message) == true, "\(fault?.message ?? "")")
    }

    // V-6
    @Test func anUnsupportedAPIHasItsStatus() async throws {
        let fixture = try BuilderFixture()
        try fixture.buildpack("old", id: "acme/old", api: "0.6")
        let fault = await #expect(throws: Fault.self) { try await fixture.create("[[buildpacks]]\nuri = 'old'\n" + BuilderFixture.images) }
        #expect(fault?.exitCode == 12)
    }

    @Test func oddities() async throws {
        let fixture = try fixture()
        try fixture.buildpack("copy", id: "acme/one")
        try fixture.buildpack("arm", id: "acme/arm", more: "homepag = 'x'\n[[targets]]\narch = 'arm64'")
        let result = try await fixture.create(
            "[[buildpacks]]\nuri = 'one'\n[[buildpacks]]\nuri = 'copy'\n[[buildpacks]]\nuri = 'arm'\n" + BuilderFixture.images)
        let messages = result.warnings.map(\.message)
        #expect(messages.contains { $0.contains("is there twice") })
        #expect(messages.contains { $0.contains("not made for linux/amd64 (debian@12)") })
        #expect(messages.contains { $0.contains("did you mean 'homepage'") })
        // H-30: the last one counts.
        let builder = try BuilderImage(result.image, name: "b")
        #expect(builder.metadata.buildpacks.map(\.id) == ["acme/one", "acme/arm"])
        #expect(builder.buildpackLayers[try BuildpackReference("acme/one@1.0.0")]?.name == nil)
    }

    @Test func aFIFOInABuildpackIsRefused() async throws {
        let fixture = try fixture()
        mkfifo(fixture.scratch.path("one/pipe"), 0o600)
        await #expect(throws: Fault.self) { try await fixture.create(Self.config) }
    }
}

@Suite struct BuilderImageTests {
    private func builder(_ change: (inout ImageConfig) -> Void) async throws -> Image {
        let image = try await BuilderFixture().create(BuilderFixture.images).image
        var config = image.config
        change(&config)
        return try image.with(config: config)
    }

    // H-31
    @Test(arguments: [
        ("images", "builder metadata is missing run-image"), ("version", "lifecycle version must be specified in builder"),
        ("buildpack", "supported Lifecycle Buildpack APIs not specified"), ("platform", "supported Lifecycle Platform APIs not specified"),
    ])
    func incomplete(part: String, message: String) async throws {
        let image = try await builder { config in
            guard let text = config.settings.labels[LabelName.builderMetadata], var metadata = try? BuilderMetadata(label: "x", text: text)
            else { return }
            switch part {
            case "images": (metadata.runImages, metadata.stackRunImage) = ([], RunImage(image: ""))
            case "version": metadata.lifecycleVersion = ""
            case "buildpack": metadata.apis.buildpack = APISupport()
            default: metadata.apis.platform = APISupport()
            }
            config.settings.labels[LabelName.builderMetadata] = try? metadata.labelText()
        }
        #expect(#expect(throws: Fault.self) { try BuilderImage(image, name: "b") }?.message.contains(message) == true)
    }

    @Test(arguments: [
        (LabelName.builderMetadata, "{"), (LabelName.builderMetadata, "[]"), (LabelName.buildpackLayers, "{\"a\":1}"),
        (LabelName.buildpackOrder, "{}"),
        (LabelName.buildpackOrder, "[{\"group\":[{\"id\":\"a b\"}]}]"),
    ])
    func damaged(label: String, text: String) async throws {
        let image = try await builder { $0.settings.labels[label] = text }
        #expect(#expect(throws: Fault.self) { try BuilderImage(image, name: "b") }?.message.contains(label) == true)
    }

    @Test func noBuilderAtAll() throws {
        let image = try BuilderFixture().base
        #expect(#expect(throws: Fault.self) { try BuilderImage(image, name: "b") }?.message.contains("is not a builder") == true)
    }

    // H-25
    @Test(arguments: [
        (["CNB_GROUP_ID=1"], "CNB_USER_ID"), (["CNB_USER_ID=0", "CNB_GROUP_ID=0"], "root"), (["CNB_USER_ID=x", "CNB_GROUP_ID=0"], "'x'"),
    ])
    func identity(environment: [String], message: String) throws {
        let image = try BuilderFixture(environment: environment).base
        #expect(#expect(throws: Fault.self) { try BuildIdentity(image, name: "b") }?.message.contains(message) == true)
    }

    // H-32
    @Test func noCommonPlatformAPI() async throws {
        let builder = try await BuilderImage(builder { _ in }, name: "b")
        #expect(try builder.platformAPI(ours: [APIVersion(0, 13), APIVersion(0, 12)]) == APIVersion(0, 13))
        #expect(
            #expect(throws: Fault.self) { try builder.platformAPI(ours: [APIVersion(0, 99)]) }?.message.contains("incompatible") == true)
    }

    /// Builders of other tools write null for what is empty.
    @Test func nulls() async throws {
        let image = try await builder {
            $0.settings.labels[LabelName.extensionOrder] = "null"
            $0.settings.labels[LabelName.buildpackOrder] = "null"
            $0.settings.labels[LabelName.stackID] = nil
        }
        let builder = try BuilderImage(image, name: "b")
        #expect(builder.order == Order())
        #expect(builder.stackID.isEmpty)
    }
}
