import CNBSpec
import Diagnostics
import Testing

@Suite("Rebase: safety, labels and layers (F)")
struct RebaseTests {
    static func side(_ os: String = "linux", _ arch: String = "amd64", _ variant: String = "", _ labels: [String: String] = [:])
        -> RebaseSide
    {
        RebaseSide(target: BaseTarget(os: os, arch: arch, variant: variant, labels: labels), labels: labels)
    }

    static func debian(_ version: String) -> [String: String] {
        ["io.buildpacks.base.distro.name": "debian", "io.buildpacks.base.distro.version": version]
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var title: String
        var app = RebaseTests.side()
        var base = RebaseTests.side()
        var api: APIVersion? = APIVersion(0, 15)
        var fit = RunImageNameFit.recorded
        var isStrict = false
        var rules: [RebaseObjection.Rule]
        var testDescription: String { title }
    }

    static let stack = ["io.buildpacks.stack.id": "s"]
    static let cases: [Case] = [
        Case(title: "same", rules: []),
        // F-6
        Case(title: "not rebasable", app: side("linux", "amd64", "", ["io.buildpacks.rebasable": "false"]), rules: [.rebasable]),
        Case(title: "any other value", app: side("linux", "amd64", "", ["io.buildpacks.rebasable": "False"]), rules: []),
        // F-7
        Case(title: "os", base: side("windows"), rules: [.target]),
        Case(title: "architecture", base: side("linux", "arm64"), rules: [.target]),
        Case(title: "variants differ", app: side("linux", "arm", "v6"), base: side("linux", "arm", "v7"), rules: [.target]),
        Case(title: "a variant on one side", app: side("linux", "arm"), base: side("linux", "arm", "v7"), rules: []),
        Case(
            title: "distro version", app: side("linux", "amd64", "", debian("12")), base: side("linux", "amd64", "", debian("13")),
            rules: [.target]),
        Case(title: "distro new to the app", base: side("linux", "amd64", "", debian("12")), rules: [.target]),
        Case(title: "distro lost", app: side("linux", "amd64", "", debian("12")), rules: []),
        Case(
            title: "distro without version", app: side("linux", "amd64", "", debian("12")),
            base: side("linux", "amd64", "", ["io.buildpacks.base.distro.name": "debian"]), rules: []),
        // F-8
        Case(title: "another tag", fit: .sameRepository, rules: []),
        Case(title: "another tag to the letter", fit: .sameRepository, isStrict: true, rules: [.name]),
        Case(title: "another name", fit: .other, rules: [.name]),
        Case(title: "target before name", base: side("linux", "arm64"), fit: .other, rules: [.target, .name]),
        // F-5
        Case(
            title: "old: stacks", app: side("linux", "amd64", "", stack), base: side("linux", "arm64", "", stack), api: nil, fit: .other,
            rules: []),
        Case(title: "old: no stack", api: APIVersion(0, 11), rules: [.stack]),
        Case(
            title: "old: other stack", app: side("linux", "amd64", "", stack),
            base: side("linux", "amd64", "", ["io.buildpacks.stack.id": "t"]), api: APIVersion(0, 7), rules: [.stack]),
        Case(
            title: "old: mixins",
            app: side("linux", "amd64", "", stack.merging(["io.buildpacks.stack.mixins": #"["run:a","b","build:c"]"#]) { $1 }),
            base: side("linux", "amd64", "", stack.merging(["io.buildpacks.stack.mixins": #"["c","build:a"]"#]) { $1 }), api: nil,
            rules: [.mixins]),
    ]

    @Test(arguments: cases)
    func objections(_ one: Case) throws {
        let found = try RebaseSafety(
            app: one.app, base: one.base, platformAPI: one.api, name: "new/run", recorded: ["old/run", "mirror/run"], fit: one.fit,
            isStrict: one.isStrict
        ).objections()
        #expect(found.map(\.rule) == one.rules)
        #expect(found.allSatisfy { $0.isOverridable == (one.api.map { $0 >= APIVersion(0, 12) } ?? false || $0.rule == .rebasable) })
    }

    @Test("both values stand side by side")
    func messages() throws {
        func message(_ app: RebaseSide, _ base: RebaseSide, fit: RunImageNameFit = .recorded) throws -> String? {
            try RebaseSafety(
                app: app, base: base, platformAPI: APIVersion(0, 12), name: "new/run", recorded: ["old/run", "mirror/run"], fit: fit,
                isStrict: false
            ).objections().first?.message
        }
        #expect(
            try message(Self.side("linux", "arm", "v6", Self.debian("12")), Self.side("linux", "arm", "v7"))
                == "unable to satisfy target os/arch constraints: the app image is for linux/arm/v6 (debian@12), the new run image for linux/arm/v7"
        )
        #expect(
            try message(Self.side(), Self.side(), fit: .other)
                == "new base image 'new/run' not found in existing run image metadata: the app image remembers 'old/run', 'mirror/run'")
    }

    // F-3
    @Test func theRunImageThatIsRemembered() throws {
        var metadata = LifecycleMetadata()
        #expect(metadata.rememberedRunImage(APIVersion(0, 12)) == nil)
        metadata.stackRunImage = RunImage(image: "stack")
        metadata.runImage.image = RunImage(image: "run", mirrors: ["mirror"])
        #expect(metadata.rememberedRunImage(APIVersion(0, 11))?.image == "stack")
        #expect(metadata.rememberedRunImage(nil)?.image == "stack")
        #expect(metadata.rememberedRunImage(APIVersion(0, 12))?.image == "run")
        #expect(metadata.rememberedNames == ["run", "mirror", "stack"])
    }

    // F-9
    @Test(arguments: [
        (["a", "t", "x", "y"], 2), (["t", "x", "y"], 1), (["a", "x", "y", "t"], 4),
        // The base has the same layer twice; the app has one of the base's.
        (["t", "b", "t", "x", "y"], 3), (["a", "t", "x", "t", "y"], 4),
    ])
    func whereTheRunImageEnds(layers: [String], count: Int) throws {
        var metadata = LifecycleMetadata()
        metadata.runImage.topLayer = "t"
        #expect(try metadata.runImageLayers(in: layers) == count)
    }

    @Test func layersOfTheAppStayTheApps() throws {
        var metadata = LifecycleMetadata()
        metadata.runImage.topLayer = "t"
        metadata.app = [LayerDigest("x")]
        metadata.config = LayerDigest("y")
        #expect(try metadata.runImageLayers(in: ["a", "t", "x", "t", "y"]) == 2)
        metadata.app = [LayerDigest("t")]
        #expect(try metadata.runImageLayers(in: ["t", "b", "t", "t", "y"]) == 3)
    }

    @Test func noEnd() throws {
        var metadata = LifecycleMetadata()
        #expect(throws: Fault.self) { try metadata.runImageLayers(in: ["a"]) }
        metadata.runImage.topLayer = "t"
        let fault = try #require(throws: Fault.self) { try metadata.runImageLayers(in: ["a", "b"]) }
        #expect(fault.message.contains("is none of its 2 layers"))
    }

    // F-8, F-10
    @Test func theLabel() throws {
        let text =
            #"{"app":[{"new":1,"sha":"sha256:a"}],"buildpacks":[],"config":{"sha":""},"launcher":{"sha":""},"process-types":{"sha":""},"runImage":{"image":"i","mirrors":["m"],"reference":"r","topLayer":"t","z":"z"},"stack":{"other":1,"runImage":{"image":"i","mirrors":["m"]}},"top":{"deep":1.5}}"#
        let metadata = try LifecycleMetadata(label: "l", text: text)
        let kept = try metadata.rebased(topLayer: "T", reference: "R", name: nil).labelText()
        #expect(kept == text.replacing(#""reference":"r","topLayer":"t""#, with: #""reference":"R","topLayer":"T""#))
        let named = try metadata.rebased(topLayer: "T", reference: "R", name: "n").labelText()
        #expect(named == kept.replacing(#""image":"i","mirrors":["m"]"#, with: #""image":"n""#))
    }

    // F-11
    @Test func theBasesLabels() {
        let app = [
            "io.buildpacks.base.id": "old", "io.buildpacks.base.gone": "x", "io.buildpacks.stack.id": "s",
            "io.buildpacks.rebasable": "true",
            "own": "1",
        ]
        let base = ["io.buildpacks.base.id": "new", "io.buildpacks.base.added": "y", "own": "2", "other": "3"]
        #expect(
            RebasedLabels.synchronised(app, with: base, platformAPI: APIVersion(0, 12)) == [
                "io.buildpacks.base.id": "new", "io.buildpacks.base.added": "y", "io.buildpacks.rebasable": "true", "own": "1",
            ])
        #expect(RebasedLabels.synchronised(app, with: base, platformAPI: nil).count == 4)
    }
}
