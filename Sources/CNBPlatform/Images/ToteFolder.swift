import Archive
import Diagnostics
import Sandbox

/// Removal of all that tote keeps. Inside namespaces, since unpacked layers may belong to subordinate ids.
struct ToteFolder {
    private let home: ToteHome

    init(_ home: ToteHome) {
        self.home = home
    }

    /// Names go before what they name, so that being killed half-way leaves a valid store.
    func removeContents() throws {
        let folder = try ConfinedDirectory(home.path)
        try folder.removeTree("images/index.json")
        for name in ["remotes", "daemon", "cache", "downloads", "registries", "rootfs", "layers", "apps", "tmp", "images"] {
            try folder.removeTree(name)
        }
    }
}
