import Diagnostics

/// Operating system and processor an image is for.
package struct Platform: Hashable, Sendable, Codable {
    package var os: String
    package var architecture: String
    package var variant: String?
    package var osVersion: String?

    package init(os: String, architecture: String, variant: String? = nil) {
        self.os = os
        self.architecture = architecture
        self.variant = variant
    }

    /// Reads `linux/arm64` or `linux/arm/v7`.
    package init(parsing text: String) throws {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else {
            throw Fault(
                "'\(text)' is not a platform", hint: "write it as OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT, such as 'linux/amd64'")
        }
        self.init(os: parts[0], architecture: parts[1], variant: parts.count == 3 ? parts[2] : nil)
    }

    /// Whether programs for it run on this machine.
    package var isNative: Bool { os == Platform.host.os && architecture == Platform.host.architecture }

    /// Linux on the processor that this program was compiled for.
    package static var host: Platform {
        #if arch(arm64)
            Platform(os: "linux", architecture: "arm64")
        #else
            Platform(os: "linux", architecture: "amd64")
        #endif
    }

    enum CodingKeys: String, CodingKey {
        case os, architecture, variant
        case osVersion = "os.version"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        os = try container.decodeIfPresent(String.self, forKey: .os) ?? ""
        architecture = try container.decodeIfPresent(String.self, forKey: .architecture) ?? ""
        variant = try container.nonEmptyString(.variant)
        osVersion = try container.nonEmptyString(.osVersion)
    }
}

extension Platform {
    /// How well an image for `self` runs where `wanted` is asked for: nil not at all, else the greater the better (N.7).
    ///
    /// A processor runs code made for an older version of its family: `arm/v6` on `arm/v7`.
    package func rank(for wanted: Platform) -> Int? {
        guard os == wanted.os, architecture == wanted.architecture else { return nil }
        let own = version, limit = wanted.version
        if let own, let limit { return own <= limit ? own : nil }
        if variant == wanted.variant { return 1000 }
        // An unknown variant: only as a last resort, and only when none was asked for.
        return wanted.variant == nil ? 0 : nil
    }

    /// The number in the variant, the architecture's own when there is none; nil for variants that are no number.
    private var version: Int? {
        guard let variant else { return ["arm": 7, "arm64": 8, "amd64": 1][architecture] }
        return variant.hasPrefix("v") ? Int(variant.dropFirst()) : nil
    }
}

extension Platform: CustomStringConvertible {
    package var description: String { "\(os)/\(architecture)" + (variant.map { "/\($0)" } ?? "") }
}
