import Diagnostics
import Testing

@Suite("Did you mean")
struct SuggestionTests {
    static let known = ["build", "builder", "run", "inspect", "images", "prune"]

    @Test(
        "The nearest word, when it is near enough",
        arguments: [
            ("biuld", "build"), ("buidl", "build"), ("buidler", "builder"), ("Build", "build"), ("BUILDER", "builder"),
            ("inspct", "inspect"),
            ("imagess", "images"), ("rnu", "run"), ("rum", "run"),
        ])
    func near(_ word: String, _ expected: String) {
        #expect(Suggestion.nearest(to: word, among: Self.known) == expected)
    }

    @Test(
        "Nothing, when no word is a slip of the fingers away, or only the word itself is",
        arguments: ["deploy", "xyz", "", "build", "runner"])
    func far(_ word: String) {
        #expect(Suggestion.nearest(to: word, among: Self.known) == nil)
    }

    @Test("Ties go to the first by alphabet, whatever their order")
    func ties() {
        #expect(Suggestion.nearest(to: "cat", among: ["hat", "bat", "rat"]) == "bat")
        #expect(Suggestion.nearest(to: "cat", among: ["rat", "bat", "hat"]) == "bat")
    }

    @Test("No candidates, no suggestion")
    func none() {
        #expect(Suggestion.nearest(to: "x", among: []) == nil)
    }

    @Test("Letters of other scripts count as one")
    func scripts() {
        #expect(Suggestion.nearest(to: "größe", among: ["grösse", "größer"]) == "größer")
    }

    @Test("A word of any length is compared in a moment")
    func long() {
        #expect(Suggestion.nearest(to: String(repeating: "x", count: 50_000), among: Self.known) == nil)
    }
}
