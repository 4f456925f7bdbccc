import Archive
import OCIImage
import TestSupport
import Testing

/// SBOM files out of a build and out of images.
struct SBOMTests {
    private static let writer = BuilderFolder(
        "acme/sbom",
        build: """
            cd "$CNB_LAYERS_DIR"
            mkdir kept tool
            printf '[types]\\nlaunch = true\\ncache = true\\n' > kept.toml
            printf '[types]\\nbuild = true\\n' > tool.toml
            echo '{"of":"kept"}' > kept.sbom.cdx.json
            echo '{"of":"tool"}' > tool.sbom.spdx.json
            echo '{"of":"launch"}' > launch.sbom.syft.json
            echo '{"of":"build"}' > build.sbom.cdx.json
            """, more: HostileBuild.formats)

    private static func made() async throws -> ToteCase {
        let tote = try await ToteCase()
        try await tote.makeBuilder(writer)
        try tote.write("file", "x")
        return tote
    }

    /// All files below a folder, sorted, with their texts.
    private static func files(_ tote: ToteCase, _ folder: String) async throws -> [String: String] {
        let found = try await Program(["find", ".", "-type", "f"], directory: tote.scratch.path(folder)).run()
        return Dictionary(
            uniqueKeysWithValues: found.outLines.map { line in (String(line.dropFirst(2)), tote.scratch.text("\(folder)/\(line)")) })
    }

    private static let launch = [
        "launch/acme_sbom/kept/sbom.cdx.json": "{\"of\":\"kept\"}\n", "launch/acme_sbom/sbom.syft.json": "{\"of\":\"launch\"}\n",
        "launch/sbom.legacy.json": "null\n",
    ]
    private static let others = [
        "build/acme_sbom/sbom.cdx.json": "{\"of\":\"build\"}\n", "build/acme_sbom/tool/sbom.spdx.json": "{\"of\":\"tool\"}\n",
        "build/sbom.legacy.json": "null\n", "cache/acme_sbom/kept/sbom.cdx.json": "{\"of\":\"kept\"}\n",
    ]

    private static func below(_ prefix: String, _ files: [String: String]) -> [String: String] {
        Dictionary(uniqueKeysWithValues: files.map { (prefix + $0, $1) })
    }

    // C-73
    @Test func outOfABuildAndOutOfTheStore() async throws {
        let tote = try await Self.made()
        let build = try await tote.tote("build", "app", "-p", "app", "-B", "own", "--sbom-output-dir", "out")
        try #require(build.succeeded, "\(build)")
        let all = Self.launch.merging(Self.others) { a, _ in a }
        #expect(try await Self.files(tote, "out") == Self.below("sbom/", all))

        let download = try await tote.tote("sbom", "download", "app", "--output-dir", "down")
        try #require(download.succeeded, "\(download)")
        #expect(download.out == "")
        #expect(tote.filtered(download.error) == "Wrote 3 SBOM files of app:latest to $DIR/down/layers/sbom\n")
        #expect(try await Self.files(tote, "down") == Self.below("layers/sbom/", Self.launch))
        #expect(tote.leftInTmp().isEmpty)

        // Into the current folder, over what is there.
        try tote.scratch.makeFile("layers/sbom/launch/sbom.legacy.json", "old")
        let here = try await tote.tote("sbom", "download", "app", "--quiet")
        #expect(here.succeeded && here.error == "", "\(here)")
        #expect(tote.scratch.text("layers/sbom/launch/sbom.legacy.json") == "null\n")
    }

    /// Only the one layer is fetched.
    @Test(.enabled(if: DockerRegistry.isThere, "docker-registry is not installed"))
    func outOfARegistry() async throws {
        let registry = try await DockerRegistry()
        let tote = try await Self.made()
        let name = "\(registry.host)/acme/app"
        try #require(try await tote.tote("build", name, "-p", "app", "-B", "own", "--publish").succeeded)
        let other = try await ToteCase(isEmpty: true)
        let missing = try await other.tote("sbom", "download", name)
        #expect(missing.status == 1)
        #expect(
            missing.error
                == "ERROR: there is no image '\(name):latest', neither in the store nor in a daemon\nhint: 'tote images' lists the store's; --remote asks its registry\n"
        )
        let before = registry.requests("GET", containing: "/blobs/")
        let download = try await other.tote("sbom", "download", name, "--remote", "-o", "down")
        try #require(download.succeeded, "\(download)")
        #expect(try await Self.files(other, "down") == Self.below("layers/sbom/", Self.launch))
        // The config and the layer.
        #expect(registry.requests("GET", containing: "/blobs/") - before == 2)

        let none = try await other.tote("sbom", "download", "\(registry.host)/no/such", "--remote")
        #expect(none.status == 1)
        #expect(none.error.contains("ERROR: the image '\(registry.host)/no/such' does not exist at \(registry.host)"))
    }

    @Test func imagesWithoutSBOMs() async throws {
        let tote = try await ToteCase()
        let none = try await tote.tote("sbom", "download", "tiny-run", "-o", "down")
        #expect(none.status == 1)
        #expect(none.error.hasPrefix("ERROR: 'tiny-run:latest' was not built by buildpacks, so it has no SBOMs\n"), "\(none)")
        #expect(!Peer.exists(tote.scratch.path("down")))
    }

    /// A later buildpack spoils what an earlier one left in the folder that the files are read from.
    @Test func hostileFilesStayInside() async throws {
        let tote = try await ToteCase()
        try await tote.makeBuilder(
            Self.writer,
            BuilderFolder(
                "evil/bp",
                build: """
                    cd /layers/sbom/launch && rm -rf acme_sbom && ln -s /etc acme_sbom && ln -s /etc/passwd sbom.cdx.json
                    mkdir more && mkfifo more/sbom.cdx.json && echo '{}' > more/sbom.spdx.json
                    """))
        try tote.write("file", "x")
        try tote.scratch.makeFile("outside/mine", "mine")
        let build = try await tote.tote("build", "app", "-p", "app", "-B", "own", "--sbom-output-dir", "out")
        // Whether such an image may be made is the exporter's business; no secret of this machine gets out either way.
        if build.succeeded {
            let files = try await Self.files(tote, "out")
            #expect(!files.values.contains { $0.contains("root:") })
            #expect(files["sbom/launch/more/sbom.spdx.json"] == "{}\n", "\(build)")
            #expect(build.error.contains("is no regular file and is left out of the SBOMs"))
        }
        let links = try await Program(["find", ".", "!", "-type", "f", "!", "-type", "d"], directory: tote.scratch.path(".")).run()
        #expect(!links.outLines.contains { $0.hasPrefix("./out/") })
    }

    @Test func aLinkInTheOutputFolderIsNotFollowed() async throws {
        let tote = try await Self.made()
        try tote.scratch.makeFolder("out")
        try tote.scratch.makeFolder("outside")
        let linked = try await Program(["ln", "-s", "../outside", tote.scratch.path("out/sbom")]).run()
        try #require(linked.succeeded)
        let build = try await tote.tote("build", "app", "-p", "app", "-B", "own", "--sbom-output-dir", "out")
        #expect(build.status == 1)
        #expect(build.out == "")
        #expect(
            build.error.contains("ERROR: the image 'app:latest' is built, but not all files of it were written: '"), "\(build)")
        #expect(build.error.contains("/out/sbom' is not a folder"))
        #expect(try await Self.files(tote, "outside").isEmpty)
    }
}
