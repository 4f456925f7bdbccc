/// The error for everything that no caller needs to tell apart.
package struct Fault: Diagnosable, Equatable {
    package var message: String
    package var hint: String?
    package var exitCode: Int32
    package var location: SourceLocation?

    package init(_ message: String, hint: String? = nil, exitCode: Int32 = 1, at location: SourceLocation? = nil) {
        self.message = message
        self.hint = hint
        self.exitCode = exitCode
        self.location = location
    }

    /// The same failure seen from one level up: "reading order.toml: no such file". Keeps hint, exit status and place.
    package init(_ context: String, cause: any Error) {
        guard let known = cause as? any Diagnosable else {
            self.init("\(context): \(cause.diagnosis)")
            return
        }
        self.init("\(context): \(known.message)", hint: known.hint, exitCode: known.exitCode, at: known.location)
    }

    /// The same failure at this place, unless it has one already.
    package func located(at location: SourceLocation?) -> Fault {
        var fault = self
        fault.location = fault.location ?? location
        return fault
    }
}

extension Fault: CustomStringConvertible {
    package var description: String { message }
}
