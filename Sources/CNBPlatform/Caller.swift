import Glibc
import OCIRegistry

/// Who called tote, as the system outside of any namespace knows them.
package struct Caller: Sendable {
    /// Podman keeps credentials in folders with this number.
    let user: UInt32
    /// Nil where helper programs can be children of this process.
    let broker: HelperBroker?

    /// For a process that stays where it is.
    package static var current: Caller { Caller(user: geteuid(), broker: nil) }

    /// For a process that is about to enter namespaces: a broker stays outside and runs credential helpers there. Call it while there is
    /// one thread.
    package static func stayingOutside(environment: [String: String]) throws -> Caller {
        Caller(user: geteuid(), broker: try HelperBroker.start(environment: environment))
    }

    /// What keeps the broker alive, and so must not stay open in processes outside.
    package var descriptors: [Int32] { broker.map { [$0.descriptor] } ?? [] }
}
