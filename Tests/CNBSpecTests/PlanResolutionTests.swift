import CNBSpec
import TOML
import Testing

@Suite("Plan resolution (B.8)")
struct PlanResolutionTests {
    struct Member: Sendable {
        var name: String
        var optional = false
        var isExtension = false
        /// `+x` provides x, `-x` requires x; `|` begins the next option.
        var plan: String
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var title: String
        var members: [Member]
        /// `x: providers <- how many requires`, or nil when the group fails.
        var entries: [String]?
        var participants: [String] = []
        var testDescription: String { title }
    }

    static let cases: [Case] = [
        Case(
            title: "(1) provided, then required", members: [Member(name: "a", plan: "+x"), Member(name: "b", plan: "-x")],
            entries: ["x: a <- 1"], participants: ["a", "b"]),
        Case(
            title: "(2) required before it is provided", members: [Member(name: "b", plan: "-x"), Member(name: "a", plan: "+x")],
            entries: nil),
        Case(
            title: "(3) provides and requires itself", members: [Member(name: "a", plan: "+x -x")], entries: ["x: a <- 1"],
            participants: ["a"]),
        Case(
            title: "(4) an optional unused provider drops out",
            members: [Member(name: "a", optional: true, plan: "+x"), Member(name: "b", plan: "")], entries: [], participants: ["b"]),
        Case(title: "(5) the empty alternative", members: [Member(name: "a", plan: "+x |")], entries: [], participants: ["a"]),
        Case(
            title: "(6) two providers, one requirement",
            members: [Member(name: "a", plan: "+x"), Member(name: "b", plan: "+x"), Member(name: "c", plan: "-x")],
            entries: ["x: a,b <- 1"],
            participants: ["a", "b", "c"]),
        Case(
            title: "(7) a provider after the last requirement fails",
            members: [Member(name: "a", plan: "+x"), Member(name: "b", plan: "-x"), Member(name: "c", plan: "+x")], entries: nil),
        Case(
            title: "(7) the same, optional, drops out",
            members: [Member(name: "a", plan: "+x"), Member(name: "b", plan: "-x"), Member(name: "c", optional: true, plan: "+x")],
            entries: ["x: a <- 1"], participants: ["a", "b"]),
        Case(title: "B-56: nobody is left", members: [Member(name: "a", optional: true, plan: "+x")], entries: nil),
        Case(
            title: "B-53: dropping one makes another's need unmet",
            members: [
                Member(name: "a", optional: true, plan: "+x -y"), Member(name: "b", optional: true, plan: "-x"),
                Member(name: "c", plan: ""),
            ], entries: [], participants: ["c"]),
        Case(
            title: "B-54: dropping one makes another's offer unused",
            members: [
                Member(name: "a", optional: true, plan: "+x"), Member(name: "b", optional: true, plan: "-x -nothing"),
                Member(name: "c", plan: ""),
            ], entries: [], participants: ["c"]),
        Case(
            title: "B-55: an optional element's alternatives come before it drops out",
            members: [Member(name: "a", optional: true, plan: "+x | +y"), Member(name: "b", plan: "-y")], entries: ["y: a <- 1"],
            participants: ["a", "b"]),
        Case(
            title: "B-51: the leftmost varies slowest",
            members: [Member(name: "a", plan: "+x | +y"), Member(name: "b", plan: "-y | -x")], entries: ["x: a <- 1"],
            participants: ["a", "b"]),
        Case(
            title: "B-57: several requirements of one name, names sorted",
            members: [Member(name: "a", plan: "+z +x"), Member(name: "b", plan: "-z -x"), Member(name: "c", plan: "-z")],
            entries: ["x: a <- 1", "z: a <- 2"], participants: ["a", "b", "c"]),
        Case(
            title: "B-58: an unused extension drops out",
            members: [Member(name: "e", optional: true, isExtension: true, plan: "+x"), Member(name: "a", plan: "")], entries: [],
            participants: ["a"]),
        Case(
            title: "a required element with nothing to trade", members: [Member(name: "a", plan: ""), Member(name: "b", plan: "")],
            entries: [],
            participants: ["a", "b"]),
    ]

    static func plan(_ text: String) -> DetectPlan {
        let options = text.split(separator: "|", omittingEmptySubsequences: false).map { option -> DetectPlan.Option in
            var result = DetectPlan.Option()
            for word in option.split(separator: " ") {
                let name = String(word.dropFirst())
                if word.first == "+" { result.provides.append(name) } else { result.requires.append(Requirement(name)) }
            }
            return result
        }
        return DetectPlan(options[0], or: Array(options.dropFirst()))
    }

