package import CNBSpec
package import Diagnostics
import TOML

/// A buildpack whose only part is a script in the descriptor.
package struct InlineBuildpack: Equatable, Sendable {
    /// One file of the buildpack's folder.
    package struct File: Equatable, Sendable {
        /// Relative to the folder: `bin/build`.
        package var path: String
        package var mode: UInt32
        package var bytes: [UInt8]
    }

    /// What an entry without `version` gets.
    package static let defaultVersion = "0.0.0"
    static let defaultShell = "/bin/sh"

    package var reference: BuildpackReference
    package var api: APIVersion
    /// What stands behind `#!`.
    package var shell: String
    package var script: String
    package var location: SourceLocation?

    /// Nil for an entry that names a buildpack instead of holding it. A missing `api` and a shell that cannot be started are errors;
    /// an unsupported `api` is one with status 12.
    package init?(_ entry: BuildpackEntry) throws(Fault) {
        guard entry.isInline, let id = entry.id, let script = entry.script, let inline = script.inline else { return nil }
        do {
            reference = BuildpackReference(id: try BuildpackID(id), version: try BuildpackVersion(entry.version ?? Self.defaultVersion))
        } catch {
            throw Fault(error.message, hint: error.hint, exitCode: error.exitCode, at: entry.location)
        }
        api = try Self.api(script)
        shell = script.shell ?? Self.defaultShell
        self.script = inline
        location = entry.location
        try Self.checkShell(shell, at: script.shellLocation)
    }

    private static var supported: String { SupportedAPIs.buildpack.map(\.description).joined(separator: ", ") }

    // A-12, V-6
    private static func api(_ script: BuildpackEntry.Script) throws(Fault) -> APIVersion {
        guard let text = script.api else {
            let newest = SupportedAPIs.buildpack.last.map(\.description) ?? ""
            throw Fault(
                "Missing API version for inline buildpack",
                hint: "add to its script table: api = \"\(newest)\" (supported are \(supported))",
                at: script.location)
        }
        guard let version = APIVersion(text), SupportedAPIs.supports(version, in: SupportedAPIs.buildpack) else {
            throw Fault(
                "inline buildpack: buildpack API version '\(text)' is not supported", hint: "supported are \(supported)",
                exitCode: ExitStatus.buildpackAPI.rawValue, at: script.apiLocation)
        }
        return version
    }

    /// always passes, and is a shell script whatever interpreter the script itself has.
    private static let detect = "#!/bin/sh\n\nexit 0\n"

    /// The files of the buildpack's folder. `stackID` is the builder's stack label, empty without one.
    package func files(stackID: String) -> [File] {
        [
            File(path: "buildpack.toml", mode: 0o644, bytes: Array(descriptorText(stackID: stackID).utf8)),
            File(path: "bin/build", mode: 0o755, bytes: Array("#!\(shell)\n\n\(script)\n".utf8)),
            File(path: "bin/detect", mode: 0o755, bytes: Array(Self.detect.utf8)),
        ]
    }

    /// What `buildpack.toml` says.
    package func descriptor(stackID: String) -> BuildpackDescriptor {
        BuildpackDescriptor(info: ModuleInfo(api: api, reference: reference), stacks: [Stack(id: stackID)])
    }

    private func descriptorText(stackID: String) -> String {
        TOMLTable([
            ("api", .string(api.description)),
            ("buildpack", .table(TOMLTable([("id", .string(reference.id.raw)), ("version", .string(reference.version.text))]))),
            ("stacks", .array([.table(TOMLTable([("id", .string(stackID))]))])),
        ]).serialized()
    }
}
