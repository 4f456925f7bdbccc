package import Diagnostics

/// When registries are asked for builder and run images (L-10).
package enum PullPolicy: String, CaseIterable, Sendable {
    case always
    case ifNotPresent = "if-not-present"
    case never

    package static let standard = PullPolicy.always

    package init(parsing text: String) throws(Fault) {
        guard let policy = PullPolicy(rawValue: text) else {
            let names = Self.allCases.map(\.rawValue)
            let hint = Suggestion.nearest(to: text, among: names).map { "did you mean '\($0)'?" }
            throw Fault("invalid pull policy \(text)", hint: hint ?? "choose one of " + names.joined(separator: ", "))
        }
        self = policy
    }
}
