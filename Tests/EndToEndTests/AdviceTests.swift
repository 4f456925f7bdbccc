import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// Errors that name what the user wrote, and what to do next.
struct AdviceTests {
    // MARK: archives of the wrong kind

    @Test func archivesOfTheWrongKind() async throws {
        let tote = try await ToteCase()
        func write(_ sink: String) async throws {
            let result = try await tote.tote("images", "export", "tiny-run", sink)
            try #require(result.succeeded, "\(result)")
        }
        try await write("oci-archive:oci.tar")
        try await write("docker-archive:docker.tar")
        try tote.scratch.makeFile("files/readme", "x")
        let pack = try await Program(["tar", "-cf", "plain.tar", "-C", "files", "readme"], directory: tote.scratch.path).run()
        try #require(pack.succeeded, "\(pack)")
        let before = tote.state()
        for (source, message, hint) in [
            (
                "docker-archive:oci.tar", "is no archive as 'docker save' writes it: there is no 'manifest.json' in it",
                "it looks like one of an OCI layout: oci-archive:$DIR/oci.tar"
            ),
            (
                "oci-archive:docker.tar", "is no archive of an OCI layout: there is no 'oci-layout' in it",
                "it looks like one that 'docker save' writes: docker-archive:$DIR/docker.tar"
            ),
            (
                "oci-archive:plain.tar", "is no archive of an OCI layout: there is no 'oci-layout' in it", "check which file it is"
            ),
            (
                "docker-archive:plain.tar", "is no archive as 'docker save' writes it: there is no 'manifest.json' in it",
                "check which file it is"
            ),
        ] {
            let file = "$DIR/" + source.split(separator: ":")[1]
            let result = try await tote.tote("images", "import", source, "mine")
            #expect(result.status == 1 && tote.filtered(result.error) == "ERROR: '\(file)' \(message)\nhint: \(hint)\n", "\(result)")
            let rebase = try await tote.tote("rebase", source, "--run-image", "tiny-run")
            #expect(!rebase.succeeded && tote.filtered(rebase.error).contains("'\(file)' \(message)\nhint: \(hint)\n"), "\(rebase)")
            #expect(!(result.error + rebase.error).contains("/tmp/b-"))
        }
        let text = try await tote.tote("images", "import", "oci-archive:files/readme", "mine")
        #expect(text.error.contains("\nhint: check which file it is"), "\(text)")
        let unknown = try await tote.tote("images", "import", "oci-archive:oci.tar:none", "mine")
        #expect(
            unknown.status == 1 && tote.filtered(unknown.error).contains("the archive '$DIR/oci.tar' has no image 'none'"), "\(unknown)")
        #expect(tote.state() == before)
    }

    // MARK: registries

    @Test(.enabled(if: DockerRegistry.isThere, "docker-registry is not installed")) func aRegistryThatTakesNothing() async throws {
        let registry = try await DockerRegistry(isReadOnly: true)
        let host = registry.host
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        for arguments in [
            tote.buildArguments("\(host)/acme/app", ["--publish"]), tote.buildArguments("app", ["--output", "registry:\(host)/acme/app"]),
        ] {
            let build = try await tote.command(arguments).run()
            #expect(build.status == 62 && build.out.isEmpty && build.error.contains("405 Method Not Allowed"), "\(build)")
            #expect(
                build.error.contains("hint: '\(host)' does not take this: check that it is a registry that images can be pushed to"),
                "\(build)")
        }
    }

    // MARK: places that cannot be

    @Test func impossiblePlaces() async throws {
        let tote = try await ToteCase()
        try tote.project("mkdir \"$1/x\"; printf '[types]\\ncache = true\\n' > \"$1/x.toml\"")
        for (place, hint) in [
            ("local:/proc/nope", "name a place where you can make a folder"),
            ("tar:/proc/nope", "name a file in a folder that you can write to"),
        ] {
            let build = try await tote.build("app", "--cache-to", place)
            #expect(build.succeeded && build.error.contains("Failed to export cache: writing \(place): "), "\(build)")
            #expect(build.error.contains("\nhint: \(hint)\n"), "\(build)")
            let sink = place.replacing("local:", with: "oci:").replacing("tar:", with: "docker-archive:")
            let export = try await tote.tote("images", "export", "app", sink)
            #expect(export.status == 1 && export.error.hasSuffix("\nhint: \(hint)\n"), "\(export)")
        }
        let report = try await tote.build("app", "--report-output-dir", "/proc/nope")
        #expect(!report.succeeded && report.error.contains("hint: name a folder that you can write to\n"), "\(report)")
    }

    /// Even what only looks needs a folder that can be written to.
    @Test(.enabled(if: SurroundingsTests.hasUnshare, "not root"))
    func aHomeOnAReadOnlyDisk() async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let mount = #"mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" || exit 99; exec "$@""#
        for arguments in [["cache", "list"], ["rebase", "app", "--dry-run"], ["images"], tote.buildArguments()] {
            var program = tote.command(arguments)
            program.arguments = ["unshare", "--mount", "--propagation", "private", "sh", "-c", mount, tote.home] + program.arguments
            let result = try await program.run()
            #expect(
                result.status == 1
                    && tote.filtered(result.error) == """
                        ERROR: writing to tote's folder '$DIR/tote', which every command needs: Read-only file system
                        hint: set TOTE_HOME to a folder on a disk that can be written to

                        """,
                "\(arguments): \(result)")
        }
    }
}
