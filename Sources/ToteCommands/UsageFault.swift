import Diagnostics

extension Fault {
    /// Of a command line that makes no sense; the parser of arguments ends with the same.
    static let usageStatus: Int32 = 64

    /// Reads what the command line says. An error in that has the status of usage errors, unless it has one of its own.
    static func inUsage<Value>(_ read: () throws -> Value) throws -> Value {
        do {
            return try read()
        } catch {
            let known = error as? any Diagnosable
            guard known?.exitCode ?? 1 == 1 else { throw error }
            throw Fault(error.diagnosis, hint: known?.hint, exitCode: usageStatus, at: known?.location)
        }
    }
}
