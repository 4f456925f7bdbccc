import CNBSpec
import Diagnostics
import TOML
import Testing

@Suite("Labels, restoration and the image config (D)")
struct ExportTests {
    // Measured: the label of the kit's first-build, digests shortened.
    static let label =
        #"{"app":[{"sha":"sha256:a"}],"buildpacks":[{"key":"kit/hello","layers":{"runtime":{"build":false,"cache":false,"data":{"count":3,"list":["b","a"],"nested":{"a":"x","z":true},"ratio":0.5,"version":"7.1"},"launch":true,"sha":"sha256:r"}},"version":"1.2.3"}],"config":{"sha":"sha256:c"},"launcher":{"sha":"sha256:l"},"process-types":{"sha":"sha256:p"},"runImage":{"image":"r/kit/run:first-build","reference":"r/kit/run@sha256:d","topLayer":"sha256:t"},"sbom":{"sha":"sha256:s"},"stack":{"runImage":{"image":"r/kit/run:first-build"}}}"#

    @Test("D-65: the label is read and written without loss")
    func lifecycleMetadata() throws {
        let metadata = try LifecycleMetadata(label: LabelName.lifecycleMetadata, text: Self.label)
        #expect(metadata.app == [LayerDigest("sha256:a")])
        #expect(metadata.sbom?.sha == "sha256:s")
        #expect(metadata.runImage.topLayer == "sha256:t")
        #expect(metadata.stackRunImage?.image == "r/kit/run:first-build")
        #expect(metadata.buildpack(try BuildpackID("kit/hello"))?.layers["runtime"]?.types == LayerTypes(launch: true))
        #expect(try metadata.labelText() == Self.label)
    }

    @Test("F-10: what newer writers put there is kept")
    func unknownFields() throws {
        let text =
            #"{"app":[{"new":1,"sha":"sha256:a"}],"buildpacks":[{"key":"k","layers":{"l":{"build":false,"cache":false,"data":null,"launch":true,"sha":"s","x":[1]}},"version":"1","y":2}],"config":{"sha":""},"launcher":{"sha":""},"process-types":{"sha":""},"runImage":{"reference":"","topLayer":"","z":"z"},"stack":{"other":1,"runImage":{}},"top":{"deep":1.5}}"#
        #expect(try LifecycleMetadata(label: "l", text: text).labelText() == text)
    }

