import AsyncHTTPClient
import Diagnostics
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

extension DockerError {
    /// Names what went wrong below HTTP. Cancellation and errors that already speak for themselves pass unchanged.
    static func explaining(_ error: any Error, _ request: DockerRequest, at host: DockerHost) -> any Error {
        let summary = request.summary(at: host)
        switch error {
        case is CancellationError: return error
        case is any Diagnosable: return error
        case let error as HTTPClientError: return explaining(error, summary)
        case let error as NIOConnectionError:
            guard let first = error.connectionErrors.first else {
                return unreachable(summary, "no address is known for '\(printable(error.host))'")
            }
            guard let system = first.error as? IOError else { return unreachable(summary, printable("\(first.error)")) }
            return explaining(system, summary, at: host)
        case let error as IOError: return explaining(error, summary, at: host)
        case let error as NIOSSLError:
            // A daemon that hangs up without the TLS farewell; nothing is wrong with trust.
            if case .uncleanShutdown = error { return interrupted(summary, "the connection was cut") }
            return untrusted(summary, "\(error)")
        case let error as NIOSSLExtraError: return untrusted(summary, "\(error)")
        case let error as BoringSSLError: return untrusted(summary, "\(error)")
        case let error as HTTPParserError:
            if error == .invalidEOFState { return interrupted(summary, "the connection ended before the answer was complete") }
            return DockerError(.malformed, "\(summary): the answer is not HTTP", hint: "a daemon with TLS needs DOCKER_TLS_VERIFY=1")
        default: return interrupted(summary, printable("\(error)"))
        }
    }

    private static func explaining(_ error: HTTPClientError, _ summary: String) -> any Error {
        if error == .cancelled { return CancellationError() }
        if [.readTimeout, .writeTimeout, .deadlineExceeded].contains(error) {
            return DockerError(.timedOut, "\(summary): the daemon does not answer", hint: "check that it is well, then try again")
        }
        if error == .connectTimeout { return unreachable(summary, "no answer to the attempt to connect") }
        if error == .tlsHandshakeTimeout { return untrusted(summary, "no answer to the TLS handshake") }
        if error == .remoteConnectionClosed { return interrupted(summary, "the connection ended before the answer was complete") }
        return interrupted(summary, error.shortDescription)
    }

    private static func explaining(_ error: IOError, _ summary: String, at host: DockerHost) -> DockerError {
        let reason = String(cString: strerror(error.errnoCode))
        switch error.errnoCode {
        case EACCES, EPERM:
            return DockerError(
                .denied, "\(summary): you may not connect: \(reason)",
                hint: "join the socket's group ('usermod -aG docker USER', then log in again), or set DOCKER_HOST to a daemon of your own")
        case ECONNREFUSED, ENOENT, ENOTSOCK, ENOTDIR, EHOSTUNREACH, ENETUNREACH: return unreachable(summary, reason)
        default: return interrupted(summary, reason)
        }
    }

    private static func unreachable(_ summary: String, _ reason: String) -> DockerError {
        DockerError(.unreachable, "\(summary): cannot connect: \(reason)", hint: "check that the daemon runs and that its address is right")
    }

    private static func interrupted(_ summary: String, _ reason: String) -> DockerError {
        DockerError(.interrupted, "\(summary): \(reason)", hint: "check that the daemon is well, then try again")
    }

    private static func untrusted(_ summary: String, _ reason: String) -> DockerError {
        DockerError(
            .untrusted, "\(summary): no secure connection: \(printable(reason))",
            hint: "check the certificates that DOCKER_CERT_PATH or the docker context names")
    }
}

extension DockerRequest {
    /// For messages: `POST /v1.41/images/load at unix:///var/run/docker.sock`.
    func summary(at host: DockerHost) -> String { "\(method.rawValue) \(DockerError.printable(target)) at \(host)" }
}
