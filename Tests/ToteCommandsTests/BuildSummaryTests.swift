import Archive
import CNBPlatform
import Diagnostics
import OCIImage
import Testing
import ToteCommands

@Suite("The end of a successful build (L-7, L-27)")
struct BuildSummaryTests {
    static let digest = Digest.of([1])

    static func summary(_ names: [String], published: Bool = false, outputs: [String] = [], defaultProcess: String? = "web") throws
        -> BuildSummary
    {
        BuildSummary(
            result: BuildResult(
                names: try names.map { try Reference(parsing: $0) }, digest: digest, size: 1_234_567, isPublished: published,
                outputs: try outputs.map { try ImageSink(parsing: $0, relativeTo: "/srv") }, defaultProcess: defaultProcess,
                store: "/home/me/images"))
    }

    @Test("In the store: what it is, where it is, how to run it")
    func stored() throws {
        let summary = try Self.summary(["app", "app:2"], outputs: ["oci:out:latest"])
        #expect(summary.data == "app@\(Self.digest)")
        #expect(
            summary.lines(Style(enabled: false)) == [
                "Successfully built image 'app:latest'", "  digest:  \(Self.digest)", "  size:    1.2 MB", "  also as: app:2",
                "  in:      /home/me/images", "           oci:/srv/out:latest", "Run it:", "  tote run app",
                "  podman run --rm oci:/home/me/images:docker.io/library/app:latest",
                "  skopeo copy oci:/home/me/images:docker.io/library/app:latest docker-daemon:docker.io/library/app:latest && docker run --rm app",
            ])
    }

    @Test("In a registry, and without a default process")
    func published() throws {
        let summary = try Self.summary(["ghcr.io/acme/app:1"], published: true, defaultProcess: nil)
        #expect(summary.data == "ghcr.io/acme/app@\(Self.digest)")
        #expect(
            summary.lines(Style(enabled: false)) == [
                "Successfully built image 'ghcr.io/acme/app:1'", "  digest:  \(Self.digest)", "  size:    1.2 MB", "  in:      ghcr.io",
                "Run it:",
                "  docker run --rm ghcr.io/acme/app:1 COMMAND", "  podman run --rm ghcr.io/acme/app:1 COMMAND",
            ])
    }
}
