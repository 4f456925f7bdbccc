import Archive
import CNBLifecycle
import Diagnostics
import Glibc
import OCIRegistry

/// Files of web servers, kept so that a server that has nothing new need not send them again (H-10).
///
/// A file's name is the digest of its address and, after a dash, its entity tag in hex: a new version appears under its name by a
/// rename, whole or not at all, and the old one goes after that.
struct DownloadCache: Sendable {
    private static let sizeLimit: Int64 = 4 << 30
    /// Longer tags do not fit into a file's name; such a file is downloaded each time.
    private static let tagLimit = 80

    let folder: String
    let registry: OnDemandRegistry
    let events: PhaseEvents

    /// The path of the file at `url`. Servers are asked as the pull policy says: `always` costs one request when nothing is new.
    func file(_ url: String, policy: PullPolicy) async throws -> String {
        try Directory.create(folder)
        let key = Digest.of(Array(url.utf8)).hex
        let directory = try ConfinedDirectory(folder)
        let kept = try directory.names("").map(\.string).filter { $0.hasPrefix("\(key)-") }.sorted().last
        if let kept, case let copy = KeptCopy(path: "\(folder)/\(kept)"), copy.isCurrent(by: policy) {
            copy.noteUse()
            return copy.path
        }
        guard policy != .never else {
            throw Fault("'\(url)' was not downloaded before, and the pull policy is 'never'", hint: "use --pull-policy if-not-present")
        }
        let temporary = "\(folder)/new-\(UInt64.random(in: 0 ... .max))"
        let file = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Fault(system: "making '\(temporary)'") }
        defer {
            close(file)
            unlink(temporary)
        }
        let tag = kept.flatMap { Self.text(hex: $0.dropFirst(key.count + 1)) }
        let answer = try await registry.client().webFile(url, unless: tag, into: file, limit: Self.sizeLimit)
        guard case .written(let entityTag) = answer, case let name = "\(key)-\(Self.hex(entityTag ?? ""))" else {
            let copy = KeptCopy(path: "\(folder)/\(kept ?? "")")
            copy.renew()
            return copy.path
        }
        events(.note("Downloaded \(url) (\(formatted(bytes: Int64(lseek(file, 0, SEEK_END)))))"))
        guard rename(temporary, "\(folder)/\(name)") == 0 else { throw Fault(system: "moving a download to '\(folder)/\(name)'") }
        if let kept, kept != name { unlink("\(folder)/\(kept)") }
        return "\(folder)/\(name)"
    }

    private static func hex(_ tag: String) -> String {
        tag.utf8.count > tagLimit ? "" : tag.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func text(hex: Substring) -> String? {
        guard !hex.isEmpty else { return nil }
        let digits = Array(hex)
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
        return String(validating: bytes, as: UTF8.self)
    }
}
