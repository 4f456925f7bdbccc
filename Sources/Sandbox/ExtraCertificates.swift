import Archive
import Diagnostics
import Glibc

/// Certificate authorities of the host (a company's TLS proxy, say) that commands in the sandbox trust, without a trace in any image.
package struct ExtraCertificates: Sendable {
    private static let target = "/run/tote/ca-certificates.crt"
    /// Where distributions keep the bundle that most programs read: Debian, Fedora, Alpine.
    private static let usual = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"]
    private let bytes: [UInt8]

    /// `bundle`: a host path of a file of PEM certificates.
    package init(bundle: String) throws {
        guard let bytes = SmallFile.bytes(bundle, limit: 16 << 20) else {
            throw Fault(system: "reading the CA certificates '\(bundle)'", exitCode: 2)
        }
        self.bytes = bytes
        guard String(decoding: bytes, as: UTF8.self).contains("-----BEGIN CERTIFICATE-----") else {
            throw Self.unusable(bundle, "no PEM certificate is in it")
        }
    }

    private static func unusable(_ bundle: String, _ reason: String) -> Fault {
        Fault(
            "'\(bundle)' cannot serve as CA certificates: \(reason)",
            hint: "give a file of PEM certificates such as /etc/ssl/certs/ca-certificates.crt", exitCode: 2)
    }

    /// Puts the bundle into a root: at a place of its own, and over the bundle that the root has.
    package func add(to root: SandboxRoot) throws {
        let copy = root.folder + "/ca-certificates.crt"
        try ConfinedDirectory(root.folder).write("ca-certificates.crt", bytes, mode: 0o644, owner: nil)
        try root.bind(copy, at: Self.target, readOnly: true)
        for path in Self.usual where try root.directory.status(path)?.kind == .file { try root.bind(copy, at: path, readOnly: true) }
    }

    /// What commands in such a root need in their environment, as `NAME=value`.
    package var environment: [String] {
        ["SSL_CERT_FILE", "CURL_CA_BUNDLE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO"].map {
            "\($0)=\(Self.target)"
        }
    }
}
