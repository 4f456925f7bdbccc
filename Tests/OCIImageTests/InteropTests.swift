import Archive
import OCIImage
import TestSupport
import Testing

/// Other people's programs read what we write.
@Suite struct InteropTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    private func succeed(_ arguments: [String]) throws -> String {
        let result = try #require(try run(arguments), "\(arguments[0]) is not installed")
        #expect(result.status == 0, "\(result.output)")
        return result.output
    }

    @Test(.enabled(if: isInstalled("skopeo"), "skopeo is not installed"))
    func skopeoReadsTheStore() throws {
        let store = try scratch.store()
        let image = try sampleImage(in: store)
        try store.tag(image, [ref("app"), ref("ghcr.io/o/r:1")])
        try store.keep(try sampleImage(in: store, contents: ["other"]))
        for name in ["docker.io/library/app:latest", "ghcr.io/o/r:1"] {
            #expect(try succeed(["skopeo", "inspect", "--format", "{{.Digest}}", "oci:\(store.path):\(name)"]).contains("\(image.digest)"))
        }
        _ = try succeed(["skopeo", "--insecure-policy", "copy", "oci:\(store.path):ghcr.io/o/r:1", "dir:\(scratch("dir"))"])
        #expect(readFile(scratch("dir/manifest.json")) == image.manifestBytes)
        _ = try succeed([
            "skopeo", "--insecure-policy", "copy", "oci:\(store.path):ghcr.io/o/r:1", "docker-archive:\(scratch("x.tar")):app:1",
        ])
        #expect(readFile(scratch("x.tar")) != nil)
        // And it writes into the store, which stays sound.
        _ = try succeed([
            "skopeo", "--insecure-policy", "copy", "dir:\(scratch("dir"))", "oci:\(store.path):docker.io/library/copied:latest",
        ])
        #expect(try store.image(ref("copied"))?.digest == image.digest)
        #expect(try store.image(ref("app"))?.digest == image.digest)
        #expect(try store.validate() == [])
    }

    @Test(.enabled(if: isInstalled("skopeo"), "skopeo is not installed"), arguments: [MediaType.Family.oci, .docker])
    func skopeoReadsEverySink(family: MediaType.Family) async throws {
        let store = try scratch.store()
        let image = try sampleImage(in: store, family: family)
        let diffIDs = image.config.diffIDs.map(\.description)
        try await image.write(toDockerArchive: scratch("d.tar"), [ref("app:1")])
        _ = try succeed(["skopeo", "--insecure-policy", "copy", "docker-archive:\(scratch("d.tar")):app:1", "oci:\(scratch("back")):t"])
        #expect(try LayoutSource(at: scratch("back")).image(tag: "t").config.diffIDs.map(\.description) == diffIDs)
        // skopeo refuses Docker manifests in OCI layouts; ours are there for tote itself.
        guard family == .oci else { return }
        try await image.write(toOCIArchive: scratch("o.tar"), tag: "t")
        try await image.write(toLayout: scratch("layout"), tag: "t")
        for source in ["oci-archive:\(scratch("o.tar")):t", "oci:\(scratch("layout")):t"] {
            #expect(try succeed(["skopeo", "inspect", "--format", "{{.Digest}}", source]).contains("\(image.digest)"))
            _ = try succeed(["skopeo", "--insecure-policy", "copy", source, "oci:\(scratch("copy")):t"])
        }
    }

    @Test(.enabled(if: isInstalled("umoci"), "umoci is not installed"))
    func umociUnpacks() async throws {
        let store = try scratch.store()
        try await sampleImage(in: store).write(toLayout: scratch("layout"), tag: "t")
        _ = try succeed(["umoci", "unpack", "--rootless", "--image", "\(scratch("layout")):t", scratch("bundle")])
        #expect(readFile(scratch("bundle/rootfs/app.txt")) == Array("app".utf8))
    }

    @Test(.enabled(if: isInstalled("tar"), "tar is not installed"))
    func tarListsTheArchives() async throws {
        let image = try sampleImage(in: scratch.store())
        try await image.write(toOCIArchive: scratch("o.tar"), tag: nil)
        #expect(try succeed(["tar", "tf", scratch("o.tar")]).split(separator: "\n").count == 8)
    }
}
