import Archive
import CNBLifecycle
import CNBPlatform
import CNBSpec
import Diagnostics
import OCIImage
import Testing

@testable import ToteCommands

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

    @Test("What was reused, and why the rest was not")
    func layers() throws {
        var result = try Self.summary(["app"]).result
        result.layers = [
            LayerReport("acme/node:modules", .buildpack, .untouched, size: 844_000_000, duration: .milliseconds(1)),
            LayerReport("acme/node:tools", .buildpack, .changed(files: 3), size: 5_000_000, duration: .milliseconds(1234)),
            LayerReport("acme/node:one", .buildpack, .changed(files: 1), size: 10, duration: .milliseconds(45)),
            LayerReport("acme/node:all", .buildpack, .changed(files: nil), size: 10, duration: .zero),
            LayerReport("SBOM", .lifecycle, .new, size: 100, duration: .zero),
            LayerReport("app", .app, .same, size: 100, duration: .seconds(61)),
        ]
        let summary = BuildSummary(result: result)
        #expect(
            summary.lines(Style(enabled: false)).filter { $0.contains("acme") || $0.contains("app   ") } == [
                "  layers:  acme/node:modules  reused            844 MB",
                "           acme/node:tools    changed: 3 files  5.0 MB  1.2 s",
                "           acme/node:one      changed: 1 file   10 B    45 ms",
                "           acme/node:all      changed           10 B",
                "           app                reused            100 B   61.0 s",
            ])
        let told = try JSONValue.object(summary.fields).text()
        #expect(
            told.contains(#"{"change":"changed","files":3,"name":"acme/node:tools","read":true,"seconds":1.234,"size":5000000}"#), "\(told)"
        )
        #expect(told.contains(#"{"change":"new","name":"SBOM","read":true,"seconds":0,"size":100}"#), "\(told)")
        #expect(told.contains(#"{"change":"reused","name":"acme/node:modules","read":false"#), "\(told)")
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
