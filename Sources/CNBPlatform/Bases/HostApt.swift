import Archive
import Diagnostics

/// What of this machine's apt settings matters for fetching packages.
struct HostApt: Equatable, Sendable {
    /// All entries of sources.list and sources.list.d.
    var sources: [AptSource] = []
    /// `Acquire::http::Proxy "http://proxy:3128"` and the like.
    var options: [String] = []
    /// The release this machine runs, such as `bookworm`.
    var codename: String?

    /// - Parameter settings: what `apt-config dump` prints; nil without apt.
    init(root: ConfinedDirectory, settings: String?) throws {
        options = Self.options(settings ?? "")
        for path in ["etc/os-release", "usr/lib/os-release"] where codename == nil {
            codename = try Self.text(root, path).flatMap { OSRelease(parsing: $0).codename }
        }
        if let text = try Self.text(root, "etc/apt/sources.list") { sources += AptSource.parse(text, name: "sources.list") }
        let folder = "etc/apt/sources.list.d"
        guard try root.status(folder)?.kind == .directory else { return }
        for name in try root.names(folder).map(\.string) where name.hasSuffix(".list") || name.hasSuffix(".sources") {
            if let text = try Self.text(root, "\(folder)/\(name)") { sources += AptSource.parse(text, name: name) }
        }
    }

    init() {}

    /// Where packages of the suite come from: the mirror that was asked for, else this machine's own sources when it runs
    /// that suite, else the distribution's public archive.
    func sources(suite: String, mirror: String?, architecture: String) -> [AptSource] {
        let archive = PublicArchive.sources(suite: suite, architecture: architecture)
        if let mirror { return [AptSource(uris: [mirror], suites: [suite], signedBy: archive.first?.signedBy)] }
        let own = codename == suite ? sources.compactMap { $0.serving(suite) } : []
        return own.contains { $0.suites.contains(suite) } ? own : archive
    }

    /// The settings that say how to reach an archive, whoever publishes it.
    static func options(_ dump: String) -> [String] {
        let wanted = [
            "acquire::http::", "acquire::https::", "acquire::check-valid-until", "acquire::check-date", "acquire::retries",
            "acquire::forceipv",
        ]
        return dump.split(separator: "\n").compactMap { line in
            let text = DebianControl.trimmed(line)
            guard text.hasSuffix("\";"), !text.hasSuffix(" \"\";"), let blank = text.firstIndex(of: " ") else { return nil }
            let key = text[..<blank].lowercased()
            return wanted.contains { key.hasPrefix($0) } ? String(text.dropLast()) : nil
        }
    }

    private static func text(_ root: ConfinedDirectory, _ path: String) throws -> String? {
        // A file for root's eyes alone (passwords of a mirror) is no reason to give up.
        guard let bytes = try? root.readIfPresent(path, limit: 1 << 20) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
