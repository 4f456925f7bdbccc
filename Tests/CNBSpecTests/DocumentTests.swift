import CNBSpec
import Diagnostics
import TOML
import Testing

@Suite("Order, group, plan and the other documents")
struct DocumentTests {
    static func source(_ text: String) -> DocumentSource { DocumentSource(file: "x.toml", text: text) }

    @Test("B-27: order.toml comes back as it was written")
    func order() throws {
        let order = Order(
            groups: [
                OrderGroup([try element("a@1"), try element("b@2", optional: true)]),
                OrderGroup([OrderElement(id: try BuildpackID("c"), version: nil)]),
            ], extensionGroups: [OrderGroup([try element("e@1")])])
        #expect(try Order(reading: Self.source(order.serialized())) == order)
        #expect(
            order.serialized()
                == "[[order]]\n\n  [[order.group]]\n    id = \"a\"\n    version = \"1\"\n\n  [[order.group]]\n    id = \"b\"\n    version = \"2\"\n    optional = true\n\n[[order]]\n\n  [[order.group]]\n    id = \"c\"\n\n[[order-extensions]]\n\n  [[order-extensions.group]]\n    id = \"e\"\n    version = \"1\"\n"
        )
    }

    @Test("H-27: the labels of an order")
    func orderLabels() throws {
        let text = #"[{"group":[{"id":"a/b","version":"1"},{"id":"c","optional":true}]},{"group":[]}]"#
        let order = try Order(orderLabel: text, extensionsLabel: "null")
        #expect(order.groups[0].elements == [try element("a/b@1"), OrderElement(id: try BuildpackID("c"), version: nil, optional: true)])
        #expect(order.extensionGroups.isEmpty)
        #expect(try order.orderLabel() == text)
        #expect(try order.extensionsLabel() == "null")
        let fault = try #require(throws: Fault.self) { try Order(orderLabel: "[{\"group\":1}]", extensionsLabel: nil) }
        #expect(fault.message == "reading label 'io.buildpacks.buildpack.order': 'group' must be an array")
    }

    // B-31
    @Test("B-31: system buildpacks go around every group, not twice, and stay optional")
    func systemBuildpacks() throws {
        let system = try SystemBuildpacks(
            reading: Self.source(
                "[system]\n[[system.pre.buildpacks]]\nid = \"pre\"\nversion = \"1\"\noptional = true\n[[system.post.buildpacks]]\nid = \"post\"\nversion = \"1\"\n"
            ))
        let order = Order(groups: [OrderGroup([try element("no@1")]), OrderGroup([try element("main@1"), try element("post@2")])])
        let merged = system.merged(into: order)
        #expect(merged.groups.map { $0.elements.map(\.description) } == [["pre@1", "no@1", "post@1"], ["pre@1", "main@1", "post@2"]])
        #expect(merged.groups[0].elements[0].optional)
        #expect(
            try system.labelText()
                == #"{"post":{"buildpacks":[{"id":"post","version":"1"}]},"pre":{"buildpacks":[{"id":"pre","optional":true,"version":"1"}]}}"#
        )
        #expect(try SystemBuildpacks(label: LabelName.systemBuildpacks, text: system.labelText()) == system)
        #expect(try SystemBuildpacks(reading: Self.source("")) == SystemBuildpacks())
    }

    @Test("B-29: group.toml")
    func group() throws {
        let group = Group(
            buildpacks: [try groupElement("kit/app@1.0.0", homepage: "https://x")], extensions: [try groupElement("kit/switch@1.0.0")])
        #expect(
            group.serialized()
                == "[[group]]\n  id = \"kit/app\"\n  version = \"1.0.0\"\n  api = \"0.12\"\n  homepage = \"https://x\"\n\n[[group-extensions]]\n  id = \"kit/switch\"\n  version = \"1.0.0\"\n  api = \"0.12\"\n"
        )
        #expect(try Group(reading: Self.source(group.serialized())) == group)
        // C-2
        #expect(try Group(reading: Self.source("")) == Group())
        // BU-5
        let fault = try #require(throws: Fault.self) {
            try Group(reading: Self.source("[[group]]\nid = \"a\"\nversion = \"1\"\napi = \"bad\"\n"))
        }
        #expect(fault.exitCode == 12)
        #expect(fault.message.contains("parse buildpack API"))
    }

    @Test("B-30: plan.toml")
    func plan() throws {
        let plan = BuildPlan(entries: [
            BuildPlan.Entry(
                providers: [Provider(try BuildpackReference("a@1")), Provider(try BuildpackReference("e@1"), kind: .extension)],
                requires: [Requirement("x", metadata: TOMLTable([("version", .string("2"))])), Requirement("x")])
        ])
        #expect(
            plan.serialized()
                == "[[entries]]\n\n  [[entries.providers]]\n    id = \"a\"\n    version = \"1\"\n\n  [[entries.providers]]\n    id = \"e\"\n    version = \"1\"\n    extension = true\n\n  [[entries.requires]]\n    name = \"x\"\n    [entries.requires.metadata]\n      version = \"2\"\n\n  [[entries.requires]]\n    name = \"x\"\n"
        )
        #expect(try BuildPlan(reading: Self.source(plan.serialized())) == plan)
        #expect(BuildPlan().serialized().isEmpty)
        #expect(try BuildPlan(reading: Self.source("")) == BuildPlan())
    }

    @Test("F-18: run.toml and stack.toml")
    func runImages() throws {
        let images = RunImages([RunImage(image: "a/run", mirrors: ["b/run", "c/run"]), RunImage(image: "d/run")])
        #expect(
            images.serialized()
                == "[[images]]\n  image = \"a/run\"\n  mirrors = [\"b/run\", \"c/run\"]\n\n[[images]]\n  image = \"d/run\"\n")
        #expect(try RunImages(reading: Self.source(images.serialized())) == images)
        #expect(try RunImages(readingStack: Self.source(images.serializedStack())) == RunImages([images.images[0]]))
        #expect(throws: Fault.self) { try RunImages(reading: Self.source("[[images]]\nmirrors = [\"x\"]\n")) }
        #expect(try RunImages(reading: Self.source("")).images.isEmpty)
    }

    @Test("D-7: analyzed.toml, with the label's content in its TOML form")
    func analyzed() throws {
        var metadata = LifecycleMetadata()
        metadata.app = [LayerDigest("sha256:1")]
        metadata.runImage = RunImageRecord(topLayer: "sha256:9", reference: "r@sha256:8", image: RunImage(image: "r", mirrors: ["m"]))
        metadata.stackRunImage = RunImage(image: "r")
        metadata.buildpacks = [
            BuildpackRecord(
                key: "kit/hello", version: "1",
                layers: ["runtime": LayerRecord(sha: "sha256:2", types: LayerTypes(launch: true), data: .object(["n": .integer(3)]))],
                store: .object(["k": .string("v")]))
        ]
        let target = BaseTarget(os: "linux", arch: "arm", variant: "v7", distro: Distro(name: "debian", version: "12"), id: "base")
        let analyzed = AnalyzedMetadata(
            previousImage: "app@sha256:1", metadata: metadata,
            runImage: .init(reference: "r@sha256:8", image: "r", extend: true, target: target))
        let text = analyzed.serialized()
        #expect(try AnalyzedMetadata(reading: Self.source(text)) == analyzed, "\(text)")
        for part in [
            "[image]\n  reference = \"app@sha256:1\"", "top-layer = \"sha256:9\"", "arch-variant = \"v7\"", "extend = true",
            "[metadata.buildpacks.layers.runtime.metadata]",
        ] {
            #expect(text.contains(part), "\(part) in \(text)")
        }
    }

    @Test("D-7, B-15: a small analyzed.toml of another writer")
    func foreignAnalyzed() throws {
        let analyzed = try AnalyzedMetadata(
            reading: Self.source(
                "[image]\n[run-image]\nreference = \"r\"\n[run-image.target]\nos = \"linux\"\narch = \"arm\"\nvariant = \"v6\"\n"))
        #expect(analyzed.previousImage.isEmpty)
        #expect(analyzed.metadata == nil)
        #expect(analyzed.runImage?.target == BaseTarget(os: "linux", arch: "arm", variant: "v6"))
        #expect(AnalyzedMetadata().serialized() == "[image]\n  reference = \"\"\n")
    }

    @Test("D-71: project-metadata.toml and its label")
    func projectMetadata() throws {
        #expect(try ProjectMetadata(reading: Self.source("")).json.text() == "{}")
        let metadata = try ProjectMetadata(
            reading: Self.source("[source]\ntype = \"git\"\n[source.version]\ncommit = \"abc\"\n[source.metadata]\nrefs = [\"main\"]\n"))
        #expect(try metadata.json.text() == #"{"source":{"metadata":{"refs":["main"]},"type":"git","version":{"commit":"abc"}}}"#)
        #expect(try ProjectMetadata(reading: Self.source(metadata.serialized())) == metadata)
    }

    @Test("D-75: report.toml")
    func report() {
        #expect(
            Report(tags: ["r/app:latest", "r/app:1"], digest: "sha256:1", manifestSize: 1234).serialized()
                == "[image]\n  tags = [\"r/app:latest\", \"r/app:1\"]\n  digest = \"sha256:1\"\n  manifest-size = 1234\n")
        #expect(
            Report(tags: ["app"], imageID: "abc", manifestSize: 0).serialized() == "[image]\n  tags = [\"app\"]\n  image-id = \"abc\"\n")
    }
}