    @Test("D-5: a broken label is an error that names it", arguments: ["", "{", "[]", #"{"app":{}}"#, #"{"buildpacks":[1]}"#])
    func brokenLabel(_ text: String) throws {
        let fault = try #require(throws: Fault.self) { try LifecycleMetadata(label: LabelName.lifecycleMetadata, text: text) }
        #expect(fault.message.hasPrefix("reading label 'io.buildpacks.lifecycle.metadata': "))
    }

    @Test("D-81: cache metadata without an SBOM, as measured")
    func cacheMetadata() throws {
        let text = #"{"buildpacks":[{"key":"kit/hello","layers":{},"version":"1.2.3"}],"sbom":{"sha":""}}"#
        #expect(try CacheMetadata(buildpacks: [BuildpackRecord(try groupElement("kit/hello@1.2.3"))]).labelText() == text)
        #expect(try CacheMetadata(label: LabelName.cacheMetadata, text: text).buildpacks.count == 1)
    }

    // Appendix 1: the kit measured 1e3 becoming 1000.
    @Test("Appendix 1: TOML metadata as JSON and back")
    func metadata() throws {
        let table = try TOMLTable.parse(
            "b = 1\na = 1e3\nhalf = 0.5\nhex = 0xff\nwhen = 2020-01-02T03:04:05Z\nday = 2020-01-02\nlist = [1, 2.0, \"x\"]\ntext = \"a/b\"\n[t]\nx = true\n"
        )
        #expect(
            try JSONValue(table).text()
                == #"{"a":1000,"b":1,"day":"2020-01-02","half":0.5,"hex":255,"list":[1,2,"x"],"t":{"x":true},"text":"a/b","when":"2020-01-02T03:04:05Z"}"#
        )
        let back = try JSONValue(parsing: #"{"z":1,"a":{"n":null,"k":[1,null,0.25]},"big":9223372036854775807}"#)
        guard case .table(let restored)? = TOMLValue(back) else {
            Issue.record("not a table")
            return
        }
        #expect(restored.serialized() == "big = 9223372036854775807\nz = 1\n\n[a]\n  k = [1, 0.25]\n")
        let infinite = try TOMLTable.parse("x = inf")
        #expect(throws: Fault.self) { try JSONValue(infinite).text() }
    }

    // D-18, D-20, D-21
    struct Layer: Sendable, CustomTestStringConvertible {
        var title: String
        var app: LayerTypes?
        var appSHA = "s"
        var cache: LayerTypes?
        var cacheSHA = "s"
        var platformAPI = APIVersion(0, 15)
        var expected: String
        var testDescription: String { title }
    }

    static func types(_ text: String) -> LayerTypes {
        LayerTypes(launch: text.contains("l"), build: text.contains("b"), cache: text.contains("c"))
    }

    static let layers: [Layer] = [
        Layer(title: "b c l", app: types("bcl"), cache: types("bcl"), expected: "data app image"),
        Layer(title: "b c l, not in the cache", app: types("bcl"), expected: "nothing"),
        Layer(title: "b c", cache: types("bc"), expected: "data cache"),
        Layer(title: "b l", app: types("bl"), expected: "nothing"),
        Layer(title: "c l", app: types("cl"), cache: types("cl"), expected: "data app image"),
        Layer(title: "c l, not in the cache", app: types("cl"), expected: "nothing"),
        Layer(title: "c", cache: types("c"), expected: "data cache"),
        Layer(title: "l", app: types("l"), expected: "metadata app image"),
        Layer(title: "D-20: another sha", app: types("cl"), cache: types("cl"), cacheSHA: "other", expected: "removed"),
        Layer(title: "D-21: the cache alone", cache: types("cl"), expected: "data cache"),
        Layer(title: "D-21: not before 0.14", cache: types("cl"), platformAPI: APIVersion(0, 13), expected: "nothing"),
        Layer(title: "in the cache's metadata but not cached", app: types("cl"), cache: types("l"), expected: "nothing"),
        Layer(title: "an image layer that is not for launch", app: types("c"), expected: "nothing"),
    ]

    @Test("D-18 to D-21: what is restored", arguments: layers)
    func restoration(_ layer: Layer) throws {
        let app = layer.app.map { ["x": LayerRecord(sha: layer.appSHA, types: $0, data: .object(["from": .string("app")]))] } ?? [:]
        let cache = layer.cache.map { ["x": LayerRecord(sha: layer.cacheSHA, types: $0, data: .object(["from": .string("cache")]))] } ?? [:]
        let decision = try #require(LayerRestoration.decide(app: app, cache: cache, platformAPI: layer.platformAPI)["x"])
        switch decision {
        case .metadata(_, let source): #expect(layer.expected == "metadata \(source.rawValue)")
        case .metadataAndData(let record, let source):
            #expect(layer.expected == "data \(source.rawValue)")
            #expect(record.metadata == TOMLTable([("from", .string(source == .cache ? "cache" : "app"))]))
        case .removed: #expect(layer.expected == "removed")
        case .nothing: #expect(layer.expected == "nothing")
        }
    }

    @Test(
        "a label cannot name files outside its buildpack's folder", arguments: ["", ".", "..", "../x", "a/b", "a\u{0}", "launch", "store"])
    func hostileNames(_ name: String) {
        let record = LayerRecord(sha: "s", types: LayerTypes(launch: true))
        let decisions = LayerRestoration.decide(app: [name: record], cache: [:], platformAPI: APIVersion(0, 15))
        #expect(decisions[name] == .nothing(reason: "not the name of a layer"))
    }

    @Test("the kit's log lines of a restoration")
    func logLines() {
        let record = LayerRecord(sha: "s", types: LayerTypes(launch: true, cache: true))
        #expect(
            LayerRestoration.metadataAndData(record, from: .appImage).logLines("kit/cacher:both") == [
                #"Restoring metadata for "kit/cacher:both" from app image"#, #"Restoring data for "kit/cacher:both" from cache"#,
            ])
        #expect(LayerRestoration.removed.logLines("a:b") == [#"Removing "a:b", wrong sha"#])
    }

    @Test("D-30, D-31: where a launch layer comes from")
    func layerExport() throws {
        let previous = LayerRecord(sha: "sha256:1", types: LayerTypes(launch: true))
        let launch = LayerTypes(launch: true)
        #expect(try LayerExport.decide("a:b", types: launch, hasDirectory: true, previous: nil) == .fromDirectory)
        #expect(
            try LayerExport.decide("a:b", types: launch, hasDirectory: false, previous: previous) == .fromPreviousImage(sha: "sha256:1"))
        let cached = try #require(throws: Fault.self) {
            try LayerExport.decide("a:b", types: LayerTypes(launch: true, cache: true), hasDirectory: false, previous: previous)
        }
        #expect(cached.message == "layer 'a:b' is cache=true but has no contents")
        let unknown = try #require(throws: Fault.self) { try LayerExport.decide("a:b", types: launch, hasDirectory: false, previous: nil) }
        #expect(unknown.message == "cannot reuse 'a:b', previous image has no metadata for layer 'a:b'")
        #expect(unknown.exitCode == 62)
    }

    // Measured: the kit's first-build.
    @Test("D-55: variables keep their place")
    func environment() {
        let result = AppImageConfig.environment(
            ["PATH=/usr/local/bin:/bin", "KIT_RUN=from-run-image", "LANG=C.UTF-8"], layersDirectory: "/layers", appDirectory: "/workspace",
            platformAPI: APIVersion(0, 15))
        #expect(
            result == [
                "PATH=/cnb/process:/cnb/lifecycle:/usr/local/bin:/bin", "KIT_RUN=from-run-image", "LANG=C.UTF-8", "CNB_LAYERS_DIR=/layers",
                "CNB_APP_DIR=/workspace", "CNB_PLATFORM_API=0.15", "CNB_DEPRECATION_MODE=quiet",
            ])
    }

    @Test("D-55: a run image without PATH, and one with old values")
    func oddEnvironments() {
        let bare = AppImageConfig.environment([], layersDirectory: "/l", appDirectory: "/a", platformAPI: APIVersion(0, 12))
        #expect(bare.last == "PATH=/cnb/process:/cnb/lifecycle:")
        let old = AppImageConfig.environment(
            ["CNB_APP_DIR=/old", "PATHS=x", "PATH=/bin"], layersDirectory: "/l", appDirectory: "/a", platformAPI: APIVersion(0, 12))
        #expect(old.prefix(3) == ["CNB_APP_DIR=/a", "PATHS=x", "PATH=/cnb/process:/cnb/lifecycle:/bin"])
    }

    @Test("D-57: the entrypoint")
    func entrypoint() throws {
        #expect(try AppImageConfig.entrypoint(requested: nil, buildpackDefault: "web", types: ["web"]).path == "/cnb/process/web")
        #expect(try AppImageConfig.entrypoint(requested: "job", buildpackDefault: "web", types: ["job", "web"]).path == "/cnb/process/job")
        #expect(try AppImageConfig.entrypoint(requested: "", buildpackDefault: nil, types: ["web"]) == .launcher)
        let fault = try #require(throws: Fault.self) {
            try AppImageConfig.entrypoint(requested: "nope", buildpackDefault: nil, types: ["web"])
        }
        #expect(fault.message == "tried to set nope to default but it doesn't exist")
        #expect(fault.exitCode == 62)
    }

    @Test("D-60: who created which layer")
    func history() throws {
        #expect(
            LayerHistory.buildpack(layer: "runtime", try BuildpackReference("kit/hello@1.2.3"))
                == "Layer: 'runtime', Created by buildpack: kit/hello@1.2.3")
        #expect(LayerHistory.extension(originalCreatedBy: "RUN x", try BuildpackID("curl")) == "Layer: 'RUN x', Created by extension: curl")
        #expect(LayerHistory.app(0, of: 1) == "Application Layer")
        #expect((0..<3).map { LayerHistory.app($0, of: 3) } == ["Application Slice: 1", "Application Slice: 2", "Application Slice: 3"])
    }

    @Test(
        "D-10: which mirror is used",
        arguments: [
            (["b/run"], "b/run"), (["a/run", "b/run", "c/run"], "b/run"), (["a/run", "c/run"], "a/run"), (["c/run"], "c/run"), ([], nil),
        ] as [([String], String?)])
    func mirrors(_ readable: [String], _ expected: String?) async throws {
        let image = RunImage(image: "a/run", mirrors: ["b/run", "c/run"])
        let choose = {
            try await image.choose(
                isOnOutputRegistry: { $0.hasPrefix("b/") }, isReadable: { readable.contains($0) && $1 == ($0 == "c/run") })
        }
        guard let expected else {
            let fault = try await #require(throws: Fault.self) { _ = try await choose() }
            #expect(fault.message.contains("failed to find accessible run image"))
            #expect(fault.exitCode == 3)
            return
        }
        #expect(try await choose() == expected)
    }

    @Test("D-67: which run image the label remembers")
    func runImageEntry() {
        let images = RunImages([RunImage(image: "a", mirrors: ["m"]), RunImage(image: "b")])
        func entry(_ image: String?, _ extensions: Bool = false) -> RunImage? {
            images.entry(for: image, extensionsRan: extensions) { $0 == $1 || "\($0)@sha256:1" == $1 }
        }
        #expect(entry("b@sha256:1") == RunImage(image: "b"))
        #expect(entry("m")?.image == "a")
        #expect(entry("other")?.image == "a")
        #expect(entry("other", true) == RunImage(image: "other"))
        #expect(entry(nil)?.image == "a")
        #expect(RunImages().entry(for: "x", extensionsRan: false) { $0 == $1 } == nil)
    }
}
