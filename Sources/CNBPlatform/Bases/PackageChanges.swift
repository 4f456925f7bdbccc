/// How the Debian packages of one base differ from those of another.
package struct PackageChanges: Equatable, Sendable {
    package struct Package: Equatable, Sendable {
        package var name: String
        package var version: String
    }

    package struct Change: Equatable, Sendable {
        package var name: String
        package var old: String
        package var new: String
    }

    /// All by name.
    package private(set) var added: [Package] = []
    package private(set) var removed: [Package] = []
    package private(set) var upgraded: [Change] = []
    package private(set) var downgraded: [Change] = []

    package var isEmpty: Bool { added.isEmpty && removed.isEmpty && upgraded.isEmpty && downgraded.isEmpty }

    init(from old: InstalledPackages, to new: InstalledPackages) {
        for name in Set(old.versions.keys).union(new.versions.keys).sorted() {
            switch (old.versions[name], new.versions[name]) {
            case (nil, let version?): added.append(Package(name: name, version: version))
            case (let version?, nil): removed.append(Package(name: name, version: version))
            case (let before?, let after?) where before != after:
                let change = Change(name: name, old: before, new: after)
                if DebianVersion(after) < DebianVersion(before) { downgraded.append(change) } else { upgraded.append(change) }
            default: break
            }
        }
    }
}
