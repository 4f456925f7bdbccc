import Diagnostics
import Testing

@testable import CNBPlatform

// L-10
@Suite struct PullPolicyTests {
    @Test(
        arguments: [
            ("always", .always), ("if-not-present", .ifNotPresent), ("never", .never), ("hourly", .interval(Period(minutes: 60))),
            ("daily", .interval(Period(minutes: 1440))), ("weekly", .interval(Period(minutes: 10080))),
            ("interval=90m", .interval(Period(minutes: 90))), ("interval=24h", .interval(Period(minutes: 1440))),
            ("interval=5d4h20m", .interval(Period(minutes: 7460))), ("interval=1d5m", .interval(Period(minutes: 1445))),
            ("interval=0m", .interval(Period(minutes: 0))), ("interval=36500d", .interval(Period(minutes: 52_560_000))),
        ] as [(String, PullPolicy)])
    func parses(text: String, policy: PullPolicy) throws {
        #expect(try PullPolicy(parsing: text) == policy)
        #expect(try PullPolicy(parsing: policy.description) == policy)
    }

    @Test(arguments: [
        ("interval=24h", "daily"), ("interval=60m", "hourly"), ("interval=90m", "interval=1h30m"), ("interval=0d", "interval=0m"),
        ("interval=36h", "interval=1d12h"), ("never", "never"),
    ])
    func hasOneSpelling(text: String, spelling: String) throws {
        #expect(try PullPolicy(parsing: text).description == spelling)
    }

    @Test(arguments: [
        "interval=", "interval=5", "interval=h", "interval=5s", "interval=1h1d", "interval=1h1h", "interval=-1h", "interval=1.5h",
        "interval=99999999999999999999d", "interval=36501d", "interval=1h ", "interval=٣h",
    ])
    func refusesIntervals(text: String) throws {
        let fault = #expect(throws: Fault.self) { try PullPolicy(parsing: text) }
        #expect(fault?.message == "invalid pull policy \(text)")
        #expect(fault?.hint?.contains("interval=24h") == true)
    }

    @Test func refusesOthers() {
        let near = #expect(throws: Fault.self) { try PullPolicy(parsing: "allways") }
        #expect(near?.message == "invalid pull policy allways")
        #expect(near?.hint == "did you mean 'always'?")
        let far = #expect(throws: Fault.self) { try PullPolicy(parsing: "") }
        #expect(far?.hint == "choose one of always, if-not-present, never, hourly, daily, weekly, interval=TIME")
    }

    @Test(arguments: [(1000, 1000, true), (1000, 4599, true), (1000, 4600, false), (1001, 1000, false), (0, Int64.max, false)])
    func covers(then: Int64, now: Int64, isCovered: Bool) {
        #expect(Period(minutes: 60).covers(then, at: now) == isCovered)
    }
}
