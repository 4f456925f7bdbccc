import AsyncHTTPClient
import Diagnostics
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

extension RegistryError {
    /// Names what went wrong below HTTP. Cancellation and errors that already speak for themselves pass unchanged.
    static func explaining(_ error: any Error, _ request: RegistryRequest) -> any Error {
        switch error {
        case is CancellationError: return error
        case is any Diagnosable: return error
        case let error as HTTPClientError: return explaining(error, request)
        case let error as NIOConnectionError: return unreachable(request, reason(error))
        case let error as NIOSSLError:
            // A server that hangs up without the TLS farewell; nothing is wrong with trust.
            if case .uncleanShutdown = error { return interrupted(request, "the connection was cut") }
            return untrusted(request, "\(error)")
        case let error as NIOSSLExtraError: return untrusted(request, "\(error)")
        case let error as BoringSSLError: return untrusted(request, "\(error)")
        case let error as IOError:
            let reason = String(cString: strerror(error.errnoCode))
            return error.errnoCode == ECONNREFUSED ? unreachable(request, reason) : interrupted(request, reason)
        case is HTTPParserError: return interrupted(request, "the connection ended in the middle of the answer, or the answer is not HTTP")
        default: return interrupted(request, "\(error)")
        }
    }

    private static let silence: [HTTPClientError] = [.readTimeout, .writeTimeout, .deadlineExceeded]
    private static let badAddress: [HTTPClientError] = [.invalidURL, .emptyHost, .emptyScheme]

    private static func explaining(_ error: HTTPClientError, _ request: RegistryRequest) -> any Error {
        if error == .cancelled { return CancellationError() }
        if silence.contains(error) {
            return RegistryError(.timedOut, "\(request.summary): no byte moved for too long", hint: "check the network and try again")
        }
        if error == .connectTimeout { return unreachable(request, "no answer to the attempt to connect") }
        if error == .tlsHandshakeTimeout { return untrusted(request, "no answer to the TLS handshake") }
        if error == .remoteConnectionClosed { return interrupted(request, "the connection ended before the answer was complete") }
        if badAddress.contains(error) {
            return RegistryError(.malformed, "\(request.summary): this is no address to go to")
        }
        return interrupted(request, error.shortDescription)
    }

    private static func interrupted(_ request: RegistryRequest, _ reason: String) -> RegistryError {
        RegistryError(.interrupted, "\(request.summary): \(reason)", hint: "check the network and try again")
    }

    private static func unreachable(_ request: RegistryRequest, _ reason: String) -> RegistryError {
        RegistryError(
            .unreachable, "\(request.summary): cannot connect: \(reason)",
            hint: "check that the registry's name and port are right and that it runs")
    }

    private static func untrusted(_ request: RegistryRequest, _ reason: String) -> RegistryError {
        let host = request.host.authority
        let hint =
            if reason.contains("CERTIFICATE_VERIFY_FAILED") || reason.contains("HOSTNAME") || reason.contains("ostname") {
                "name the authority that signed its certificate with --ca-certificates FILE, or, at your own risk, use --insecure-registry \(host)"
            } else if reason.contains("WRONG_VERSION_NUMBER") || reason.contains("HTTP_REQUEST") {
                "it seems to speak plain HTTP: use --insecure-registry \(host)"
            } else {
                "use --ca-certificates FILE for a certificate authority of your own, or --insecure-registry \(host)"
            }
        return RegistryError(.untrusted, "\(request.summary): no secure connection: \(printable(reason))", hint: hint)
    }

    private static func reason(_ error: NIOConnectionError) -> String {
        if let first = error.connectionErrors.first {
            guard let system = first.error as? IOError else { return printable("\(first.error)") }
            return String(cString: strerror(system.errnoCode))
        }
        return "no address is known for '\(printable(error.host))'"
    }
}
