import CNBLifecycle
import CNBSpec
import Diagnostics
import Glibc
import OCIImage

/// A line of `--progress json`: an object with `type`, `time` and what belongs to that type.
///
/// Fields are added in later versions, never changed.
struct ProgressDocument {
    private var fields: [String: JSONValue]

    private init(_ type: String, _ fields: [String: JSONValue]) {
        self.fields = fields
        self.fields["type"] = .string(type)
    }

    init(_ event: PhaseEvent) {
        switch event {
        case .started(let phase): self.init("phase", ["phase": .string(phase.rawValue)])
        case .note(let line): self.init("note", ["message": .string(line)])
        case .detail(let line): self.init("detail", ["message": .string(line)])
        case .output(let buildpack, let line): self.init("output", ["buildpack": .string(buildpack), "text": .string(line)])
        case .transfer(let transfer):
            var fields: [String: JSONValue] = [
                "name": .string(transfer.name), "direction": .string(transfer.direction == .download ? "download" : "upload"),
                "state": .string(Self.word(transfer.state)), "done": .integer(transfer.done),
            ]
            fields["total"] = transfer.total.map { .integer($0) }
            self.init("transfer", fields)
        case .warning(let warning):
            self.init("warning", Self.message(warning.message, at: warning.location, hint: warning.hint))
        }
    }

    /// - Parameter status: the exit status of the command.
    static func error(_ error: any Error, status: Int32) -> ProgressDocument {
        let known = error as? any Diagnosable
        var fields = message(error.diagnosis, at: known?.location, hint: known?.hint)
        fields["status"] = .integer(Int64(status))
        return ProgressDocument("error", fields)
    }

    /// The end of a command that made something.
    static func result(_ fields: [String: JSONValue]) -> ProgressDocument { ProgressDocument("result", fields) }

    private static func word(_ state: Transfer.State) -> String {
        switch state {
        case .moving: "moving"
        case .complete: "complete"
        case .stopped: "stopped"
        }
    }

    private static func message(_ text: String, at location: SourceLocation?, hint: String?) -> [String: JSONValue] {
        var fields: [String: JSONValue] = ["message": .string(text)]
        fields["hint"] = hint.map { .string($0) }
        if let location {
            fields["file"] = .string(location.file)
            fields["line"] = .integer(Int64(location.line))
            fields["column"] = .integer(Int64(location.column))
        }
        return fields
    }

    /// One line. The time is in UTC, to the millisecond.
    func line() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var fields = fields
        let text = Timestamp.text(secondsSince1970: Int64(time.tv_sec))
        fields["time"] = .string("\(text.dropLast()).\(String(1000 + time.tv_nsec / 1_000_000).dropFirst())Z")
        // What cannot be written as JSON is nothing that a program could read.
        return (try? JSONValue.object(fields).text()) ?? "{}"
    }
}
