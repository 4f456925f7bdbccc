package import Diagnostics

/// A kind of software bill of materials (C-71).
package enum SBOMFormat: String, CaseIterable, Sendable {
    case cycloneDX = "cdx"
    case spdx
    case syft

    package var mediaType: String {
        switch self {
        case .cycloneDX: "application/vnd.cyclonedx+json"
        case .spdx: "application/spdx+json"
        case .syft: "application/vnd.syft+json"
        }
    }

    /// `sbom.cdx.json`
    package var fileName: String { "sbom.\(rawValue).json" }
}

/// One `*.sbom.*.json` that a buildpack wrote (C.7).
package struct SBOMFile: Hashable, Sendable {
    package enum Subject: Hashable, Sendable {
        /// The app, and what is needed to build it.
        case launch, build
        case layer(String, LayerTypes)
    }

    /// Where the reference's exporter looks for it, below `<layers>/sbom`.
    package enum Destination: String, Hashable, Sendable {
        case launch, build, cache
    }

    /// Its name in the buildpack's layers folder.
    package var name: String
    package var format: SBOMFormat
    package var subject: Subject

    /// Paths below `<layers>/sbom` to which it is copied (C-73).
    package func destinations(buildpack id: BuildpackID) -> [String] {
        switch subject {
        case .launch: ["launch/\(id.escaped)/\(format.fileName)"]
        case .build: ["build/\(id.escaped)/\(format.fileName)"]
        case .layer(let layer, let types):
            [types.launch ? Destination.launch : .build, types.cache ? .cache : nil].compactMap { $0 }.map {
                "\($0.rawValue)/\(id.escaped)/\(layer)/\(format.fileName)"
            }
        }
    }

    /// Finds the SBOM files among the names of a buildpack's layers folder, sorted by name.
    ///
    /// - Parameters:
    ///   - layers: the layers that have a `<layer>.toml`; files for others are ignored (C-70).
    ///   - declared: `sbom-formats` of the descriptor, whose media type parameters do not count (C-72).
    /// - Throws: status 52 for a format that is unknown or undeclared.
    package static func find(
        among names: [String], layers: [String: LayerTypes], declared: [String], buildpack: BuildpackReference
    ) throws(Fault) -> [SBOMFile] {
        let allowed = Set(declared.map { String($0.prefix { $0 != ";" }).filter { !$0.isWhitespace } })
        var found: [SBOMFile] = []
        for name in names.sorted() where matchesGlob(name) {
            guard let format = SBOMFormat.allCases.first(where: { name.hasSuffix(".\($0.fileName)") }) else {
                throw Fault(
                    "unsupported SBOM file format: '\(name)' of buildpack '\(buildpack)'",
                    hint: "known are \(SBOMFormat.allCases.map { "*.\($0.fileName)" }.joined(separator: ", "))",
                    exitCode: ExitStatus.build.rawValue)
            }
            guard allowed.contains(format.mediaType) else {
                throw Fault(
                    "undeclared SBOM media type: buildpack '\(buildpack)' wrote '\(name)' but its sbom-formats lack '\(format.mediaType)'",
                    hint:
                        "declare it in buildpack.toml, in [buildpack]: sbom-formats = [\"\(format.mediaType)\"]; an inline buildpack cannot",
                    exitCode: ExitStatus.build.rawValue)
            }
            if let subject = subject(String(name.dropLast(format.fileName.utf8.count + 1)), layers) {
                found.append(SBOMFile(name: name, format: format, subject: subject))
            }
        }
        return found
    }

    /// `*.sbom.*.json`
    private static func matchesGlob(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts.last == "json" else { return false }
        return parts[1..<(parts.count - 2)].contains("sbom")
    }

    private static func subject(_ prefix: String, _ layers: [String: LayerTypes]) -> Subject? {
        switch prefix {
        case "launch": .launch
        case "build": .build
        default: layers[prefix].map { .layer(prefix, $0) }
        }
    }
}
