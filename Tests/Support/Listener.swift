package import NIOCore
import NIOPosix

/// Takes connections inside the test, on this machine only, until it is let go of.
package final class Listener: Sendable {
    package enum Place: Sendable {
        /// A free port.
        case port
        /// A socket in the file system.
        case socket(String)
    }

    private let channel: any Channel

    /// Runs `prepare` for each connection, on its event loop, to say what handles it.
    package init(on place: Place = .port, _ prepare: @escaping @Sendable (any Channel) throws -> Void) async throws {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in channel.eventLoop.makeCompletedFuture { try prepare(channel) } }
        channel =
            switch place {
            case .port: try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
            case .socket(let path): try await bootstrap.bind(unixDomainSocketPath: path).get()
            }
    }

    deinit { channel.close(promise: nil) }

    package var port: Int { channel.localAddress?.port ?? 0 }

    /// Of its socket; empty for one on a port.
    package var path: String { channel.localAddress?.pathname ?? "" }

    /// `127.0.0.1:41234`
    package var host: String { "127.0.0.1:\(port)" }

    /// Takes no more connections.
    package func close() async throws { try await channel.close() }
}
