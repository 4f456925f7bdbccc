/// An ordered list of `.gitignore` patterns: the last one that matches a path decides.
///
/// Unlike git, a path beneath an excluded directory can be taken back with `!`, because every entry is asked for on its own,
/// and `name/` matches what lies beneath the directory but not the directory's own entry.
package struct IgnorePatterns: Sendable {
    private var patterns: [IgnorePattern] = []
    /// Patterns that can never match, by their place in the list.
    package private(set) var problems: [(index: Int, problem: IgnorePattern.Problem)] = []
    private let hasNegations: Bool

    package init(_ lines: [String]) {
        for (index, line) in lines.enumerated() {
            do {
                if let pattern = try IgnorePattern(line) { patterns.append(pattern) }
            } catch {
                problems.append((index, error.problem))
            }
        }
        hasNegations = patterns.contains(where: \.isNegated)
    }

    /// Whether the list selects this path: relative to the app's folder, bytes, no slash at either end.
    package func matches(_ path: [UInt8]) -> Bool {
        decision(path, asDirectory: false)
    }

    /// Whether the list is certain to select everything beneath the directory at this path.
    package func matchesEverythingBeneath(_ path: [UInt8]) -> Bool {
        !hasNegations && decision(path, asDirectory: true)
    }

    private func decision(_ path: [UInt8], asDirectory: Bool) -> Bool {
        for pattern in patterns.reversed() where pattern.matches(path, asDirectory: asDirectory) { return !pattern.isNegated }
        return false
    }
}

extension IgnorePattern {
    /// Whether the pattern matches the path or a directory above it. `asDirectory` asks for what lies beneath the path.
    func matches(_ path: [UInt8], asDirectory: Bool) -> Bool {
        guard !path.isEmpty else { return false }
        // Two generations of live states, and for each state the generation that last added it.
        return withUnsafeTemporaryAllocation(of: Int32.self, capacity: 3 * (tokens.count + 1)) { memory in
            memory.initialize(repeating: 0)
            var states = LiveStates(memory: memory, tokens: tokens)
            states.start()
            for (index, byte) in path.enumerated() {
                let isLast = index + 1 == path.count
                states.advance(over: byte)
                guard !states.isEmpty else { return false }
                let endsComponent = isLast || path[index + 1] == UInt8(ascii: "/")
                if endsComponent, states.accepts { return !isLast || asDirectory || !onlyBeneath }
            }
            return false
        }
    }
}

/// The places in a pattern that are reached by the bytes read so far, each listed once.
private struct LiveStates {
    let tokens: [IgnorePattern.Token]
    private let memory: UnsafeMutableBufferPointer<Int32>
    private let width: Int
    private var current = 0
    private var count = 0
    private var generation: Int32 = 0
    private(set) var accepts = false

    init(memory: UnsafeMutableBufferPointer<Int32>, tokens: [IgnorePattern.Token]) {
        self.memory = memory
        self.tokens = tokens
        width = tokens.count + 1
    }

    var isEmpty: Bool { count == 0 }

    mutating func start() {
        begin()
        add(0)
    }

    mutating func advance(over byte: UInt8) {
        let previous = current
        let previousCount = count
        current = 1 - current
        begin()
        for slot in 0..<previousCount {
            let state = Int(memory[previous * width + slot])
            guard state < tokens.count else { continue }
            let isSlash = byte == UInt8(ascii: "/")
            switch tokens[state] {
            case .byte(let wanted): if byte == wanted { add(state + 1) }
            case .any: if !isSlash { add(state + 1) }
            case .set(let set): if set.contains(byte) { add(state + 1) }
            case .star: if !isSlash { add(state) }
            case .directories: if isSlash { add(state) } else { insert(state) }
            }
        }
    }

    private mutating func begin() {
        generation &+= 1
        count = 0
        accepts = false
    }

    /// Adds a state and those that are reached from it without a byte.
    private mutating func add(_ first: Int) {
        var state = first
        while true {
            insert(state)
            guard state < tokens.count else { return }
            switch tokens[state] {
            case .star, .directories: state += 1
            default: return
            }
        }
    }

    private mutating func insert(_ state: Int) {
        guard memory[2 * width + state] != generation else { return }
        memory[2 * width + state] = generation
        memory[current * width + count] = Int32(truncatingIfNeeded: state)
        count += 1
        if state == tokens.count { accepts = true }
    }
}
