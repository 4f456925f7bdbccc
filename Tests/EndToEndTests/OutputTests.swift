import OCIImage
import TestSupport
import Testing

/// `--output`: the same image in other places, for other programs.
struct OutputTests {
    @Test(.enabled(if: Peer.isThere("skopeo"), "skopeo is not installed"))
    func everySinkIsReadableBySkopeo() async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let folder = tote.scratch.path("out")
        try tote.scratch.makeFolder("out")
        let build = try await tote.build(
            "app", "--output", "oci:out/layout:v1", "--output", "oci:\(folder)/plain", "--output", "oci-archive:out/app.oci.tar",
            "--output", "docker-archive:out/app.docker.tar")
        try #require(build.succeeded, "\(build)")
        let image = try tote.image()
        let store = "oci:\(tote.home)/images:docker.io/library/app:latest"
        let same = ["oci:\(folder)/layout:v1", "oci:\(folder)/plain:latest", "oci-archive:\(folder)/app.oci.tar:latest", store]
        for place in same {
            let manifest = try await Program(["skopeo", "inspect", "--raw", place]).run()
            #expect(manifest.succeeded, "\(place): \(manifest)")
            #expect(Array(manifest.out.utf8) == image.manifestBytes, "\(place)")
        }
        // The archive of Docker holds plain tars, so only what is in them is the same.
        let diffIDs = try await Program(["skopeo", "inspect", "--config", "docker-archive:\(folder)/app.docker.tar"]).run()
        #expect(diffIDs.succeeded, "\(diffIDs)")
        for layer in image.layers { #expect(diffIDs.out.contains("\(layer.diffID)")) }
        // Copying reads every blob and checks its digest.
        for (index, place) in (same + ["docker-archive:\(folder)/app.docker.tar"]).enumerated() {
            let copy = try await Program(
                ["skopeo", "--insecure-policy", "--tmpdir", folder, "copy", place, "dir:\(folder)/copy-\(index)"],
                environment: Program.plainEnvironment + ["TMPDIR=\(folder)"]
            ).run()
            #expect(copy.succeeded, "\(place): \(copy)")
        }
        let inStore = build.errorLines.contains("           oci:\(folder)/plain")
        #expect(inStore)
    }

    @Test func archivesAreReproducible() async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        for name in ["a", "b"] {
            #expect(
                try await tote.build("app", "--output", "oci-archive:\(name).oci", "--output", "docker-archive:\(name).docker").succeeded)
        }
        for kind in ["oci", "docker"] {
            #expect(try await Program(["cmp", tote.scratch.path("a.\(kind)"), tote.scratch.path("b.\(kind)")]).run().succeeded)
        }
    }

    @Test func aPlaceThatCannotBeWrittenIsAnError() async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let build = try await tote.build("app", "--output", "oci-archive:/proc/no/such/place.tar")
        #expect(build.status != 0)
        #expect(build.out == "")
        #expect(build.errorLines.contains { $0.hasPrefix("ERROR: writing oci-archive:/proc/no/such/place.tar: ") }, "\(build)")
    }

    @Test(arguments: ["tar:x", "oci:", "oci-archive", "oci:dir:"])
    func unknownSinksAreRefused(sink: String) async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let build = try await tote.build("app", "--output", sink)
        #expect(build.status == 64)
        #expect(
            build.error == """
                ERROR: --output: '\(sink)' names no place to write to
                hint: use oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE, docker or registry:REF

                """)
    }
}
