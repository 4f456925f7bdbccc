/// How the name of a new run image compares with the names that the app image remembers (F-8).
package enum RunImageNameFit: Hashable, Sendable {
    /// It is one of them, digests aside.
    case recorded
    /// Another tag or digest of the same repository, where updates of a base appear.
    case sameRepository
    case other

    /// - Parameters:
    ///   - isSameImage: whether two names mean the same image, digests aside.
    ///   - isSameRepository: whether two names differ in tag and digest only.
    package init(
        _ name: String, recorded: [String], isSameImage: (String, String) -> Bool, isSameRepository: (String, String) -> Bool
    ) {
        if recorded.contains(where: { isSameImage($0, name) }) {
            self = .recorded
        } else if recorded.contains(where: { isSameRepository($0, name) }) {
            self = .sameRepository
        } else {
            self = .other
        }
    }
}
