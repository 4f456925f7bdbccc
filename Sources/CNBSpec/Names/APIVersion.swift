package import Diagnostics

/// A version of the Buildpack API or Platform API: `<major>.<minor>` or `<major>` (V-1). Compared number by number: `0.9 < 0.10` (V-2).
package struct APIVersion: Hashable, Sendable {
    package var major: UInt64
    package var minor: UInt64

    package init(_ major: UInt64, _ minor: UInt64) {
        self.major = major
        self.minor = minor
    }

    /// Nil when the text is not a version. A leading `v` is tolerated, as the reference does.
    package init?(_ text: String) {
        let digits = text.first == "v" ? text.dropFirst() : text[...]
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let major = Self.number(parts[0]) else { return nil }
        guard parts.count == 2 else {
            self.init(major, 0)
            return
        }
        guard let minor = Self.number(parts[1]) else { return nil }
        self.init(major, minor)
    }

    private static func number(_ text: Substring) -> UInt64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return UInt64(text)
    }
}

extension APIVersion: Comparable, CustomStringConvertible {
    package static func < (a: Self, b: Self) -> Bool { (a.major, a.minor) < (b.major, b.minor) }
    package var description: String { "\(major).\(minor)" }
}

/// The API versions this implementation supports (V-4).
package enum SupportedAPIs {
    package static let buildpack: [APIVersion] = (7...12).map { APIVersion(0, $0) }
    package static let platform: [APIVersion] = (7...15).map { APIVersion(0, $0) }

    /// V-3: a 0.x version must be listed; from 1 on, a listed minor covers the lower minors of its major.
    package static func supports(_ version: APIVersion, in list: [APIVersion]) -> Bool {
        if version.major == 0 { return list.contains(version) }
        return list.contains { $0.major == version.major && $0.minor >= version.minor }
    }

    /// Refuses a module whose Buildpack API is not supported (V-6, status 12).
    package static func require(buildpackAPI: APIVersion, of module: BuildpackReference, kind: ModuleKind) throws(Fault) {
        guard !supports(buildpackAPI, in: buildpack) else { return }
        throw Fault(
            "\(kind.rawValue) '\(module)': buildpack API version '\(buildpackAPI)' is incompatible with the lifecycle",
            hint: "supported are \(buildpack.map(\.description).joined(separator: ", ")): use a release of it for one of these",
            exitCode: ExitStatus.buildpackAPI.rawValue)
    }

    /// The Platform API named by `CNB_PLATFORM_API` (V-5, status 11).
    package static func platformAPI(variable: String?) throws(Fault) -> APIVersion {
        let status = ExitStatus.platformAPI.rawValue
        let known = "supported are \(platform.map(\.description).joined(separator: ", "))"
        let text = variable ?? ""
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw Fault(
                "please set 'CNB_PLATFORM_API': it names the Platform API version and has no default", hint: known, exitCode: status)
        }
        guard let version = APIVersion(text) else {
            throw Fault("parse platform API '\(text)': not a version such as '0.15'", hint: known, exitCode: status)
        }
        guard supports(version, in: platform) else {
            throw Fault("platform API version '\(version)' is incompatible with the lifecycle", hint: known, exitCode: status)
        }
        return version
    }

    /// H-32: the highest Platform API in common with a builder, nil when there is none.
    package static func highestPlatformAPI(builder: [APIVersion], ours: [APIVersion] = platform) -> APIVersion? {
        ours.filter { supports($0, in: builder) }.max()
    }
}
