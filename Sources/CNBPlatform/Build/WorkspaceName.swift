package import Diagnostics

/// The name of the app's folder in the image: one path component, `workspace` unless told otherwise.
package struct WorkspaceName: Equatable, Sendable {
    package static let standard = WorkspaceName(unchecked: "workspace")

    /// Folders that belong to the system or to buildpacks.
    private static let reserved: Set<String> = [
        "bin", "boot", "cnb", "dev", "etc", "home", "layers", "lib", "lib64", "platform", "proc", "root", "run", "sbin", "sys", "tmp",
        "usr", "var",
    ]

    package let name: String

    package init(_ name: String) throws(Fault) {
        let allowed = name.utf8.allSatisfy {
            ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a) || "._-".utf8.contains($0)
        }
        guard allowed, !name.isEmpty, name.utf8.count <= 100, name != ".", name != ".." else {
            throw Fault("--workspace: '\(name)' is not a folder name", hint: "use letters, digits, '.', '_' and '-'")
        }
        guard !Self.reserved.contains(name) else {
            throw Fault("--workspace: '/\(name)' belongs to the system", hint: "choose another name")
        }
        self.name = name
    }

    private init(unchecked name: String) {
        self.name = name
    }

    /// The app's folder in the image.
    package var path: String { "/" + name }
}
