import Diagnostics
import OCIImage

/// The command line and environment with which mmdebstrap makes one root file system.
struct MmdebstrapCommand: Equatable, Sendable {
    enum Mode: String, Sendable {
        case root
        /// In a user namespace with the caller's subordinate ids.
        case unshare
    }

    var arguments: [String]
    var environment: [String: String]

    private static let hooks = "/usr/share/mmdebstrap/hooks"

    /// - Parameters:
    ///   - target: the tar file to write.
    ///   - sources: a `.sources` file.
    ///   - hookExists: whether this mmdebstrap brings the hook folder of that name.
    init(
        mode: Mode, kind: BaseImageKind, suite: String, packages: [String], options: [String], sources: String, target: String,
        usesFileMirror: Bool, inherited: [String: String], hookExists: (String) -> Bool
    ) {
        // Buildpacks may want apt; a finished app has no use for it.
        let variant = kind == .build ? "apt" : "essential"
        arguments = ["--mode=\(mode.rawValue)", "--variant=\(variant)", "--format=tar"]
        // The first spares the image usrmerge, which would bring all of Perl along.
        let wanted = ["maybe-merged-usr"] + (usesFileMirror ? ["file-mirror-automount"] : [])
        arguments += wanted.map { "\(Self.hooks)/\($0)" }.filter(hookExists).map { "--hook-dir=\($0)" }
        arguments += packages.isEmpty ? [] : ["--include=\(packages.joined(separator: ","))"]
        arguments += options.map { "--aptopt=\($0)" } + [suite, target, sources]
        environment = Self.environment(inherited)
    }

    /// Nothing of the caller's environment but the way to programs, temporary files and proxies. The time makes
    /// mmdebstrap, dpkg and Python's compiler write the same bytes on every day.
    private static func environment(_ inherited: [String: String]) -> [String: String] {
        let passed = ["PATH", "HOME", "TMPDIR", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"]
        var environment = inherited.filter { passed.contains($0.key) }
        environment["PATH"] = (environment["PATH"].map { $0 + ":" } ?? "") + "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
        environment["SOURCE_DATE_EPOCH"] = "315532801"
        environment["LC_ALL"] = "C.UTF-8"
        environment["TZ"] = "UTC"
        environment["PYTHONHASHSEED"] = "0"
        return environment
    }
}

/// What went wrong in a run of mmdebstrap.
enum MmdebstrapFailure {
    /// Its last lines say why; the hint fits the usual reasons.
    static func fault(kind: BaseImageKind, end: String, lines: [String]) -> Fault {
        let told = lines.suffix(12).map { "\n  " + $0 }.joined()
        return Fault(
            "mmdebstrap failed to make the \(kind.rawValue) image (\(end)); its last lines:\(told)",
            hint: hint(lines.joined(separator: "\n")))
    }

    private static func hint(_ text: String) -> String? {
        func says(_ words: String...) -> Bool { words.contains { text.contains($0) } }
        if says("NO_PUBKEY", "is not signed") {
            return "this machine does not have the keys that sign the packages: install 'debian-archive-keyring'"
        }
        if says("Unable to locate package", "has no installation candidate") {
            return "check the names given to --package: this suite has no such package"
        }
        if says("does not have a Release file", "404  Not Found") {
            return "check the suite and the mirror: nothing of that name is published there"
        }
        if says("Temporary failure resolving", "Could not resolve", "Could not connect", "Unable to connect", "Failed to fetch") {
            return "the package archive cannot be reached: check the network, or name a mirror with --mirror"
        }
        if says("No space left on device") {
            return "a base needs about 2 GB while it is made: free some space, or point TMPDIR to another disk"
        }
        if says("newuidmap", "newgidmap") { return "install the Debian package 'uidmap'" }
        if says("unshare", "user namespace") {
            return "the kernel refuses user namespaces to ordinary users: run the command as root, or allow them "
                + "(sysctl kernel.unprivileged_userns_clone=1, and on Ubuntu kernel.apparmor_restrict_unprivileged_userns=0)"
        }
        return nil
    }
}
