import Archive
import Diagnostics
import OCIImage
import Testing

private func config(_ json: String) throws -> ImageConfig { try ImageConfig(decoding: Array(json.utf8), what: "the config") }
private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
private let digest = "sha256:" + String(repeating: "0", count: 64)

@Suite struct ImageConfigTests {
    @Test(arguments: [
        "{}", #"{"config":null,"rootfs":null,"history":null}"#,
        #"{"created":null,"author":null,"architecture":null,"os":null,"config":{"Env":null,"Labels":null,"Cmd":null,"Entrypoint":null,"ExposedPorts":null,"Volumes":null,"User":null,"Healthcheck":null,"OnBuild":null,"Shell":null},"rootfs":{"type":null,"diff_ids":null}}"#,
        #"{"container_config":{"Hostname":"","AttachStdin":false,"Env":null},"container":"","config":{"Image":"","Tty":false}}"#,
    ])
    func nullsMeanNothing(json: String) throws {
        let config = try config(json)
        #expect(config.diffIDs.isEmpty)
        #expect(config.settings == ContainerSettings())
        // A config that says nothing is written as nothing.
        if !json.contains("container_config") {
            #expect(text(try config.encoded()) == #"{"config":{},"rootfs":{"diff_ids":[],"type":"layers"}}"#)
        }
    }

