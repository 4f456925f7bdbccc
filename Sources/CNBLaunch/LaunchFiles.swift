/// The files and processes that a launch needs; the launcher answers with libc, tests from memory.
///
/// Relative paths are never asked for. Errors are `LaunchError.launch`.
package protocol LaunchFiles {
    /// The entries of a directory in any order; nil when it does not exist. Anything but a directory is an error.
    func entries(of directory: ByteText) throws(LaunchError) -> [LaunchEntry]?
    /// Whether anything is there, following links.
    func exists(_ path: ByteText) -> Bool
    func isRegularFile(_ path: ByteText) -> Bool
    /// A regular file that this process may execute.
    func isExecutable(_ path: ByteText) -> Bool
    func read(_ path: ByteText) throws(LaunchError) -> [UInt8]
    /// Runs an exec.d executable to its end and answers with what it wrote to descriptor 3 (E-21).
    func runExecD(_ path: ByteText, environment: Environment) throws(LaunchError) -> [UInt8]
}

package struct LaunchEntry: Equatable, Sendable {
    package var name: ByteText
    /// Whether it is a directory itself; false for a link to one.
    package var isDirectory: Bool
    /// Whether it is a directory or a link to one.
    package var leadsToDirectory: Bool

    package init(name: ByteText, isDirectory: Bool, leadsToDirectory: Bool) {
        self.name = name
        self.isDirectory = isDirectory
        self.leadsToDirectory = leadsToDirectory
    }
}
