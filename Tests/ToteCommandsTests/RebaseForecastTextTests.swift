import Archive
import Diagnostics
import OCIImage
import Testing

@testable import CNBPlatform
@testable import ToteCommands

struct RebaseForecastTextTests {
    /// What images say of themselves must not reach the terminal as commands, wherever it stands.
    @Test func noControlCharacters() throws {
        let evil = "x\u{1b}]0;y\u{7}\r\u{9b}2J"
        func installed(_ pairs: [(String, String)]) -> InstalledPackages {
            InstalledPackages(status: pairs.map { "Package: \($0)\nStatus: install ok installed\nVersion: \($1)\n\n" }.joined())
        }
        let packages = PackageChanges(
            from: installed([("gone\u{1b}", "1\u{1b}"), ("up\u{1b}", "1\u{1b}")]),
            to: installed([("new\u{1b}", "1\u{1b}"), ("up\u{1b}", "2\u{1b}")]))
        #expect(packages.added.count == 1 && packages.removed.count == 1 && packages.upgraded.count == 1)
        let forecast = RebaseForecast(
            platform: Platform(os: "linux" + evil, architecture: evil), remembered: evil, rememberedReference: evil,
            base: try Reference(parsing: "base"), baseDigest: .of([1]), isCurrent: false, refusals: [evil], notes: [evil],
            packages: packages,
            bytes: .max)
        let place = RebasePlace.file(.layout(directory: "/" + evil, tag: nil))
        let lines = RebaseForecastText([RebaseOutcome(place: place, result: .success([forecast]))]).lines
        #expect(lines.count == 9)
        for line in lines { #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) }, "\(line)") }
    }
}
