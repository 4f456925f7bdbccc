import CNBSpec
import Diagnostics
import Testing

@Suite("Labels of builders and packages (H)")
struct BuilderTests {
    // Shape of a builder made by pack 0.40.6, shortened.
    static let text =
        #"{"description":"d","buildpacks":[{"id":"kit/a","version":"1.0.0","homepage":"h"}],"extensions":null,"stack":{"runImage":{"image":"r/run","mirrors":null}},"lifecycle":{"version":"0.21.17","api":{"buildpack":"0.7","platform":"0.7"},"apis":{"buildpack":{"deprecated":[],"supported":["0.7","0.12"]},"platform":{"deprecated":[],"supported":["0.7","0.15"]}}},"createdBy":{"name":"Pack CLI","version":"0.40.6"},"images":[{"image":"r/run","mirrors":["m/run"]}],"future":1}"#

    @Test("H-27: the builder's label")
    func builder() throws {
        let metadata = try BuilderMetadata(label: LabelName.builderMetadata, text: Self.text)
        #expect(metadata.buildpacks == [BuilderModule(id: "kit/a", version: "1.0.0", homepage: "h")])
        #expect(metadata.defaultRunImage == RunImage(image: "r/run", mirrors: ["m/run"]))
        #expect(metadata.lifecycleVersion == "0.21.17")
        #expect(metadata.apis.platform.versions == [APIVersion(0, 7), APIVersion(0, 15)])
        #expect(metadata.creatorName == "Pack CLI")
        #expect(metadata.unknown == ["future": .integer(1)])
        try metadata.requireUsable(builder: "b")
        #expect(try BuilderMetadata(label: "l", text: metadata.labelText()) == metadata)
    }

    @Test("H-31: the run image may stand in the stack only")
    func stackRunImage() throws {
        let metadata = try BuilderMetadata(label: "l", text: #"{"stack":{"runImage":{"image":"r"}}}"#)
        #expect(metadata.defaultRunImage == RunImage(image: "r"))
    }

    @Test(
        "H-31: what a builder must have",
        arguments: [
            ("{}", "builder metadata is missing run-image"),
            (#"{"images":[{"image":"r"}]}"#, "lifecycle version must be specified in builder"),
            (#"{"images":[{"image":"r"}],"lifecycle":{"version":"1"}}"#, "supported Lifecycle Buildpack APIs not specified"),
            (
                #"{"images":[{"image":"r"}],"lifecycle":{"version":"1","apis":{"buildpack":{"supported":["0.7"]}}}}"#,
                "supported Lifecycle Platform APIs not specified"
            ),
        ])
    func unusable(_ text: String, _ message: String) throws {
        let metadata = try BuilderMetadata(label: "l", text: text)
        let fault = try #require(throws: Fault.self) { try metadata.requireUsable(builder: "b") }
        #expect(fault.message == "\(message) (builder 'b')")
    }

    @Test("H-4, H-9: the layers label")
    func layers() throws {
        let text =
            #"{"kit/a":{"1.0.0":{"api":"0.12","layerDiffID":"sha256:1","name":"A","targets":[{"arch":"","distros":[{"name":"debian","version":"12"}],"os":"linux"}]}},"kit/m":{"2":{"api":"0.10","layerDiffID":"sha256:1","order":[{"group":[{"id":"kit/a","version":"1.0.0"}]}],"stacks":[{"id":"*"}]}}}"#
        let layers = try BuildpackLayers(label: LabelName.buildpackLayers, text: text)
        #expect(
            layers[try BuildpackReference("kit/a@1.0.0")]?.targets == [
                Target(os: "linux", distros: [Distro(name: "debian", version: "12")])
            ])
        #expect(layers[try BuildpackReference("kit/m@2")]?.order[0].elements.map(\.description) == ["kit/a@1.0.0"])
        #expect(layers[try BuildpackReference("kit/a@2")] == nil)
        #expect(layers.onlyVersion(of: try BuildpackID("kit/m")) == "2")
        #expect(try layers.labelText() == text)
        #expect(try BuildpackLayers(label: "l", text: "null").modules.isEmpty)
    }

    @Test("H-3: a package's label")
    func package() throws {
        let text = #"{"homepage":"h","id":"a","stacks":[{"id":"*","mixins":["x"]}],"version":"1"}"#
        let metadata = try BuildpackageMetadata(label: LabelName.buildpackageMetadata, text: text)
        #expect(metadata.id == "a")
        #expect(metadata.stacks == [Stack(id: "*", mixins: ["x"])])
        #expect(try metadata.labelText() == text)
    }

    @Test("what this implementation supports")
    func ours() throws {
        #expect(
            try LifecycleAPIs.ours.labelText()
                == #"{"buildpack":{"deprecated":[],"supported":["0.7","0.8","0.9","0.10","0.11","0.12"]},"platform":{"deprecated":[],"supported":["0.7","0.8","0.9","0.10","0.11","0.12","0.13","0.14","0.15"]}}"#
        )
    }
}
