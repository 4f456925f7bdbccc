import Glibc
import Testing
import ToteCommands

@Suite("The time before lines of the log (L-1)")
struct LogTimeTests {
    @Test("As pack writes it, before every line of a message")
    func lines() {
        // 2019-05-15 01:01:01 in UTC; the time of day depends on the machine's zone.
        let shown = LogTime(timespec(tv_sec: 1_557_882_061, tv_nsec: 4_999)).before(["a", "b\n\nc", ""])
        #expect(shown.count == 5)
        let parts = shown.map { $0.wholeMatch(of: /(2019\/05\/1[456] \d\d:\d\d:01\.000004) (.*)/) }
        #expect(parts.map { $0.map { String($0.2) } } == ["a", "b", "", "c", ""])
        #expect(Set(parts.map { $0.map { String($0.1) } }).count == 1)
    }
}
