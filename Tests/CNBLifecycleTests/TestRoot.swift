import Archive
import CNBLifecycle
import CNBSpec
import Glibc
import OCIImage
import TestSupport

/// A root file system in a scratch directory, with buildpacks, an app and an image store beside it.
final class TestRoot: Sendable {
    let scratch: ScratchDirectory
    let root: ConfinedDirectory
    let store: ImageStore
    /// Where the files of the root are on the host.
    let path: String

    init() throws {
        scratch = try ScratchDirectory()
        path = scratch.path("root")
        for folder in [
            "root/layers", "root/workspace", "root/platform/env", "root/cnb/buildpacks", "root/cnb/build-config/env", "root/tmp",
        ] {
            try scratch.makeFolder(folder)
        }
        root = try ConfinedDirectory(path)
        store = try ImageStore(at: scratch.path("images"))
    }

    func write(_ path: String, _ text: String, mode: UInt32 = 0o644) throws {
        try scratch.makeFile("root" + path, text, mode: mode)
    }

    func makeFolder(_ path: String) throws { try scratch.makeFolder("root" + path) }

    func link(_ path: String, to target: String) throws {
        try makeFolder(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]))
        guard symlink(target, self.path + path) == 0 else { throw TestSetupError("the link '\(path)' cannot be made") }
    }

    /// Makes a FIFO where a phase expects a file.
    func makeFIFO(_ path: String) throws {
        guard mkfifo(self.path + path, 0o644) == 0 else { throw TestSetupError("the FIFO '\(path)' cannot be made") }
    }

    /// Makes a socket, which no tar can hold.
    func makeSocket(_ path: String) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array((self.path + path).utf8.prefix(107))) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        guard bound == 0 else { throw TestSetupError("the socket '\(path)' cannot be made") }
    }

    func setMode(_ path: String, _ mode: UInt32) throws {
        guard chmod(self.path + path, mode) == 0 else { throw TestSetupError("the mode of '\(path)' cannot be changed") }
    }

    func text(_ path: String) -> String? {
        access(self.path + path, F_OK) == 0 ? scratch.text("root" + path) : nil
    }

    func exists(_ path: String) -> Bool { access(self.path + path, F_OK) == 0 }

    /// Names in a folder, sorted; empty when it is missing.
    func names(_ path: String) -> [String] { ((try? root.names(path)) ?? []).map(\.string) }

    /// Puts a buildpack in its place. `more` follows the `[buildpack]` table's id and version.
    @discardableResult
    func addBuildpack(_ reference: String, api: String = "0.12", _ more: String = "", executables: [String] = ["detect", "build"]) throws
        -> GroupElement
    {
        let reference = try BuildpackReference(reference)
        let folder = Self.folder(of: reference)
        try write(
            "\(folder)/buildpack.toml",
            "api = \"\(api)\"\n[buildpack]\nid = \"\(reference.id)\"\nversion = \"\(reference.version)\"\n\(more)\n")
        for name in executables { try write("\(folder)/bin/\(name)", "#!/bin/sh\n", mode: 0o755) }
        return GroupElement(id: reference.id, version: reference.version, api: try APIVersion(required: api))
    }

    static func folder(of reference: BuildpackReference) -> String {
        "/cnb/buildpacks/\(reference.id.escaped)/\(reference.version)"
    }

    var catalog: ModuleCatalog { ModuleCatalog(root: root, directories: BuildDirectories()) }

    func inputs(environment: [String] = ["PATH=/usr/bin", "HOME=/home/cnb", "SECRET=1"], platformAPI: APIVersion = APIVersion(0, 15))
        -> PhaseInputs
    {
        PhaseInputs(
            directories: BuildDirectories(), platformAPI: platformAPI, execEnv: "production",
            target: BaseTarget(os: "linux", arch: "amd64", distro: Distro(name: "debian", version: "12")), baseEnvironment: environment)
    }
}

extension APIVersion {
    init(required text: String) throws {
        guard let version = APIVersion(text) else { throw TestSetupError("'\(text)' is no API version") }
        self = version
    }
}

extension TestRoot {
    /// The bytes of a file of the host.
    static func bytes(_ path: String) throws -> [UInt8] {
        let folder = path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)
        return try ConfinedDirectory(String(folder)).read(String(path.dropFirst(folder.count + 1)))
    }

    /// Puts other bytes into a file of the host.
    static func replace(_ path: String, _ bytes: [UInt8]) throws {
        let folder = path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)
        try ConfinedDirectory(String(folder)).write(String(path.dropFirst(folder.count + 1)), bytes, mode: 0o600)
    }
}
