import TOML

/// An operating system's flavour: `ubuntu` `24.04`. An empty field matches anything.
package struct Distro: Hashable, Sendable {
    package var name: String
    package var version: String

    package init(name: String, version: String) {
        self.name = name
        self.version = version
    }

    func matches(_ other: Distro) -> Bool {
        wildcard(name, other.name) && wildcard(version, other.version)
    }
}

/// What a buildpack says it works on (B-14). Empty fields match anything.
package struct Target: Hashable, Sendable {
    package var os: String
    package var arch: String
    package var variant: String
    package var distros: [Distro]

    package init(os: String = "", arch: String = "", variant: String = "", distros: [Distro] = []) {
        self.os = os
        self.arch = arch
        self.variant = variant
        self.distros = distros
    }

    /// Reads `[[targets]]`; `variant` may be spelled `arch-variant` (B-15).
    static func read(_ reader: TOMLReader) throws -> Target {
        let spec = try reader.string("variant")
        let reference = try reader.string("arch-variant")
        return Target(
            os: try reader.string("os") ?? "", arch: try reader.string("arch") ?? "", variant: spec ?? reference ?? "",
            distros: try (reader.tables("distros") ?? []).map {
                Distro(name: try $0.string("name") ?? "", version: try $0.string("version") ?? "")
            })
    }

    /// B-16.
    package func matches(_ base: BaseTarget) -> Bool {
        guard wildcard(os, base.os), wildcard(arch, base.arch), wildcard(variant, base.variant) else { return false }
        guard !distros.isEmpty else { return true }
        guard let distro = base.distro else { return false }
        return distros.contains { $0.matches(distro) }
    }
}

extension Target: CustomStringConvertible {
    package var description: String {
        let machine = [os.isEmpty ? "any" : os, arch.isEmpty ? "any" : arch, variant]
        let names = distros.map { [$0.name, $0.version].filter { !$0.isEmpty }.joined(separator: "@") }
        return machine.filter { !$0.isEmpty }.joined(separator: "/") + (names.isEmpty ? "" : " (\(names.joined(separator: ", ")))")
    }
}

/// What the app image will run on: `run-image.target` of analyzed.toml.
package struct BaseTarget: Hashable, Sendable {
    package var os: String
    package var arch: String
    package var variant: String
    package var distro: Distro?
    /// The label `io.buildpacks.base.id`.
    package var id: String

    package init(os: String = "", arch: String = "", variant: String = "", distro: Distro? = nil, id: String = "") {
        self.os = os
        self.arch = arch
        self.variant = variant
        self.distro = distro
        self.id = id
    }

    /// B-18: os, arch and variant come from the image's config, the rest from its labels.
    package init(os: String, arch: String, variant: String, labels: [String: String]) {
        let name = labels[LabelName.distroName]
        let version = labels[LabelName.distroVersion]
        let distro = name == nil && version == nil ? nil : Distro(name: name ?? "", version: version ?? "")
        self.init(os: os, arch: arch, variant: variant, distro: distro, id: labels[LabelName.baseID] ?? "")
    }

    /// B-17: a missing distro comes from the build environment's `/etc/os-release`, a missing os is linux, a missing arch the host's.
    package func completed(osRelease: String?, hostArch: String) -> BaseTarget {
        var result = self
        if result.distro == nil, let osRelease { result.distro = Distro(osRelease: osRelease) }
        if result.os.isEmpty { result.os = "linux" }
        if result.arch.isEmpty { result.arch = hostArch }
        return result
    }

    /// B-26: what a module of Buildpack API 0.10 or newer sees.
    package var variables: [(name: String, value: String)] {
        let optional = [
            ("CNB_TARGET_ARCH_VARIANT", variant), ("CNB_TARGET_DISTRO_NAME", distro?.name ?? ""),
            ("CNB_TARGET_DISTRO_VERSION", distro?.version ?? ""),
        ]
        return [("CNB_TARGET_OS", os), ("CNB_TARGET_ARCH", arch)] + optional.filter { !$0.1.isEmpty }
    }
}

extension BaseTarget: CustomStringConvertible {
    package var description: String {
        Target(os: os, arch: arch, variant: variant, distros: distro.map { [$0] } ?? []).description
    }
}

extension Distro {
    /// Reads `ID` and `VERSION_ID` of an os-release file; nil when it has neither.
    package init?(osRelease: String) {
        var found = Distro(name: "", version: "")
        for line in osRelease.split(whereSeparator: \.isNewline) {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let value = String(line[line.index(after: equals)...]).trimmingQuotesAndSpaces
            switch line[..<equals] {
            case "ID": found.name = value
            case "VERSION_ID": found.version = value
            default: continue
            }
        }
        guard found != Distro(name: "", version: "") else { return nil }
        self = found
    }
}

private func wildcard(_ a: String, _ b: String) -> Bool {
    a.isEmpty || b.isEmpty || a == b
}

extension String {
    fileprivate var trimmingQuotesAndSpaces: String {
        func isTrimmed(_ c: Character) -> Bool { c == "\"" || c == "'" || c.isWhitespace }
        var text = self[...]
        while let first = text.first, isTrimmed(first) { text.removeFirst() }
        while let last = text.last, isTrimmed(last) { text.removeLast() }
        return String(text)
    }
}
