import CLinux
import Glibc

/// What is known of the terminal behind a descriptor.
package struct Terminal: Hashable, Sendable {
    package let columns: Int
    package let rows: Int

    /// Nil where the descriptor is no terminal. One that does not tell its size counts as 80 by 24.
    package init?(_ descriptor: Int32) {
        guard isatty(descriptor) == 1 else { return nil }
        let (columns, rows) = (linux_terminal_columns(descriptor), linux_terminal_rows(descriptor))
        self.columns = columns > 0 ? Int(columns) : 80
        self.rows = rows > 0 ? Int(rows) : 24
    }
}

/// How a terminal treats what is typed (termios), to be put back after a program that changes it and may be killed.
struct TerminalMode {
    private let descriptor: Int32
    private var settings = termios()

    /// Nil where the descriptor is no terminal.
    init?(of descriptor: Int32) {
        self.descriptor = descriptor
        guard tcgetattr(descriptor, &settings) == 0 else { return nil }
    }

    /// Of no effect where the terminal has gone.
    func restore() {
        var settings = settings
        _ = tcsetattr(descriptor, TCSADRAIN, &settings)
    }
}
