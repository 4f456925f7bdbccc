import Glibc
import TestSupport

/// What this machine has, and what the caller of the tests asked for.
enum Surroundings {
    /// In CI nothing is left out: a test that cannot run fails.
    static let isCI = variable("CI") == "true"

    /// Whether tests run that take more than a few seconds.
    static let runsSlowTests = isCI || !ToteExecutable.isFastRun

    /// Whether a base can be made from Debian packages here.
    static let makesBases = isCI || (Peer.isThere("mmdebstrap") && (geteuid() == 0 || Account.current.hasSubordinateIDs))

    /// The host's certificate authorities; a TLS proxy's may be among them.
    static let certificates: String? = {
        let usual = "/etc/ssl/certs/ca-certificates.crt"
        return access(usual, R_OK) == 0 ? usual : nil
    }()

    static let certificateOptions = certificates.map { ["--ca-certificates", $0] } ?? []

    /// The index of Python packages that this machine is told to use instead of the usual one, for pip and for uv.
    static let indexOptions = ["PIP_INDEX_URL", "UV_DEFAULT_INDEX"].filter { variable($0) != nil }.flatMap { ["--env", $0] }

    /// Of the caller's variables, those that say how to reach the network; and which runtime to use.
    static let inherited = [
        "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PIP_INDEX_URL", "UV_DEFAULT_INDEX",
        "TOTE_RUNTIME",
    ].compactMap { name in variable(name).map { "\(name)=\($0)" } }

    static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A TCP port that nobody listens on at this moment.
    static func freePort() throws -> Int { try Listener().port }
}

/// Listens on a free port of this machine for as long as this object lives.
final class Listener: Sendable {
    let port: Int
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        guard isBound, listen(descriptor, 1) == 0 else { throw TestSetupError("no free port: \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }
}
