package import Diagnostics

/// Which of the two images of a base.
package enum BaseImageKind: String, CaseIterable, Sendable {
    /// Buildpacks run in it.
    case build
    /// The finished app runs on it.
    case run
}

/// The Debian packages of a base: a list for each image, which a caller's wishes change.
///
/// A wish is `P` (add to both images), `build:P` or `run:P` (add to one), or any of these with a `-` behind (take away what
/// is there by default, or keep apt from choosing it). `P` is whatever apt takes: `nginx`, `nginx=1.22.1-9`.
package struct BasePackages: Equatable, Sendable {
    package var build: [String]
    package var run: [String]

    package static let standard = BasePackages(
        build: ["bash", "ca-certificates", "curl", "git", "python3", "python3-venv", "python3-pip"],
        run: ["bash", "ca-certificates", "python3"])

    package init(build: [String], run: [String]) {
        self.build = build
        self.run = run
    }

    /// The standard lists with the wishes applied in order.
    package init(wishes: [String]) throws(Fault) {
        self = .standard
        for wish in wishes { try apply(wish) }
    }

    package subscript(kind: BaseImageKind) -> [String] { kind == .build ? build : run }

    private mutating func apply(_ wish: String) throws(Fault) {
        var name = wish[...]
        var kinds = BaseImageKind.allCases
        for kind in BaseImageKind.allCases where wish.hasPrefix(kind.rawValue + ":") {
            name = wish.dropFirst(kind.rawValue.count + 1)
            kinds = [kind]
        }
        guard Self.isPackage(name) else {
            throw Fault(
                "'\(wish)' is not a package",
                hint: "write a Debian package such as 'libpq5', 'build:make' for the build image only, or 'git-' to leave one out")
        }
        for kind in kinds {
            if kind == .build { Self.apply(String(name), to: &build) } else { Self.apply(String(name), to: &run) }
        }
    }

    private static func apply(_ name: String, to list: inout [String]) {
        if name.hasSuffix("-"), list.contains(String(name.dropLast())) {
            list.removeAll { $0 == name.dropLast() }
        } else if !list.contains(name) {
            list.append(name)
        }
    }

    /// Letters and digits first, as Debian's policy wants; then also what apt adds for version, release and architecture.
    /// Commas, blanks, patterns and paths would mean something else to mmdebstrap.
    private static func isPackage(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, isAlphanumeric(first) else { return false }
        return text.utf8.allSatisfy { isAlphanumeric($0) || "+-.:=~/_".utf8.contains($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }
}
