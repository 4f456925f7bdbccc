package import CNBSpec
package import Diagnostics

extension Fault {
    /// Runs a phase; an error without a status of its own gets the phase's. A cancellation stays one, and so does a
    /// buildpack's failure, which has a status of its own.
    package static func inPhase<Value>(_ status: ExitStatus, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as CancellationError {
            throw error
        } catch let failure as BuildpackFailure {
            throw failure
        } catch {
            let known = error as? any Diagnosable
            var fault = Fault(error.diagnosis, hint: known?.hint, exitCode: known?.exitCode ?? 1, at: known?.location)
            if fault.exitCode == ExitStatus.failure.rawValue { fault.exitCode = status.rawValue }
            throw fault
        }
    }

    /// Runs `body`; an error in it says which buildpack it is about and has the phase's status.
    static func naming<Value>(_ buildpack: GroupElement, _ status: ExitStatus, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            var fault = Fault("buildpack '\(buildpack)'", cause: error)
            fault.exitCode = status.rawValue
            throw fault
        }
    }
}
