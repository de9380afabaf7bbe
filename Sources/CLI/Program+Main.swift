import Model
import Options
import Platform

extension Program {
    /// A program from its first step to its last: claims the standard descriptors, reads the command line, runs the
    /// command, says what ended it, and exits.
    ///
    /// - Parameters:
    ///   - status: what the exit status says of an error that `run` threw; usage errors are known here.
    ///   - run: does the command's work; results go into the output.
    package func main(
        status: (any Error) -> ExitCode,
        run: (Command, Arguments, Console, inout Output) throws -> ExitCode
    ) -> Never {
        boundHeap()
        Console.claimStandardDescriptors()
        let console = Console(program: name)
        var output = Output()
        var code = ExitCode.done
        do {
            switch try parse(arguments()) {
            case .show(let text): output.write(text)
            case .run(let command, let arguments): code = try run(command, arguments, console, &output)
            }
        } catch let error as UsageError {
            console.error(error)
            code = .usage
        } catch {
            console.error("\(error)")
            code = status(error)
        }
        endProcess(console.finish(&output, code).rawValue)
    }
}
