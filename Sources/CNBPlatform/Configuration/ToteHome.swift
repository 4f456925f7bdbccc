import Diagnostics
import Glibc

/// The folder that holds everything tote keeps: `$TOTE_HOME`, else `$XDG_DATA_HOME/tote`, else `~/.local/share/tote`.
package struct ToteHome: Equatable, Sendable {
    /// Absolute, no slash at the end.
    package let path: String

    /// Images, as an OCI image layout.
    package var images: String { path + "/images" }
    /// Unpacked image layers.
    package var rootFilesystems: String { path + "/rootfs" }
    /// What registries last said.
    package var remotes: String { path + "/remotes" }
    /// Unpacked layers of build caches.
    package var layers: String { path + "/layers" }
    /// Kept copies of apps' folders.
    package var apps: String { path + "/apps" }
    /// What was fetched of the daemon's images.
    package var daemonImages: String { path + "/daemon" }
    /// Build caches.
    package var cache: String { path + "/cache" }
    /// Archives of buildpacks from web servers.
    package var downloads: String { path + "/downloads" }
    /// Copies of registries of buildpacks.
    package var registries: String { path + "/registries" }
    /// Scratch of running builds.
    package var temporary: String { path + "/tmp" }

    /// Finds the folder and touches nothing.
    package init(environment: [String: String]) throws {
        let found: String
        if let told = environment["TOTE_HOME"], !told.isEmpty {
            guard told.hasPrefix("/") else {
                throw Fault("TOTE_HOME: '\(told)' is not an absolute path", hint: "let it begin with '/'")
            }
            found = told
        } else if let data = UserFolders(environment).data {
            found = data + "/tote"
        } else {
            throw Fault("no folder to keep images in: HOME is not an absolute path", hint: "set TOTE_HOME or HOME")
        }
        var trimmed = found
        while trimmed.hasSuffix("/") { trimmed.removeLast() }
        guard !trimmed.isEmpty else { throw Fault("TOTE_HOME: '/' cannot be tote's folder", hint: "name a folder of its own") }
        path = trimmed
    }

    /// Makes the folder (0700) where it is missing, closes an empty one, and refuses one that others own or can look into.
    package func prepare() throws {
        var status = stat()
        if stat(path, &status) != 0 {
            guard errno == ENOENT else { throw Fault(system: "opening tote's folder '\(path)'") }
            try makeWithParents()
            guard stat(path, &status) == 0 else { throw Fault(system: "opening tote's folder '\(path)'") }
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw Fault("tote's folder '\(path)' is not a folder", hint: "move it away, or set TOTE_HOME to another path")
        }
        guard status.st_uid == geteuid() else {
            throw Fault(
                "tote's folder '\(path)' belongs to user \(status.st_uid), and you are user \(geteuid())",
                hint: "set TOTE_HOME to a folder of your own")
        }
        guard status.st_mode & 0o077 == 0 || closeIfEmpty() else {
            throw Fault(
                "tote's folder '\(path)' is open to other users (mode \(String(status.st_mode & 0o777, radix: 8)))",
                hint: "close it with: chmod 700 '\(path)'")
        }
        guard access(path, R_OK | W_OK | X_OK) == 0 else {
            let code = errno
            throw Fault(
                system: "writing to tote's folder '\(path)', which every command needs", code: code,
                hint: code == EROFS
                    ? "set TOTE_HOME to a folder on a disk that can be written to" : "open it with: chmod u+rwx '\(path)'")
        }
    }

    /// A folder that was made for tote with the usual mode holds no secret yet, so it can simply be closed.
    private func closeIfEmpty() -> Bool {
        guard let listing = opendir(path) else { return false }
        defer { closedir(listing) }
        var entries = 0
        while readdir(listing) != nil { entries += 1 }
        // "." and ".."
        return entries <= 2 && chmod(path, 0o700) == 0
    }

    private func makeWithParents() throws {
        var end = path.startIndex
        while end < path.endIndex {
            end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
            let folder = String(path[..<end])
            if mkdir(folder, 0o700) == 0 { continue }
            // EROFS and EACCES also come from folders that are there.
            let code = errno
            var status = stat()
            guard stat(folder, &status) == 0 else {
                throw Fault(
                    system: "making tote's folder '\(folder)'", code: code, hint: "set TOTE_HOME to a path where you can make a folder")
            }
        }
        // Whatever the umask: the owner must be able to use it.
        guard chmod(path, 0o700) == 0 else { throw Fault(system: "changing the mode of tote's folder '\(path)'") }
    }
}

/// The base folders of the XDG specification; one that is not absolute counts as unset.
struct UserFolders {
    let data: String?
    let configuration: String?

    init(_ environment: [String: String]) {
        let absolute = { (name: String) -> String? in environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
        let home = absolute("HOME").map { $0 == "/" ? "" : $0 }
        data = absolute("XDG_DATA_HOME") ?? home.map { $0 + "/.local/share" }
        configuration = absolute("XDG_CONFIG_HOME") ?? home.map { $0 + "/.config" }
    }
}
