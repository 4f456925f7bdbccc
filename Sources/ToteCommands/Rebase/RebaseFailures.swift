import ArgumentParser
import CNBPlatform
import CNBSpec
import Diagnostics

/// The images of a command that were not rebased.
struct RebaseFailures {
    private var faults: [Fault] = []

    init<Value>(_ outcomes: [RebaseOutcome<Value>]) {
        for case .failure(let fault) in outcomes.map(\.result) { faults.append(fault) }
    }

    /// Shows an error for each and ends the command; does nothing when all went well.
    func report(_ console: Console) throws {
        guard let last = faults.last else { return }
        guard faults.count > 1 else { throw last }
        let status = ExitStatus.rebase.rawValue
        faults.forEach { console.fail($0, status: status) }
        throw ExitCode(status)
    }
}
