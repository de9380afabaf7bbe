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
