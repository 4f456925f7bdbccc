#if !hasFeature(Embedded)
    internal import TOML
#endif

extension Launch {
    /// What an exec.d executable wrote: TOML of nothing but strings, in order; empty is fine (E-21, E-22, E-23).
    static func variables(toml bytes: [UInt8], of path: ByteText) throws(LaunchError) -> [(name: ByteText, value: ByteText)] {
        do throws(TOMLError) {
            let document = TOMLReader(try TOMLTable.parse(bytes))
            var variables: [(name: ByteText, value: ByteText)] = []
            for name in document.table.keys {
                guard let value = try document.string(name) else { continue }
                // A variable with a NUL, or with an equals sign in its name, would become another one.
                guard !name.isEmpty, !name.utf8.contains(where: { $0 == 0 || $0 == UInt8(ascii: "=") }), !value.utf8.contains(0) else {
                    throw document.error(at: name, "'\(name)' cannot be set as an environment variable")
                }
                variables.append((ByteText(name), ByteText(value)))
            }
            return variables
        } catch {
            throw .launch("exec.d: output of '\(path)': \(error.description)")
        }
    }
}
