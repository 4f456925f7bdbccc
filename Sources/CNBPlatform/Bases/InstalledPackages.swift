/// What dpkg's status file says is installed.
struct InstalledPackages: Equatable {
    /// Version of each installed package, by name.
    var versions: [String: String] = [:]
    /// dpkg's word for the processor: `amd64`, `armhf`. Nil when nothing that depends on it is installed.
    var architecture: String?

    /// - Parameter parts: files that describe one installed package each, and do not say that it is.
    init(status text: String, parts: [String] = []) {
        let installed = DebianControl.paragraphs(text).filter { $0["status"] == "install ok installed" }
        for paragraph in installed + parts.flatMap(DebianControl.paragraphs) {
            guard let name = paragraph["package"], let version = paragraph["version"] else { continue }
            versions[name] = version
            if let own = paragraph["architecture"], own != "all" { architecture = own }
        }
    }

    /// Packages that both have, in different versions: "python3 (3.11.2-1 and 3.11.2-1+b1)".
    func differences(from other: InstalledPackages) -> [String] {
        versions.keys.sorted().compactMap { name in
            guard let own = versions[name], let theirs = other.versions[name], own != theirs else { return nil }
            return "\(name) (\(own) and \(theirs))"
        }
    }
}
