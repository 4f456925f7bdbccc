import Archive
import Diagnostics
import Glibc

/// A root file system that mmdebstrap made, on its way to a layer.
struct BaseRootFilesystem {
    let tree: BaseTree
    let release: OSRelease
    let packages: InstalledPackages

    /// Reads the tar at `path`.
    init(tar path: String, scratch: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Fault(system: "opening '\(path)'") }
        defer { close(descriptor) }
        tree = try BaseTree(scratch: scratch)
        let tar = try LayerReader(descriptor: descriptor)
        try tree.read(tar)
        _ = try tar.finish()
        // /etc/os-release is a link to the first.
        let text = try tree.text(of: "usr/lib/os-release") ?? tree.text(of: "etc/os-release")
        release = OSRelease(parsing: text ?? "")
        packages = InstalledPackages(status: try tree.text(of: "var/lib/dpkg/status") ?? "")
    }

    /// Adds the build user, its home, and the distribution's public archive as apt's source.
    func finish(user: BaseUser, suite: String) throws {
        let shadow = try tree.text(of: "etc/shadow")
        guard let passwd = try tree.text(of: "etc/passwd"), let group = try tree.text(of: "etc/group") else {
            throw Fault("the base has no /etc/passwd or no /etc/group", hint: "keep the package 'base-passwd'")
        }
        tree.put("etc/passwd", try AccountFiles.passwd(passwd, adding: user, hasShadow: shadow != nil))
        tree.put("etc/group", try AccountFiles.group(group, adding: user))
        if let shadow { tree.put("etc/shadow", AccountFiles.shadow(shadow, adding: user)) }
        if let groups = try tree.text(of: "etc/gshadow") { tree.put("etc/gshadow", AccountFiles.groupShadow(groups, adding: user)) }
        tree.makeDirectory("home")
        tree.makeDirectory(RawPath(String(user.home.dropFirst())), owner: Ownership(user: user.id, group: user.group))
        if tree.has("etc/apt/sources.list.d"), tree.has("usr/bin/apt-get") {
            let archive = PublicArchive.sources(suite: suite, architecture: packages.architecture ?? DebianArchitecture.host)
            tree.put(RawPath("etc/apt/sources.list.d/\(release.id ?? "debian").sources"), AptSource.document(archive))
        }
    }

    func write(to layer: LayerWriter) throws { try tree.write(to: layer) }
}
