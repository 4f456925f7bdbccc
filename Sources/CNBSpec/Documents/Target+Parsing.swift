package import Diagnostics

extension Target {
    /// From a command line: `[os][/arch][/variant][:distro[@version…][;distro…]]`, such as `linux/arm64` or
    /// `linux/amd64:ubuntu@22.04@24.04;debian@12`.
    package init(parsing text: String) throws(Fault) {
        func fault(_ reason: String) -> Fault {
            Fault("target '\(text)': \(reason)", hint: "write targets as in 'linux/amd64', 'linux/arm/v7' or 'linux/amd64:ubuntu@24.04'")
        }
        let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let machine = halves[0].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard machine.count <= 3 else { throw fault("there are more than three parts between slashes") }
        guard machine.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Self.isNamePart) }) else { throw fault("a part is missing or no name") }
        self.init(os: machine[0], arch: machine.count > 1 ? machine[1] : "", variant: machine.count > 2 ? machine[2] : "")
        guard halves.count == 2 else { return }
        for distro in halves[1].split(separator: ";", omittingEmptySubsequences: false) {
            let parts = distro.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
            guard parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Self.isNamePart) }) else {
                throw fault("a distribution has no valid name or version")
            }
            distros +=
                parts.count == 1 ? [Distro(name: parts[0], version: "")] : parts.dropFirst().map { Distro(name: parts[0], version: $0) }
        }
    }

    private static func isNamePart(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || ".-_".contains(character))
    }
}
