import Glibc

/// The `tote` that end-to-end tests run: the one beside the test bundle, or what `TOTE_EXECUTABLE` names.
package enum ToteExecutable {
    package static func path() throws -> String {
        let path = getenv("TOTE_EXECUTABLE").map { String(cString: $0) } ?? besideTests
        guard access(path, X_OK) == 0 else {
            throw TestSetupError("there is no tote at '\(path)': build it first, or let TOTE_EXECUTABLE name it")
        }
        return path
    }

    private static var besideTests: String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = max(0, readlink("/proc/self/exe", &buffer, buffer.count - 1))
        let bundle = String(decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
        return bundle.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/tote"
    }

    /// Whether tests that take long are left out.
    package static var isFastRun: Bool { getenv("TOTE_FAST_TESTS").map { String(cString: $0) != "" } ?? false }

    /// The runtime that the caller of the tests chose, if any.
    static var runtime: [String] { getenv("TOTE_RUNTIME").map { ["TOTE_RUNTIME=" + String(cString: $0)] } ?? [] }
}
