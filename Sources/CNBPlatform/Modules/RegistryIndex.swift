import Archive
import CNBLifecycle
import CNBSpec
import Diagnostics
import FoundationEssentials
import OCIImage
import Subprocess

/// A public list of buildpacks: a git repository that says which image a name and version stand for (H.6).
struct RegistryIndex: Sendable {
    /// `official` (H-48).
    static let standardURL = "https://github.com/buildpacks/registry-index"

    /// One line of the index (H-46).
    struct Entry: Equatable, Decodable {
        var ns: String
        var name: String
        var version: String
        var yanked: Bool?
        var addr: String
    }

    let url: String
    /// Where copies of indexes are kept.
    let folder: String
    let events: PhaseEvents

    /// The package image of a buildpack; without a version, of the newest that was not taken back (H-47).
    func image(_ id: String, version: String?, policy: PullPolicy) async throws -> Reference {
        guard let file = Self.file(of: id) else {
            throw Fault("'\(id)' is no name of a registry of buildpacks", hint: "it has the form 'namespace/name', in small letters")
        }
        let repository = try await clone(policy)
        guard let bytes = try await git(["--git-dir", repository, "cat-file", "blob", "HEAD:\(file)"], orNil: true) else {
            throw Fault("the registry of buildpacks '\(url)' has no '\(id)'", hint: "check the name, or name the image with docker://…")
        }
        let entry = try Self.choose(try Self.entries(bytes, of: id, url: url), id: id, version: version, url: url)
        if entry.yanked == true {
            events(.warning(PhaseWarning("'\(id)@\(entry.version)' was taken back by its authors", hint: "use another version")))
        }
        let reference: Reference
        do {
            reference = try Reference(parsing: entry.addr)
        } catch {
            throw Fault("the registry of buildpacks '\(url)' names no image for '\(id)@\(entry.version)': \(error.message)")
        }
        guard reference.digest != nil else {
            throw Fault("the registry of buildpacks '\(url)' names '\(entry.addr)' for '\(id)@\(entry.version)', which has no digest")
        }
        return reference
    }

    /// H-45; nil for what cannot be a name.
    static func file(of id: String) -> String? {
        let parts = id.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy(isName) else { return nil }
        let name = parts[1], file = "\(parts[0])_\(name)"
        return switch name.count {
        case 1: "1/\(file)"
        case 2: "2/\(file)"
        case 3: "3/\(name.prefix(2))/\(file)"
        default: "\(name.prefix(2))/\(name.dropFirst(2).prefix(2))/\(file)"
        }
    }

    private static func isName(_ text: Substring) -> Bool {
        (1...253).contains(text.utf8.count)
            && text.utf8.allSatisfy { ($0 >= 0x61 && $0 <= 0x7a) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2d || $0 == 0x2e }
    }

    static func entries(_ bytes: [UInt8], of id: String, url: String) throws(Fault) -> [Entry] {
        var entries: [Entry] = []
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() where line.contains(where: { $0 > 0x20 }) {
            do {
                entries.append(try JSONDecoder().decode(Entry.self, from: Data(line)))
            } catch {
                throw Fault("the registry of buildpacks '\(url)' is damaged: line \(index + 1) of '\(id)' is no entry")
            }
        }
        return entries
    }

    static func choose(_ entries: [Entry], id: String, version: String?, url: String) throws(Fault) -> Entry {
        let known = entries.map(\.version)
        if let version {
            guard let entry = entries.last(where: { $0.version == version }) else {
                throw Fault(
                    "the registry of buildpacks '\(url)' has no '\(id)@\(version)'",
                    hint: "it has " + known.suffix(8).map { "'\($0)'" }.joined(separator: ", "))
            }
            return entry
        }
        let newest = entries.filter { $0.yanked != true }.max { SemanticVersion($0.version) < SemanticVersion($1.version) }
        guard let newest else { throw Fault("the registry of buildpacks '\(url)' has no version of '\(id)' that may be used") }
        return newest
    }

    // MARK: the copy of the repository

    /// A bare copy without history, brought up to date as the pull policy says. There is no work tree that a link could be in.
    private func clone(_ policy: PullPolicy) async throws -> String {
        try Directory.create(folder)
        let path = "\(folder)/\(Digest.of(Array(url.utf8)).hex).git"
        if Directory.exists(path) {
            let copy = KeptCopy(path: path)
            if copy.isCurrent(by: policy) {
                copy.noteUse()
                return path
            }
            try await git(["--git-dir", path, "fetch", "--quiet", "--depth=1", "--", url, "+HEAD:refs/heads/index"])
            try await git(["--git-dir", path, "symbolic-ref", "HEAD", "refs/heads/index"])
            copy.renew()
            return path
        }
        guard policy != .never else {
            throw Fault("the registry of buildpacks '\(url)' was not read before, and the pull policy is 'never'")
        }
        events(.note("Reading the registry of buildpacks \(url)"))
        let temporary = "\(folder)/new-\(UInt64.random(in: 0 ... .max))"
        defer { try? ConfinedDirectory(folder).removeTree(String(temporary.dropFirst(folder.count + 1))) }
        try await git(["clone", "--quiet", "--bare", "--depth=1", "--no-tags", "--", url, temporary])
        // Another build may have been faster, and its copy is as good.
        try? ConfinedDirectory(folder).rename(String(temporary.dropFirst(folder.count + 1)), to: String(path.dropFirst(folder.count + 1)))
        return path
    }

    @discardableResult
    private func git(_ arguments: [String], orNil: Bool = false) async throws -> [UInt8]? {
        let settings: [Environment.Key: String?] = [
            // Nobody is there to be asked for a password, and no program is started by an address.
            "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh", "GIT_DIR": nil, "GIT_WORK_TREE": nil,
        ]
        do {
            let result = try await Subprocess.run(
                .name("git"), arguments: Arguments(arguments), environment: .inherit.updating(settings), input: .none,
                output: .bytes(limit: 16 << 20), error: .string(limit: 64 << 10))
            try Task.checkCancellation()
            if result.terminationStatus.isSuccess { return result.standardOutput }
            if orNil { return nil }
            let said = result.standardError.split(separator: "\n").suffix(3).joined(separator: "; ")
            throw Fault("the registry of buildpacks '\(url)' cannot be read: git says: \(said)", hint: "check the address and the network")
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw Fault("registries of buildpacks are read with git, which is not installed", hint: "install it: sudo apt-get install git")
        }
    }
}
