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
        faults.dropLast().forEach { console.fail($0) }
        guard faults.count > 1 else { throw last }
        console.fail(last)
        throw ExitCode(ExitStatus.rebase.rawValue)
    }
}
