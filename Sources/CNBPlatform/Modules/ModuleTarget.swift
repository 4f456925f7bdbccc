import CNBSpec
import OCIImage

/// One system that a module is packaged for or run on: which of its folders counts (H-18).
struct ModuleTarget: Hashable, Sendable {
    var platform: Platform
    var distro: Distro?

    /// `linux`, `arm`, `v7`, `debian@12`: one folder in the other.
    var folders: [String] {
        let machine = [platform.os, platform.architecture, platform.variant ?? ""]
        let distro = distro.map { $0.version.isEmpty ? $0.name : "\($0.name)@\($0.version)" }
        return (machine + [distro ?? ""]).filter { !$0.isEmpty }
    }

    /// The packages that `targets` ask for; what they leave open is this machine's, or `os`. A distribution makes one of its own only
    /// where the module has a folder for it, which `root` tells.
    static func all(_ targets: [Target], os: String, root: (ModuleTarget) throws -> String) rethrows -> [ModuleTarget] {
        struct Package: Hashable {
            var platform: Platform
            var root: String
        }
        var seen: Set<Package> = []
        var all: [ModuleTarget] = []
        for target in targets.isEmpty ? [Target()] : targets {
            let platform = Platform(
                os: target.os.isEmpty ? os : target.os, architecture: target.arch.isEmpty ? Platform.host.architecture : target.arch,
                variant: target.variant.isEmpty ? nil : target.variant)
            let plain = ModuleTarget(platform: platform)
            let plainRoot = try root(plain)
            for distro in target.distros.isEmpty ? [nil] : target.distros.map(Optional.some) {
                var one = ModuleTarget(platform: platform, distro: distro)
                let root = try root(one)
                if root == plainRoot { one = plain }
                if seen.insert(Package(platform: platform, root: root)).inserted { all.append(one) }
            }
        }
        return all
    }
}

extension ModuleTarget: CustomStringConvertible {
    /// `linux-arm-v7-debian-12`: also a part of a file's name (H-17).
    var description: String { folders.joined(separator: "-").replacing("@", with: "-") }
}
