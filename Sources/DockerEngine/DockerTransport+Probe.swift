import AsyncHTTPClient
import Diagnostics
import NIOHTTP1
import OCIImage

extension DockerTransport {
    /// The headers of the shortest answer that there is.
    func ping(limit: Duration) async throws -> HTTPHeaders {
        var request = DockerRequest(.GET, "/_ping")
        request.limit = limit
        let response = try await response(to: request)
        _ = try await body(of: response, to: request, limit: 1 << 16)
        return response.headers
    }

    /// Who the daemon is and how it keeps images.
    func probe(limit: Duration) async throws -> DockerDaemon {
        let headers = try await ping(limit: limit)
        guard let text = headers.first(name: "Api-Version"), let apiVersion = DockerAPIVersion(text) else {
            throw DockerError(
                .malformed, "\(host) answers, but not as a Docker or Podman daemon does", hint: "check the address: \(host.origin)")
        }
        guard apiVersion >= .oldest else {
            throw DockerError(
                .unsupported, "the daemon at \(host) is too old: its API version is \(apiVersion), tote needs \(DockerAPIVersion.oldest)",
                hint: "update the daemon")
        }
        let isPodman = headers.contains(name: "Libpod-API-Version") || headers.first(name: "Server")?.hasPrefix("Libpod/") == true
        var request = DockerRequest(.GET, "/info")
        request.version = apiVersion
        // It counts images and containers.
        request.limit = limit * 5
        let response = try await response(to: request)
        let info = try decode(DaemonInformation.self, from: try await body(of: response, to: request), request)
        guard info.os == nil || info.os == "linux" else {
            throw DockerError(
                .unsupported, "the daemon at \(host) runs containers of \(DockerError.printable(info.os ?? "")), not of Linux",
                hint: "switch it to Linux containers")
        }
        return DockerDaemon(
            product: isPodman ? .podman : .docker, version: DockerError.printable(info.version ?? "", limit: 60), apiVersion: apiVersion,
            imageStore: isPodman ? .podman : info.usesContainerd ? .containerd : .classic, isRootless: info.isRootless,
            platform: info.platform)
    }

    func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8], _ request: DockerRequest) throws -> Value {
        do {
            return try CanonicalJSON.decode(type, from: bytes, limit: .max, what: "the answer")
        } catch {
            throw DockerError(.malformed, "\(request.summary(at: host)): \(error.message)")
        }
    }
}

/// What matters of `/info`.
struct DaemonInformation: Decodable {
    var version: String?
    var os: String?
    var architecture: String?
    var driverStatus: [[String]]?
    var securityOptions: [String]?
    var rootless: Bool?

    enum CodingKeys: String, CodingKey {
        case version = "ServerVersion"
        case os = "OSType"
        case architecture = "Architecture"
        case driverStatus = "DriverStatus"
        case securityOptions = "SecurityOptions"
        case rootless = "Rootless"
    }

    /// The pair that a daemon with containerd's image store shows.
    var usesContainerd: Bool {
        driverStatus?.contains { $0.first == "driver-type" && $0.last?.hasPrefix("io.containerd.") == true } ?? false
    }

    var isRootless: Bool { rootless == true || securityOptions?.contains { $0.split(separator: ",").contains("name=rootless") } ?? false }

    /// Docker says what `uname -m` says.
    var platform: Platform {
        switch architecture {
        case "x86_64", "amd64": Platform(os: "linux", architecture: "amd64")
        case "aarch64", "arm64": Platform(os: "linux", architecture: "arm64")
        case "armv7l": Platform(os: "linux", architecture: "arm", variant: "v7")
        default: Platform(os: "linux", architecture: architecture ?? "")
        }
    }
}