    @Test func nullElements() throws {
        let config = try config(
            #"{"config":{"Env":["A=1",null],"Labels":{"a":null}},"history":[null,{"created_by":null,"empty_layer":null}]}"#)
        #expect(config.settings.environment == ["A=1", ""])
        #expect(config.settings.labels == ["a": ""])
        #expect(config.history == [History(), History()])
    }

    /// Every field that OCI and Docker have survives, in an order that depends on nothing (N.8).
    @Test func roundTrip() throws {
        let json =
            #"{"architecture":"arm","author":"me","config":{"ArgsEscaped":true,"Cmd":["a"],"Entrypoint":["/e"],"Env":["Z=1","A=2"],"ExposedPorts":{"8080/tcp":{}},"Healthcheck":{"Interval":30000000000,"Test":["CMD","true"]},"Labels":{"a":"<&>/","b":"ü"},"OnBuild":["RUN x"],"Shell":["/bin/sh","-c"],"StopSignal":"SIGQUIT","User":"1000:1000","Volumes":{"/data":{}},"WorkingDir":"/w"},"container":"abc","created":"1980-01-01T00:00:01Z","docker_version":"20.10","history":[{"comment":"c","created":"1980-01-01T00:00:01Z","created_by":"x"},{"author":"a","empty_layer":true}],"os":"linux","os.features":["f"],"os.version":"10","rootfs":{"diff_ids":["\#(digest)"],"type":"layers"},"variant":"v7"}"#
        #expect(text(try config(json).encoded()) == json)
    }

    /// D-55.
    @Test(arguments: [
        (["A=1", "B=2"], "A", "9", ["A=9", "B=2"]), (["A=1"], "B", "", ["A=1", "B="]), (["AB=1"], "A", "2", ["AB=1", "A=2"]),
        (["A", "A=1", "A=2", "C=3"], "A", "9", ["A", "A=9", "C=3"]), ([], "X", "a=b", ["X=a=b"]),
    ])
    func setEnvironment(before: [String], name: String, value: String, after: [String]) {
        var settings = ContainerSettings()
        settings.environment = before
        settings.setEnvironment(name, value)
        #expect(settings.environment == after)
        #expect(settings.environment(name) == value)
    }

    /// D-59.
    @Test func alignHistory() throws {
        var config = try config(
            #"{"history":[{"created_by":"a"},{"empty_layer":true},{"created_by":"b"}],"rootfs":{"diff_ids":["\#(digest)","\#(digest)"]}}"#)
        #expect(config.isHistoryAligned)
        config.alignHistory()
        #expect(config.history.map(\.createdBy) == ["a", "b"])
        config.diffIDs.append(DiffID(.of([])))
        config.alignHistory()
        #expect(config.history == [History(), History(), History()])
    }

    @Test(arguments: [
        ("", "not valid JSON"), ("[]", "wrong type"), (#"{"config":[]}"#, "'config'"), (#"{"config":{"Env":[1]}}"#, "'config.Env[0]'"),
        (#"{"rootfs":{"diff_ids":["sha256:xyz"]}}"#, "sha256:xyz"), (#"{"rootfs":{"diff_ids":[null]}}"#, "diff_ids"),
        ("{\"a\":\"\u{1}", "JSON"),
        (String(repeating: "[", count: 100_000), "nested deeper"), (#"{"a":"# + String(repeating: #"{"a":"#, count: 5000), "nested deeper"),
    ])
    func hostile(json: String, reason: String) {
        let fault = #expect(throws: Fault.self) { try config(json) }
        #expect(fault?.message.contains(reason) == true, "\(fault?.message ?? "")")
    }

    @Test func bracketsInTextsAreNotNesting() throws {
        let label = String(repeating: #"[{\""#, count: 500)
        #expect(try config(#"{"config":{"Labels":{"a":"\#(label)"}}}"#).settings.labels.count == 1)
    }

    @Test func tooLarge() {
        #expect(throws: Fault.self) { try ImageConfig(decoding: [UInt8](repeating: 32, count: ImageConfig.sizeLimit + 1), what: "it") }
        #expect(throws: Fault.self) { try Manifest(decoding: [UInt8](repeating: 32, count: (4 << 20) + 1), declared: nil, what: "it") }
    }
}

@Suite struct ManifestTests {
    private func manifest(_ json: String, declared: MediaType? = nil) throws -> Manifest {
        try Manifest(decoding: Array(json.utf8), declared: declared, what: "the manifest")
    }

    private let config = #""config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"\#(digest)","size":2}"#

    @Test func withoutMediaType() throws {
        let json = #"{"schemaVersion":2,\#(config),"layers":null,"annotations":null}"#
        #expect(try manifest(json).mediaType == .ociManifest)
        #expect(try manifest(json).layers.isEmpty)
        let docker = json.replacing("oci.image.config", with: "docker.container.image")
        #expect(try manifest(docker).mediaType == .dockerManifest)
    }

    @Test func sizesDoNotOverflow() throws {
        let layer = #"{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"\#(digest)","size":9223372036854775807}"#
        #expect(try manifest(#"{"schemaVersion":2,\#(config),"layers":[\#(layer),\#(layer)]}"#).totalSize == .max)
    }

    @Test(arguments: [
        (#"{"schemaVersion":1}"#, "schema version 1"), (#"{}"#, "schema version none"), (#"{"schemaVersion":2}"#, "no config"),
        (#"{"schemaVersion":2,"config":{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"\#(digest)","size":2}}"#, "helm"),
        (#"{"schemaVersion":2,"config":{"digest":"md5:x","size":2}}"#, "md5:x"),
        (#"{"schemaVersion":2,"config":{"digest":"\#(digest)","size":-2}}"#, "negative"),
        (#"{"schemaVersion":2,"config":{"digest":"\#(digest)","size":99999999999999999999}}"#, "cannot be read"),
        (#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json",CONFIG}"#, "not an image manifest"),
        (#"{"schemaVersion":2,"manifests":[],CONFIG}"#, "at once"),
    ])
    func hostile(json: String, reason: String) {
        let fault = #expect(throws: Fault.self) { try manifest(json.replacing("CONFIG", with: config)) }
        #expect(fault?.message.contains(reason) == true, "\(fault?.message ?? "")")
    }

    @Test func manyLayers() {
        let layer = #"{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"\#(digest)","size":1}"#
        let layers = Array(repeating: layer, count: 5000).joined(separator: ",")
        #expect(throws: Fault.self) { try manifest(#"{"schemaVersion":2,\#(config),"layers":[\#(layers)]}"#) }
    }
}

@Suite struct MediaTypeTests {
    @Test(arguments: [
        ("application/vnd.oci.image.layer.v1.tar", MediaType.Family.oci, LayerCompression.none, true),
        ("application/vnd.oci.image.layer.v1.tar+gzip", .oci, .gzip, true),
        ("application/vnd.oci.image.layer.v1.tar+zstd", .oci, .zstd, true),
        ("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", .oci, .gzip, false),
        ("application/vnd.docker.image.rootfs.diff.tar.gzip", .docker, .gzip, true),
        ("application/vnd.docker.image.rootfs.diff.tar", .docker, .none, true),
        ("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", .docker, .gzip, false),
    ])
    func layers(text: String, family: MediaType.Family, compression: LayerCompression, isDistributable: Bool) {
        let type = MediaType(text)
        #expect(type.isLayer)
        #expect(type.family == family)
        #expect(type.compression == compression)
        #expect(type.isDistributable == isDistributable)
        if compression != .zstd {
            let other: MediaType.Family = family == .oci ? .docker : .oci
            #expect(type.converted(to: other)?.converted(to: family) == type)
        }
    }

    @Test func others() {
        #expect(!MediaType("application/json").isLayer)
        #expect(MediaType("application/json").converted(to: .oci) == nil)
        #expect(MediaType.ociLayerZstd.converted(to: .docker) == nil)
        #expect(MediaType.ociIndex.converted(to: .docker) == .dockerIndex)
        #expect(MediaType.dockerConfig.converted(to: .docker) == .dockerConfig)
    }
}

/// N.7: which image of an index.
@Suite struct IndexTests {
    @Test(
        arguments: [
            ("linux/amd64", ["linux/arm64", "linux/amd64"], 1), ("linux/amd64", ["unknown/unknown", "linux/amd64"], 1),
            ("linux/arm64", ["linux/amd64"], nil), ("linux/arm64", ["linux/arm64/v8"], 0), ("linux/arm64/v8", ["linux/arm64"], 0),
            ("linux/arm/v7", ["linux/arm/v5", "linux/arm/v7", "linux/arm/v6"], 1), ("linux/arm/v6", ["linux/arm/v7"], nil),
            ("linux/arm/v7", ["linux/arm/v5", "linux/arm/v6"], 1), ("linux/amd64", ["linux/amd64/v3", "linux/amd64"], 1),
            ("linux/amd64/v3", ["linux/amd64", "linux/amd64/v2", "linux/amd64/v4"], 1), ("linux/amd64", ["windows/amd64"], nil),
            ("unknown/unknown", [], nil), ("linux/amd64", ["linux/amd64/odd"], 0),
            ("linux/amd64/odd", ["linux/amd64", "linux/amd64/odd"], 1),
        ] as [(String, [String], Int?)])
    func choice(wanted: String, offered: [String], expected: Int?) throws {
        let manifests = try offered.enumerated().map { number, platform in
            Descriptor(mediaType: .ociManifest, digest: .of([UInt8(number)]), size: 1, platform: try Platform(parsing: platform))
        }
        let chosen = Index(manifests: manifests).manifest(for: try Platform(parsing: wanted))
        #expect(chosen == expected.map { manifests[$0] })
    }

    @Test func withoutPlatform() {
        let plain = Descriptor(mediaType: .ociManifest, digest: .of([1]), size: 1)
        #expect(Index(manifests: [plain]).manifest(for: .host) == plain)
        #expect(Index(manifests: [plain, plain]).manifest(for: .host) == nil)
    }

    @Test(arguments: ["", "linux", "linux/", "/amd64", "a/b/c/d"])
    func badPlatforms(text: String) { #expect(throws: Fault.self) { try Platform(parsing: text) } }
}

@Suite struct TimestampTests {
    @Test(arguments: [
        (315_532_801, "1980-01-01T00:00:01Z"), (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
        (951_782_400, "2000-02-29T00:00:00Z"),
        (1_709_251_199, "2024-02-29T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"), (Int64.max, "9999-12-31T23:59:59Z"),
        (Int64.min, "0000-01-01T00:00:00Z"),
    ])
    func text(seconds: Int64, expected: String) { #expect(Timestamp.text(secondsSince1970: seconds) == expected) }
}
