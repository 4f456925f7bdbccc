import OCIImage
import TestSupport
import Testing

/// `--path app.zip`: the same build as from the folder.
@Suite(.enabled(if: Peer.isThere("python3"), "python3 is not installed"))
struct ZipTests {
    /// What the buildpack sees of the app becomes a layer, so that filters show in the digest as well.
    private static let script = InlineScript(
        """
        mkdir -p "$CNB_LAYERS_DIR/seen"
        find . -exec stat -c '%n %a %F' {} + | sort > "$CNB_LAYERS_DIR/seen/list"
        printf '[types]\\nlaunch = true\\n' > "$CNB_LAYERS_DIR/seen.toml"
        """)

    private func app(more: String = "") async throws -> ToteCase {
        let tote = try await ToteCase()
        try tote.project(Self.script, more: more)
        try tote.write("src/main.c", "int main() {}\n", mode: 0o600)
        try tote.write("bin/run", "#!/bin/sh\n", mode: 0o755)
        try tote.write("secrets/key", "k")
        try tote.write("debug.log", "l")
        let link = try await Program(["ln", "-s", "bin/run", "start"], directory: tote.app).run()
        #expect(link.succeeded)
        return tote
    }

    /// Zips the app's folder as UNIX's programs do.
    private func zip(_ tote: ToteCase) async throws {
        let script = """
            import os, zipfile
            with zipfile.ZipFile('../app.zip', 'w', zipfile.ZIP_DEFLATED) as z:
                for folder, folders, files in os.walk('.'):
                    for name in sorted(folders + files):
                        path = os.path.relpath(os.path.join(folder, name))
                        mode = os.lstat(path).st_mode
                        info = zipfile.ZipInfo(path + '/' * (name in folders), (2024, 5, 6, 7, 8, 10))
                        info.create_system, info.external_attr, info.compress_type = 3, mode << 16, zipfile.ZIP_DEFLATED
                        data = b''
                        if os.path.islink(path): data = os.readlink(path)
                        elif name in files: data = open(path, 'rb').read()
                        z.writestr(info, data)
            """
        let made = try await Program(["python3", "-c", script], directory: tote.app).run()
        #expect(made.succeeded, "\(made)")
    }

    private func buildZip(_ tote: ToteCase, name: String = "zipped") async throws -> ProgramResult {
        try await tote.tote("build", name, "--path", "app.zip", "--builder", "tiny", "--pull-policy", "never")
    }

    @Test(arguments: ["", "[io.buildpacks]\nexclude = [\"*.log\", \"/secrets\"]\n", "[io.buildpacks]\ninclude = [\"src/**\", \"start\"]\n"])
    func isTheSameImageAsTheFolder(filter: String) async throws {
        let tote = try await app(more: filter)
        try await zip(tote)
        let folder = try await tote.build()
        #expect(folder.succeeded, "\(folder)")
        let zipped = try await buildZip(tote)
        #expect(zipped.succeeded, "\(zipped)")
        #expect(try tote.image().digest == tote.image("zipped").digest)
        #expect(tote.leftInTmp().isEmpty)
    }

    @Test func errorsOfItsDescriptorHaveAPlace() async throws {
        let tote = try await app(more: "[io.buildpacks]\nbuilder = 1\n")
        try await zip(tote)
        let build = try await buildZip(tote)
        #expect(build.status == 1)
        #expect(build.error.contains("app.zip/project.toml:4:"), "\(build)")
    }

    @Test func bombsStopAtTheConfiguredLimit() async throws {
        let tote = try await app()
        try tote.write("zeros", String(repeating: "0", count: 1 << 20))
        try await zip(tote)
        try tote.scratch.makeFile("config/tote/config.toml", "[limits]\nunpacked-size = \"100kB\"\n")
        let before = tote.state()
        let build = try await buildZip(tote)
        #expect(build.status == 1)
        #expect(build.error.contains("app.zip' becomes larger than 100000 bytes"), "\(build)")
        #expect(build.error.contains("unpacked-size"))
        #expect(tote.state() == before)
        #expect(tote.leftInTmp().isEmpty)
    }

    @Test func otherFilesAreRefused() async throws {
        let tote = try await app()
        try tote.scratch.makeFile("app.zip", "not a zip")
        let build = try await buildZip(tote)
        #expect(build.status == 1)
        #expect(build.error.contains("is neither a folder nor a zip"), "\(build)")
    }
}
