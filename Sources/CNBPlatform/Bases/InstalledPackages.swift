/// What dpkg's status file says is installed.
struct InstalledPackages: Equatable {
    /// Version of each installed package, by name; of one for a foreign architecture by `name:architecture`, as dpkg calls it.
    var versions: [String: String] = [:]
    /// dpkg's word for the processor: `amd64`, `armhf`. Nil when nothing that depends on it is installed.
    var architecture: String?

    /// The last of the three words of a status. What is held back, or waits for a trigger, is installed all the same.
    private static let states: Set<Substring> = ["installed", "triggers-awaited", "triggers-pending"]

    /// - Parameter parts: files that describe one installed package each, and do not say that it is.
    init(status text: String, parts: [String] = []) {
        let installed = DebianControl.paragraphs(text).filter { paragraph in
            paragraph["status"]?.split(separator: " ").last.map(Self.states.contains) ?? false
        }
        let paragraphs = installed + parts.flatMap(DebianControl.paragraphs)
        architecture = Self.mostFrequent(paragraphs.compactMap { $0["architecture"] }.filter { $0 != "all" })
        for paragraph in paragraphs {
            guard let name = paragraph["package"], let version = paragraph["version"] else { continue }
            let own = paragraph["architecture"] ?? "all"
            versions[own == "all" || own == architecture ? name : "\(name):\(own)"] = version
        }
    }

    private static func mostFrequent(_ words: [String]) -> String? {
        Dictionary(grouping: words, by: { $0 }).max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }?.key
    }

    /// Packages that both have, in different versions: "python3 (3.11.2-1 and 3.11.2-1+b1)".
    func differences(from other: InstalledPackages) -> [String] {
        versions.keys.sorted().compactMap { name in
            guard let own = versions[name], let theirs = other.versions[name], own != theirs else { return nil }
            return "\(name) (\(own) and \(theirs))"
        }
    }
}
