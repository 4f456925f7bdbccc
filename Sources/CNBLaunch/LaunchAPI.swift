/// A version of the Buildpack or Platform API: `0.12`.
package struct LaunchAPI: Equatable, Comparable, Sendable, CustomStringConvertible {
    package var major: Int
    package var minor: Int

    package init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// nil unless the text is one or two decimal numbers.
    package init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, let major = Self.number(parts[0]), let minor = parts.count == 2 ? Self.number(parts[1]) : 0 else {
            return nil
        }
        self.init(major, minor)
    }

    package static let supportedBuildpack = LaunchAPI(0, 7)...LaunchAPI(0, 12)
    package static let supportedPlatform = LaunchAPI(0, 7)...LaunchAPI(0, 15)

    package var description: String { "\(major).\(minor)" }

    package static func < (left: LaunchAPI, right: LaunchAPI) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }

    private static func number(_ digits: Substring.UTF8View) -> Int? {
        guard !digits.isEmpty, digits.count <= 9 else { return nil }
        var value = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }
}