    @Test("worked cases", arguments: cases)
    func resolve(_ example: Case) throws {
        let participants = try example.members.map { member in
            PlanParticipant(
                try groupElement("\(member.name)@1"), kind: member.isExtension ? .extension : .buildpack, optional: member.optional,
                plan: Self.plan(member.plan))
        }
        guard let entries = example.entries else {
            #expect(throws: PlanConflict.self) { try PlanResolution(participants) }
            return
        }
        let resolution = try PlanResolution(participants)
        let lines = resolution.plan.entries.map { entry in
            "\(entry.requires[0].name): \(entry.providers.map(\.reference.id.raw).joined(separator: ",")) <- \(entry.requires.count)"
        }
        #expect(lines == entries)
        #expect(resolution.participants.map(\.element.id.raw) == example.participants)
    }

    @Test("what is wrong is told")
    func messages() throws {
        let a = PlanParticipant(try groupElement("a@1"), plan: Self.plan("-x"))
        let unmet = #expect(throws: PlanConflict.self) { try PlanResolution([a]) }
        #expect(unmet?.message == "'a@1' requires 'x', which no buildpack before it provides")
        let b = PlanParticipant(try groupElement("b@1"), plan: Self.plan("+y"))
        let unused = #expect(throws: PlanConflict.self) { try PlanResolution([b]) }
        #expect(unused?.message == "'b@1' provides 'y', which no buildpack after it requires")
    }

    @Test("many alternatives of a hopeless plan do not take for ever", .timeLimit(.minutes(1)))
    func hopeless() throws {
        let options = Array(repeating: "-missing", count: 8).joined(separator: " | ")
        let members = try (0..<40).map { PlanParticipant(try groupElement("b\($0)@1"), plan: Self.plan(options)) }
        #expect(throws: PlanConflict.self) { try PlanResolution(members) }
    }

    // The kit's plan-entries case, measured: p1 wants to be taken with its second option, and both provide the tool.
    @Test("B-30, B-51, B-57: the plan of the kit's plan-entries")
    func kitPlan() throws {
        func detect(_ text: String) throws -> DetectPlan {
            try DetectPlan(reading: DocumentSource(file: "plan.toml", text: text), kind: .buildpack)
        }
        let p1 = try detect("[[provides]]\nname = \"tool\"\n[[provides]]\nname = \"lib\"\n[[or]]\n[[or.provides]]\nname = \"tool\"\n")
        let p2 = try detect(
            "[[provides]]\nname = \"tool\"\n[[requires]]\nname = \"tool\"\n[requires.metadata]\nversion = \"2\"\nwhen = 2020-01-02T03:04:05Z\n[requires.metadata.deep]\nn = 1\n"
        )
        let p3 = try detect("[[requires]]\nname = \"tool\"\n[requires.metadata]\nversion = \"3\"\n")
        let resolution = try PlanResolution([
            PlanParticipant(try groupElement("kit/p1@1.0.0"), plan: p1), PlanParticipant(try groupElement("kit/p2@1.0.0"), plan: p2),
            PlanParticipant(try groupElement("kit/p3@1.0.0"), plan: p3),
        ])
        let entry = try #require(resolution.plan.entries.first)
        #expect(resolution.plan.entries.count == 1)
        #expect(entry.providers.map(\.reference.id.raw) == ["kit/p1", "kit/p2"])
        #expect(
            entry.requires.map { JSONValue($0.metadata) } == [
                .object(["version": .string("2"), "when": .string("2020-01-02T03:04:05Z"), "deep": .object(["n": .integer(1)])]),
                .object(["version": .string("3")]),
            ])

        // C-7, C-8: p1 gets both requirements and leaves them, p2 meets them, p3 gets nothing.
        let first = resolution.plan.plan(for: try BuildpackID("kit/p1"))
        #expect(first.entries.map(\.name) == ["tool", "tool"])
        let build = try BuildTOML(
            reading: DocumentSource(file: "build.toml", text: "[[unmet]]\nname = \"tool\"\n"),
            buildpack: try BuildpackReference("kit/p1@1.0.0"),
            given: first)
        let afterFirst = resolution.plan.removing(met: first, unmet: build.unmet)
        #expect(afterFirst == resolution.plan)
        let second = afterFirst.plan(for: try BuildpackID("kit/p2"))
        #expect(second.serialized().split(separator: "\n").filter { $0.contains("entries") }.count == 5)
        let afterSecond = afterFirst.removing(met: second)
        #expect(afterSecond.plan(for: try BuildpackID("kit/p3")).serialized().isEmpty)
    }

    @Test("B-10, B-11: plans that are refused")
    func refusedPlans() throws {
        let source = DocumentSource(file: "plan.toml", text: "[[requires]]\nname = \"x\"\nversion = \"1\"\n")
        #expect(throws: (any Error).self) { try DetectPlan(reading: source, kind: .buildpack) }
        let requires = DocumentSource(file: "plan.toml", text: "[[or]]\n[[or.requires]]\nname = \"x\"\n")
        #expect(throws: (any Error).self) { try DetectPlan(reading: requires, kind: .extension) }
        _ = try DetectPlan(reading: requires, kind: .buildpack)
    }
}
