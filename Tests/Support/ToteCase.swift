import FoundationEssentials
import Glibc
package import OCIImage
import Synchronization

/// One user's surroundings for runs of `tote`: a home with the tiny builder, a configuration folder and an app.
package final class ToteCase: Sendable {
    package let scratch: ScratchDirectory
    package let account: Account
    package let executable: String

    /// The app's folder.
    package var app: String { scratch.path("app") }
    /// `TOTE_HOME`
    package var home: String { scratch.path("tote") }

    /// - Parameters:
    ///   - account: who runs tote.
    ///   - isEmpty: whether `TOTE_HOME` does not exist yet.
    ///   - parent: where all of it is.
    package init(as account: Account = .current, isEmpty: Bool = false, in parent: String? = nil) async throws {
        // Not every kernel has the extended attributes of ordinary users' overlays in memory.
        scratch = try ScratchDirectory(in: parent ?? (account.id == 0 ? nil : "/var/tmp"))
        self.account = account
        executable = account.isCurrent ? try ToteExecutable.path() : try await SharedExecutables.tote()
        chmod(scratch.path, 0o755)
        for folder in ["app", "user", "config/tote"] { try scratch.makeFolder(folder) }
        if !isEmpty {
            let copy = try await Program(["cp", "-a", try await TinyHome.template(), home]).run()
            guard copy.succeeded else { throw TestSetupError("copying the store failed: \(copy)") }
        }
        try await giveAway()
    }

    deinit {
        // Unpacked layers may belong to subordinate ids, which only tote can remove.
        if geteuid() != 0 { _ = try? command(["prune", "--all"]).start().waitBlocking() }
    }

    // MARK: the app

    package func write(_ name: String, _ text: String, mode: UInt32 = 0o644) throws {
        try scratch.makeFile("app/" + name, text, mode: mode)
    }

    /// project.toml with these inline buildpacks.
    package func project(_ scripts: InlineScript..., more: String = "") throws {
        try write("project.toml", "[_]\nschema-version = \"0.2\"\n" + more + scripts.map(\.toml).joined())
    }

    package func project(_ script: String) throws { try project(InlineScript(script)) }

    /// Gives everything to the account.
    package func giveAway() async throws {
        guard !account.isCurrent else { return }
        let result = try await Program(["chown", "-R", "\(account.id):\(account.id)", scratch.path]).run()
        guard result.succeeded else { throw TestSetupError("chown failed: \(result)") }
    }

    // MARK: tote

    /// A command of tote, run from the scratch folder.
    package func command(_ arguments: [String], environment: [String: String] = [:]) -> Program {
        var variables = [
            "PATH": TinyBase.path, "HOME": scratch.path("user"), "TOTE_HOME": home, "XDG_CONFIG_HOME": scratch.path("config"),
            "NO_COLOR": "1",
            "LC_ALL": "C.UTF-8", "SWIFT_BACKTRACE": "enable=no",
        ]
        variables.merge(environment) { _, new in new }
        return Program(
            account.prefix + [executable] + arguments,
            environment: ToteExecutable.runtime + variables.map { "\($0)=\($1)" }.sorted(), directory: scratch.path)
    }

    package func tote(_ arguments: String..., environment: [String: String] = [:]) async throws -> ProgramResult {
        try await command(arguments, environment: environment).run()
    }

    /// The arguments of `tote build` for the app with the tiny builder.
    package func buildArguments(_ name: String = "app", _ more: [String] = []) -> [String] {
        ["build", name, "--path", "app", "--builder", "tiny", "--pull-policy", "never"] + more
    }

    package func build(_ name: String = "app", _ more: String..., environment: [String: String] = [:]) async throws -> ProgramResult {
        try await command(buildArguments(name, more), environment: environment).run()
    }

    // MARK: results

    package func store() throws -> ImageStore { try ImageStore(at: home + "/images") }

    /// The image of that name, which must be in the store.
    package func image(_ name: String = "app") throws -> Image {
        guard let image = try store().image(try Reference(parsing: name)) else { throw TestSetupError("there is no image '\(name)'") }
        return image
    }

    package func contents(_ name: String = "app") throws -> ImageContents { try ImageContents(of: image(name), in: store()) }

    /// What an error must not change: names, caches and what registries said, as text to compare.
    package func state() -> [String: String] {
        var state = ["images/index.json": scratch.text("tote/images/index.json")]
        for folder in ["cache", "remotes"] {
            for name in (try? FileManager.default.contentsOfDirectory(atPath: "\(home)/\(folder)")) ?? [] {
                state["\(folder)/\(name)"] = scratch.text("tote/\(folder)/\(name)")
            }
        }
        return state
    }

    /// Names in a folder of `TOTE_HOME` that a finished run must leave empty.
    package func leftInTmp() -> [String] { (try? FileManager.default.contentsOfDirectory(atPath: home + "/tmp")) ?? [] }

    /// `text` with what differs from run to run replaced: the scratch folder by `$DIR`, the digests by `sha256:…`.
    package func filtered(_ text: String) -> String {
        text.replacing(scratch.path, with: "$DIR").replacing(/sha256:[0-9a-f]{64}/, with: "sha256:…")
    }
}

/// An inline buildpack of project.toml.
package struct InlineScript: Sendable {
    package var id: String
    package var text: String
    package var api: String
    package var shell: String?
    /// `group`, `pre.group` or `post.group`.
    package var place = "group"

    package init(_ text: String, id: String = "test/script", api: String = "0.10", shell: String? = nil, place: String = "group") {
        self.id = id
        self.text = text
        self.api = api
        self.shell = shell
        self.place = place
    }

    package var toml: String {
        """

        [[io.buildpacks.\(place)]]
        id = "\(id)"
        [io.buildpacks.\(place).script]
        api = "\(api)"
        \(shell.map { "shell = \"\($0)\"\n" } ?? "")inline = '''
        \(text)
        '''

        """
    }
}

/// tote and its launcher where every user can run them.
private enum SharedExecutables {
    static func tote() async throws -> String { try await copying.value.path("tote") }

    private static let copying = Task {
        let scratch = try ScratchDirectory(in: "/var/tmp")
        path.withLock { $0 = scratch.path }
        atexit { SharedExecutables.path.withLock { try? FileManager.default.removeItem(atPath: $0) } }
        chmod(scratch.path, 0o755)
        let tote = try ToteExecutable.path()
        let folder = tote.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
        let copy = try await Program(["cp", tote, folder + "/launcher", scratch.path]).run()
        guard copy.succeeded else { throw TestSetupError("copying tote failed: \(copy)") }
        for name in ["tote", "launcher"] { chmod(scratch.path(name), 0o755) }
        return scratch
    }

    private static let path = Mutex("")
}

extension ToteCase {
    /// Blobs of the store whose content is not what their name says, whoever owns them.
    package func damagedBlobs() async throws -> [String] {
        let script = "cd images/blobs/sha256 && for f in *; do sum=$(sha256sum < $f); [ \"${sum%% *}\" = $f ] || echo $f; done"
        return try await Program(["sh", "-c", script], directory: home).run().outLines
    }

    /// Makes the next run unpack the builder again.
    package func forgetUnpackedLayers() async throws {
        let result = try await Program(["rm", "-rf", home + "/rootfs"]).run()
        guard result.succeeded else { throw TestSetupError("\(result)") }
    }
}
