import OCIImage
import Synchronization

/// What registries said in this run: a name means one image from the beginning of a command to its end.
final class RegistryAnswers: Sendable {
    private let answers = Mutex<[Reference: Descriptor?]>([:])

    /// Nil when the registry was not asked; a nil inside when it does not have the name.
    func answer(for reference: Reference) -> Descriptor?? {
        answers.withLock { $0[reference] }
    }

    func remember(_ answer: Descriptor?, for reference: Reference) {
        answers.withLock { $0[reference] = .some(answer) }
    }
}
