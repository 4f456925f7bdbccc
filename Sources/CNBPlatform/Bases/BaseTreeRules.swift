import Archive

/// What becomes of each entry of a freshly installed root file system: the same packages must give the same layer on every
/// machine, so what comes from the machine, the moment or the mirror stays out.
enum BaseTreeRules {
    /// Directories that runtimes fill: kept, but empty.
    private static let emptied = ["dev", "proc", "run", "sys", "tmp", "var/tmp"]

    /// Files of this machine (names, resolver), of the installation (apt's settings and mirrors, passwords for mirrors)
    /// and of the moment (random ids, locks' backups).
    private static let left: Set<String> = [
        ".dockerenv", "etc/hostname", "etc/hosts", "etc/resolv.conf", "etc/machine-id", "var/lib/dbus/machine-id", "etc/.pwd.lock",
        "etc/passwd-", "etc/group-", "etc/shadow-", "etc/gshadow-", "etc/subuid-", "etc/subgid-",
        "etc/apt/sources.list", "etc/apt/apt.conf.d/00mmdebstrap", "etc/apt/apt.conf.d/99mmdebstrap", "etc/apt/auth.conf",
        "etc/dpkg/dpkg.cfg.d/99mmdebstrap", "var/lib/systemd/random-seed", "root/.bash_history", "root/.wget-hsts",
    ]

    /// Directories of which only the directories stay: logs, caches, package lists, and documentation, as in every slim image.
    private static let withoutFiles = [
        "etc/apt/sources.list.d", "etc/apt/auth.conf.d", "var/cache", "var/log", "var/lib/apt/lists", "var/backups",
        "usr/share/man", "usr/share/info", "usr/share/locale", "usr/share/lintian",
    ]

    /// debconf's answers are no cache, wherever they lie.
    private static let keptAnyway: Set<String> = [
        "var/cache/debconf/config.dat", "var/cache/debconf/templates.dat", "usr/share/locale/locale.alias",
    ]

    private static let documentation = "usr/share/doc"

    /// `path` is relative to the root, without "./".
    static func keeps(_ path: String, _ kind: TarHeader.Kind) -> Bool {
        switch kind {
        case .fifo, .characterDevice, .blockDevice: return false
        default: break
        }
        if left.contains(path) || emptied.contains(where: { isBelow(path, $0) }) { return false }
        if path.hasPrefix("var/lib/dpkg/"), path.hasSuffix("-old") { return false }
        guard kind != .directory, !keptAnyway.contains(path) else { return true }
        // Licences want their text to travel with the program; some packages share theirs by a link between directories.
        if isBelow(path, documentation) {
            return path.hasSuffix("/copyright") || kind == .symbolicLink && !path.dropFirst(documentation.count + 1).contains("/")
        }
        return !withoutFiles.contains { isBelow(path, $0) }
    }

    private static func isBelow(_ path: String, _ directory: String) -> Bool {
        path.utf8.count > directory.utf8.count && path.hasPrefix(directory)
            && path.utf8.dropFirst(directory.utf8.count).first == UInt8(ascii: "/")
    }
}
